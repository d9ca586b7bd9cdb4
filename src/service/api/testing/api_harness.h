// Calls routes through the dispatcher without sockets. One thread.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "service/api/dispatcher.h"
#include "service/api/testing/text_body.h"

namespace wt::api::testing {

class NoPeer : public http::Peer {
 public:
  bool gone() const override { return false; }
  void OnGone(std::function<void()>) override {}
};

class ApiHarness {
 public:
  using Query = std::vector<std::pair<std::string, std::string>>;

  ApiHarness() {
    principal.user_id = "u1";
    principal.permissions = {auth::Permission::kJobsRead, auth::Permission::kJobsCreate,
                             auth::Permission::kJobsDelete, auth::Permission::kExportDownload,
                             auth::Permission::kBatch};
  }

  http::Response Send(http::Method method, const std::string& path, const Query& query = {},
                      const std::string& body = "") {
    if (!dispatcher_) {
      const Status built = routes.Build();
      EXPECT_TRUE(built.ok()) << built.message();
      DispatcherPorts ports = Ports();
      if (change_ports) change_ports(&ports);
      dispatcher_ = std::make_unique<Dispatcher>(&routes, &clock, DispatcherOptions(), ports);
    }
    TextBody source(body);
    http::Request request;
    request.method = method;
    request.path = path;
    request.query = query;
    request.body = &source;
    request.peer = std::make_shared<NoPeer>();
    request.headers = headers;
    request.remote_address = remote_address;
    request.secure = secure;
    return dispatcher_->Handle(request);
  }
  nlohmann::json Json(http::Method method, const std::string& path, const Query& query = {},
                      const std::string& body = "") {
    const http::Response response = Send(method, path, query, body);
    last_status = response.status;
    const auto& text = std::get<std::string>(response.body);
    return text.empty() ? nlohmann::json() : nlohmann::json::parse(text);
  }

  RouteTable routes;
  base::ManualClock clock;
  auth::Principal principal;
  http::Headers headers;
  int last_status = 0;
  std::string remote_address = "127.0.0.1";
  bool secure = false;
  /// Replaces ports before the first request.
  std::function<void(DispatcherPorts*)> change_ports;

 private:
  DispatcherPorts Ports() {
    DispatcherPorts ports;
    ports.client_address = [](const http::Request&) { return std::string("127.0.0.1"); };
    ports.authenticate = [this](const http::Request&,
                                const std::string&) -> std::variant<auth::Principal, ApiError> {
      if (!principal.signed_in()) return Unauthorized("Sign in first.");
      return principal;
    };
    ports.admit = [](RateClass, const auth::Principal&, const std::string&) {
      return RateDecision{};
    };
    ports.in_progress = [](const std::string&, int) {};
    ports.record = [](const CallRecord&) {};
    return ports;
  }

  std::unique_ptr<Dispatcher> dispatcher_;
};

}  // namespace wt::api::testing

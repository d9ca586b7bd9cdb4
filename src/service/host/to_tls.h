// What the plain port answers where there is TLS: the same address with https (HTTP_REDIRECT_PORT).
//
// Only for names of this server, so that it sends nobody elsewhere. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/http/message.h"

namespace wt::host {

class ToTls final : public http::Handler {
 public:
  ToTls(std::vector<std::string> allowed_hosts, int tls_port)
      : allowed_hosts_(std::move(allowed_hosts)), tls_port_(tls_port) {}

  http::Response Handle(http::Request& request) override;
  http::Response HandleError(int status, std::string_view reason) override;

 private:
  const std::vector<std::string> allowed_hosts_;
  const int tls_port_;
};

}  // namespace wt::host

// Accounts over stores in memory behind the API harness, with a hasher that costs nothing. One
// thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "service/api/accounts/account_json.h"
#include "service/api/accounts/auth_adapter.h"
#include "service/api/rest/job_json.h"
#include "service/api/testing/api_harness.h"
#include "service/auth/accounts/first_run.h"
#include "service/auth/keys/api_keys.h"
#include "service/auth/limits/login_throttle.h"
#include "service/auth/testing/memory_store.h"

namespace wt::api::testing {

class PlainHasher : public auth::PasswordHasher {
 public:
  Result<std::string> Hash(std::string_view password) override {
    return "plain:" + std::string(password);
  }
  Result<bool> Verify(std::string_view password, const std::string& hash) override {
    return hash == "plain:" + std::string(password);
  }
  bool Outdated(const std::string&) const override { return false; }
};

inline constexpr const char* kAnnsPassword = "correct horse battery";
inline constexpr const char* kRootsPassword = "staple of the root user";

class AccountWorld {
 public:
  explicit AccountWorld(bool with_admin = true) {
    const std::string key(48, 'k');
    auth::Users::Dependencies user_parts;
    user_parts.users = &store;
    user_parts.sessions = &store;
    user_parts.hasher = &hasher;
    user_parts.cache = &cache;
    user_parts.clock = &api.clock;
    users = std::make_unique<auth::Users>(user_parts, auth::PasswordPolicy());
    auth::ThrottleOptions throttle_options;
    throttle_options.secret = key;
    throttle = std::make_unique<auth::LoginThrottle>(throttle_options, &store, &api.clock);
    auth::SessionOptions session_options;
    session_options.jwt.current = key;
    session_options.csrf_key = key;
    auth::Sessions::Dependencies session_parts;
    session_parts.accounts = users.get();
    session_parts.users = &store;
    session_parts.sessions = &store;
    session_parts.hasher = &hasher;
    session_parts.throttle = throttle.get();
    session_parts.cache = &cache;
    session_parts.clock = &api.clock;
    sessions = std::make_unique<auth::Sessions>(session_options, session_parts);
    quota = std::make_unique<auth::KeyQuota>(&store, &api.clock);
    auth::AuthenticatorOptions options;
    options.jwt = session_options.jwt;
    options.csrf_key = key;
    auth::Authenticator::Dependencies parts;
    parts.users = &store;
    parts.sessions = &store;
    parts.keys = &store;
    parts.quota = quota.get();
    parts.cache = &cache;
    parts.clock = &api.clock;
    authenticator = std::make_unique<auth::Authenticator>(options, parts);
    keys = std::make_unique<auth::ApiKeys>(&store, &cache, &api.clock);
    first_run = std::make_unique<auth::FirstRun>(users.get(), &store);
    AuthAdapterParts adapter_parts;
    adapter_parts.authenticator = authenticator.get();
    adapter_parts.clock = &api.clock;
    adapter = std::make_unique<AuthAdapter>(adapter_parts);
    api.change_ports = [this](DispatcherPorts* ports) { adapter->FillPorts(ports); };
    EXPECT_TRUE(AddJobSchemas(&api.routes.schemas()).ok());
    EXPECT_TRUE(AddAccountSchemas(&api.routes.schemas()).ok());
    audit = [this](const audit::Event& event) { events.push_back(event); };
    if (!with_admin) return;
    root = AddUser("root", kRootsPassword, auth::Role::kAdmin);
    ann = AddUser("ann", kAnnsPassword);
    bob = AddUser("bob", "a password of bob's own");
  }

  auth::User AddUser(const std::string& name, const std::string& password,
                     auth::Role role = auth::Role::kUser, bool must_change = false) {
    auth::NewUser wanted;
    wanted.username = name;
    wanted.email = name + "@example.org";
    wanted.password = password;
    wanted.role = role;
    wanted.must_change_password = must_change;
    const auto created = users->Create(wanted);
    EXPECT_TRUE(created.ok()) << created.status().message();
    return created.ok() ? created->user : auth::User();
  }
  /// A new session's tokens, without the API.
  auth::Tokens Open(const std::string& name, const std::string& password) {
    const auto result = sessions->Login(name, password, {"192.0.2.1", "test"});
    EXPECT_TRUE(result.ok());
    EXPECT_EQ(result->verdict, auth::LoginResult::Verdict::kAccepted);
    return result->tokens;
  }
  /// Requests from now on carry this token; empty: none.
  void Use(const std::string& token) {
    api.headers = {};
    if (!token.empty()) api.headers.Set("Authorization", "Bearer " + token);
  }
  void SignInAs(const std::string& name, const std::string& password) {
    Use(Open(name, password).access_token);
  }
  nlohmann::json Post(const std::string& path, const nlohmann::json& body) {
    return api.Json(http::Method::kPost, path, {}, body.dump());
  }

  ApiHarness api;
  auth::MemoryStore store;
  auth::PrincipalCache cache;
  PlainHasher hasher;
  std::unique_ptr<auth::Users> users;
  std::unique_ptr<auth::LoginThrottle> throttle;
  std::unique_ptr<auth::Sessions> sessions;
  std::unique_ptr<auth::KeyQuota> quota;
  std::unique_ptr<auth::Authenticator> authenticator;
  std::unique_ptr<auth::ApiKeys> keys;
  std::unique_ptr<auth::FirstRun> first_run;
  std::unique_ptr<AuthAdapter> adapter;
  AuditFunction audit;
  std::vector<audit::Event> events;
  auth::User root;
  auth::User ann;
  auth::User bob;
};

/// A reply without what differs between two calls.
inline nlohmann::json Steady(nlohmann::json body) {
  body.erase("request_id");
  body.erase("timestamp");
  return body;
}

}  // namespace wt::api::testing

// Everything of accounts put together over the stores in memory, for tests. One thread.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "service/auth/access/authenticator.h"
#include "service/auth/accounts/first_run.h"
#include "service/auth/accounts/sessions.h"
#include "service/auth/accounts/users.h"
#include "service/auth/keys/api_keys.h"
#include "service/auth/testing/memory_store.h"

namespace wt::auth::testing {

/// No work, but counted: which login does how much can be compared.
class CountingHasher : public PasswordHasher {
 public:
  Result<std::string> Hash(std::string_view password) override {
    ++hashes;
    return "hash(" + std::string(password) + ")" + version;
  }
  Result<bool> Verify(std::string_view password, const std::string& hash) override {
    ++verifications;
    return hash.starts_with("hash(" + std::string(password) + ")");
  }
  bool Outdated(const std::string& hash) const override { return !hash.ends_with(version); }

  int hashes = 0;
  int verifications = 0;
  std::string version = "v1";
};

inline SessionOptions TestSessionOptions() {
  SessionOptions options;
  options.jwt = {"0123456789abcdef0123456789abcdef", ""};
  options.csrf_key = "csrf key";
  return options;
}

inline AuthenticatorOptions TestAuthenticatorOptions() {
  AuthenticatorOptions options;
  options.jwt = TestSessionOptions().jwt;
  options.csrf_key = TestSessionOptions().csrf_key;
  options.metrics_token = "metrics-secret";
  options.admin_token = "admin-secret";
  return options;
}

struct Accounts {
  explicit Accounts(const SessionOptions& session_options = TestSessionOptions(),
                    const AuthenticatorOptions& options = TestAuthenticatorOptions())
      : sessions(session_options,
                 {&users, &store, &store, &hasher, &throttle, nullptr, &cache, &clock}),
        authenticator(options, {&store, &store, &store, &quota, &cache, &clock}) {}

  User Add(const std::string& name, Role role = Role::kUser) {
    NewUser wanted;
    wanted.username = name;
    wanted.password = PasswordOf(name);
    wanted.role = role;
    return users.Create(wanted)->user;
  }
  static std::string PasswordOf(const std::string& name) { return name + "-opens-doors"; }
  Tokens LogIn(const std::string& name) {
    return sessions.Login(name, PasswordOf(name), {"192.0.2.1", "test"})->tokens;
  }

  base::ManualClock clock;
  MemoryStore store;
  CountingHasher hasher;
  PrincipalCache cache;
  LoginThrottle throttle{ThrottleOptions{}, &store, &clock};
  KeyQuota quota{&store, &clock};
  Users users{{&store, &store, &hasher, &cache, &clock}, PasswordPolicy{}};
  FirstRun first_run{&users, &store};
  Sessions sessions;
  ApiKeys keys{&store, &cache, &clock};
  Authenticator authenticator;
};

}  // namespace wt::auth::testing

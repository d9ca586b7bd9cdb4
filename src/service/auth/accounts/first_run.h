// The first administrator (AUTH-11): from a secret at the first start only, or by a token that the
// console shows. There is no default password.
//
// Thread-safe.
#pragma once

#include <mutex>
#include <string>

#include "service/auth/accounts/users.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

struct BootstrapOptions {
  std::string username = "admin";
  /// From ADMIN_BOOTSTRAP_PASSWORD; empty: a setup token is made.
  std::string password;
  /// ENVIRONMENT=production was set: there is no setup by token (CFG-012).
  bool password_required = false;
};

enum class FirstRunState {
  /// There is an administrator; the secret, if any, means nothing any more.
  kDone,
  /// The administrator was made just now and must change the password at the first login.
  kCreated,
  /// Someone has to come with the setup token.
  kAwaitsSetup,
};

class FirstRun {
 public:
  /// Both must outlive it.
  FirstRun(Users* users, UserStore* store) : users_(users), store_(store) {}

  /// At each start. kInvalidArgument when the secret breaks the rules for passwords,
  /// kFailedPrecondition when it is required and missing.
  Result<FirstRunState> Begin(const BootstrapOptions& options);
  /// For the console while setup is awaited; empty otherwise. New at each start.
  std::string setup_token() const;
  bool awaits_setup() const { return !setup_token().empty(); }
  /// The first administrator, with a password of their own choice. kPermissionDenied for a wrong
  /// token, kFailedPrecondition when there is an administrator by now.
  Result<User> Complete(const std::string& token, NewUser admin);

 private:
  Users* users_;
  UserStore* store_;
  mutable std::mutex mutex_;
  std::string setup_token_;
};

}  // namespace wt::auth

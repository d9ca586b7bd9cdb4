#include "service/auth/accounts/first_run.h"

#include "base/status_macros.h"
#include "platform/system_clock.h"
#include "service/auth/crypto/digest.h"

namespace wt::auth {

Result<FirstRunState> FirstRun::Begin(const BootstrapOptions& options) {
  WT_ASSIGN(const std::int64_t admins, store_->CountAdmins());
  if (admins > 0) return FirstRunState::kDone;
  if (options.password.empty() && options.password_required) {
    return Status(StatusCode::kFailedPrecondition,
                  "There is no administrator yet, and in production the first one needs a password "
                  "that the operator has chosen. Set ADMIN_BOOTSTRAP_PASSWORD, or name a file with "
                  "it in ADMIN_BOOTSTRAP_PASSWORD_FILE.");
  }
  if (options.password.empty()) {
    const std::lock_guard lock(mutex_);
    // 192 bits: 32 characters to copy from a terminal.
    setup_token_ = platform::NewToken(24);
    return FirstRunState::kAwaitsSetup;
  }
  NewUser admin;
  admin.username = options.username;
  admin.password = options.password;
  admin.role = Role::kAdmin;
  admin.must_change_password = true;
  Result<CreatedUser> created = users_->Create(admin, CreateWhen::kNoAdmin);
  // Another process of the same first start was faster.
  if (created.status().code() == StatusCode::kFailedPrecondition) return FirstRunState::kDone;
  if (!created.ok()) return created.status().WithContext("the first administrator");
  return FirstRunState::kCreated;
}

std::string FirstRun::setup_token() const {
  const std::lock_guard lock(mutex_);
  return setup_token_;
}

Result<User> FirstRun::Complete(const std::string& token, NewUser admin) {
  const std::string expected = setup_token();
  if (expected.empty() || !ConstantTimeEqual(token, expected)) {
    return Status(StatusCode::kPermissionDenied,
                  "The setup token is not right. It stands in the server's log since its start.");
  }
  if (admin.password.empty()) {
    return Status(StatusCode::kInvalidArgument, "Choose a password.");
  }
  admin.role = Role::kAdmin;
  WT_ASSIGN(CreatedUser created, users_->Create(admin, CreateWhen::kNoAdmin));
  const std::lock_guard lock(mutex_);
  setup_token_.clear();
  return created.user;
}

}  // namespace wt::auth

#include "service/auth/accounts/users.h"

#include <algorithm>
#include <array>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "platform/system_clock.h"

namespace wt::auth {
namespace {

constexpr const char* kLocalUserId = "00000000-0000-7000-8000-000000000001";
constexpr std::string_view kLocalUserName = "local";

Status Invalid(std::string message) {
  return Status(StatusCode::kInvalidArgument, std::move(message));
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '_' || c == '-';
}

/// 96 random bits in groups that can be read out.
std::string MakePassword() {
  std::string text = platform::NewToken(12);
  for (std::size_t at = 12; at > 0; at -= 4) text.insert(at, 1, '.');
  return text;
}

}  // namespace

Status CheckUsername(const std::string& username) {
  if (username.size() < 3 || username.size() > kUsernameBytesMax) {
    return Invalid("A user name has 3 to 64 characters.");
  }
  if (!std::all_of(username.begin(), username.end(), IsNameCharacter)) {
    return Invalid(
        "A user name has letters without accents, digits, dots, dashes and underscores.");
  }
  const bool reserved =
      std::equal(username.begin(), username.end(), kLocalUserName.begin(), kLocalUserName.end(),
                 [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
  if (reserved) return Status(StatusCode::kAlreadyExists, "This user name is taken.");
  return {};
}

Status CheckEmail(const std::string& email) {
  const std::size_t at = email.find('@');
  const bool shape = email.size() <= kEmailBytesMax && at != std::string::npos && at > 0 &&
                     email.find('@', at + 1) == std::string::npos &&
                     email.find('.', at) != std::string::npos && email.back() != '.' &&
                     email[at + 1] != '.' && base::IsValidUtf8(email);
  const bool clean = std::all_of(email.begin(), email.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != 0x7f && c != '<' && c != '>' && c != ',';
  });
  if (!shape || !clean) return Invalid("The e-mail address is not valid.");
  return {};
}

Users::Users(const Dependencies& dependencies, const PasswordPolicy& policy)
    : deps_(dependencies), policy_(policy) {}

Result<std::string> Users::MakeHash(const User& user, const std::string& password) {
  WT_TRY(CheckPassword(password, user.username, user.email, policy_));
  return deps_.hasher->Hash(password);
}

Result<CreatedUser> Users::Create(const NewUser& wanted, CreateWhen when) {
  WT_TRY(CheckUsername(wanted.username));
  if (!wanted.email.empty()) WT_TRY(CheckEmail(wanted.email));
  CreatedUser created;
  User& user = created.user;
  user.id = platform::NewId(*deps_.clock);
  user.username = wanted.username;
  user.email = wanted.email;
  user.is_admin = wanted.role == Role::kAdmin;
  user.must_change_password = wanted.must_change_password || wanted.password.empty();
  user.created_at = deps_.clock->Now();
  user.updated_at = user.created_at;
  user.password_changed_at = user.created_at;
  if (wanted.password.empty()) created.one_time_password = MakePassword();
  const std::string& password =
      wanted.password.empty() ? created.one_time_password : wanted.password;
  WT_ASSIGN(user.password_hash, MakeHash(user, password));
  WT_TRY(deps_.users->CreateUser(user, when));
  return created;
}

Result<User> Users::Update(const std::string& id, const UserChange& change) {
  WT_ASSIGN(User user, deps_.users->GetUser(id));
  if (change.username) {
    WT_TRY(CheckUsername(*change.username));
    user.username = *change.username;
  }
  if (change.email) {
    if (!change.email->empty()) WT_TRY(CheckEmail(*change.email));
    user.email = *change.email;
  }
  if (change.role) user.is_admin = *change.role == Role::kAdmin;
  if (change.is_active) user.is_active = *change.is_active;
  if (change.storage_quota_bytes) user.storage_quota_bytes = *change.storage_quota_bytes;
  user.updated_at = deps_.clock->Now();
  WT_TRY(deps_.users->UpdateUser(user));
  deps_.cache->Clear();
  if (!user.is_active) {
    WT_TRY(deps_.sessions->EndSessionsOf(id, "", "user_disabled", deps_.clock->Now()));
  }
  return user;
}

Status Users::SetPassword(User user, const std::string& password, bool must_change) {
  if (!user.password_hash.empty()) {
    WT_ASSIGN(const bool same, deps_.hasher->Verify(password, user.password_hash));
    if (same) return Invalid("The new password is the old one. Choose another one.");
  }
  WT_ASSIGN(user.password_hash, MakeHash(user, password));
  user.must_change_password = must_change;
  user.updated_at = deps_.clock->Now();
  user.password_changed_at = user.updated_at;
  WT_TRY(deps_.users->UpdateUser(user));
  deps_.cache->Clear();
  return {};
}

Result<std::string> Users::ResetPassword(const std::string& id) {
  WT_ASSIGN(User user, deps_.users->GetUser(id));
  if (user.password_hash.empty()) {
    return Status(StatusCode::kFailedPrecondition, "Nobody can sign in as this user.");
  }
  std::string password = MakePassword();
  WT_TRY(SetPassword(std::move(user), password, /*must_change=*/true));
  WT_TRY(deps_.sessions->EndSessionsOf(id, "", "password_change", deps_.clock->Now()));
  deps_.cache->Clear();
  return password;
}

Status Users::Delete(const std::string& id) {
  WT_TRY(deps_.users->DeleteUser(id));
  deps_.cache->Clear();
  return {};
}

Result<User> Users::EnsureLocalUser() {
  Result<User> found = deps_.users->GetUser(kLocalUserId);
  if (found.ok() || found.status().code() != StatusCode::kNotFound) return found;
  User user;
  user.id = kLocalUserId;
  user.username = kLocalUserName;
  user.is_admin = true;
  user.created_at = deps_.clock->Now();
  user.updated_at = user.created_at;
  // Another process may have been faster; its row is the same.
  const Status created = deps_.users->CreateUser(user, CreateWhen::kAlways);
  if (!created.ok() && created.code() != StatusCode::kAlreadyExists) return created;
  return deps_.users->GetUser(kLocalUserId);
}

}  // namespace wt::auth

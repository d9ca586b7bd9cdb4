// User accounts: registration, administration, passwords (AUTH-10 to AUTH-14, AUTH-23).
//
// Rules that need the whole table (unique names, the last administrator) are the store's; this
// checks texts and makes and hashes passwords. Every change ends cached principals at once.
// Thread-safe.
#pragma once

#include <optional>
#include <string>

#include "base/clock.h"
#include "service/auth/access/principal_cache.h"
#include "service/auth/crypto/password_hash.h"
#include "service/auth/crypto/password_policy.h"
#include "service/auth/store/session_store.h"
#include "service/auth/store/user_store.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

inline constexpr std::size_t kUsernameBytesMax = 64;
inline constexpr std::size_t kEmailBytesMax = 254;

enum class Role { kUser, kAdmin };

struct NewUser {
  std::string username = {};
  std::string email = {};
  /// Empty: one is made up, and must be changed at the first login.
  std::string password = {};
  Role role = Role::kUser;
  bool must_change_password = false;
};

struct CreatedUser {
  User user;
  /// Set when it was made up: shown once.
  std::string one_time_password;
};

/// What stays empty is left as it is.
struct UserChange {
  std::optional<std::string> username = {};
  std::optional<std::string> email = {};
  std::optional<Role> role = {};
  std::optional<bool> is_active = {};
  /// The inner one unset: what the settings say for everybody.
  std::optional<std::optional<std::int64_t>> storage_quota_bytes = {};
};

class Users {
 public:
  /// All must outlive it.
  struct Dependencies {
    UserStore* users = nullptr;
    SessionStore* sessions = nullptr;
    PasswordHasher* hasher = nullptr;
    PrincipalCache* cache = nullptr;
    const base::Clock* clock = nullptr;
  };
  Users(const Dependencies& dependencies, const PasswordPolicy& policy);

  /// kInvalidArgument, kAlreadyExists.
  Result<CreatedUser> Create(const NewUser& wanted, CreateWhen when = CreateWhen::kAlways);
  Result<User> Get(const std::string& id) { return deps_.users->GetUser(id); }
  Result<UserPage> List(const UserFilter& filter) { return deps_.users->ListUsers(filter); }
  /// Losing the role or the account's being switched off acts on the next request; switching off
  /// also ends all sessions. kFailedPrecondition for the last administrator.
  Result<User> Update(const std::string& id, const UserChange& change);
  /// A new one-time password, returned once; administrators do not choose passwords. Ends all
  /// sessions.
  Result<std::string> ResetPassword(const std::string& id);
  /// Account, sessions and keys. What else is the user's is the caller's to delete first.
  Status Delete(const std::string& id);
  /// Checks, hashes and stores; the caller has verified the old one. The new one must differ.
  Status SetPassword(User user, const std::string& password, bool must_change);

  /// The owner of everything in single-user mode: an administrator that nobody can sign in as.
  Result<User> EnsureLocalUser();

 private:
  Result<std::string> MakeHash(const User& user, const std::string& password);

  const Dependencies deps_;
  const PasswordPolicy policy_;
};

/// Letters, digits and "._-" of ASCII, 3 to 64: nothing that looks like another name or an e-mail
/// address. "local" is taken (EnsureLocalUser).
Status CheckUsername(const std::string& username);
/// One '@', something before it, a dot after it, no white space or control characters.
Status CheckEmail(const std::string& email);

}  // namespace wt::auth

// Users as rows: a port, implemented in store/sqlite. Every call is one transaction. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

struct User {
  /// UUIDv7 text; opaque to clients.
  std::string id;
  /// As typed. Unique without regard to case.
  std::string username;
  /// As typed; may be empty. Unique without regard to case unless empty.
  std::string email;
  /// Empty: cannot sign in (the owner of single-user mode).
  std::string password_hash;
  bool is_admin = false;
  bool is_active = true;
  bool must_change_password = false;
  base::UnixMillis created_at = 0;
  base::UnixMillis updated_at = 0;
  base::UnixMillis password_changed_at = 0;
  /// 0: never.
  base::UnixMillis last_login_at = 0;
  /// What recordings may take; 0: no limit. Unset: what the settings say for everybody.
  std::optional<std::int64_t> storage_quota_bytes = {};
};

struct UserFilter {
  /// Part of name or e-mail, without regard to case; empty: all.
  std::string search;
  int limit = 100;
  std::int64_t offset = 0;
};

struct UserPage {
  std::vector<User> users;
  std::int64_t total = 0;
};

enum class CreateWhen {
  kAlways,
  /// kFailedPrecondition when an active administrator who can sign in exists: first start only.
  kNoAdmin,
};

class UserStore {
 public:
  virtual ~UserStore() = default;
  /// kAlreadyExists: name or e-mail is taken.
  virtual Status CreateUser(const User& user, CreateWhen when) = 0;
  virtual Result<User> GetUser(const std::string& id) = 0;
  /// By user name, or by e-mail address when no name fits.
  virtual Result<User> FindUser(const std::string& login) = 0;
  /// Oldest first.
  virtual Result<UserPage> ListUsers(const UserFilter& filter) = 0;
  /// Writes all of the row but created_at and last_login_at. kNotFound, kAlreadyExists;
  /// kFailedPrecondition when nobody would be left who is active, administrator and can sign in.
  virtual Status UpdateUser(const User& user) = 0;
  virtual Status SetLastLogin(const std::string& id, base::UnixMillis at) = 0;
  /// With sessions, keys and documents. The last administrator: kFailedPrecondition.
  virtual Status DeleteUser(const std::string& id) = 0;
  /// Active administrators who can sign in.
  virtual Result<std::int64_t> CountAdmins() = 0;

  /// A user's named JSON document ("settings", "consent"); empty when there is none.
  virtual Result<std::string> GetDocument(const std::string& user_id, const std::string& name) = 0;
  virtual Status PutDocument(const std::string& user_id, const std::string& name,
                             const std::string& json, base::UnixMillis at) = 0;
};

}  // namespace wt::auth

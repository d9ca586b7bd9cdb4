// Users in SQLite. Thread-safe.
#pragma once

#include <string>

#include "service/auth/store/user_store.h"
#include "service/store/sqlite/database.h"

namespace wt::store {

class SqliteUserStore : public auth::UserStore {
 public:
  /// `database` must outlive it and have its migrations.
  explicit SqliteUserStore(Database* database) : database_(database) {}

  Status CreateUser(const auth::User& user, auth::CreateWhen when) override;
  Result<auth::User> GetUser(const std::string& id) override;
  Result<auth::User> FindUser(const std::string& login) override;
  Result<auth::UserPage> ListUsers(const auth::UserFilter& filter) override;
  Status UpdateUser(const auth::User& user) override;
  Status SetLastLogin(const std::string& id, base::UnixMillis at) override;
  Status DeleteUser(const std::string& id) override;
  Result<std::int64_t> CountAdmins() override;
  Result<std::string> GetDocument(const std::string& user_id, const std::string& name) override;
  Status PutDocument(const std::string& user_id, const std::string& name, const std::string& json,
                     base::UnixMillis at) override;

 private:
  Database* database_;
};

}  // namespace wt::store

#include "service/store/sqlite/auth/user_repository.h"

#include "base/status_macros.h"
#include "service/store/sqlite/auth/auth_sql.h"

namespace wt::store {
namespace {

using auth::User;

constexpr std::string_view kSelect =
    "SELECT id, username, email, password_hash, is_admin, is_active, must_change_password,"
    " created_at, updated_at, password_changed_at, last_login_at, storage_quota_bytes FROM users ";
/// An active administrator who can sign in.
constexpr std::string_view kCountAdmins =
    "SELECT count(*) FROM users WHERE is_admin = 1 AND is_active = 1 AND password_hash <> ''"
    " AND id <> ?1";

User ReadUser(const Statement& row) {
  User user;
  user.id = row.Text(0);
  user.username = row.Text(1);
  user.email = row.Text(2);
  user.password_hash = row.Text(3);
  user.is_admin = row.Bool(4);
  user.is_active = row.Bool(5);
  user.must_change_password = row.Bool(6);
  user.created_at = row.Int(7);
  user.updated_at = row.Int(8);
  user.password_changed_at = row.Int(9);
  user.last_login_at = row.Int(10);
  user.storage_quota_bytes = row.OptionalInt(11);
  return user;
}

Result<User> SelectOne(Connection& connection, std::string_view where, const std::string& value) {
  WT_ASSIGN(Statement row, connection.Query(std::string(kSelect) + std::string(where), {value}));
  WT_ASSIGN(const bool found, row.Step());
  if (!found) return NoSuchEntry();
  return ReadUser(row);
}

Result<std::int64_t> AdminsBut(Connection& connection, const std::string& id) {
  WT_ASSIGN(Statement row, connection.Query(kCountAdmins, {id}));
  WT_ASSIGN(const bool found, row.Step());
  return found ? row.Int(0) : 0;
}

bool CanAdminister(const User& user) {
  return user.is_admin && user.is_active && !user.password_hash.empty();
}

Status LastAdmin() {
  return Status(StatusCode::kFailedPrecondition,
                "This is the last administrator. Make another user administrator first.");
}

Status Taken(const Status& status) {
  if (status.code() != StatusCode::kAlreadyExists) return status;
  return Status(StatusCode::kAlreadyExists,
                "The user name or e-mail address is taken. Choose another one.");
}

}  // namespace

Status SqliteUserStore::CreateUser(const User& user, auth::CreateWhen when) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  if (when == auth::CreateWhen::kNoAdmin) {
    WT_ASSIGN(const std::int64_t admins, AdminsBut(*tx, ""));
    if (admins > 0) {
      return Status(StatusCode::kFailedPrecondition, "There is an administrator already.");
    }
  }
  const Result<std::int64_t> added = tx->Execute(
      "INSERT INTO users (id, username, email, password_hash, is_admin, is_active,"
      " must_change_password, created_at, updated_at, password_changed_at, last_login_at,"
      " storage_quota_bytes) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
      {user.id, user.username, NullIfEmpty(user.email), user.password_hash, user.is_admin,
       user.is_active, user.must_change_password, user.created_at, user.updated_at,
       user.password_changed_at, user.last_login_at, user.storage_quota_bytes});
  if (!added.ok()) return Taken(added.status());
  return tx.Commit();
}

Result<User> SqliteUserStore::GetUser(const std::string& id) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  return SelectOne(*tx, "WHERE id = ?1", id);
}

Result<User> SqliteUserStore::FindUser(const std::string& login) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  Result<User> by_name = SelectOne(*tx, "WHERE username = ?1", login);
  if (by_name.status().code() != StatusCode::kNotFound) return by_name;
  return SelectOne(*tx, "WHERE email = ?1", login);
}

Result<auth::UserPage> SqliteUserStore::ListUsers(const auth::UserFilter& filter) {
  const std::string where =
      "WHERE username LIKE ?1 ESCAPE '\\' OR coalesce(email, '') LIKE ?1 ESCAPE '\\'";
  const std::string pattern = LikePattern(filter.search);
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  auth::UserPage page;
  WT_ASSIGN(Statement count, tx->Query("SELECT count(*) FROM users " + where, {pattern}));
  WT_ASSIGN(const bool counted, count.Step());
  if (counted) page.total = count.Int(0);
  WT_ASSIGN(Statement rows,
            tx->Query(std::string(kSelect) + where + " ORDER BY created_at, id LIMIT ?2 OFFSET ?3",
                      {pattern, filter.limit, filter.offset}));
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return page;
    page.users.push_back(ReadUser(rows));
  }
}

Status SqliteUserStore::UpdateUser(const User& user) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const User before, SelectOne(*tx, "WHERE id = ?1", user.id));
  if (CanAdminister(before) && !CanAdminister(user)) {
    WT_ASSIGN(const std::int64_t others, AdminsBut(*tx, user.id));
    if (others == 0) return LastAdmin();
  }
  const Result<std::int64_t> changed = tx->Execute(
      "UPDATE users SET username = ?2, email = ?3, password_hash = ?4, is_admin = ?5,"
      " is_active = ?6, must_change_password = ?7, updated_at = ?8, password_changed_at = ?9,"
      " storage_quota_bytes = ?10 WHERE id = ?1",
      {user.id, user.username, NullIfEmpty(user.email), user.password_hash, user.is_admin,
       user.is_active, user.must_change_password, user.updated_at, user.password_changed_at,
       user.storage_quota_bytes});
  if (!changed.ok()) return Taken(changed.status());
  WT_TRY(BumpGeneration(*tx));
  return tx.Commit();
}

Status SqliteUserStore::SetLastLogin(const std::string& id, base::UnixMillis at) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const std::int64_t changed,
            tx->Execute("UPDATE users SET last_login_at = ?2 WHERE id = ?1", {id, at}));
  if (changed == 0) return NoSuchEntry();
  return tx.Commit();
}

Status SqliteUserStore::DeleteUser(const std::string& id) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const User user, SelectOne(*tx, "WHERE id = ?1", id));
  if (CanAdminister(user)) {
    WT_ASSIGN(const std::int64_t others, AdminsBut(*tx, id));
    if (others == 0) return LastAdmin();
  }
  WT_TRY(tx->Execute("DELETE FROM users WHERE id = ?1", {id}));
  WT_TRY(BumpGeneration(*tx));
  return tx.Commit();
}

Result<std::int64_t> SqliteUserStore::CountAdmins() {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  return AdminsBut(*tx, "");
}

Result<std::string> SqliteUserStore::GetDocument(const std::string& user_id,
                                                 const std::string& name) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement row,
            tx->Query("SELECT json FROM user_documents WHERE user_id = ?1 AND name = ?2",
                      {user_id, name}));
  WT_ASSIGN(const bool found, row.Step());
  return found ? row.Text(0) : std::string();
}

Status SqliteUserStore::PutDocument(const std::string& user_id, const std::string& name,
                                    const std::string& json, base::UnixMillis at) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(SelectOne(*tx, "WHERE id = ?1", user_id));
  WT_TRY(tx->Execute(
      "INSERT INTO user_documents (user_id, name, json, updated_at) VALUES (?1, ?2, ?3, ?4)"
      " ON CONFLICT (user_id, name) DO UPDATE SET json = ?3, updated_at = ?4",
      {user_id, name, json, at}));
  return tx.Commit();
}

}  // namespace wt::store

#include "service/store/sqlite/auth/session_repository.h"

#include "base/status_macros.h"
#include "service/store/sqlite/auth/auth_sql.h"

namespace wt::store {
namespace {

using auth::Session;

constexpr std::string_view kSelect =
    "SELECT id, user_id, created_at, last_seen_at, expires_wall, expires_boot,"
    " access_expires_wall, access_expires_boot, boot_id, address, agent, ended_at, end_reason"
    " FROM sessions ";

Session ReadSession(const Statement& row) {
  Session session;
  session.id = row.Text(0);
  session.user_id = row.Text(1);
  session.created_at = row.Int(2);
  session.last_seen_at = row.Int(3);
  session.expires = {row.Int(4), row.Int(5), row.Text(8)};
  session.access_expires = {row.Int(6), row.Int(7), row.Text(8)};
  session.address = row.Text(9);
  session.agent = row.Text(10);
  session.ended_at = row.Int(11);
  session.end_reason = row.Text(12);
  return session;
}

}  // namespace

Status SqliteSessionStore::CreateSession(const Session& session, const std::string& refresh_hash,
                                         int per_user_max) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  // The newest per_user_max - 1 stay beside the new one.
  WT_ASSIGN(const std::int64_t replaced,
            tx->Execute("UPDATE sessions SET ended_at = ?2, end_reason = 'replaced'"
                        " WHERE id IN (SELECT id FROM sessions WHERE user_id = ?1 AND ended_at = 0"
                        " ORDER BY created_at DESC, id DESC LIMIT -1 OFFSET ?3)",
                        {session.user_id, session.created_at, per_user_max - 1}));
  if (replaced > 0) WT_TRY(BumpGeneration(*tx));
  const Result<std::int64_t> added = tx->Execute(
      "INSERT INTO sessions (id, user_id, created_at, last_seen_at, expires_wall, expires_boot,"
      " access_expires_wall, access_expires_boot, boot_id, address, agent)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
      {session.id, session.user_id, session.created_at, session.last_seen_at, session.expires.wall,
       session.expires.boot, session.access_expires.wall, session.access_expires.boot,
       session.expires.boot_id, session.address, session.agent});
  // The user is gone.
  if (added.status().code() == StatusCode::kFailedPrecondition) return NoSuchEntry();
  WT_TRY(added);
  WT_TRY(tx->Execute("INSERT INTO refresh_tokens (hash, session_id) VALUES (?1, ?2)",
                     {refresh_hash, session.id}));
  return tx.Commit();
}

Result<Session> SqliteSessionStore::GetSession(const std::string& id) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement row, tx->Query(std::string(kSelect) + "WHERE id = ?1", {id}));
  WT_ASSIGN(const bool found, row.Step());
  if (!found) return NoSuchEntry();
  return ReadSession(row);
}

Result<auth::RefreshToken> SqliteSessionStore::FindRefresh(const std::string& hash) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement row,
            tx->Query("SELECT hash, session_id, used FROM refresh_tokens WHERE hash = ?1", {hash}));
  WT_ASSIGN(const bool found, row.Step());
  if (!found) return NoSuchEntry();
  return auth::RefreshToken{row.Text(0), row.Text(1), row.Bool(2)};
}

Status SqliteSessionStore::RenewSession(const auth::SessionRenewal& renewal) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const std::int64_t taken,
            tx->Execute("UPDATE refresh_tokens SET used = 1 WHERE hash = ?1 AND used = 0"
                        " AND (SELECT ended_at FROM sessions WHERE id = session_id) = 0",
                        {renewal.old_hash}));
  if (taken == 0) {
    return Status(StatusCode::kAborted, "The refresh token was used or its session has ended.");
  }
  WT_TRY(
      tx->Execute("INSERT INTO refresh_tokens (hash, session_id)"
                  " SELECT ?2, session_id FROM refresh_tokens WHERE hash = ?1",
                  {renewal.old_hash, renewal.new_hash}));
  WT_TRY(tx->Execute(
      "UPDATE sessions SET expires_wall = ?2, expires_boot = ?3, access_expires_wall = ?4,"
      " access_expires_boot = ?5, boot_id = ?6, last_seen_at = ?7"
      " WHERE id = (SELECT session_id FROM refresh_tokens WHERE hash = ?1)",
      {renewal.old_hash, renewal.expires.wall, renewal.expires.boot, renewal.access_expires.wall,
       renewal.access_expires.boot, renewal.expires.boot_id, renewal.now}));
  return tx.Commit();
}

Status SqliteSessionStore::TouchSession(const std::string& id, base::UnixMillis now) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const std::int64_t changed,
            tx->Execute("UPDATE sessions SET last_seen_at = ?2 WHERE id = ?1", {id, now}));
  if (changed == 0) return NoSuchEntry();
  return tx.Commit();
}

Status SqliteSessionStore::EndSession(const std::string& id, const std::string& reason,
                                      base::UnixMillis now) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  {
    WT_ASSIGN(Statement row, tx->Query("SELECT ended_at FROM sessions WHERE id = ?1", {id}));
    WT_ASSIGN(const bool found, row.Step());
    if (!found) return NoSuchEntry();
    if (row.Int(0) != 0) return {};
  }
  WT_TRY(tx->Execute("UPDATE sessions SET ended_at = ?2, end_reason = ?3 WHERE id = ?1",
                     {id, now, reason}));
  WT_TRY(BumpGeneration(*tx));
  return tx.Commit();
}

Status SqliteSessionStore::EndSessionsOf(const std::string& user_id, const std::string& except_id,
                                         const std::string& reason, base::UnixMillis now) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(
      tx->Execute("UPDATE sessions SET ended_at = ?3, end_reason = ?4"
                  " WHERE user_id = ?1 AND id <> ?2 AND ended_at = 0",
                  {user_id, except_id, now, reason}));
  WT_TRY(BumpGeneration(*tx));
  return tx.Commit();
}

Result<std::vector<Session>> SqliteSessionStore::ListSessions(const std::string& user_id) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows, tx->Query(std::string(kSelect) + "WHERE user_id = ?1 AND ended_at = 0"
                                                             " ORDER BY created_at DESC, id DESC",
                                      {user_id}));
  std::vector<Session> sessions;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return sessions;
    sessions.push_back(ReadSession(rows));
  }
}

Result<std::int64_t> SqliteSessionStore::SweepSessions(base::UnixMillis before) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const std::int64_t gone,
            tx->Execute("DELETE FROM sessions WHERE (ended_at <> 0 AND ended_at < ?1)"
                        " OR expires_wall < ?1",
                        {before}));
  WT_TRY(tx->Execute("DELETE FROM tickets WHERE expires_wall < ?1", {before}));
  WT_TRY(tx.Commit());
  return gone;
}

Status SqliteSessionStore::PutTicket(const auth::Ticket& ticket) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(tx->Execute(
      "INSERT INTO tickets (hash, credential, credential_id, expires_wall, expires_boot, boot_id)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
      {ticket.hash, ticket.credential, ticket.credential_id, ticket.expires.wall,
       ticket.expires.boot, ticket.expires.boot_id}));
  return tx.Commit();
}

Result<auth::Ticket> SqliteSessionStore::TakeTicket(const std::string& hash) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  auth::Ticket ticket;
  {
    WT_ASSIGN(Statement row,
              tx->Query("SELECT hash, credential, credential_id, expires_wall, expires_boot,"
                        " boot_id FROM tickets WHERE hash = ?1",
                        {hash}));
    WT_ASSIGN(const bool found, row.Step());
    if (!found) return NoSuchEntry();
    ticket.hash = row.Text(0);
    ticket.credential = row.Text(1);
    ticket.credential_id = row.Text(2);
    ticket.expires = {row.Int(3), row.Int(4), row.Text(5)};
  }
  WT_TRY(tx->Execute("DELETE FROM tickets WHERE hash = ?1", {hash}));
  WT_TRY(tx.Commit());
  return ticket;
}

Result<std::int64_t> SqliteSessionStore::Generation() {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement row, tx->Query("SELECT value FROM auth_generation WHERE id = 1"));
  WT_ASSIGN(const bool found, row.Step());
  if (!found) return Status(StatusCode::kDataCorrupt, "The accounts' table is damaged.");
  return row.Int(0);
}

}  // namespace wt::store

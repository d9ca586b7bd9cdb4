#include "service/store/sqlite/uploads/uploads_store.h"

#include <algorithm>

#include "base/status_macros.h"

namespace wt::store {
namespace {

using uploads::AddedPart;
using uploads::Part;
using uploads::Session;
using uploads::SessionState;

constexpr std::string_view kSelect =
    "SELECT id, owner, kind, state, filename, bytes, sha256, chunk_bytes, model, language,"
    " options_json, media_id, created_at, updated_at, expires_at, job_id, content_sha256,"
    " error_code, error_message FROM upload_sessions ";

std::string Select(std::string_view rest) { return std::string(kSelect) + std::string(rest); }

Status NotFound() { return Status(StatusCode::kNotFound, "There is no such upload."); }

Status WrongState(SessionState state) {
  return Status(StatusCode::kFailedPrecondition,
                "The upload is " + std::string(SessionStateName(state)) + ".");
}

Result<Session> ReadSession(const Statement& row) {
  const auto kind = uploads::ParseSessionKind(row.Text(2));
  const auto state = uploads::ParseSessionState(row.Text(3));
  if (!kind || !state) {
    return Status(StatusCode::kDataCorrupt, "A stored upload cannot be read.",
                  InternalDetail("upload_sessions " + row.Text(0)));
  }
  Session session;
  session.id = row.Text(0);
  session.owner = row.Text(1);
  session.kind = *kind;
  session.state = *state;
  session.filename = row.Text(4);
  session.bytes = row.Int(5);
  session.sha256 = row.Text(6);
  session.chunk_bytes = row.Int(7);
  session.model = row.Text(8);
  session.language = row.Text(9);
  session.options_json = row.Text(10);
  session.media_id = row.Text(11);
  session.created_at = row.Int(12);
  session.updated_at = row.Int(13);
  session.expires_at = row.Int(14);
  session.job_id = row.Text(15);
  session.content_sha256 = row.Text(16);
  session.error_code = row.Text(17);
  session.error_message = row.Text(18);
  return session;
}

Result<std::vector<Session>> ReadSessions(Connection& connection, std::string_view rest,
                                          std::initializer_list<Value> values) {
  WT_ASSIGN(Statement rows, connection.Query(Select(rest), values));
  std::vector<Session> sessions;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return sessions;
    WT_ASSIGN(Session session, ReadSession(rows));
    sessions.push_back(std::move(session));
  }
}

/// kNotFound also when `owner` is given and another one's.
Result<Session> ReadOne(Connection& connection, const std::string& id, const std::string& owner) {
  WT_ASSIGN(std::vector<Session> found,
            ReadSessions(connection, "WHERE id = ?1 AND (?2 = '' OR owner = ?2)", {id, owner}));
  if (found.empty()) return NotFound();
  return std::move(found.front());
}

Part ReadPart(const Statement& row) {
  return {.session_id = row.Text(0),
          .offset = row.Int(1),
          .bytes = row.Int(2),
          .sha256 = row.Text(3),
          .blob_key = row.Text(4)};
}

Result<std::int64_t> ReadNumber(Connection& connection, std::string_view sql,
                                std::initializer_list<Value> values) {
  WT_ASSIGN(Statement row, connection.Query(sql, values));
  WT_TRY(row.Step());
  return row.Int(0);
}

Result<AddedPart> StoredAt(Connection& connection, const Part& part) {
  AddedPart added;
  {
    WT_ASSIGN(
        Statement row,
        connection.Query("SELECT session_id, offset, bytes, sha256, blob_key FROM upload_parts"
                         " WHERE session_id = ?1 AND offset = ?2",
                         {part.session_id, part.offset}));
    WT_TRY(row.Step());
    added.stored = ReadPart(row);
  }
  WT_ASSIGN(Statement sums, connection.Query("SELECT count(*), coalesce(sum(bytes), 0)"
                                             " FROM upload_parts WHERE session_id = ?1",
                                             {part.session_id}));
  WT_TRY(sums.Step());
  added.parts = sums.Int(0);
  added.bytes = sums.Int(1);
  return added;
}

}  // namespace

Status SqliteUploadStore::Create(const Session& session, int active_max) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const std::int64_t active,
            ReadNumber(*tx,
                       "SELECT count(*) FROM upload_sessions"
                       " WHERE owner = ?1 AND state IN ('active', 'assembling')",
                       {session.owner}));
  if (active >= active_max) {
    return Status(StatusCode::kResourceExhausted, "Too many uploads are open.");
  }
  WT_TRY(tx->Execute(
      "INSERT INTO upload_sessions (id, owner, kind, state, filename, bytes, sha256, chunk_bytes,"
      " model, language, options_json, media_id, created_at, updated_at, expires_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
      {session.id, session.owner, SessionKindName(session.kind), SessionStateName(session.state),
       session.filename, session.bytes, session.sha256, session.chunk_bytes, session.model,
       session.language, session.options_json, session.media_id, session.created_at,
       session.updated_at, session.expires_at}));
  return tx.Commit("session_create");
}

Result<Session> SqliteUploadStore::Get(const std::string& id, const std::string& owner) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  return ReadOne(*tx, id, owner);
}

Result<std::vector<Session>> SqliteUploadStore::List(const std::string& owner, bool active_only,
                                                     int limit) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  return ReadSessions(*tx,
                      "WHERE owner = ?1 AND (?2 = 0 OR state IN ('active', 'assembling'))"
                      " ORDER BY created_at DESC, id DESC LIMIT ?3",
                      {owner, active_only, std::max(limit, 0)});
}

Result<std::vector<Part>> SqliteUploadStore::Parts(const std::string& id) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows, tx->Query("SELECT session_id, offset, bytes, sha256, blob_key"
                                      " FROM upload_parts WHERE session_id = ?1 ORDER BY offset",
                                      {id}));
  std::vector<Part> parts;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return parts;
    parts.push_back(ReadPart(rows));
  }
}

Result<AddedPart> SqliteUploadStore::AddPart(const Part& part, base::UnixMillis now) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const Session session, ReadOne(*tx, part.session_id, ""));
  if (session.state != SessionState::kActive) return WrongState(session.state);
  if (session.kind == uploads::SessionKind::kTus) {
    WT_ASSIGN(
        const std::int64_t end,
        ReadNumber(*tx, "SELECT coalesce(sum(bytes), 0) FROM upload_parts WHERE session_id = ?1",
                   {part.session_id}));
    if (end != part.offset) {
      return Status(StatusCode::kAborted, "The upload does not stand at this offset.");
    }
  }
  WT_ASSIGN(const std::int64_t inserted,
            tx->Execute("INSERT INTO upload_parts (session_id, offset, bytes, sha256, blob_key)"
                        " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (session_id, offset) DO NOTHING",
                        {part.session_id, part.offset, part.bytes, part.sha256, part.blob_key}));
  if (inserted > 0) {
    WT_TRY(tx->Execute("UPDATE upload_sessions SET updated_at = ?2 WHERE id = ?1",
                       {part.session_id, now}));
  }
  WT_ASSIGN(AddedPart added, StoredAt(*tx, part));
  WT_TRY(tx.Commit("chunk"));
  return added;
}

Status SqliteUploadStore::DropPart(const std::string& id, std::int64_t offset) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const Session session, ReadOne(*tx, id, ""));
  if (uploads::IsTerminal(session.state)) return WrongState(session.state);
  WT_TRY(
      tx->Execute("DELETE FROM upload_parts WHERE session_id = ?1 AND offset = ?2", {id, offset}));
  return tx.Commit("drop_part");
}

Result<Session> SqliteUploadStore::Change(const uploads::SessionChange& change) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const Session before, ReadOne(*tx, change.id, change.owner));
  if (std::find(change.from.begin(), change.from.end(), before.state) == change.from.end()) {
    return WrongState(before.state);
  }
  // The write lock is held since before the row was read: nobody changes it in between.
  WT_TRY(
      tx->Execute("UPDATE upload_sessions SET state = ?2, updated_at = ?3, job_id = ?4,"
                  " content_sha256 = ?5, error_code = ?6, error_message = ?7 WHERE id = ?1",
                  {change.id, SessionStateName(change.to), change.now, change.job_id,
                   change.content_sha256, change.error_code, change.error_message}));
  WT_ASSIGN(Session after, ReadOne(*tx, change.id, ""));
  WT_TRY(tx.Commit("session_change"));
  return after;
}

Result<std::vector<Session>> SqliteUploadStore::Due(base::UnixMillis now, base::UnixMillis stale,
                                                    int limit) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  return ReadSessions(*tx,
                      "WHERE state IN ('active', 'assembling') AND expires_at <= ?1"
                      " AND (state = 'active' OR updated_at <= ?2)"
                      " ORDER BY created_at, id LIMIT ?3",
                      {now, stale, limit});
}

Result<std::vector<Session>> SqliteUploadStore::WithGarbage(int limit) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  return ReadSessions(*tx,
                      "WHERE state NOT IN ('active', 'assembling') AND id IN"
                      " (SELECT session_id FROM upload_parts) ORDER BY created_at, id LIMIT ?1",
                      {limit});
}

Status SqliteUploadStore::ForgetParts(const std::string& id) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const Session session, ReadOne(*tx, id, ""));
  if (!uploads::IsTerminal(session.state)) return WrongState(session.state);
  WT_TRY(tx->Execute("DELETE FROM upload_parts WHERE session_id = ?1", {id}));
  return tx.Commit("forget_parts");
}

Result<int> SqliteUploadStore::Purge(base::UnixMillis before, int limit) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const std::int64_t removed,
            tx->Execute("DELETE FROM upload_sessions WHERE id IN (SELECT id FROM upload_sessions s"
                        " WHERE state NOT IN ('active', 'assembling') AND updated_at < ?1"
                        " AND NOT EXISTS (SELECT 1 FROM upload_parts p WHERE p.session_id = s.id)"
                        " ORDER BY created_at, id LIMIT ?2)",
                        {before, limit}));
  WT_TRY(tx.Commit());
  return static_cast<int>(removed);
}

Result<bool> SqliteUploadStore::IsReferenced(const std::string& blob_key) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(const std::int64_t count,
            ReadNumber(*tx, "SELECT count(*) FROM upload_parts WHERE blob_key = ?1", {blob_key}));
  return count > 0;
}

Result<std::int64_t> SqliteUploadStore::ReservedBytes(const std::string& owner) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  return ReadNumber(*tx,
                    "SELECT coalesce(sum(bytes), 0) FROM upload_sessions"
                    " WHERE owner = ?1 AND state IN ('active', 'assembling')",
                    {owner});
}

Result<uploads::SessionCounts> SqliteUploadStore::Counts() {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  uploads::SessionCounts counts;
  {
    WT_ASSIGN(Statement rows,
              tx->Query("SELECT state, count(*) FROM upload_sessions GROUP BY state"));
    while (true) {
      WT_ASSIGN(const bool more, rows.Step());
      if (!more) break;
      const auto state = uploads::ParseSessionState(rows.Text(0));
      if (state) counts.sessions[static_cast<std::size_t>(*state)] = rows.Int(1);
    }
  }
  WT_ASSIGN(Statement sums,
            tx->Query("SELECT count(*), coalesce(sum(bytes), 0) FROM upload_parts"));
  WT_TRY(sums.Step());
  counts.parts = sums.Int(0);
  counts.part_bytes = sums.Int(1);
  return counts;
}

}  // namespace wt::store

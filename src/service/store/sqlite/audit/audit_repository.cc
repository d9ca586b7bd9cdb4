#include "service/store/sqlite/audit/audit_repository.h"

#include <limits>

#include "base/status_macros.h"
#include "platform/system_clock.h"
#include "service/audit/chain.h"

namespace wt::store {
namespace {

using audit::Entry;

constexpr std::string_view kSelect =
    "SELECT seq, time, type, severity, outcome, action, resource, request_id, user_id, detail,"
    " username, address, agent, personal_salt, personal_hash, previous_hash, hash"
    " FROM audit_entries ";
constexpr std::size_t kSaltBytes = 16;

/// A word that is none of ours becomes the first: the hash then shows that it was changed.
Entry ReadEntry(const Statement& row) {
  Entry entry;
  entry.seq = row.Int(0);
  entry.time = row.Int(1);
  audit::Event& event = entry.event;
  event.type = audit::ParseEventType(row.Text(2)).value_or(audit::EventType{});
  event.severity = audit::ParseSeverity(row.Text(3)).value_or(audit::Severity{});
  event.outcome = audit::ParseOutcome(row.Text(4)).value_or(audit::Outcome{});
  event.action = row.Text(5);
  event.resource = row.Text(6);
  event.request_id = row.Text(7);
  event.user_id = row.Text(8);
  event.detail = row.Text(9);
  event.username = row.Text(10);
  event.address = row.Text(11);
  event.agent = row.Text(12);
  entry.personal_salt = row.Text(13);
  entry.personal_hash = row.Text(14);
  entry.previous_hash = row.Text(15);
  entry.hash = row.Text(16);
  return entry;
}

Result<audit::Head> ReadHead(Connection& connection) {
  WT_ASSIGN(Statement row,
            connection.Query("SELECT seq, hash, pruned_seq, pruned_hash FROM audit_head"
                             " WHERE id = 1"));
  WT_ASSIGN(const bool found, row.Step());
  if (!found) return Status(StatusCode::kDataCorrupt, "The head of the audit record is missing.");
  return audit::Head{row.Int(0), row.Text(1), row.Int(2), row.Text(3)};
}

Status Insert(Connection& connection, const Entry& entry) {
  const audit::Event& event = entry.event;
  return base::ToStatus(connection.Execute(
      "INSERT INTO audit_entries (seq, time, type, severity, outcome, action, resource,"
      " request_id, user_id, detail, username, address, agent, personal_salt, personal_hash,"
      " previous_hash, hash)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)",
      {entry.seq, entry.time, audit::EventTypeName(event.type), audit::SeverityName(event.severity),
       audit::OutcomeName(event.outcome), event.action, event.resource, event.request_id,
       event.user_id, event.detail, event.username, event.address, event.agent, entry.personal_salt,
       entry.personal_hash, entry.previous_hash, entry.hash}));
}

}  // namespace

Result<Entry> SqliteAuditStore::Append(const audit::Event& event, base::UnixMillis time) {
  const std::string salt = platform::NewToken(kSaltBytes);
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const audit::Head head, ReadHead(*tx));
  const std::string previous = head.hash.empty() ? audit::kFirstHash : head.hash;
  const Entry entry = audit::Seal(event, head.seq + 1, time, salt, previous);
  WT_TRY(Insert(*tx, entry));
  WT_TRY(tx->Execute("UPDATE audit_head SET seq = ?1, hash = ?2 WHERE id = 1",
                     {entry.seq, entry.hash}));
  WT_TRY(tx.Commit());
  return entry;
}

Result<audit::Page> SqliteAuditStore::List(const audit::Filter& filter) {
  const std::string where =
      "WHERE (?1 = '' OR type = ?1) AND (?2 = '' OR severity = ?2) AND (?3 = '' OR outcome = ?3)"
      " AND (?4 = '' OR user_id = ?4) AND (?5 = '' OR address = ?5)"
      " AND (?6 = '' OR request_id = ?6) AND time >= ?7 AND time < ?8";
  const std::string type(filter.type ? audit::EventTypeName(*filter.type) : "");
  const std::string severity(filter.severity ? audit::SeverityName(*filter.severity) : "");
  const std::string outcome(filter.outcome ? audit::OutcomeName(*filter.outcome) : "");
  const std::int64_t since = filter.since.value_or(0);
  const std::int64_t until = filter.until.value_or(std::numeric_limits<std::int64_t>::max());
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  audit::Page page;
  WT_ASSIGN(Statement count, tx->Query("SELECT count(*) FROM audit_entries " + where,
                                       {type, severity, outcome, filter.user_id, filter.address,
                                        filter.request_id, since, until}));
  WT_ASSIGN(const bool counted, count.Step());
  if (counted) page.total = count.Int(0);
  WT_ASSIGN(Statement rows,
            tx->Query(std::string(kSelect) + where + " ORDER BY seq DESC LIMIT ?9 OFFSET ?10",
                      {type, severity, outcome, filter.user_id, filter.address, filter.request_id,
                       since, until, filter.limit, filter.offset}));
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return page;
    page.entries.push_back(ReadEntry(rows));
  }
}

Result<std::vector<Entry>> SqliteAuditStore::Read(std::int64_t after_seq, int limit) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows, tx->Query(std::string(kSelect) + "WHERE seq > ?1 ORDER BY seq LIMIT ?2",
                                      {after_seq, limit}));
  std::vector<Entry> entries;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return entries;
    entries.push_back(ReadEntry(rows));
  }
}

Result<audit::Head> SqliteAuditStore::GetHead() {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  return ReadHead(*tx);
}

Result<std::int64_t> SqliteAuditStore::Prune(base::UnixMillis before, int limit) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const audit::Head head, ReadHead(*tx));
  std::int64_t last = head.pruned_seq;
  std::string last_hash;
  {
    // Up to the first that is young enough: a clock that was set back leaves no hole.
    WT_ASSIGN(
        Statement rows,
        tx->Query("SELECT seq, hash, time FROM audit_entries ORDER BY seq LIMIT ?1", {limit}));
    while (true) {
      WT_ASSIGN(const bool more, rows.Step());
      if (!more || rows.Int(2) >= before) break;
      last = rows.Int(0);
      last_hash = rows.Text(1);
    }
  }
  if (last == head.pruned_seq) return 0;
  WT_TRY(tx->Execute("UPDATE audit_head SET pruned_seq = ?1, pruned_hash = ?2 WHERE id = 1",
                     {last, last_hash}));
  WT_ASSIGN(const std::int64_t gone,
            tx->Execute("DELETE FROM audit_entries WHERE seq <= ?1", {last}));
  WT_TRY(tx.Commit());
  return gone;
}

Result<std::int64_t> SqliteAuditStore::ErasePersonal(const std::string& user_id) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const std::int64_t changed,
            tx->Execute("UPDATE audit_entries SET username = NULL, address = NULL, agent = NULL,"
                        " personal_salt = NULL WHERE user_id = ?1 AND personal_salt IS NOT NULL",
                        {user_id}));
  WT_TRY(tx.Commit());
  return changed;
}

}  // namespace wt::store

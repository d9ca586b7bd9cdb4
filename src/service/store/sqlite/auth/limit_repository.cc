#include "service/store/sqlite/auth/limit_repository.h"

#include "base/status_macros.h"

namespace wt::store {
namespace {

using auth::LimitRecord;

Result<LimitRecord> ReadOne(Connection& connection, const std::string& id) {
  WT_ASSIGN(Statement row,
            connection.Query("SELECT count, until_wall, until_boot, boot_id FROM limit_records"
                             " WHERE id = ?1",
                             {id}));
  WT_ASSIGN(const bool found, row.Step());
  LimitRecord record;
  record.id = id;
  if (!found) return record;
  record.count = row.Int(0);
  record.until = {row.Int(1), row.Int(2), row.Text(3)};
  return record;
}

/// Just beyond all texts that begin with `prefix`, which is ASCII.
std::string EndOf(std::string prefix) {
  if (!prefix.empty()) ++prefix.back();
  return prefix;
}

}  // namespace

Status SqliteLimitStore::UpdateLimits(
    std::span<const std::string> ids,
    const std::function<void(std::vector<LimitRecord>&)>& change) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  std::vector<LimitRecord> records;
  records.reserve(ids.size());
  for (const std::string& id : ids) {
    WT_ASSIGN(LimitRecord record, ReadOne(*tx, id));
    records.push_back(std::move(record));
  }
  change(records);
  for (const LimitRecord& record : records) {
    WT_TRY(tx->Execute(
        "INSERT INTO limit_records (id, count, until_wall, until_boot, boot_id)"
        " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (id) DO UPDATE SET count = ?2,"
        " until_wall = ?3, until_boot = ?4, boot_id = ?5",
        {record.id, record.count, record.until.wall, record.until.boot, record.until.boot_id}));
  }
  return tx.Commit();
}

Result<std::vector<LimitRecord>> SqliteLimitStore::LoadLimits(const std::string& prefix,
                                                              int limit) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  const std::string end = EndOf(prefix);
  WT_ASSIGN(Statement rows,
            tx->Query("SELECT id, count, until_wall, until_boot, boot_id FROM limit_records"
                      " WHERE id >= ?1 AND id < ?2 ORDER BY until_wall DESC, id DESC LIMIT ?3",
                      {prefix, end, limit}));
  std::vector<LimitRecord> records;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return records;
    records.push_back({rows.Text(0), rows.Int(1), {rows.Int(2), rows.Int(3), rows.Text(4)}});
  }
}

Result<std::int64_t> SqliteLimitStore::SweepLimits(base::UnixMillis before) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const std::int64_t gone,
            tx->Execute("DELETE FROM limit_records WHERE until_wall < ?1", {before}));
  WT_TRY(tx.Commit());
  return gone;
}

Status SqliteLimitStore::DeleteLimits(const std::string& prefix) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  const std::string end = EndOf(prefix);
  WT_TRY(tx->Execute("DELETE FROM limit_records WHERE id >= ?1 AND id < ?2", {prefix, end}));
  return tx.Commit();
}

}  // namespace wt::store

#include "service/store/sqlite/uploads/media_catalog.h"

#include "base/status_macros.h"

namespace wt::store {

Result<std::string> SqliteMediaCatalog::FindByContent(const std::string& owner,
                                                      const std::string& sha256) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement row, tx->Query("SELECT id FROM media WHERE owner = ?1 AND sha256 = ?2 "
                                     "ORDER BY created_at DESC, id DESC LIMIT 1",
                                     {owner, sha256}));
  WT_ASSIGN(const bool found, row.Step());
  return found ? row.Text(0) : std::string();
}

Result<std::int64_t> SqliteMediaCatalog::StoredBytes(const std::string& owner) {
  std::int64_t stored = 0;
  {
    WT_ASSIGN(Transaction tx, database_->BeginRead());
    WT_ASSIGN(Statement row,
              tx->Query("SELECT coalesce(sum(bytes), 0) FROM media WHERE owner = ?1", {owner}));
    WT_ASSIGN(const bool found, row.Step());
    if (found) stored = row.Int(0);
  }
  WT_ASSIGN(const std::int64_t reserved, sessions_->ReservedBytes(owner));
  return stored + reserved;
}

}  // namespace wt::store

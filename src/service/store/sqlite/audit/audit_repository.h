// The audit record in SQLite: append-only by triggers, too. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "service/audit/audit_store.h"
#include "service/store/sqlite/database.h"

namespace wt::store {

class SqliteAuditStore : public audit::AuditStore {
 public:
  /// `database` must outlive it and have its migrations.
  explicit SqliteAuditStore(Database* database) : database_(database) {}

  Result<audit::Entry> Append(const audit::Event& event, base::UnixMillis time) override;
  Result<audit::Page> List(const audit::Filter& filter) override;
  Result<std::vector<audit::Entry>> Read(std::int64_t after_seq, int limit) override;
  Result<audit::Head> GetHead() override;
  Result<std::int64_t> Prune(base::UnixMillis before, int limit) override;
  Result<std::int64_t> ErasePersonal(const std::string& user_id) override;

 private:
  Database* database_;
};

}  // namespace wt::store

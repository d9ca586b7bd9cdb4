// Upload sessions in SQLite: one transaction per call. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "service/store/sqlite/database.h"
#include "service/uploads/session.h"

namespace wt::store {

class SqliteUploadStore : public uploads::SessionStore {
 public:
  /// `database` has the migration "uploads" and outlives the store.
  explicit SqliteUploadStore(Database* database) : database_(database) {}

  Status Create(const uploads::Session& session, int active_max) override;
  Result<uploads::Session> Get(const std::string& id, const std::string& owner) override;
  Result<std::vector<uploads::Session>> List(const std::string& owner, bool active_only,
                                             int limit) override;
  Result<std::vector<uploads::Part>> Parts(const std::string& id) override;
  Result<uploads::AddedPart> AddPart(const uploads::Part& part, base::UnixMillis now) override;
  Status DropPart(const std::string& id, std::int64_t offset) override;
  Result<uploads::Session> Change(const uploads::SessionChange& change) override;
  Result<std::vector<uploads::Session>> Due(base::UnixMillis now, base::UnixMillis stale,
                                            int limit) override;
  Result<std::vector<uploads::Session>> WithGarbage(int limit) override;
  Status ForgetParts(const std::string& id) override;
  Result<int> Purge(base::UnixMillis before, int limit) override;
  Result<bool> IsReferenced(const std::string& blob_key) override;
  Result<std::int64_t> ReservedBytes(const std::string& owner) override;
  Result<uploads::SessionCounts> Counts() override;

 private:
  Database* const database_;
};

}  // namespace wt::store

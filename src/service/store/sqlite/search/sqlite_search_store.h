// SearchStore over SQLite's FTS5 (migration 0006_search). Thread-safe. The database outlives it.
#pragma once

#include <string>
#include <vector>

#include "service/search/search_store.h"
#include "service/store/sqlite/database.h"

namespace wt::store {

class SqliteSearchStore : public search::SearchStore {
 public:
  explicit SqliteSearchStore(Database* database) : database_(database) {}

  Result<std::vector<search::Due>> TakeDue(int limit) override;
  Status Put(const search::Due& due, const search::Entry& entry) override;
  Status Skip(const search::Due& due) override;
  Status Rebuild() override;
  Result<search::HitPage> Find(const search::Query& query, const search::HitFilter& filter,
                               search::HitOrder order, int limit, std::int64_t offset) override;
  Result<std::vector<search::Passage>> Passages(const std::string& job_id,
                                                const search::Query& query, int limit) override;

 private:
  Database* const database_;
};

}  // namespace wt::store

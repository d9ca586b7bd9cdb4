// Limit records in SQLite. Thread-safe.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "service/auth/store/limit_store.h"
#include "service/store/sqlite/database.h"

namespace wt::store {

class SqliteLimitStore : public auth::LimitStore {
 public:
  /// `database` must outlive it and have its migrations.
  explicit SqliteLimitStore(Database* database) : database_(database) {}

  Status UpdateLimits(std::span<const std::string> ids,
                      const std::function<void(std::vector<auth::LimitRecord>&)>& change) override;
  Result<std::vector<auth::LimitRecord>> LoadLimits(const std::string& prefix, int limit) override;
  Result<std::int64_t> SweepLimits(base::UnixMillis before) override;
  Status DeleteLimits(const std::string& prefix) override;

 private:
  Database* database_;
};

}  // namespace wt::store

// BatchStore over SQLite (migration 0003_jobs). Thread-safe. The database and the clock outlive it.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "service/jobs/batch_store.h"
#include "service/store/sqlite/database.h"

namespace wt::store {

class SqliteBatchStore : public jobs::BatchStore {
 public:
  SqliteBatchStore(Database* database, const base::Clock* clock)
      : database_(database), clock_(clock) {}

  Result<jobs::Batch> CreateBatch(const jobs::NewBatch& batch,
                                  const jobs::BatchLimits& batch_limits,
                                  const jobs::QueueLimits& queue_limits) override;
  Result<jobs::Batch> GetBatch(const std::string& id, const std::string& owner) override;
  Result<jobs::BatchPage> ListBatches(const jobs::BatchFilter& filter) override;
  Result<jobs::Batch> StartBatch(const std::string& id, const std::string& owner) override;
  Result<jobs::Batch> CancelBatch(const std::string& id, const std::string& owner) override;
  Result<std::vector<std::string>> DeleteBatch(const std::string& id,
                                               const std::string& owner) override;
  Result<jobs::BatchStats> Stats(const std::string& owner) override;

 private:
  Database* const database_;
  const base::Clock* const clock_;
};

}  // namespace wt::store

// The small ports beside JobStore over SQLite (migration 0003_jobs): workers, runtime settings,
// usage, blob references. Thread-safe. The database and the clock outlive the objects.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/jobs/blob_references.h"
#include "service/jobs/runtime_settings.h"
#include "service/jobs/usage_store.h"
#include "service/jobs/worker_registry.h"
#include "service/store/sqlite/database.h"

namespace wt::store {

class SqliteWorkerRegistry : public jobs::WorkerRegistry {
 public:
  SqliteWorkerRegistry(Database* database, const base::Clock* clock)
      : database_(database), clock_(clock) {}
  Status Beat(const jobs::WorkerBeat& beat) override;
  Result<std::vector<jobs::WorkerState>> Workers(std::int64_t stale_ms) override;
  Status Leave(const std::string& worker_id) override;
  Status Forget(std::int64_t age_ms) override;

 private:
  Database* const database_;
  const base::Clock* const clock_;
};

class SqliteRuntimeSettings : public jobs::RuntimeSettings {
 public:
  SqliteRuntimeSettings(Database* database, const base::Clock* clock)
      : database_(database), clock_(clock) {}
  Result<std::optional<std::string>> GetSetting(const std::string& name) override;
  Status SetSetting(const std::string& name, const std::string& value,
                    const std::string& changed_by) override;
  Status ClearSetting(const std::string& name) override;

 private:
  Database* const database_;
  const base::Clock* const clock_;
};

class SqliteUsageStore : public jobs::UsageStore {
 public:
  explicit SqliteUsageStore(Database* database) : database_(database) {}
  Result<jobs::OwnerUsage> Usage(const std::string& owner) override;
  Result<jobs::StorageTotals> Totals() override;
  Result<std::vector<std::pair<std::string, jobs::OwnerUsage>>> Owners(int limit) override;
  Result<jobs::QueueOutlook> Outlook(const std::string& job_id) override;

 private:
  Database* const database_;
};

class SqliteBlobReferences : public jobs::BlobReferences {
 public:
  explicit SqliteBlobReferences(Database* database) : database_(database) {}
  Result<std::vector<std::string>> ReferencedBlobs(const std::string& after, int limit) override;
  Result<bool> IsReferenced(const std::string& key) override;
  Result<std::vector<std::string>> Tombstones(int limit) override;
  Status Bury(const std::vector<std::string>& keys) override;

 private:
  Database* const database_;
};

}  // namespace wt::store

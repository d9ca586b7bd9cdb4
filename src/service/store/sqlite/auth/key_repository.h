// API keys and their use in SQLite. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "service/auth/store/key_store.h"
#include "service/store/sqlite/database.h"

namespace wt::store {

class SqliteKeyStore : public auth::KeyStore {
 public:
  /// `database` must outlive it and have its migrations.
  explicit SqliteKeyStore(Database* database) : database_(database) {}

  Status CreateKey(const auth::ApiKey& key, int per_user_max) override;
  Result<auth::ApiKey> GetKey(const std::string& id) override;
  Result<auth::ApiKey> FindKey(const std::string& secret_hash) override;
  Result<auth::KeyPage> ListKeys(const auth::KeyFilter& filter) override;
  Status UpdateKey(const auth::ApiKey& key) override;
  Result<std::int64_t> ExpireKeys(base::UnixMillis now) override;
  Result<std::int64_t> DeleteEndedKeys(base::UnixMillis before) override;
  Status AppendUses(const std::vector<auth::KeyUse>& uses) override;
  Result<std::vector<auth::KeyUse>> ListUses(const std::string& key_id, int limit) override;
  Result<std::vector<auth::KeyUseDay>> UseByDay(const std::string& key_id,
                                                const std::string& first_day) override;
  Result<std::int64_t> SweepUses(base::UnixMillis before, base::UnixMillis now) override;

 private:
  Database* database_;
};

}  // namespace wt::store

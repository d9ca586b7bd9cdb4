// DocumentStore over SQLite (migration 0004_documents). Thread-safe. The database and the clock
// outlive the store.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/documents/document_store.h"
#include "service/store/sqlite/database.h"

namespace wt::store {

class SqliteDocumentStore : public documents::DocumentStore {
 public:
  SqliteDocumentStore(Database* database, const base::Clock* clock)
      : database_(database), clock_(clock) {}

  Result<documents::Head> GetHead(const std::string& job_id) override;
  Status Begin(const documents::NewDocument& document) override;
  Result<documents::Applied> Apply(const std::string& job_id,
                                   const documents::ChangeSet& set) override;
  Result<documents::Document> Read(const std::string& job_id,
                                   std::optional<std::int64_t> revision) override;
  Result<documents::Delta> Since(const std::string& job_id, std::int64_t revision) override;
  Result<std::vector<documents::Version>> Versions(const std::string& job_id) override;
  Result<documents::Version> Snapshot(const std::string& job_id, const std::string& label,
                                      const std::string& author) override;
  Result<documents::Version> Replace(const documents::Replacement& replacement) override;

 private:
  Database* const database_;
  const base::Clock* const clock_;
};

}  // namespace wt::store

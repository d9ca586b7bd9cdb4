// A DocumentStore in memory, written for being obviously right: every revision keeps its whole
// content. The conformance suite compares the others with it, and tests of what stands on a store
// use it. It announces nothing and forgets nothing. Thread-safe.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "service/documents/document_store.h"

namespace wt::documents::testing {

class MemoryDocumentStore : public DocumentStore {
 public:
  /// `clock` outlives the store.
  explicit MemoryDocumentStore(const base::Clock* clock) : clock_(clock) {}

  Result<Head> GetHead(const std::string& job_id) override;
  Status Begin(const NewDocument& document) override;
  Result<Applied> Apply(const std::string& job_id, const ChangeSet& set) override;
  Result<Document> Read(const std::string& job_id, std::optional<std::int64_t> revision) override;
  Result<Delta> Since(const std::string& job_id, std::int64_t revision) override;
  Result<std::vector<Version>> Versions(const std::string& job_id) override;
  Result<Version> Snapshot(const std::string& job_id, const std::string& label,
                           const std::string& author) override;
  Result<Version> Replace(const Replacement& replacement) override;

  /// What the database does with the job's row.
  void DeleteJob(const std::string& job_id);

 private:
  struct State {
    std::string result_id;
    std::string language;
    double duration_s = 0;
    std::int64_t revision = 1;
    std::int64_t machine_revision = 1;
    std::int64_t oldest_since = 1;
    std::string edited_by;
    std::map<std::int64_t, Content> history;
    std::vector<Version> versions;
    /// Digest and revision by change id.
    std::map<std::string, std::pair<std::string, std::int64_t>> sets;
    /// Revision of the deletion.
    std::map<std::string, std::int64_t> deleted_turns;
    std::map<std::string, std::int64_t> deleted_speakers;

    const Content& live() const { return history.at(revision); }
  };

  Result<State*> Find(const std::string& job_id);
  void KeepEdits(State* state, std::int64_t age_min_ms) const;
  static void AddMachineVersions(State* state, const std::vector<Version>& versions);
  static Version Add(State* state, Version version);
  static std::vector<Conflict> Change(State* state, const std::vector<documents::Change>& changes,
                                      Content* content);

  const base::Clock* const clock_;
  std::mutex mutex_;
  std::map<std::string, State> states_;
};

}  // namespace wt::documents::testing

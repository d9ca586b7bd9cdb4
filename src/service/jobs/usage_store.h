// What each owner uses, and the facts for an estimate of a job's waiting time. A port, implemented
// in store/sqlite; the numbers change in the same transactions as the jobs. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::jobs {

struct OwnerUsage {
  /// Stored now: recordings and results.
  std::int64_t bytes = 0;
  std::int64_t jobs = 0;
  std::int64_t active_jobs = 0;
  /// Ever: deleting gives nothing back.
  std::int64_t jobs_created = 0;
  double audio_seconds = 0;
};

/// Facts for an estimate of the waiting time (JOB-39); see rules/fairness.h.
struct QueueOutlook {
  std::int64_t position = 0;
  /// Of the jobs before this one and of the rest of the running ones.
  double audio_ahead_s = 0;
  std::int64_t running = 0;
  /// Median seconds of audio per second over the last jobs; 0: unknown.
  double speed = 0;
};

/// Of all owners.
struct StorageTotals {
  std::int64_t recordings = 0;
  std::int64_t recording_bytes = 0;
  /// Of the machine, all versions.
  std::int64_t transcripts = 0;
  std::int64_t transcript_bytes = 0;
  /// Transcripts that people have edited.
  std::int64_t documents = 0;
  double audio_seconds = 0;
  /// Blobs whose rows are gone and that are about to be deleted.
  std::int64_t tombstones = 0;
};

class UsageStore {
 public:
  virtual ~UsageStore() = default;
  virtual Result<OwnerUsage> Usage(const std::string& owner) = 0;
  virtual Result<StorageTotals> Totals() = 0;
  /// Who uses most bytes first.
  virtual Result<std::vector<std::pair<std::string, OwnerUsage>>> Owners(int limit) = 0;
  virtual Result<QueueOutlook> Outlook(const std::string& job_id) = 0;
};

}  // namespace wt::jobs

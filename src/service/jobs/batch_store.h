// Batches: recordings that were handed in together (ING-27 to ING-31). A port, implemented in
// store/sqlite.
//
// The jobs of a batch are ordinary jobs of the queue with a batch_id; the batch's status is never
// stored but follows from them. Every call is one transaction. `owner` empty: any. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/jobs/job.h"
#include "service/jobs/job_store.h"
#include "whisper_transcriber/status.h"

namespace wt::jobs {

enum class BatchStatus : std::uint8_t {
  kPending,
  kProcessing,
  kCompleted,
  kPartial,
  kFailed,
  kCancelled,
};
std::string_view BatchStatusName(BatchStatus status);
std::optional<BatchStatus> ParseBatchStatus(std::string_view name);

/// Jobs of a batch by what became of them.
struct BatchCounts {
  std::int64_t waiting = 0;
  std::int64_t running = 0;
  std::int64_t succeeded = 0;
  std::int64_t failed = 0;
  std::int64_t cancelled = 0;
  /// Files that never became a job.
  std::int64_t rejected = 0;

  std::int64_t jobs() const { return waiting + running + succeeded + failed + cancelled; }
};

struct Batch {
  std::string id;
  std::string owner;
  std::string name;
  std::string description;
  std::string model;
  std::string language;
  Priority priority = Priority::kNormal;
  /// Jobs of the batch that run at the same time, 1 to 10.
  int parallel_max = 2;
  /// Files that were refused, as the surface reports them: JSON array.
  std::string rejected_json = "[]";
  BatchCounts counts = {};
  UnixMillis created_at = 0;
  std::optional<UnixMillis> started_at = std::nullopt;
  std::optional<UnixMillis> cancelled_at = std::nullopt;
};

/// Pending until started; processing until every job has ended; then completed (all succeeded),
/// cancelled (by a request, or nothing but cancelled jobs), failed (none succeeded) or partial.
BatchStatus StatusOf(const Batch& batch);

enum class BatchStart : std::uint8_t { kNow, kLater };

struct NewBatch {
  Batch batch;
  std::vector<NewJob> jobs;
  BatchStart start = BatchStart::kNow;
};

struct BatchLimits {
  int jobs_max = 50;
  int parallel_max = 10;
  /// Batches of one owner that are pending or processing.
  int active_per_owner_max = 10;
};

struct BatchFilter {
  std::string owner;
  std::optional<BatchStatus> status = std::nullopt;
  int limit = 20;
  std::int64_t offset = 0;
};

struct BatchPage {
  std::vector<Batch> batches;
  std::int64_t total = 0;
};

struct BatchStats {
  std::int64_t batches = 0;
  std::int64_t active = 0;
  std::int64_t rejected = 0;
  /// Of all jobs in batches.
  BatchCounts jobs = {};
};

class BatchStore {
 public:
  virtual ~BatchStore() = default;
  /// The batch and all of its jobs, or nothing. kInvalidArgument (too many files, parallel_max),
  /// kResourceExhausted (active batches, or as JobStore::Create).
  virtual Result<Batch> CreateBatch(const NewBatch& batch, const BatchLimits& batch_limits,
                                    const QueueLimits& queue_limits) = 0;
  virtual Result<Batch> GetBatch(const std::string& id, const std::string& owner) = 0;
  /// Newest first. kInvalidArgument: limit, offset.
  virtual Result<BatchPage> ListBatches(const BatchFilter& filter) = 0;
  /// Fine when it was started before; kFailedPrecondition when it was cancelled.
  virtual Result<Batch> StartBatch(const std::string& id, const std::string& owner) = 0;
  /// Waiting jobs are cancelled at once, running ones get the flag. kFailedPrecondition when it
  /// has ended.
  virtual Result<Batch> CancelBatch(const std::string& id, const std::string& owner) = 0;
  /// Batch and jobs; returns the blob keys to delete. kFailedPrecondition while jobs run (they are
  /// cancelled by this call).
  virtual Result<std::vector<std::string>> DeleteBatch(const std::string& id,
                                                       const std::string& owner) = 0;
  virtual Result<BatchStats> Stats(const std::string& owner) = 0;
};

}  // namespace wt::jobs

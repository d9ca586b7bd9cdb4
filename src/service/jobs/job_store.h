// What the job core needs of a database: a port, implemented in store/sqlite (and later others).
// tests/conformance runs the same list of cases over every implementation.
//
// Every call is one transaction and durable when it returns ok. Changes to a running job carry its
// Lease and happen only if attempt and token are still current; else kAborted: the caller is not
// the owner any more and discards its work. Each change of a job's status appends an event of type
// "status" with {"status","attempt","run"}. `owner` empty stands for any owner (administration).
// Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/jobs/job.h"
#include "whisper_transcriber/status.h"

namespace wt::jobs {

/// The right to work on a job.
struct Lease {
  std::string job_id;
  int attempt = 0;
  /// Random, new for each claim: the fence.
  std::string token;
};

// Maxima of what a store accepts; kInvalidArgument beyond.
inline constexpr int kListLimitMax = 1'000;
inline constexpr std::size_t kSearchBytesMax = 500;
/// The engine's checkpoint of a week of audio with word times has some 10 MB.
inline constexpr std::size_t kCheckpointBytesMax = 32u << 20;
inline constexpr std::size_t kEventBytesMax = 256u << 10;
inline constexpr std::size_t kEventsPerCallMax = 1'000;
/// Older events of a job are dropped; a client that asks for them starts at the oldest one kept.
inline constexpr std::int64_t kEventsPerJobMax = 10'000;

// Of details: what fits a line, a page and a shelf of labels.
inline constexpr std::size_t kTitleBytesMax = 200;
inline constexpr std::size_t kNotesBytesMax = 10'000;
inline constexpr std::size_t kTagBytesMax = 50;
inline constexpr std::size_t kTagsPerJobMax = 20;
/// Tags that LibraryCounts tells of: the most used ones.
inline constexpr int kTagsListedMax = 200;

/// Messages of the two reasons why Create() gives kResourceExhausted.
inline constexpr std::string_view kQueueFullMessage =
    "The queue is full; the job was not accepted. Try again later.";
inline constexpr std::string_view kOwnerLimitMessage =
    "You have as many unfinished jobs as allowed; the job was not accepted. Wait for one to end.";

struct NewJob {
  Job job;  // id, owner, media, model, language, options_json, priority, batch_id, request_id,
            // traceparent.
  /// Unique per owner; empty: none.
  std::string idempotency_key;
  /// Digest of the request; the same key with another digest is kAlreadyExists.
  std::string request_digest;
};

struct Created {
  Job job;
  /// The job was there already under the same idempotency key.
  bool replayed = false;
};

struct QueueLimits {
  int queue_depth_max = 1'000;
  int active_per_owner_max = 1'000;
};

struct ClaimOptions {
  std::string worker_id;
  std::int64_t lease_ms = 30'000;
  /// Running jobs of one owner at most; 0: no limit.
  int running_per_owner_max = 0;
  /// Running jobs of all workers at most; 0: no limit.
  int running_max = 0;
};

struct Claim {
  Job job;
  Lease lease;
  /// Where an earlier attempt stopped; empty: from the beginning.
  std::string checkpoint;
};

struct Heartbeat {
  bool cancel_requested = false;
};

struct RetryPolicy {
  std::int64_t base_ms = 1'000;
  std::int64_t max_ms = 600'000;
  int rescues_max = 3;
};

/// A result that the same transaction makes visible and ends the job with.
struct NewResult {
  /// Version id, also Job::result_ref.
  std::string id;
  /// Blob with the transcript's JSON, written and synced before.
  std::string blob_key;
  std::string sha256;
  std::int64_t bytes = 0;
  std::string detected_language;
  double duration_s = 0;
  double speech_s = 0;
  std::int64_t words = 0;
  /// The whole text, for lists, search and the job's detail.
  std::string text;
  /// metadata.json of the specification (JOB-26).
  std::string metadata_json;
  // Filled by the store.
  int run = 1;
  int attempt = 0;
  UnixMillis created_at = 0;
};

struct JobFilter {
  std::string owner;  // Empty: all owners (administration).
  /// Status slugs; "failed" stands for every failed_*; empty: all.
  std::vector<std::string> statuses;
  std::string search;
  std::string model;
  std::string language;
  std::string batch_id;
  std::optional<UnixMillis> created_after;
  std::optional<UnixMillis> created_before;
  /// "created_at" (default), "updated_at", "filename", "duration", "status", "title".
  std::string sort_by = "created_at";
  bool descending = true;
  int limit = 100;
  std::int64_t offset = 0;
  std::optional<double> min_duration_s = std::nullopt;
  std::optional<double> max_duration_s = std::nullopt;
  bool dead_letter_only = false;
  /// JobPage::next_cursor of the page before, with the same sort; empty: use `offset`.
  std::string cursor = {};
  /// Exactly this tag.
  std::string tag = {};
  std::optional<bool> starred = std::nullopt;
  std::optional<bool> archived = std::nullopt;
  /// False: JobPage::total is not wanted, which saves counting what the filter finds.
  bool with_total = true;
};

/// What is given is changed.
struct DetailsPatch {
  std::optional<std::string> title = std::nullopt;
  std::optional<std::string> notes = std::nullopt;
  std::optional<std::vector<std::string>> tags = std::nullopt;
  std::optional<bool> starred = std::nullopt;
  std::optional<bool> archived = std::nullopt;
};

struct LibraryCounts {
  std::int64_t starred = 0;
  std::int64_t archived = 0;
  /// Most used first, then by name; at most kTagsListedMax.
  std::vector<std::pair<std::string, std::int64_t>> tags = {};
};

struct JobPage {
  std::vector<Job> jobs;
  /// Of the whole filter, whatever the page; 0 when it was not wanted.
  std::int64_t total = 0;
  /// Empty on the last page.
  std::string next_cursor = {};
};

enum class RestartFrom : std::uint8_t { kBeginning, kCheckpoint };

/// An entry of a job's event stream; `seq` grows by one per job.
struct JobEvent {
  std::int64_t seq = 0;
  /// "status", "progress", "language", "segment", "log".
  std::string type;
  std::string data_json;
  UnixMillis time = 0;
};

struct EventHead {
  std::string job_id;
  /// Of the newest event.
  std::int64_t seq = 0;
  bool ended = false;
};
inline constexpr std::size_t kEventHeadsMax = 500;

class JobStore {
 public:
  virtual ~JobStore() = default;

  /// Inserts media and job. kAlreadyExists (idempotency key with another digest),
  /// kResourceExhausted (queue limits; nothing is stored).
  virtual Result<Created> Create(const NewJob& job, const QueueLimits& limits) = 0;
  /// kNotFound also when `owner` is given and another one's.
  virtual Result<Job> Get(const std::string& id, const std::string& owner) = 0;
  virtual Result<JobPage> List(const JobFilter& filter) = 0;
  /// Jobs per status slug that has any, by name; of one owner when given.
  virtual Result<std::vector<std::pair<std::string, std::int64_t>>> Counts(
      const std::string& owner) = 0;
  /// Of each owner with queued jobs the one that would be claimed first, of at most `owners_max`
  /// owners, in the order of their names.
  virtual Result<std::vector<Job>> FirstWaiting(int owners_max) = 0;
  /// Of one owner.
  virtual Result<LibraryCounts> Library(const std::string& owner) = 0;
  /// REQUIRES: the patch was checked (rules/details.h). In any state of the job.
  virtual Result<Job> SetDetails(const std::string& id, const std::string& owner,
                                 const DetailsPatch& patch) = 0;
  /// Jobs that would be claimed before this one.
  virtual Result<std::int64_t> QueuePosition(const std::string& id) = 0;

  /// The next due job by priority and fairness between owners; empty when there is none.
  virtual Result<std::optional<Claim>> ClaimNext(const ClaimOptions& options) = 0;
  virtual Result<Heartbeat> Renew(const Lease& lease, std::int64_t lease_ms) = 0;
  virtual Status SaveProgress(const Lease& lease, const JobProgress& progress) = 0;
  /// Also counts as progress against the poison rule.
  virtual Status SaveCheckpoint(const Lease& lease, const std::string& checkpoint,
                                const JobProgress& progress) = 0;
  /// `seq` is given by the store, `time` when it is 0.
  virtual Status AppendEvents(const Lease& lease, const std::vector<JobEvent>& events) = 0;

  virtual Status Succeed(const Lease& lease, const NewResult& result) = 0;
  /// A passing fault goes to retry_wait while attempts are left, everything else to failed.
  virtual Status Fail(const Lease& lease, FailureKind kind, const std::string& code,
                      const std::string& message, bool transient, const RetryPolicy& policy) = 0;
  /// Ends a running job as cancelled.
  virtual Status FinishCancelled(const Lease& lease) = 0;
  /// Hands the attempt back: queued again, the attempt is not charged.
  virtual Status Release(const Lease& lease) = 0;
  /// Expired leases: back to the queue, or failed (attempts used up, or poison). At most `limit`.
  /// Returns the ids of jobs that changed.
  virtual Result<std::vector<std::string>> Rescue(const RetryPolicy& policy, int limit) = 0;
  /// The same at once for leases of a worker that is known to be dead (its process has ended).
  virtual Result<std::vector<std::string>> RescueWorker(const std::string& worker_id,
                                                        const RetryPolicy& policy, int limit) = 0;
  /// Runs older than `age_ms` that are not terminal (and not held): expired. Returns their ids.
  virtual Result<std::vector<std::string>> Expire(std::int64_t age_ms, int limit) = 0;

  /// A queued job is cancelled at once, a running one gets its flag. kFailedPrecondition when it
  /// is terminal.
  virtual Result<Job> RequestCancel(const std::string& id, const std::string& owner) = 0;
  /// A new run of a terminal job; earlier results stay as versions. kFailedPrecondition else.
  virtual Result<Job> Restart(const std::string& id, const std::string& owner,
                              RestartFrom from = RestartFrom::kBeginning) = 0;
  /// Row and everything that hangs on it; returns the blob keys to delete. A running job is
  /// cancelled first: kFailedPrecondition until its worker has let go.
  virtual Result<std::vector<std::string>> Delete(const std::string& id,
                                                  const std::string& owner) = 0;

  /// How far the events of these jobs go, in any order; jobs that are gone are left out. For those
  /// who watch many jobs and want to know which have news. At most kEventHeadsMax ids.
  virtual Result<std::vector<EventHead>> EventHeads(const std::vector<std::string>& ids) = 0;
  virtual Result<std::vector<JobEvent>> Events(const std::string& id, std::int64_t after_seq,
                                               int limit) = 0;
  /// Newest first.
  virtual Result<std::vector<NewResult>> Results(const std::string& id) = 0;

  /// Milliseconds until a job that waits for its retry becomes due, for a worker's sleep; empty:
  /// none waits. Queued jobs do not count: they are hinted, and limits may hold them back.
  virtual Result<std::optional<std::int64_t>> NextDueIn() = 0;
};

/// "Look now": crosses threads and, through a socket, processes. Losing one costs a poll interval.
class JobHints {
 public:
  virtual ~JobHints() = default;
  virtual void JobAvailable() = 0;
  virtual void CancelRequested(const std::string& job_id) = 0;
  virtual void JobChanged(const std::string& job_id) = 0;
};

}  // namespace wt::jobs

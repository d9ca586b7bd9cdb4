// A job: one recording to be transcribed, and everything that is known about its way.
//
// The state machine (docs/promises.md, P2 to P4):
//   queued -> running -> succeeded | failed | cancelled | expired,  running -> retry_wait -> queued
// cancel_requested is a flag, not a state. Terminal states are never left, but by an explicit
// restart, which begins a new run. Values: thread-compatible.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace wt::jobs {

using base::UnixMillis;

enum class JobState : std::uint8_t {
  kQueued,
  kRetryWait,
  kRunning,
  kSucceeded,
  kFailed,
  kCancelled,
  kExpired,
};
/// "queued", "retry_wait" and so on, as stored.
std::string_view JobStateName(JobState state);
std::optional<JobState> ParseJobState(std::string_view name);
bool IsTerminal(JobState state);

/// Why a job failed; chooses the status slug that clients see (spec C-35, JOB-01).
enum class FailureKind : std::uint8_t { kNone, kTimeout, kLaunch, kWhisper, kThread, kUnknown };
std::string_view FailureKindName(FailureKind kind);
std::optional<FailureKind> ParseFailureKind(std::string_view name);

enum class Priority : std::uint8_t { kLow, kNormal, kHigh, kUrgent };
std::string_view PriorityName(Priority priority);
std::optional<Priority> ParsePriority(std::string_view name);

/// The stored recording that a job works on. Immutable.
struct Media {
  std::string id;
  std::string owner;
  /// Key in the blob store.
  std::string blob_key;
  std::string sha256;
  std::int64_t bytes = 0;
  /// The client's name, cleaned; metadata only.
  std::string filename;
  /// FFmpeg's name of the container, "wav" and so on.
  std::string container;
  std::optional<double> duration_s;
  std::optional<int> sample_rate;
  std::optional<int> channels;
  bool has_video = false;
};

struct JobProgress {
  /// "waiting", "loading", "decoding", "transcribing", "enriching", "done".
  std::string stage = "waiting";
  double seconds_done = 0;
  double seconds_total = 0;
  /// Seconds of audio per second; 0 while unknown.
  double speed = 0;
  int segments = 0;
  /// Known before the end; empty: leaves what is stored.
  std::string detected_language = {};
};

/// What people say about a job; nothing of it changes how it runs.
struct JobDetails {
  /// Empty: the file name stands for it.
  std::string title = {};
  std::string notes = {};
  /// Each once, in the order of the alphabet.
  std::vector<std::string> tags = {};
  bool starred = false;
  /// Put away: still there, but not in the way.
  bool archived = false;
};

struct Job {
  std::string id;
  std::string owner;
  Media media;
  std::string batch_id;
  JobState state = JobState::kQueued;
  FailureKind failure = FailureKind::kNone;
  /// For the user; empty unless failed.
  std::string error_message;
  std::string error_code;
  Priority priority = Priority::kNormal;
  std::string model;
  /// ISO code or empty (detected).
  std::string language;
  /// Options as the submitting surface validated them: JSON of a TranscriptionRequest.
  std::string options_json;
  /// Filled at the end, or as soon as detected.
  std::string detected_language;
  JobProgress progress;
  bool cancel_requested = false;
  int attempt = 0;
  int attempts_max = 3;
  int rescues = 0;
  /// Counts explicit restarts, from 1.
  int run = 1;
  std::string lease_owner;
  /// When the lease ends if it is not renewed, by the wall clock: for people, not for decisions.
  std::optional<UnixMillis> lease_expires_at = std::nullopt;
  /// Waits for its batch to be started; not claimed before.
  bool held = false;
  /// Failed for good after passing faults or lost workers; the operator may requeue it (JOB-17).
  bool dead_letter = false;
  /// Key of the current result version; set exactly when succeeded.
  std::string result_ref;
  std::string request_id;
  /// W3C trace context of the request that made the job; empty: none.
  std::string traceparent;
  UnixMillis created_at = 0;
  UnixMillis updated_at = 0;
  UnixMillis run_at = 0;
  std::optional<UnixMillis> started_at;
  std::optional<UnixMillis> finished_at;
  JobDetails details = {};
  /// Names of those who speak, in the order of the transcript; known within seconds of its end.
  std::vector<std::string> speakers = {};
};

/// The status slug on every surface: "queued", "processing", "enriching", "completed", "cancelled",
/// "failed", "failed_timeout", "failed_launch_error", "failed_whisper_error",
/// "failed_thread_exception", "failed_unknown".
std::string_view StatusSlug(const Job& job);

}  // namespace wt::jobs

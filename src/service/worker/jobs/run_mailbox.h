// What the threads around one running job tell the thread that runs it.
//
// The engine's threads report segments and positions, the lease keeper and the worker say stop;
// the job's own thread takes it all at its own pace, so that nobody waits for a database. One
// mutex; thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/cancel.h"
#include "service/jobs/job_store.h"
#include "whisper_transcriber/engine.h"

namespace wt::worker {

/// Why a job stops before its end. A later value outranks an earlier one.
enum class StopReason : std::uint8_t {
  kNone,
  /// At the next end of a window: shutdown with time left, or somebody else's turn.
  kReleaseSoon,
  /// At once: shutdown without time left.
  kReleaseNow,
  kTimeout,
  kCancelled,
  /// Nothing may be written any more.
  kLeaseLost,
};

/// A position in the audio, and how fast it moves.
class SpeedMeter {
 public:
  using Clock = std::chrono::steady_clock;

  /// `done_s` counts from the start of the audio; the first call sets the zero point.
  void Add(Clock::time_point now, double done_s);
  /// Seconds of audio per second over the last minute; 0 while unknown.
  double speed() const;

 private:
  std::deque<std::pair<Clock::time_point, double>> points_;
};

class RunMailbox final : public Observer {
 public:
  using Clock = std::chrono::steady_clock;

  RunMailbox(int attempt, double done_before_s);

  // From the engine.
  void OnLanguage(const LanguageProbability& language) override;
  void OnProgress(const Progress& progress) override;
  void OnSegment(const Segment& segment) override;
  void OnDropped(const DroppedSpan& span) override;
  void OnCheckpoint(const Checkpoint& checkpoint) override;

  /// The engine's task has ended.
  void Ended();
  /// From anybody. Work that can be stopped at once is stopped; kReleaseSoon waits for a window.
  void Stop(StopReason reason);
  /// What Stop() cancels from now on.
  void SetTask(std::shared_ptr<Task> task);

  /// Set with every reason but kReleaseSoon: for reads of media and waits for models.
  const base::CancelFlag* cancel_flag() const { return &cancel_; }
  std::stop_token stop_token() const { return stop_source_.get_token(); }

  struct News {
    std::vector<jobs::JobEvent> events;
    bool progress_changed = false;
    jobs::JobProgress progress;
    /// The newest one that has not been taken.
    std::optional<Checkpoint> checkpoint;
    bool ended = false;
    StopReason stop = StopReason::kNone;
  };
  /// Blocks until the task has ended, a stop is wanted, or `until`.
  void WaitUntil(Clock::time_point until);
  /// Everything since the last call.
  News Take();
  StopReason stop_reason() const;
  bool ended() const;
  /// Until the end at the present speed; empty while unknown.
  std::optional<double> SecondsLeft() const;
  void AddEvent(std::string type, std::string data_json);
  void SetStage(const std::string& stage);

 private:
  // REQUIRES for all: mutex_ is held.
  void Push(std::string type, std::string data_json);
  void CancelWork();

  const int attempt_;
  base::CancelFlag cancel_;
  std::stop_source stop_source_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  News news_;  // Guarded by mutex_, as all below.
  SpeedMeter meter_;
  std::shared_ptr<Task> task_;
};

}  // namespace wt::worker

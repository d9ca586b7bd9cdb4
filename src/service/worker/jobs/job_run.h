// One claimed job from its claim to its end: options, model, recording, engine, result, commit.
//
// Promises (docs/promises.md): P3, all that is written carries the lease and happens only while it
// is current; P4, every way out of Run() ends the attempt or leaves it to the rescuer; P5, the
// result's blob before its row; P6, a job that went on from a checkpoint has the same bytes. Run()
// is called once, on one thread; Stop() from any thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/log.h"
#include "media/open_audio.h"
#include "service/blob/blob_store.h"
#include "service/jobs/job_store.h"
#include "service/observe/metrics/metrics.h"
#include "service/worker/jobs/failure.h"
#include "service/worker/jobs/job_trace.h"
#include "service/worker/jobs/run_mailbox.h"
#include "service/worker/jobs/saved_run.h"
#include "service/worker/models/model_registry.h"
#include "service/worker/options/request_options.h"
#include "whisper_transcriber/engine.h"

namespace wt::worker {

/// What a worker works with. All outlive it.
struct WorkerPorts {
  jobs::JobStore* jobs = nullptr;
  blob::BlobStore* blobs = nullptr;
  Engine* engine = nullptr;
  ModelRegistry* models = nullptr;
  const base::Clock* clock = nullptr;
  /// Told of changes; may be null.
  jobs::JobHints* hints = nullptr;
  base::LogSink* log = nullptr;
  /// Told what becomes of jobs; may be null.
  observe::Metrics* metrics = nullptr;
  /// May be null.
  observe::Tracer* tracer = nullptr;
};

struct RunOptions {
  /// Time that is worked on one job at most, over all its claims (WHISPER_TIMEOUT_SECONDS); 0: no
  /// limit.
  std::int64_t timeout_ms = 0;
  /// Progress and events are stored at most this often.
  std::int64_t progress_every_ms = 500;
  /// Checkpoints are stored at most this often, and at every orderly end.
  std::int64_t checkpoint_every_ms = 5'000;
  /// Calls to the store are repeated this often, while the lease holds.
  int store_attempts_max = 5;
  std::int64_t store_retry_ms = 200;
  jobs::RetryPolicy retry;
  /// Helper, temporary directory and limits; track, channel and cancel flag are the job's.
  media::MediaOptions media;
};

enum class RunEnd : std::uint8_t { kSucceeded, kFailed, kCancelled, kReleased, kDiscarded };
std::string_view RunEndName(RunEnd end);

class JobRun {
 public:
  /// All given outlive this.
  JobRun(const WorkerPorts& ports, const RunOptions& options, jobs::Claim claim);

  const jobs::Job& job() const { return claim_.job; }
  const jobs::Lease& lease() const { return claim_.lease; }

  RunEnd Run();
  void Stop(StopReason reason) { mailbox_.Stop(reason); }
  StopReason stop_reason() const { return mailbox_.stop_reason(); }
  /// Seconds until the end at the present speed; empty while unknown. From any thread.
  std::optional<double> SecondsLeft() const;

 private:
  using Clock = RunMailbox::Clock;

  /// A step that failed, or ok.
  struct Outcome {
    Step step = Step::kEngine;
    Status status;
    std::optional<Transcript> transcript;
  };
  Outcome Work();
  Outcome Transcribe(const RequestOptions& options, const ModelHandle& model);
  Result<std::unique_ptr<AudioSource>> OpenAudio(const RequestOptions& options, Step* step);
  Result<std::shared_ptr<Task>> Submit(const RequestOptions& options, const ModelHandle& model,
                                       Step* step);
  Result<Transcript> Follow(const std::shared_ptr<Task>& task);

  RunEnd Finish(const Outcome& outcome);
  RunEnd Commit(const Transcript& transcript);
  RunEnd SucceedOrDiscard(const jobs::NewResult& result);
  RunEnd Release();
  RunEnd FailWith(const Failure& failure);

  /// Stores what is new. A lost lease stops the run.
  void Flush();
  void SaveCheckpoint();
  Status Store(const std::function<Status()>& call);
  void Log(base::LogLevel level, const std::string& message);
  void SetStage(const std::string& stage);
  /// `end` as operators count it.
  void Measure(RunEnd end);

  const WorkerPorts ports_;
  const RunOptions options_;
  const jobs::Claim claim_;
  const SavedRun saved_;
  JobTrace trace_;
  /// Why this attempt failed.
  std::string failure_;
  const Clock::time_point begun_;
  const Clock::time_point deadline_;
  RunMailbox mailbox_;
  /// The engine's newest checkpoint, whether it is stored, and what progress it stands for.
  std::string newest_;
  bool unsaved_ = false;
  jobs::JobProgress progress_;
  Clock::time_point next_flush_{};
  Clock::time_point next_checkpoint_{};
};

}  // namespace wt::worker

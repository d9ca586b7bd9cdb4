#include "service/worker/jobs/job_run.h"

#include <algorithm>
#include <cstring>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/status_macros.h"
#include "base/strip.h"
#include "base/utf8.h"
#include "formats/json.h"
#include "platform/system_clock.h"
#include "service/observe/logs/logger.h"
#include "service/transcripts/transcript_store.h"
#include "service/worker/jobs/result_metadata.h"

namespace wt::worker {
namespace {

using std::chrono::milliseconds;

// What inference runs on.
constexpr std::string_view kDevice = "cpu";
// Without anything to do a run looks up this often.
constexpr milliseconds kIdle{1'000};

std::optional<Checkpoint> StoredCheckpoint(const std::string& bytes) {
  if (bytes.empty()) return std::nullopt;
  Checkpoint checkpoint;
  checkpoint.bytes.resize(bytes.size());
  std::memcpy(checkpoint.bytes.data(), bytes.data(), bytes.size());
  return checkpoint;
}

std::string AsText(const Checkpoint& checkpoint) {
  return {reinterpret_cast<const char*>(checkpoint.bytes.data()), checkpoint.bytes.size()};
}

// "talk.mp3: is empty": errors of media begin with the client's name for the file.
std::string MediaName(const jobs::Media& media) {
  return media.filename.empty() ? "the recording" : base::ReplaceInvalidUtf8(media.filename);
}

milliseconds TimeLeft(const RunOptions& options, const SavedRun& saved) {
  // A year stands for none: time_point::max() overflows in waits.
  if (options.timeout_ms <= 0) return std::chrono::days(365);
  return milliseconds(std::max<std::int64_t>(0, options.timeout_ms - saved.worked_ms));
}

}  // namespace

std::string_view RunEndName(RunEnd end) {
  switch (end) {
    case RunEnd::kSucceeded: return "succeeded";
    case RunEnd::kFailed: return "failed";
    case RunEnd::kCancelled: return "cancelled";
    case RunEnd::kReleased: return "released";
    case RunEnd::kDiscarded: return "discarded";
  }
  return "unknown";
}

JobRun::JobRun(const WorkerPorts& ports, const RunOptions& options, jobs::Claim claim)
    : ports_(ports),
      options_(options),
      claim_(std::move(claim)),
      saved_(DecodeSavedRun(claim_.checkpoint)),
      trace_(ports.tracer, ports.clock, claim_.job),
      begun_(Clock::now()),
      deadline_(begun_ + TimeLeft(options, saved_)),
      mailbox_(claim_.job.attempt, saved_.engine.empty() ? 0.0 : claim_.job.progress.seconds_done),
      newest_(saved_.engine) {}

RunEnd JobRun::Run() {
  const observe::ScopedLogContext scope({.request_id = claim_.job.request_id,
                                         .job_id = claim_.job.id,
                                         .user_id = claim_.job.owner,
                                         .trace_id = trace_.trace_id(),
                                         .span_id = trace_.span_id()});
  next_flush_ = next_checkpoint_ = Clock::now();
  Log(base::LogLevel::kInfo, "attempt " + std::to_string(claim_.job.attempt) + " begins" +
                                 (saved_.engine.empty() ? "" : ", from a checkpoint"));
  if (ports_.metrics != nullptr && saved_.engine.empty()) {
    const base::UnixMillis due = std::max(claim_.job.run_at, claim_.job.created_at);
    ports_.metrics->JobStarted(
        static_cast<double>(std::max<base::UnixMillis>(0, ports_.clock->Now() - due)) / 1e3);
  }
  const RunEnd end = Finish(Work());
  if (ports_.metrics != nullptr) Measure(end);
  trace_.End(claim_.job, RunEndName(end), progress_.seconds_total, failure_);
  if (ports_.hints != nullptr) ports_.hints->JobChanged(claim_.job.id);
  return end;
}

void JobRun::Measure(RunEnd end) {
  // Handed back or lost: another attempt ends the job.
  if (end == RunEnd::kReleased || end == RunEnd::kDiscarded) return;
  const std::chrono::duration<double> worked = Clock::now() - begun_;
  observe::FinishedJob finished;
  finished.seconds = worked.count() + static_cast<double>(saved_.worked_ms) / 1e3;
  finished.audio_seconds = progress_.seconds_total;
  // The row knows whether a failure was the last one. Gone: deleted meanwhile.
  const Result<jobs::Job> job = ports_.jobs->Get(claim_.job.id, "");
  if (!job.ok()) return;
  if (job->state == jobs::JobState::kRetryWait) return ports_.metrics->JobRetried();
  finished.status = jobs::StatusSlug(*job);
  ports_.metrics->JobFinished(finished);
  if (job->failure == jobs::FailureKind::kUnknown || job->failure == jobs::FailureKind::kThread) {
    ports_.metrics->ExceptionCaught("worker");
  }
}

JobRun::Outcome JobRun::Work() {
  Result<RequestOptions> options = ParseRequestOptions(claim_.job.options_json);
  if (!options.ok()) return {Step::kOptions, options.status(), std::nullopt};
  // The job's own columns win: an administrator may have changed them.
  if (!claim_.job.model.empty()) options->model = claim_.job.model;
  if (!claim_.job.language.empty()) options->request.language.language = claim_.job.language;
  SetStage("loading");
  const Result<std::string> name = ports_.models->names().Resolve(options->model);
  if (!name.ok()) return {Step::kModel, name.status(), std::nullopt};
  const base::UnixMillis since = trace_.Now();
  const Result<ModelHandle> model = ports_.models->Acquire(*name, mailbox_.stop_token(), deadline_);
  trace_.EndPart("load model", since, model.status());
  if (!model.ok()) return {Step::kModel, model.status(), std::nullopt};
  return Transcribe(*options, *model);
}

Result<std::unique_ptr<AudioSource>> JobRun::OpenAudio(const RequestOptions& options, Step* step) {
  *step = Step::kStorage;
  WT_ASSIGN(const std::unique_ptr<blob::BlobReader> reader,
            ports_.blobs->Open(claim_.job.media.blob_key));
  WT_ASSIGN(platform::FileDescriptor descriptor, reader->OpenDescriptor());
  *step = Step::kMedia;
  media::MediaOptions media = options_.media;
  media.track = options.track;
  media.channel = options.channel;
  media.cancel = mailbox_.cancel_flag();
  return media::OpenAudioDescriptor(std::move(descriptor), MediaName(claim_.job.media), media);
}

Result<std::shared_ptr<Task>> JobRun::Submit(const RequestOptions& options,
                                             const ModelHandle& model, Step* step) {
  SubmitOptions submit{.priority = PriorityClass::kBatch,
                       .principal = claim_.job.owner,
                       .resume_from = StoredCheckpoint(saved_.engine)};
  while (true) {
    WT_ASSIGN(std::unique_ptr<AudioSource> audio, OpenAudio(options, step));
    *step = Step::kEngine;
    Result<std::shared_ptr<Task>> task =
        ports_.engine->Submit(model, std::move(audio), options.request, &mailbox_, submit);
    const bool refused = task.status().code() == StatusCode::kInvalidArgument;
    if (task.ok() || !refused || !submit.resume_from) return task;
    // The checkpoint is of another model file or version: the work begins again.
    Log(base::LogLevel::kWarning, "the checkpoint cannot be used: " + task.status().message());
    submit.resume_from.reset();
    newest_.clear();
  }
}

JobRun::Outcome JobRun::Transcribe(const RequestOptions& options, const ModelHandle& model) {
  SetStage("decoding");
  Outcome outcome;
  Result<std::shared_ptr<Task>> task = Submit(options, model, &outcome.step);
  if (!task.ok()) {
    outcome.status = task.status();
    return outcome;
  }
  SetStage("transcribing");
  const Clock::time_point since = Clock::now();
  const base::UnixMillis start = trace_.Now();
  Result<Transcript> transcript = Follow(*task);
  trace_.EndPart("transcribe", start, transcript.status());
  if (transcript.ok() && ports_.metrics != nullptr) {
    const std::chrono::duration<double> took = Clock::now() - since;
    ports_.metrics->InferenceDone(model->info().name, kDevice, took.count());
  }
  outcome.status = transcript.status();
  if (transcript.ok()) outcome.transcript = *std::move(transcript);
  return outcome;
}

Result<Transcript> JobRun::Follow(const std::shared_ptr<Task>& task) {
  mailbox_.SetTask(task);
  Result<Transcript> result = Status(StatusCode::kInternal, "the engine gave no result");
  std::jthread waiter([&] {
    result = task->Wait();
    mailbox_.Ended();
  });
  while (true) {
    const Clock::time_point now = Clock::now();
    if (now >= deadline_) mailbox_.Stop(StopReason::kTimeout);
    mailbox_.WaitUntil(std::min({deadline_, std::max(next_flush_, now), now + kIdle}));
    const bool stopped = mailbox_.cancel_flag()->requested();
    if (Clock::now() >= next_flush_ || stopped) Flush();
    if (stopped || mailbox_.ended()) break;
  }
  waiter.join();
  mailbox_.SetTask(nullptr);
  Flush();
  return result;
}

RunEnd JobRun::Finish(const Outcome& outcome) {
  switch (mailbox_.stop_reason()) {
    case StopReason::kLeaseLost:
      base::Log(ports_.log, base::LogLevel::kWarning,
                "job " + claim_.job.id + ": the lease is lost, the work is discarded");
      return RunEnd::kDiscarded;
    case StopReason::kCancelled: {
      const Status status = Store([&] { return ports_.jobs->FinishCancelled(claim_.lease); });
      return status.ok() ? RunEnd::kCancelled : RunEnd::kDiscarded;
    }
    case StopReason::kTimeout:
      if (!outcome.transcript) return FailWith(TimeoutFailure(options_.timeout_ms));
      break;
    case StopReason::kReleaseSoon:
    case StopReason::kReleaseNow:
      // What is finished is kept, what failed of itself is told.
      if (outcome.status.code() == StatusCode::kCancelled) return Release();
      break;
    case StopReason::kNone: break;
  }
  if (outcome.transcript) return Commit(*outcome.transcript);
  if (outcome.status.code() == StatusCode::kDeadlineExceeded && Clock::now() >= deadline_) {
    return FailWith(TimeoutFailure(options_.timeout_ms));
  }
  // The engine was stopped under the job: the process is about to end.
  if (outcome.status.code() == StatusCode::kCancelled) return Release();
  return FailWith(DescribeFailure(outcome.step, outcome.status, claim_.job.attempt));
}

RunEnd JobRun::Release() {
  SaveCheckpoint();
  Log(base::LogLevel::kInfo, "handed back at " + std::to_string(progress_.seconds_done) + " s");
  Flush();
  const Status status = Store([&] { return ports_.jobs->Release(claim_.lease); });
  return status.ok() ? RunEnd::kReleased : RunEnd::kDiscarded;
}

RunEnd JobRun::FailWith(const Failure& failure) {
  SaveCheckpoint();
  failure_ = failure.code + ": " + failure.message;
  Log(base::LogLevel::kError, failure_);
  Flush();
  const Status status = Store([&] {
    return ports_.jobs->Fail(claim_.lease, failure.kind, failure.code, failure.message,
                             failure.transient, options_.retry);
  });
  return status.ok() ? RunEnd::kFailed : RunEnd::kDiscarded;
}

RunEnd JobRun::Commit(const Transcript& transcript) {
  SetStage("enriching");
  const std::string key = transcripts::TranscriptKey(claim_.job.owner, claim_.lease);
  const std::string json = formats::WriteJson(transcript);
  blob::BlobInfo info;
  bool again = false;
  const Status written = Store([&]() -> Status {
    // The key is this lease's own: what is there is an earlier try whose answer was lost.
    if (std::exchange(again, true)) WT_TRY(ports_.blobs->Delete(key));
    WT_ASSIGN(info, transcripts::WriteBlob(ports_.blobs, key, json));
    return Status();
  });
  if (!written.ok()) {
    return FailWith(DescribeFailure(Step::kResult, written, claim_.job.attempt));
  }
  jobs::NewResult result;
  result.id = platform::NewId(*ports_.clock);
  result.blob_key = key;
  result.sha256 = info.sha256;
  result.bytes = info.bytes;
  result.detected_language = transcript.language;
  result.duration_s = transcript.duration_s;
  result.speech_s = transcript.speech_s;
  result.words = CountWords(transcript.text);
  result.text = base::ReplaceInvalidUtf8(base::StripWhiteSpace(transcript.text));
  result.metadata_json = MetadataJson(claim_.job, transcript, ports_.clock->Now());
  Log(base::LogLevel::kInfo, "transcribed: " + std::to_string(transcript.segments.size()) +
                                 " segments, " + std::to_string(result.words) + " words");
  Flush();
  const base::UnixMillis since = trace_.Now();
  const RunEnd end = SucceedOrDiscard(result);
  trace_.EndPart("store result", since, Status());
  return end;
}

RunEnd JobRun::SucceedOrDiscard(const jobs::NewResult& result) {
  const Status status = Store([&] { return ports_.jobs->Succeed(claim_.lease, result); });
  if (status.ok()) return RunEnd::kSucceeded;
  // A call whose answer was lost may have committed; then the next one finds no lease. Only the row
  // knows, and only when it does not name the blob may the blob go.
  const Result<jobs::Job> job = ports_.jobs->Get(claim_.job.id, "");
  if (job.ok() && job->result_ref == result.id) return RunEnd::kSucceeded;
  const bool refused = status.code() == StatusCode::kAborted;
  const bool gone = job.status().code() == StatusCode::kNotFound;
  if (refused && (job.ok() || gone)) {
    const Status deleted = ports_.blobs->Delete(result.blob_key);
    base::Log(ports_.log, base::LogLevel::kWarning,
              "job " + claim_.job.id + ": the lease was lost before the commit; the result is " +
                  (deleted.ok() ? "removed" : "left to the sweeper"));
    return RunEnd::kDiscarded;
  }
  if (refused) return RunEnd::kDiscarded;
  return FailWith(DescribeFailure(Step::kResult, status, claim_.job.attempt));
}

void JobRun::Flush() {
  RunMailbox::News news = mailbox_.Take();
  progress_ = news.progress;
  if (news.checkpoint) {
    newest_ = AsText(*news.checkpoint);
    unsaved_ = true;
  }
  next_flush_ = Clock::now() + milliseconds(options_.progress_every_ms);
  if (news.stop == StopReason::kLeaseLost) return;
  Status status;
  if (unsaved_ && Clock::now() >= next_checkpoint_) {
    SaveCheckpoint();
  } else if (news.progress_changed) {
    status = ports_.jobs->SaveProgress(claim_.lease, progress_);
  }
  for (std::size_t at = 0; status.ok() && at < news.events.size(); at += jobs::kEventsPerCallMax) {
    const auto begin = news.events.begin() + static_cast<std::ptrdiff_t>(at);
    const auto end = news.events.begin() + static_cast<std::ptrdiff_t>(std::min(
                                               news.events.size(), at + jobs::kEventsPerCallMax));
    status = ports_.jobs->AppendEvents(claim_.lease, {begin, end});
  }
  if (status.code() == StatusCode::kAborted) mailbox_.Stop(StopReason::kLeaseLost);
  const bool told = news.progress_changed || !news.events.empty();
  if (told && ports_.hints != nullptr) ports_.hints->JobChanged(claim_.job.id);
}

void JobRun::SaveCheckpoint() {
  // Under a time limit the time counts even where the engine has not come to a first checkpoint.
  if (!unsaved_ && options_.timeout_ms <= 0) return;
  next_checkpoint_ = Clock::now() + milliseconds(options_.checkpoint_every_ms);
  const auto worked = std::chrono::duration_cast<milliseconds>(Clock::now() - begun_);
  const std::string bytes = EncodeSavedRun({saved_.worked_ms + worked.count(), newest_});
  unsaved_ = false;
  if (bytes.size() > jobs::kCheckpointBytesMax) return;
  const Status status = ports_.jobs->SaveCheckpoint(claim_.lease, bytes, progress_);
  if (status.code() == StatusCode::kAborted) mailbox_.Stop(StopReason::kLeaseLost);
}

// Repeats a call that a passing fault stopped. The lease bounds it: once that is lost the store
// says kAborted.
Status JobRun::Store(const std::function<Status()>& call) {
  for (int i = 1;; ++i) {
    const Status status = call();
    const bool passing =
        status.code() == StatusCode::kUnavailable || status.code() == StatusCode::kDeadlineExceeded;
    if (!passing || i >= options_.store_attempts_max) return status;
    std::this_thread::sleep_for(milliseconds(options_.store_retry_ms) * i);
  }
}

void JobRun::SetStage(const std::string& stage) {
  mailbox_.SetStage(stage);
  Flush();
}

void JobRun::Log(base::LogLevel level, const std::string& message) {
  base::Log(ports_.log, level, "job " + claim_.job.id + ": " + message);
  const char* name = level == base::LogLevel::kError     ? "error"
                     : level == base::LogLevel::kWarning ? "warning"
                                                         : "info";
  const nlohmann::ordered_json data = {{"level", name},
                                       {"message", base::ReplaceInvalidUtf8(message)},
                                       {"attempt", claim_.job.attempt}};
  mailbox_.AddEvent("log", base::JsonToText(data));
}

std::optional<double> JobRun::SecondsLeft() const { return mailbox_.SecondsLeft(); }

}  // namespace wt::worker

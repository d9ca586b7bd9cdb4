#include "service/worker/sync/sync_transcriber.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "base/cancel.h"
#include "base/status_macros.h"
#include "base/utf8.h"

namespace wt::worker {
namespace {

using Clock = FairGate::Clock;
using std::chrono::milliseconds;

Clock::time_point DeadlineOf(std::int64_t timeout_ms) {
  // A year stands for none: time_point::max() overflows in waits.
  return Clock::now() + (timeout_ms > 0
                             ? milliseconds(timeout_ms)
                             : std::chrono::duration_cast<milliseconds>(std::chrono::days(365)));
}

// What ended the work: it is cancelled both when the client goes and when the time is up.
Status Explain(const Status& status, const std::stop_token& client, std::int64_t timeout_ms) {
  if (status.code() != StatusCode::kCancelled || client.stop_requested()) return status;
  return Status(StatusCode::kDeadlineExceeded,
                "the transcription took longer than the limit of " +
                    std::to_string(timeout_ms / 1000) +
                    " s and was stopped; submit it as a job, or use a smaller model");
}

// Requests `stop` when the time is up, unless it goes first.
class Alarm {
 public:
  Alarm(Clock::time_point deadline, std::stop_source stop)
      : thread_([this, deadline, stop](const std::stop_token& done) mutable {
          std::unique_lock lock(mutex_);
          if (changed_.wait_until(lock, done, deadline, [] { return false; })) return;
          if (!done.stop_requested()) stop.request_stop();
        }) {}

 private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::jthread thread_;
};

}  // namespace

Result<platform::FileDescriptor> MemoryDescriptor(std::string_view bytes) {
  platform::FileDescriptor memory(::memfd_create("recording", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  if (!memory.valid()) {
    return Status(StatusCode::kResourceExhausted, "there is no memory for the recording; try later",
                  InternalDetail("memfd_create: errno " + std::to_string(errno)));
  }
  while (!bytes.empty()) {
    const ssize_t written = ::write(memory.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      return Status(StatusCode::kResourceExhausted,
                    "there is no memory for the recording; try later",
                    InternalDetail("write to memory: errno " + std::to_string(errno)));
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  (void)::lseek(memory.get(), 0, SEEK_SET);
  return memory;
}

// What a request holds while it is at work. Members go in the reverse order.
struct SyncTranscriber::Admitted {
  FairGate::Ticket ticket;
  /// Ended by the client or by time.
  std::stop_source stop;
  base::CancelFlag cancel;
  std::optional<std::stop_callback<std::function<void()>>> on_client_stop;
  std::optional<std::stop_callback<std::function<void()>>> on_stop;
  std::optional<Alarm> alarm;
  ModelHandle model;
  std::unique_ptr<AudioSource> audio;
};

SyncTranscriber::SyncTranscriber(Engine* engine, ModelRegistry* models, SyncOptions options)
    : engine_(engine),
      models_(models),
      options_(std::move(options)),
      gate_(options_.active_max, options_.waiting_max) {}

Result<std::unique_ptr<SyncTranscriber::Admitted>> SyncTranscriber::Admit(
    SyncRequest* request, const std::stop_token& stop) {
  const Clock::time_point deadline = DeadlineOf(options_.timeout_ms);
  // What is wrong anyway is said before waiting.
  WT_TRY(CheckOptions(request->options));
  WT_ASSIGN(const std::string name, models_->names().Resolve(request->options.model));
  auto admitted = std::make_unique<Admitted>();
  WT_ASSIGN(admitted->ticket, gate_.Enter(request->principal, stop, deadline));
  Admitted* raw = admitted.get();
  admitted->on_client_stop.emplace(stop, [raw] { raw->stop.request_stop(); });
  admitted->on_stop.emplace(raw->stop.get_token(), [raw] { raw->cancel.Request(); });
  admitted->alarm.emplace(deadline, admitted->stop);
  Result<ModelHandle> model = models_->Acquire(name, admitted->stop.get_token(), deadline);
  if (!model.ok()) return Explain(model.status(), stop, options_.timeout_ms);
  admitted->model = *std::move(model);
  media::MediaOptions media = options_.media;
  media.track = request->options.track;
  media.channel = request->options.channel;
  media.cancel = &admitted->cancel;
  const std::string filename =
      request->filename.empty() ? "the recording" : base::ReplaceInvalidUtf8(request->filename);
  Result<std::unique_ptr<AudioSource>> audio =
      media::OpenAudioDescriptor(std::move(request->descriptor), filename, media);
  if (!audio.ok()) return Explain(audio.status(), stop, options_.timeout_ms);
  admitted->audio = *std::move(audio);
  return admitted;
}

Result<Transcript> SyncTranscriber::Transcribe(SyncRequest request, const std::stop_token& stop) {
  WT_ASSIGN(const std::unique_ptr<Admitted> admitted, Admit(&request, stop));
  WT_ASSIGN(const std::shared_ptr<Task> task,
            engine_->Submit(admitted->model, std::move(admitted->audio), request.options.request,
                            request.observer,
                            {.priority = PriorityClass::kInteractive,
                             .principal = request.principal,
                             .resume_from = std::nullopt}));
  Result<Transcript> transcript = Status(StatusCode::kCancelled, "stopped");
  const Clock::time_point begin = Clock::now();
  {
    const std::stop_callback cancel(admitted->stop.get_token(), [&] { task->Cancel(); });
    transcript = task->Wait();
  }
  if (!transcript.ok()) return Explain(transcript.status(), stop, options_.timeout_ms);
  if (options_.metrics != nullptr) {
    const std::chrono::duration<double> took = Clock::now() - begin;
    options_.metrics->InferenceDone(admitted->model->info().name, "cpu", took.count());
  }
  return transcript;
}

Result<std::vector<LanguageProbability>> SyncTranscriber::DetectLanguage(
    SyncRequest request, const std::stop_token& stop) {
  WT_ASSIGN(const std::unique_ptr<Admitted> admitted, Admit(&request, stop));
  return engine_->DetectLanguage(admitted->model, std::move(admitted->audio),
                                 request.options.request.language);
}

}  // namespace wt::worker

// An engine that writes what a script says, for tests: windows of one segment each, on a thread of
// its own, with checkpoints, cancellation, failures and a gate between windows. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "whisper_transcriber/engine.h"

namespace wt::worker::testing {

/// What the next tasks do.
struct FakeScript {
  int windows = 3;
  /// Window (from 0) before which a task waits for Open() or its cancellation; -1: none.
  int hold_at = -1;
  /// The result after the windows below; ok: a transcript.
  Status failure = {};
  /// Windows done before the failure.
  int failure_at = 1;
  /// The checkpoint given is refused.
  bool refuse_checkpoint = false;
};

class FakeModel final : public Model {
 public:
  explicit FakeModel(ModelInfo info) : info_(std::move(info)) {}
  const ModelInfo& info() const override { return info_; }

 private:
  ModelInfo info_;
};

class FakeEngine final : public Engine {
 public:
  ~FakeEngine() override { Open(); }

  /// For tasks that begin from now on.
  void SetScript(const FakeScript& script) {
    const std::lock_guard lock(mutex_);
    script_ = script;
    open_ = false;
  }
  /// Lets all tasks go on that wait at their gate.
  void Open() {
    const std::lock_guard lock(mutex_);
    open_ = true;
    changed_.notify_all();
  }
  /// Blocks until so many tasks wait at their gate.
  bool WaitForHeld(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [&] { return held_ >= count; });
  }
  /// Loads of a model of this name fail.
  void FailLoads(const std::string& name, const Status& status) {
    const std::lock_guard lock(mutex_);
    load_failures_[name] = status;
  }
  /// Loads wait until they are allowed.
  void HoldLoads(bool hold) {
    const std::lock_guard lock(mutex_);
    hold_loads_ = hold;
    changed_.notify_all();
  }
  std::vector<std::string> loads() const {
    const std::lock_guard lock(mutex_);
    return loads_;
  }
  /// Where tasks began: a window's number each.
  std::vector<int> starts() const {
    const std::lock_guard lock(mutex_);
    return starts_;
  }
  std::vector<SubmitOptions> submits() const {
    const std::lock_guard lock(mutex_);
    return submits_;
  }
  int cancelled() const { return cancelled_.load(); }

  Result<std::shared_ptr<const Model>> LoadModel(const ModelOptions& options) override {
    std::unique_lock lock(mutex_);
    loads_.push_back(options.name);
    changed_.notify_all();
    changed_.wait(lock, [&] { return !hold_loads_; });
    if (const auto found = load_failures_.find(options.name); found != load_failures_.end()) {
      return found->second;
    }
    ModelInfo info;
    info.name = options.name;
    info.multilingual = true;
    info.languages = {"en", "de"};
    info.weight_bytes = 100;
    return std::shared_ptr<const Model>(std::make_shared<FakeModel>(info));
  }

  Result<std::shared_ptr<Task>> Submit(std::shared_ptr<const Model> model,
                                       std::unique_ptr<AudioSource> audio,
                                       const TranscriptionRequest& request, Observer* observer,
                                       const SubmitOptions& submit) override;

  Result<std::vector<LanguageProbability>> DetectLanguage(std::shared_ptr<const Model>,
                                                          std::unique_ptr<AudioSource>,
                                                          const LanguageOptions&) override {
    return std::vector<LanguageProbability>{{"en", 0.75}, {"de", 0.25}};
  }
  std::string instruction_set() const override { return "generic"; }
  int threads() const override { return 1; }

 private:
  class FakeTask;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  FakeScript script_;  // Guarded by mutex_, as all below.
  bool open_ = false;
  bool hold_loads_ = false;
  int held_ = 0;
  std::map<std::string, Status> load_failures_;
  std::vector<std::string> loads_;
  std::vector<int> starts_;
  std::vector<SubmitOptions> submits_;
  std::atomic<int> cancelled_ = 0;
};

/// " one." of window 0 and so on.
inline std::string WindowText(int window) { return " Window " + std::to_string(window) + "."; }

class FakeEngine::FakeTask final : public Task {
 public:
  FakeTask(FakeEngine* engine, std::shared_ptr<const Model> model,
           std::unique_ptr<AudioSource> audio, Observer* observer, const FakeScript& script,
           int start, bool diarize)
      : engine_(engine),
        model_(std::move(model)),
        audio_(std::move(audio)),
        observer_(observer),
        script_(script),
        start_(start),
        diarize_(diarize),
        thread_([this] { Run(); }) {}

  void Cancel() override {
    const std::lock_guard lock(engine_->mutex_);
    cancelled_ = true;
    engine_->changed_.notify_all();
  }
  Result<Transcript> Wait() override {
    std::unique_lock lock(engine_->mutex_);
    engine_->changed_.wait(lock, [&] { return done_; });
    return result_;
  }
  bool done() const override {
    const std::lock_guard lock(engine_->mutex_);
    return done_;
  }

 private:
  // True to go on.
  bool PassGate(int window) {
    std::unique_lock lock(engine_->mutex_);
    if (window == script_.hold_at) {
      ++engine_->held_;
      engine_->changed_.notify_all();
      engine_->changed_.wait(lock, [&] { return engine_->open_ || cancelled_; });
      --engine_->held_;
    }
    return !cancelled_;
  }
  Segment SegmentOf(int window) const {
    Segment segment;
    segment.id = window;
    segment.start_s = window * 30.0;
    segment.end_s = window * 30.0 + 29.0;
    segment.text = WindowText(window);
    segment.tokens = {50364, 1, 2};
    return segment;
  }
  void RunWindow(int window) {
    if (observer_ == nullptr) return;
    const std::string state = std::to_string(window + 1);
    Checkpoint checkpoint;
    for (const char c : state) checkpoint.bytes.push_back(static_cast<std::byte>(c));
    observer_->OnSegment(SegmentOf(window));
    observer_->OnProgress({(window + 1) * 30 * kSampleRate, script_.windows * 30 * kSampleRate});
    observer_->OnCheckpoint(checkpoint);
  }
  Result<Transcript> Work() {
    if (observer_ != nullptr && start_ == 0) observer_->OnLanguage({"en", 0.875});
    for (int window = start_; window < script_.windows; ++window) {
      if (!PassGate(window)) return Status(StatusCode::kCancelled, "the task was cancelled");
      if (!script_.failure.ok() && window >= script_.failure_at) return script_.failure;
      RunWindow(window);
    }
    if (!script_.failure.ok()) return script_.failure;
    Transcript transcript;
    transcript.language = "en";
    transcript.model = model_->info().name;
    transcript.duration_s = script_.windows * 30.0;
    transcript.speech_s = script_.windows * 29.0;
    for (int window = 0; window < script_.windows; ++window) {
      transcript.segments.push_back(SegmentOf(window));
      if (diarize_) transcript.segments.back().speaker = window % 2 == 0 ? "S1" : "S2";
      transcript.text += WindowText(window);
    }
    return transcript;
  }
  void Run() {
    std::vector<float> samples(1600);
    Result<std::size_t> read = audio_->Read(samples);
    Result<Transcript> result = read.ok() ? Work() : Result<Transcript>(read.status());
    const std::lock_guard lock(engine_->mutex_);
    audio_.reset();
    if (cancelled_) ++engine_->cancelled_;
    result_ = std::move(result);
    done_ = true;
    engine_->changed_.notify_all();
  }

  FakeEngine* const engine_;
  const std::shared_ptr<const Model> model_;
  std::unique_ptr<AudioSource> audio_;
  Observer* const observer_;
  const FakeScript script_;
  const int start_;
  /// Two speakers take turns, a window each.
  const bool diarize_;
  bool cancelled_ = false;  // Guarded by the engine's mutex, as the two below.
  bool done_ = false;
  Result<Transcript> result_ = Status(StatusCode::kInternal, "no result yet");
  std::jthread thread_;
};

inline Result<std::shared_ptr<Task>> FakeEngine::Submit(std::shared_ptr<const Model> model,
                                                        std::unique_ptr<AudioSource> audio,
                                                        const TranscriptionRequest& request,
                                                        Observer* observer,
                                                        const SubmitOptions& submit) {
  Status valid = request.Validate();
  if (!valid.ok()) return valid;
  FakeScript script;
  int start = 0;
  {
    const std::lock_guard lock(mutex_);
    script = script_;
    submits_.push_back(submit);
    if (submit.resume_from) {
      if (script.refuse_checkpoint) {
        return Status(StatusCode::kInvalidArgument, "the checkpoint is of another model");
      }
      std::string text;
      for (const std::byte b : submit.resume_from->bytes) text.push_back(static_cast<char>(b));
      start = std::stoi(text);
    }
    starts_.push_back(start);
  }
  return std::shared_ptr<Task>(std::make_shared<FakeTask>(this, std::move(model), std::move(audio),
                                                          observer, script, start,
                                                          request.diarization.enabled));
}

}  // namespace wt::worker::testing

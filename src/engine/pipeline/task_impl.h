// The state of one submitted recording, shared between its handle, its driver and the engine.
// Thread-safe.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>

#include "base/cancel.h"
#include "engine/pipeline/loaded_model.h"
#include "engine/pipeline/long_form_state.h"
#include "whisper_transcriber/engine.h"

namespace wt::pipeline {

class TaskImpl final : public Task {
 public:
  TaskImpl(std::shared_ptr<const LoadedModel> model, std::unique_ptr<AudioSource> audio,
           const TranscriptionRequest& request, Observer* observer, const SubmitOptions& submit)
      : model_(std::move(model)),
        audio_(std::move(audio)),
        request_(WithWords(request)),
        observer_(observer),
        submit_(submit) {}

  void Cancel() override { cancel_.Request(); }
  bool done() const override {
    std::lock_guard lock(mutex_);
    return result_.has_value();
  }
  Result<Transcript> Wait() override {
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [&] { return result_.has_value(); });
    return *result_;
  }
  void Finish(Result<Transcript> result) {
    std::lock_guard lock(mutex_);
    audio_.reset();
    result_.emplace(std::move(result));
    finished_.notify_all();
  }

  const std::shared_ptr<const LoadedModel>& model() const { return model_; }
  AudioSource& audio() { return *audio_; }
  const TranscriptionRequest& request() const { return request_; }
  Observer* observer() const { return observer_; }
  const SubmitOptions& submit() const { return submit_; }
  const base::CancelFlag& cancel() const { return cancel_; }

  // Set by the engine at admission.
  std::uint64_t arrival = 0;
  std::int64_t memory_bytes = 0;
  /// Windows decoded at the same time at most; memory_bytes is for all of them.
  int windows_in_flight = 1;
  LongFormState start;
  /// Set when speakers are asked for.
  std::shared_ptr<const diarize::SpeakerModel> speakers;

 private:
  /// Speakers are told by the times of words.
  static TranscriptionRequest WithWords(TranscriptionRequest request) {
    request.words.word_timestamps |= request.diarization.enabled;
    return request;
  }

  std::shared_ptr<const LoadedModel> model_;
  std::unique_ptr<AudioSource> audio_;
  const TranscriptionRequest request_;
  Observer* const observer_;
  const SubmitOptions submit_;
  base::CancelFlag cancel_;
  mutable std::mutex mutex_;
  std::condition_variable finished_;
  std::optional<Result<Transcript>> result_;  // Guarded by mutex_.
};

}  // namespace wt::pipeline

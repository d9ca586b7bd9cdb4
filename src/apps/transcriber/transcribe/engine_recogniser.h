// Recordings transcribed by an engine in this process, with one model.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "apps/transcriber/options/transcribe_options.h"
#include "apps/transcriber/services.h"
#include "apps/transcriber/transcribe/checkpoint_file.h"
#include "apps/transcriber/transcribe/recogniser.h"
#include "base/cancel.h"
#include "whisper_transcriber/engine.h"

namespace wt::transcriber {

/// Thread-safe, but for ForgetCheckpoint().
class EngineRecogniser final : public Recogniser {
 public:
  /// All must outlive it.
  EngineRecogniser(const TranscribeArguments& arguments, const Services& services, Engine* engine,
                   std::shared_ptr<const Model> model);

  Result<Transcript> Transcribe(FileJob* job) override;
  void Cancel() override;
  /// When nothing is left that a second run could still be needed for.
  void ForgetCheckpoint() const;

 private:
  Result<Transcript> WaitFor(const std::shared_ptr<Task>& task);

  const TranscribeArguments& arguments_;
  const Services& services_;
  Engine* const engine_;
  const std::shared_ptr<const Model> model_;
  std::optional<CheckpointFile> checkpoint_;
  base::CancelFlag cancel_;
  std::mutex mutex_;
  std::vector<std::shared_ptr<Task>> tasks_;  // Guarded by mutex_.
};

}  // namespace wt::transcriber

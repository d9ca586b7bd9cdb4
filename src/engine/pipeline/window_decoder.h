// One task's view of the scheduler: its window state and the calls over it, temperature fallback
// included. One thread at a time (the task's driver).
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "engine/decode/attempt.h"
#include "engine/pipeline/scheduler.h"
#include "engine/pipeline/windows/window_result.h"

namespace wt::pipeline {

/// What a window is decoded with.
struct WindowPrompt {
  std::vector<TokenId> initial_tokens;
  /// Index of <|startoftranscript|> in them.
  int sot_index = 0;
  TimeLimits limits;
  /// What the text begins with, decoded before over the same window, or null.
  const WindowResult* begun = nullptr;
};

class WindowDecoder {
 public:
  WindowDecoder(Scheduler& scheduler, const LoadedModel& model, const TranscriptionRequest& request,
                const SubmitOptions& submit, const base::CancelFlag& cancel);

  /// Hypotheses that a request needs room for.
  static int Slots(const TranscriptionRequest& request);

  /// The flag that stops the calls from now on; it must outlive them.
  void StopWith(const base::CancelFlag& cancel) { owner_.cancel = &cancel; }

  Status Encode(std::span<const float> mel);
  /// Every language of the model (or of `allowed`) with its share, most probable first.
  Result<std::vector<LanguageProbability>> DetectLanguage(std::span<const std::string> allowed);
  /// Attempts at the request's temperatures until one is accepted (transcribe.py,
  /// decode_with_fallback). `window_seed` makes sampling differ between windows.
  Result<WindowResult> Decode(const WindowPrompt& prompt, std::uint64_t window_seed,
                              const std::function<void(std::span<const TokenId>)>& on_partial);
  /// Attention and probabilities of `text_tokens` over the encoded window.
  Result<AlignJob> Align(std::span<const TokenId> start_sequence,
                         std::span<const TokenId> text_tokens, int frames);

 private:
  Result<WindowResult> Attempt(const WindowPrompt& prompt, double temperature, std::uint64_t seed,
                               const std::function<void(std::span<const TokenId>)>& on_partial);

  Scheduler& scheduler_;
  const LoadedModel& model_;
  const TranscriptionRequest& request_;
  const std::vector<TokenId> suppressed_;
  whisper::WindowState window_;
  JobOwner owner_;
};

}  // namespace wt::pipeline

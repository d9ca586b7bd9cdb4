// What decoding one window gave, and the limits it was decoded under: plain values.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "whisper_transcriber/options.h"

namespace wt::pipeline {

/// The accepted attempt (or the last one) over a window.
struct WindowResult {
  std::vector<TokenId> tokens;
  /// One for each token.
  std::vector<float> logprobs = {};
  /// Decoded without timestamps, outer blanks removed.
  std::string text;
  double temperature = 0;
  double avg_logprob = 0;
  double no_speech_prob = 0;
  double compression_ratio = 0;
  /// False when every temperature was refused.
  bool accepted = true;
};

/// What is known of a window's audio before it is decoded, in positions of 20 ms.
struct TimeLimits {
  /// No timestamp lies beyond this one.
  std::optional<int> max_timestamp_index = std::nullopt;
  /// The last timestamp has to reach this one.
  std::optional<int> min_end_timestamp_index = std::nullopt;

  bool operator==(const TimeLimits&) const = default;
};

}  // namespace wt::pipeline

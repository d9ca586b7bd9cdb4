#include "engine/decode/acceptance.h"

namespace wt::decode {

bool NeedsFallback(const FallbackOptions& options, const WindowQuality& quality) {
  const bool repetitive = options.compression_ratio_threshold &&
                          quality.compression_ratio > *options.compression_ratio_threshold;
  const bool improbable =
      options.logprob_threshold && quality.avg_logprob < *options.logprob_threshold;
  const bool silent =
      options.no_speech_threshold && quality.no_speech_prob > *options.no_speech_threshold;
  if (silent && improbable) return false;  // Another temperature would invent text for silence.
  return repetitive || improbable;
}

bool IsSilence(const FallbackOptions& options, const WindowQuality& quality) {
  if (!options.no_speech_threshold) return false;
  const bool probable =
      options.logprob_threshold && quality.avg_logprob > *options.logprob_threshold;
  return quality.no_speech_prob > *options.no_speech_threshold && !probable;
}

}  // namespace wt::decode

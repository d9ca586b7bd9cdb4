#include "engine/pipeline/windows/heard_text.h"

#include <algorithm>
#include <iterator>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "engine/decode/acceptance.h"
#include "engine/decode/segments.h"
#include "engine/pipeline/windows/speech_times.h"

namespace wt::pipeline {
namespace {

// Models round times to whole seconds in many languages, the end of the audio too. Forbidding such
// timestamps (or counting them for the end) changes which words win: 47 errors instead of 42 in 298
// German words.
constexpr TokenId kRoundingMax = 50;
// The padding of spans and some more: where speech ends at the earliest.
constexpr SampleIndex kEndTolerance = kSampleRate * 2 / 5;
// Mean log probability of the added tokens; speech that is heard well has -0.1 to -0.5, and the
// threshold of the fallback is -1.
constexpr double kAddedLogprobMin = -1.0;
// Fast speech has 20 characters a second; timestamps at the ends of a window are 0.5 s off at
// times.
constexpr double kTimestampSlack = 0.5;
constexpr double kCharactersPerSecondMax = 30;
// Three words or so: what a model says again when it is asked for more than there is.
constexpr std::ptrdiff_t kRepeatTokens = 4;
// A window on the wrong side of both is made up: in the recordings with speech that were looked at
// no window is near (the nearest has no-speech 0.51, log probability -0.55).
constexpr double kNoEvidenceNoSpeechMin = 0.5;
constexpr double kNoEvidenceLogprobMax = -0.7;
constexpr double kGuessNoSpeechMin = 0.3;
constexpr double kGuessLogprobMax = -0.75;
// Part of a segment's tokens that an earlier one of the window has as well: said again.
constexpr double kSaidAgainShare = 0.75;
constexpr std::size_t kSaidAgainTokensMin = 4;
// Thresholds that are not set: the ends of what Validate() lets through.
constexpr double kNoLogprob = -1000;
constexpr double kNoLoopAtAll = 1000;

std::vector<TokenId> TextOf(std::span<const TokenId> tokens, TokenId eot) {
  std::vector<TokenId> text;
  std::copy_if(tokens.begin(), tokens.end(), std::back_inserter(text),
               [eot](TokenId token) { return token < eot; });
  return text;
}

}  // namespace

Result<WindowResult> DecodeAllSpeech(const HeardWindow& window,
                                     const tokenizer::Tokenizer& tokenizer,
                                     const DecodeWithin& decode) {
  const TokenId begin = tokenizer.special().timestamp_begin;
  const int positions = window.frames / decode::kFramesPerTimestamp;
  TimeLimits limits;
  WT_ASSIGN(WindowResult result, decode(limits, nullptr));
  limits.max_timestamp_index = positions;
  if (std::any_of(result.tokens.begin(), result.tokens.end(),
                  [&](TokenId token) { return token > begin + positions + kRoundingMax; })) {
    // Text that is said to lie where there is no audio.
    WT_ASSIGN(result, decode(limits, nullptr));
  }
  const bool open_end = result.tokens.empty() || result.tokens.back() < begin;
  if (window.plan.cut || open_end || !result.accepted) return result;
  const SampleIndex end =
      window.first_sample + (result.tokens.back() - begin) * kSamplesPerTimestamp;
  const SampleIndex unheard = SpeechWithin(window.speech, end, window.plan.end);
  if (unheard < kUnheardSpeechMax) return result;
  limits.min_end_timestamp_index = static_cast<int>(
      (SpeechEnd(window.speech, window.plan.end) - kEndTolerance - window.first_sample) /
      kSamplesPerTimestamp);
  WT_ASSIGN(WindowResult longer, decode(limits, &result));
  return Continues(tokenizer, result, longer, unheard) ? longer : result;
}

bool Continues(const tokenizer::Tokenizer& tokenizer, const WindowResult& shorter,
               const WindowResult& longer, SampleIndex unheard) {
  if (!longer.accepted || longer.tokens.size() <= shorter.tokens.size()) return false;
  const std::span<const TokenId> before = shorter.tokens;
  const std::span<const TokenId> added = std::span(longer.tokens).subspan(before.size());
  const double unheard_s = static_cast<double>(unheard) / kSampleRate;
  const auto most =
      static_cast<std::size_t>((unheard_s + kTimestampSlack) * kCharactersPerSecondMax);
  if (base::CountCodePoints(tokenizer.Decode(added)) > most) return false;
  if (RepeatsEarlierText(before, added, tokenizer.special().eot)) return false;
  // Log probabilities are means over the tokens and the end token.
  const auto count = static_cast<double>(before.size() + 1);
  const auto more = static_cast<double>(added.size());
  return (longer.avg_logprob * (count + more) - shorter.avg_logprob * count) / more >=
         kAddedLogprobMin;
}

bool RepeatsEarlierText(std::span<const TokenId> before, std::span<const TokenId> added,
                        TokenId eot) {
  std::vector<TokenId> text = TextOf(before, eot);
  const auto first_added = static_cast<std::ptrdiff_t>(text.size());
  const std::vector<TokenId> more = TextOf(added, eot);
  text.insert(text.end(), more.begin(), more.end());
  for (auto at = text.begin() + first_added; text.end() - at >= kRepeatTokens; ++at) {
    if (std::search(text.begin(), at, at, at + kRepeatTokens) != at) return true;
  }
  return false;
}

std::vector<Segment> TakeSaidAgain(std::vector<Segment>* segments, TokenId eot) {
  std::vector<Segment> kept, taken;
  std::vector<std::vector<TokenId>> said;
  for (Segment& segment : *segments) {
    std::vector<TokenId> text = TextOf(segment.tokens, eot);
    const bool again = std::any_of(said.begin(), said.end(), [&](const auto& earlier) {
      const auto known = std::count_if(text.begin(), text.end(), [&](TokenId token) {
        return std::find(earlier.begin(), earlier.end(), token) != earlier.end();
      });
      return static_cast<double>(known) >= kSaidAgainShare * static_cast<double>(text.size());
    });
    if (again && text.size() >= kSaidAgainTokensMin) {
      taken.push_back(std::move(segment));
      continue;
    }
    said.push_back(std::move(text));
    kept.push_back(std::move(segment));
  }
  *segments = std::move(kept);
  return taken;
}

bool LacksEvidence(const WindowResult& result) {
  if (!result.accepted && IsGuess(result)) return true;
  return result.no_speech_prob > kNoEvidenceNoSpeechMin &&
         result.avg_logprob < kNoEvidenceLogprobMax;
}

bool IsGuess(const WindowResult& result) {
  return result.no_speech_prob > kGuessNoSpeechMin && result.avg_logprob < kGuessLogprobMax;
}

bool IsDoubtful(const FallbackOptions& options, const WindowResult& result) {
  return IsGuess(result) || result.avg_logprob < options.logprob_threshold.value_or(kNoLogprob) ||
         result.compression_ratio > options.compression_ratio_threshold.value_or(kNoLoopAtAll) ||
         result.no_speech_prob > options.no_speech_threshold.value_or(1);
}

bool MayBeCarriedOn(const TranscriptionRequest& request, const WindowResult& result) {
  const bool robust = request.windowing == Windowing::kRobust;
  return request.prompt.condition_on_previous_text.value_or(!robust) &&
         result.temperature <= request.prompt.prompt_reset_on_temperature &&
         !(robust && IsDoubtful(request.fallback, result));
}

WindowResult LeastDoubtful(const FallbackOptions& options, std::vector<WindowResult>* refused) {
  WindowResult* best = &refused->back();
  const double ratio_max = options.compression_ratio_threshold.value_or(kNoLoopAtAll);
  for (WindowResult& result : *refused) {
    if (result.compression_ratio > ratio_max) continue;
    if (best->compression_ratio > ratio_max || result.avg_logprob > best->avg_logprob) {
      best = &result;
    }
  }
  return std::move(*best);
}

}  // namespace wt::pipeline

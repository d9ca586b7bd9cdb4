#include "engine/pipeline/window_decoder.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/status_macros.h"
#include "engine/decode/acceptance.h"
#include "engine/guard/text_metrics.h"
#include "engine/pipeline/windows/heard_text.h"

namespace wt::pipeline {
namespace {

constexpr int kTextCtx = 448;
// A timestamp is 0.02 s.
constexpr double kTimestampsPerSecond = 50.0;

// Python's str.strip for what a tokenizer can produce at the ends of a text.
std::string Strip(const std::string& text) {
  const auto first = text.find_first_not_of(" \t\n\r\f\v");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t\n\r\f\v") - first + 1);
}

std::vector<TokenId> Suppressed(const LoadedModel& model, const DecodingOptions& options) {
  if (options.suppress_tokens.empty()) return {};
  return model.tokenizer().SuppressedTokens(options.suppress_tokens);
}

// Its tokens without the end.
decode::Candidate BegunWith(const WindowResult& result) {
  return {.tokens = result.tokens,
          .sum_logprob = std::accumulate(result.logprobs.begin(), result.logprobs.end(), 0.0),
          .logprobs = result.logprobs};
}

bool Allowed(std::span<const std::string> allowed, std::string_view code) {
  return allowed.empty() || std::any_of(allowed.begin(), allowed.end(), [&](const auto& name) {
           return tokenizer::FindLanguage(name) == code;
         });
}

}  // namespace

WindowDecoder::WindowDecoder(Scheduler& scheduler, const LoadedModel& model,
                             const TranscriptionRequest& request, const SubmitOptions& submit,
                             const base::CancelFlag& cancel)
    : scheduler_(scheduler),
      model_(model),
      request_(request),
      suppressed_(Suppressed(model, request.decoding)),
      window_(model.dims(), model.network().kernels(), model.network().cross_type(),
              Slots(request)),
      owner_{&model, &window_, submit.priority, submit.principal, &cancel} {}

int WindowDecoder::Slots(const TranscriptionRequest& request) {
  const DecodingOptions& o = request.decoding;
  const bool beam =
      std::any_of(o.temperatures.begin(), o.temperatures.end(), [](double t) { return t == 0.0; });
  const bool sample =
      std::any_of(o.temperatures.begin(), o.temperatures.end(), [](double t) { return t > 0.0; });
  return std::max(beam ? o.beam_size : 1, sample ? o.best_of : 1);
}

Status WindowDecoder::Encode(std::span<const float> mel) {
  EncodeJob job{mel};
  return scheduler_.Run(owner_, &job);
}

Result<std::vector<LanguageProbability>> WindowDecoder::DetectLanguage(
    std::span<const std::string> allowed) {
  LanguageJob job;
  WT_TRY(scheduler_.Run(owner_, &job));
  const auto codes = tokenizer::LanguageCodes();
  std::vector<LanguageProbability> found;
  for (std::size_t i = 0; i < job.probabilities.size() && i < codes.size(); ++i) {
    if (!Allowed(allowed, codes[i])) continue;
    found.push_back({std::string(codes[i]), static_cast<double>(job.probabilities[i])});
  }
  std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    return a.probability != b.probability ? a.probability > b.probability : a.language < b.language;
  });
  return found;
}

Result<WindowResult> WindowDecoder::Attempt(
    const WindowPrompt& prompt, double temperature, std::uint64_t seed,
    const std::function<void(std::span<const TokenId>)>& on_partial) {
  const DecodingOptions& o = request_.decoding;
  decode::AttemptOptions options;
  options.temperature = temperature;
  options.beam_size = o.beam_size;
  options.best_of = o.best_of;
  options.patience = o.patience;
  options.length_penalty = o.length_penalty;
  options.repetition_penalty = o.repetition_penalty;
  options.no_repeat_ngram_size = o.no_repeat_ngram_size;
  options.suppressed = suppressed_;
  options.suppress_blank = o.suppress_blank;
  options.timestamps = !o.without_timestamps;
  options.max_initial_timestamp_index = std::nullopt;
  if (o.max_initial_timestamp_s > 0) {
    options.max_initial_timestamp_index =
        static_cast<int>(std::lround(o.max_initial_timestamp_s * kTimestampsPerSecond));
  }
  options.max_timestamp_index = prompt.limits.max_timestamp_index;
  options.min_end_timestamp_index = prompt.limits.min_end_timestamp_index;
  options.sample_tokens_max = o.max_new_tokens > 0 ? o.max_new_tokens : kTextCtx / 2;
  options.seed = seed;
  if (prompt.begun != nullptr) options.begun = BegunWith(*prompt.begun);
  decode::Attempt attempt(model_.tokenizer(), model_.network().kernels(), options,
                          prompt.initial_tokens, kTextCtx);
  DecodeJob job;
  job.attempt = &attempt;
  job.sot_index = prompt.sot_index;
  job.on_partial = on_partial;
  WT_TRY(scheduler_.Run(owner_, &job));
  decode::AttemptResult found = attempt.Finish();
  WindowResult result;
  result.tokens = std::move(found.best.tokens);
  result.logprobs = std::move(found.best.logprobs);
  result.text = Strip(model_.tokenizer().Decode(result.tokens));
  result.temperature = temperature;
  result.avg_logprob = found.avg_logprob;
  result.no_speech_prob = job.no_speech_prob;
  result.compression_ratio = guard::CompressionRatio(result.text);
  return result;
}

Result<WindowResult> WindowDecoder::Decode(
    const WindowPrompt& prompt, std::uint64_t window_seed,
    const std::function<void(std::span<const TokenId>)>& on_partial) {
  WindowResult result;
  std::vector<WindowResult> refused;
  const auto& temperatures = request_.decoding.temperatures;
  for (std::size_t i = 0; i < temperatures.size(); ++i) {
    // Another stream of random numbers for every window and temperature.
    const std::uint64_t seed =
        request_.decoding.seed + window_seed * 0x9e3779b97f4a7c15u + i * 0xbf58476d1ce4e5b9u;
    WT_ASSIGN(result, Attempt(prompt, temperatures[i], seed, on_partial));
    result.accepted = !decode::NeedsFallback(
        request_.fallback, {result.compression_ratio, result.avg_logprob, result.no_speech_prob});
    if (result.accepted) return result;
    refused.push_back(std::move(result));
  }
  return request_.windowing == Windowing::kReference ? std::move(refused.back())
                                                     : LeastDoubtful(request_.fallback, &refused);
}

Result<AlignJob> WindowDecoder::Align(std::span<const TokenId> start_sequence,
                                      std::span<const TokenId> text_tokens, int frames) {
  AlignJob job;
  const auto& special = model_.tokenizer().special();
  job.start_tokens = static_cast<int>(start_sequence.size());
  job.frames = frames;
  job.tokens.assign(start_sequence.begin(), start_sequence.end());
  job.tokens.push_back(special.no_timestamps);
  job.tokens.insert(job.tokens.end(), text_tokens.begin(), text_tokens.end());
  job.tokens.push_back(special.eot);
  WT_TRY(scheduler_.Run(owner_, &job));
  return job;
}

}  // namespace wt::pipeline

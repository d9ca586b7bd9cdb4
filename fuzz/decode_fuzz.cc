// Logits and tokens of a broken model through everything that decides about them: an attempt must
// end within its limits, segments must advance, and words must stay in order.
#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/byte_reader.h"
#include "base/check.h"
#include "engine/align/word_times.h"
#include "engine/decode/attempt.h"
#include "engine/decode/decode_testing.h"
#include "engine/decode/segments.h"

namespace {

using wt::TokenId;
using namespace wt::decode;

constexpr int kVocab = 20;

/// Bytes as a supply of numbers: zeros when they are used up.
class Supply {
 public:
  explicit Supply(std::span<const std::byte> bytes) : reader_(bytes) {}
  template <typename T>
  T Take() {
    T value{};
    if (!reader_.Read(&value)) return T{};
    return value;
  }

 private:
  wt::base::ByteReader reader_;
};

AttemptResult RunAttempt(Supply* supply, const FakeTokenizer& tokenizer) {
  AttemptOptions options;
  const auto bits = supply->Take<std::uint8_t>();
  options.temperature = (bits & 1) != 0 ? supply->Take<float>() : 0.0;
  options.beam_size = supply->Take<std::uint8_t>() % 8;
  options.best_of = supply->Take<std::uint8_t>() % 8;
  options.timestamps = (bits & 2) != 0;
  options.first_is_timestamp = (bits & 4) != 0;
  options.suppress_blank = (bits & 8) != 0;
  options.repetition_penalty = supply->Take<float>();
  options.no_repeat_ngram_size = supply->Take<std::int8_t>();
  options.patience = (bits & 16) != 0 ? 1.0 : 2.0;
  options.max_initial_timestamp_index = supply->Take<std::int32_t>();
  options.suppressed = {supply->Take<std::int32_t>()};
  options.sample_tokens_max = 12;
  Attempt attempt(tokenizer, PlainKernels(), options, {7, 1, 2}, 14);
  int steps = 0;
  while (!attempt.done()) {
    WT_CHECK(attempt.rows() > 0 && attempt.rows() <= attempt.rows_max() && ++steps <= 12);
    std::vector<float> logits(static_cast<std::size_t>(attempt.rows()) * kVocab);
    for (float& logit : logits) logit = supply->Take<float>();
    attempt.Consume(logits);
  }
  return attempt.Finish();
}

void SplitAndJudge(Supply* supply, std::span<const TokenId> tokens, TokenId timestamp_begin) {
  const WindowSegments split = SplitWindow(tokens, timestamp_begin, 1000, 3000);
  WT_CHECK(split.next_seek_frames > 1000 && !split.segments.empty());
  std::vector<wt::align::SegmentWords> segments;
  for (const WindowSegment& segment : split.segments) {
    segments.push_back(
        {.start_s = segment.start_s, .end_s = segment.end_s, .tokens = segment.tokens});
  }
  wt::align::WordTimesInput input{.eot = 6, .offset_s = 10};
  for (const TokenId token : wt::align::TextTokens(segments, input.eot)) {
    wt::align::TimedWord word{.text = " .\"a"};
    word.text = word.text.substr(supply->Take<std::uint8_t>() % 4);
    word.tokens = {token};
    word.start_s = supply->Take<std::uint16_t>() / 1000.0;
    word.end_s = supply->Take<std::uint16_t>() / 1000.0;
    input.alignment.push_back(std::move(word));
  }
  const wt::WordOptions options;
  input.options = &options;
  wt::align::AddWordTimes(std::move(input), &segments);
  const wt::align::WindowPlace place{.seek_frames = 1000,
                                     .window_frames = 3000,
                                     .content_frames = 9000,
                                     .next_seek_frames = split.next_seek_frames,
                                     .single_timestamp_ending = split.single_timestamp_ending};
  const auto verdict = wt::align::JudgeWindow(place, supply->Take<float>(), &segments);
  WT_CHECK(verdict.next_seek_frames > 1000);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Supply supply(std::as_bytes(std::span(data, size)));
  const FakeTokenizer tokenizer = FakeTokenizer::Small(6, kVocab - 9);
  const AttemptResult result = RunAttempt(&supply, tokenizer);
  WT_CHECK(!result.candidates.empty() && result.best.tokens.size() <= 12);
  SplitAndJudge(&supply, result.best.tokens, tokenizer.special().timestamp_begin);
  return 0;
}

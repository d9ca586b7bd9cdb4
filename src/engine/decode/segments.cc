#include "engine/decode/segments.h"

#include <algorithm>

namespace wt::decode {
namespace {

constexpr double kSecondsPerTimestamp = 0.02;

/// Ends of the slices between the two timestamps of each pair.
std::vector<std::size_t> PairBoundaries(std::span<const TokenId> tokens, TokenId begin) {
  std::vector<std::size_t> boundaries;
  for (std::size_t i = 1; i < tokens.size(); ++i) {
    if (tokens[i - 1] >= begin && tokens[i] >= begin) boundaries.push_back(i);
  }
  return boundaries;
}

bool EndsWithSingleTimestamp(std::span<const TokenId> tokens, TokenId begin) {
  return tokens.size() >= 2 && tokens.back() >= begin && tokens[tokens.size() - 2] < begin;
}

}  // namespace

WindowSegments SplitWindow(std::span<const TokenId> tokens, TokenId timestamp_begin,
                           std::int64_t seek_frames, std::int64_t window_frames) {
  WindowSegments result;
  result.single_timestamp_ending = EndsWithSingleTimestamp(tokens, timestamp_begin);
  result.next_seek_frames = seek_frames + window_frames;
  // 160 samples a frame at 16 kHz. The product is exact, so this is the reference's quotient.
  const double offset_s = static_cast<double>(seek_frames * 160) / kSampleRate;
  const auto position = [timestamp_begin](TokenId token) {
    return static_cast<std::int64_t>(std::max(token - timestamp_begin, 0));
  };
  const auto time = [&](TokenId token) {
    return offset_s + static_cast<double>(position(token)) * kSecondsPerTimestamp;
  };

  std::vector<std::size_t> ends = PairBoundaries(tokens, timestamp_begin);
  if (ends.empty()) {
    // One segment, up to the last timestamp or the end of the audio.
    double duration_s = static_cast<double>(window_frames * 160) / kSampleRate;
    const auto last = std::find_if(tokens.rbegin(), tokens.rend(),
                                   [&](TokenId token) { return token >= timestamp_begin; });
    if (last != tokens.rend() && *last != timestamp_begin) {
      duration_s = static_cast<double>(position(*last)) * kSecondsPerTimestamp;
    }
    result.segments.push_back({.start_s = offset_s,
                               .end_s = offset_s + duration_s,
                               .tokens = {tokens.begin(), tokens.end()}});
    return result;
  }
  if (result.single_timestamp_ending) ends.push_back(tokens.size());
  std::size_t begin = 0;
  for (const std::size_t end : ends) {
    const auto slice = tokens.subspan(begin, end - begin);
    result.segments.push_back({.start_s = time(slice.front()),
                               .end_s = time(slice.back()),
                               .tokens = {slice.begin(), slice.end()},
                               .first_token = begin});
    begin = end;
  }
  if (!result.single_timestamp_ending) {
    // What follows the last pair is unfinished: it is decoded again from there.
    const std::int64_t advance = position(tokens[begin - 1]) * kFramesPerTimestamp;
    if (advance > 0) result.next_seek_frames = seek_frames + advance;
  }
  return result;
}

}  // namespace wt::decode

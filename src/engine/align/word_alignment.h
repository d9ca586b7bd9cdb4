// Word times from cross-attention (openai-whisper timing.py).
//
// Input is the attention of the published alignment heads for the tokens of one window; output the
// words with times inside the window. Pure functions: thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/tokenizer/tokenizer.h"
#include "whisper_transcriber/options.h"

namespace wt::align {

/// Cross-attention probabilities of the alignment heads while the decoder is fed
/// [start sequence (no language-less variants), no_timestamps, text tokens..., eot].
struct AttentionInput {
  /// [heads][rows][frames]: softmax over all 1500 audio positions, cut to `frames`. (The reference
  /// cuts first; the matrix divides each row by its sum, which gives the same.)
  std::span<const float> weights = {};
  int heads = 0;
  /// Rows fed: start sequence + no_timestamps + text tokens + eot.
  int rows = 0;
  /// Audio positions of 20 ms that belong to the window's audio (num_frames / 2).
  int frames = 0;
  /// Start sequence tokens before no_timestamps (1 English-only, 3 multilingual).
  int start_tokens = 0;
};

/// The mean over heads of the normalised (over rows), median-filtered (width 7) weights, rows from
/// no_timestamps on, without the end: [text tokens + 1][frames]. Golden: words/*.dtw_matrix.npy.
std::vector<float> AlignmentMatrix(const AttentionInput& input);

/// A path as pairs of (row, column), from (0, 0) to the last of both.
using AlignmentPath = std::vector<std::pair<int, int>>;

/// Dynamic time warping on a cost matrix [rows][columns] (timing.py, dtw_cpu): the path as pairs of
/// (row, column).
AlignmentPath DynamicTimeWarp(std::span<const float> cost, int rows, int columns);

struct TimedWord {
  std::string text;
  std::vector<TokenId> tokens = {};
  double start_s = 0;  // From the start of the window; of the recording after AddWordTimes.
  double end_s = 0;
  double probability = 0;
};

/// find_alignment: words of `text_tokens` (no timestamps, no eot) with times.
/// `token_probabilities` has one per text token.
std::vector<TimedWord> FindAlignment(const tokenizer::Tokenizer& tokenizer,
                                     std::string_view language,
                                     std::span<const TokenId> text_tokens,
                                     const AttentionInput& attention,
                                     std::span<const float> token_probabilities);

/// The second half of FindAlignment: from a path through [text tokens + 1][frames] to words.
std::vector<TimedWord> WordsOnPath(const tokenizer::Tokenizer& tokenizer, std::string_view language,
                                   std::span<const TokenId> text_tokens, const AlignmentPath& path,
                                   std::span<const float> token_probabilities);

/// merge_punctuations: joins punctuation to its word; emptied entries stay (as the reference's do).
void MergePunctuations(std::vector<TimedWord>* words, std::string_view prepended,
                       std::string_view appended);

}  // namespace wt::align

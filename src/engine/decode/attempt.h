// One attempt to decode one window at one temperature, as a state machine without a network.
//
// The driver evaluates the decoder network; the attempt decides. The first evaluation is the whole
// of initial_tokens() on one row; Consume() takes the logits of its last position. From then on
// rows() rows are evaluated, row i being the continuation of row source_rows()[i] of the evaluation
// before by the token next_tokens()[i]. Greedy, sampling and beam search are openai-whisper's
// (decoding.py: GreedyDecoder, BeamSearchDecoder, MaximumLikelihoodRanker, the logit filters), with
// faster-whisper's repetition penalty, n-gram blocking and token limit. Ties are broken by the
// lower row, then the lower token id. One thread at a time.
//
//   Attempt attempt(tokenizer, kernels, options, initial_tokens);
//   attempt.Consume(Prefill(attempt.initial_tokens()));
//   while (!attempt.done()) attempt.Consume(Step(attempt.source_rows(), attempt.next_tokens()));
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/tokenizer/tokenizer.h"
#include "whisper_transcriber/options.h"

namespace wt::decode {

/// A hypothesis: a finished one, or what hypotheses begin with.
struct Candidate {
  /// After the initial tokens, without the end token; timestamps included.
  std::vector<TokenId> tokens;
  /// Sum of log probabilities, the end token's included where it is finished.
  double sum_logprob = 0;
  /// Natural log probability of each of `tokens` among those that the rules allowed there.
  std::vector<float> logprobs = {};
};

struct AttemptOptions {
  /// 0: greedy (beam_size 1) or beam search; above: best_of samples.
  double temperature = 0;
  int beam_size = 5;
  int best_of = 5;
  double patience = 1.0;
  std::optional<double> length_penalty = std::nullopt;
  double repetition_penalty = 1.0;
  int no_repeat_ngram_size = 0;
  /// Already expanded (Tokenizer::SuppressedTokens), sorted.
  std::vector<TokenId> suppressed = {};
  bool suppress_blank = true;
  /// Apply the timestamp rules.
  bool timestamps = true;
  /// The first token is a timestamp (openai-whisper). Off: it may be text, which is what
  /// faster-whisper does after a prefix that begins with <|0.00|>.
  bool first_is_timestamp = true;
  /// Largest index (0.02 s each) of the first timestamp; unset: no limit (the reference takes 0 for
  /// that too). Without effect where the first token may be text.
  std::optional<int> max_initial_timestamp_index = 50;
  /// Largest index of any timestamp: where the window's audio ends. What the model believes of
  /// later ones counts for this one. Unset: 1500, as the reference.
  std::optional<int> max_timestamp_index = std::nullopt;
  /// The end token is forbidden while the last timestamp's index is below this: speech is known to
  /// follow. Unset: the model alone decides.
  std::optional<int> min_end_timestamp_index = std::nullopt;
  /// Tokens sampled at most.
  int sample_tokens_max = 224;
  std::uint64_t seed = 0;
  /// What every hypothesis begins with, as if it had been sampled: the rules and limits count it,
  /// and it is part of the result.
  Candidate begun = {};
};

struct AttemptResult {
  Candidate best;
  /// sum_logprob / (tokens + 1).
  double avg_logprob = 0;
  /// Every hypothesis ranked, best among them: of a beam search in the order of finishing, then the
  /// unfinished ones; of sampling in the order of the rows.
  std::vector<Candidate> candidates;
};

class Attempt {
 public:
  /// `tokenizer` and `kernels` must outlive the attempt. `n_text_ctx` is 448.
  Attempt(const tokenizer::Tokenizer& tokenizer, const kernels::KernelSet& kernels,
          const AttemptOptions& options, std::vector<TokenId> initial_tokens, int n_text_ctx);
  ~Attempt();
  Attempt(Attempt&&) noexcept;
  Attempt& operator=(Attempt&&) noexcept;

  /// Those given and what is begun.
  std::span<const TokenId> initial_tokens() const;
  /// Rows of the next evaluation; 0 when done. Never more than rows_max().
  int rows() const;
  /// max(beam_size or best_of): what the driver has to reserve.
  int rows_max() const;
  std::span<const int> source_rows() const;
  std::span<const TokenId> next_tokens() const;
  /// `logits` is rows() x n_vocab (1 x n_vocab the first time), row-major. It is overwritten. Same
  /// as NormalizeLogits() of every row, then Advance().
  void Consume(std::span<float> logits);
  /// Filters and normalises the logits of one row, which must stay until Advance(). Different rows
  /// from different threads at once. REQUIRES: 0 <= row < rows().
  void NormalizeLogits(int row, std::span<float> logits);
  /// Takes the step that all rows' logits lead to.
  void Advance();
  bool done() const;
  /// Tokens of the leading hypothesis so far (the first row's), for partial text.
  std::span<const TokenId> leading_tokens() const;
  /// REQUIRES: done().
  AttemptResult Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wt::decode

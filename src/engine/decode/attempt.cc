#include "engine/decode/attempt.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "engine/decode/logit_filters.h"
#include "engine/decode/ranking.h"
#include "engine/decode/row_distribution.h"
#include "engine/decode/search.h"

namespace wt::decode {
namespace {

bool IsSampling(const AttemptOptions& options) { return options.temperature > 0; }

int Rows(const AttemptOptions& options) {
  return std::max(1, IsSampling(options) ? options.best_of : options.beam_size);
}

std::unique_ptr<Search> MakeSearch(const AttemptOptions& options, TokenId eot,
                                   const kernels::KernelSet& kernels) {
  if (IsSampling(options) || options.beam_size <= 1) {
    return MakeSamplingSearch(kernels, eot, IsSampling(options) ? options.temperature : 0.0,
                              Rows(options), options.seed, options.begun);
  }
  return MakeBeamSearch(eot, options.beam_size, options.patience, options.begun);
}

}  // namespace

struct Attempt::State {
  State(const tokenizer::Tokenizer& tokenizer, const kernels::KernelSet& kernel_set,
        const AttemptOptions& attempt_options, std::vector<TokenId> initial_tokens, int text_ctx)
      : special(tokenizer.special()),
        kernels(kernel_set),
        options(attempt_options),
        evaluated_first(std::move(initial_tokens)),
        initial_count(static_cast<std::int64_t>(evaluated_first.size())),
        n_text_ctx(text_ctx),
        filters(tokenizer, options, evaluated_first),
        search(MakeSearch(options, special.eot, kernels)),
        steps(static_cast<int>(options.begun.tokens.size())) {
    const auto& begun = options.begun.tokens;
    evaluated_first.insert(evaluated_first.end(), begun.begin(), begun.end());
  }

  bool LimitReached() const {
    // The reference stops after sample_len steps, or when the tokens are one more than the context
    // holds: the last of them need not be evaluated.
    return steps >= options.sample_tokens_max || initial_count + steps > n_text_ctx;
  }

  tokenizer::SpecialTokens special;
  const kernels::KernelSet& kernels;
  AttemptOptions options;
  std::vector<TokenId> evaluated_first;  // The initial tokens, and what is begun with.
  std::int64_t initial_count;
  int n_text_ctx;
  LogitFilters filters;
  std::unique_ptr<Search> search;

  int steps;
  bool done = false;
  std::vector<int> source_rows = {0};
  std::vector<TokenId> next_tokens;
  std::vector<TokenId> leading;
  std::vector<RowDistribution> distributions{1};  // Of the rows in source_rows.
  std::vector<Continuation> continuations;
};

Attempt::Attempt(const tokenizer::Tokenizer& tokenizer, const kernels::KernelSet& kernels,
                 const AttemptOptions& options, std::vector<TokenId> initial_tokens, int n_text_ctx)
    : state_(std::make_unique<State>(tokenizer, kernels, options, std::move(initial_tokens),
                                     n_text_ctx)) {}

Attempt::~Attempt() = default;
Attempt::Attempt(Attempt&&) noexcept = default;
Attempt& Attempt::operator=(Attempt&&) noexcept = default;

std::span<const TokenId> Attempt::initial_tokens() const { return state_->evaluated_first; }
int Attempt::rows() const { return static_cast<int>(state_->source_rows.size()); }
int Attempt::rows_max() const { return Rows(state_->options); }
std::span<const int> Attempt::source_rows() const { return state_->source_rows; }
std::span<const TokenId> Attempt::next_tokens() const { return state_->next_tokens; }
bool Attempt::done() const { return state_->done; }
std::span<const TokenId> Attempt::leading_tokens() const { return state_->leading; }

void Attempt::Consume(std::span<float> logits) {
  State& state = *state_;
  const auto n_vocab = static_cast<std::size_t>(state.special.n_vocab);
  const std::size_t row_count = state.source_rows.size();
  WT_CHECK(!state.done && logits.size() == row_count * n_vocab);
  for (std::size_t row = 0; row < row_count; ++row) {
    NormalizeLogits(static_cast<int>(row), logits.subspan(row * n_vocab, n_vocab));
  }
  Advance();
}

void Attempt::NormalizeLogits(int row, std::span<float> logits) {
  State& state = *state_;
  WT_CHECK(row >= 0 && row < rows());
  state.filters.Apply(logits, state.search->tokens(row));
  state.distributions[static_cast<std::size_t>(row)] =
      NormalizeRow(state.kernels, logits, state.special.timestamp_begin, state.options.timestamps);
}

void Attempt::Advance() {
  State& state = *state_;
  WT_CHECK(!state.done);
  state.search->Update(state.distributions, &state.continuations);
  ++state.steps;
  state.source_rows.clear();
  state.next_tokens.clear();
  state.done = state.continuations.empty() || state.LimitReached();
  if (!state.continuations.empty()) {
    const auto leading = state.search->tokens(0);
    state.leading.assign(leading.begin(), leading.end());
  }
  if (state.done) return;
  for (const Continuation& continuation : state.continuations) {
    state.source_rows.push_back(continuation.source_row);
    state.next_tokens.push_back(continuation.token);
  }
  state.distributions.resize(state.source_rows.size());
}

AttemptResult Attempt::Finish() {
  WT_CHECK(state_->done);
  AttemptResult result;
  result.candidates = state_->search->Finish();
  result.best = result.candidates[BestCandidate(result.candidates, state_->options.length_penalty)];
  result.avg_logprob = result.best.sum_logprob / static_cast<double>(result.best.tokens.size() + 1);
  return result;
}

}  // namespace wt::decode

// Time of one step of an attempt: rules, sums and choice over rows of the whole vocabulary.
#include <benchmark/benchmark.h>

#include "engine/decode/attempt.h"
#include "engine/decode/decode_testing.h"
#include "engine/kernels/kernels.h"

namespace wt::decode {
namespace {

constexpr std::size_t kVocab = 51865;

void BM_Consume(benchmark::State& state) {
  const auto tokenizer = FakeTokenizer::Multilingual();
  const bool sample = state.range(0) != 0;
  const AttemptOptions options{.temperature = sample ? 0.4 : 0.0, .sample_tokens_max = 1 << 30};
  const TokenId initial[] = {50258, 50259, 50359};
  std::vector<float> source = FakeLogits(1, initial, kVocab);
  source[50257] = -30;  // No row ends.
  const auto make = [&] {
    Attempt attempt(tokenizer, kernels::BestKernels(), options, {50258, 50259, 50359}, 1 << 30);
    std::vector<float> logits = source;
    attempt.Consume(logits);
    return attempt;
  };
  Attempt attempt = make();
  std::vector<float> logits;
  for (auto _ : state) {
    state.PauseTiming();
    if (attempt.done() || attempt.leading_tokens().size() > 400) attempt = make();
    logits.clear();
    for (int row = 0; row < attempt.rows(); ++row) {
      logits.insert(logits.end(), source.begin(), source.end());
      std::rotate(logits.end() - 51865, logits.end() - 51865 + 97 * row, logits.end() - 1608);
    }
    state.ResumeTiming();
    attempt.Consume(logits);
  }
  state.SetItemsProcessed(state.iterations() * 5);
}
BENCHMARK(BM_Consume)->Arg(0)->Arg(1)->ArgName("sample")->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace wt::decode

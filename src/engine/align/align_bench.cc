// Times of the alignment of a full window: 448 rows, 1,500 frames, 10 heads (large-v3).
#include <benchmark/benchmark.h>

#include "base/random.h"
#include "engine/align/word_alignment.h"

namespace wt::align {
namespace {

std::vector<float> Noise(std::size_t size) {
  base::Random random(1);
  std::vector<float> values(size);
  for (float& value : values) value = static_cast<float>(random.Uniform());
  return values;
}

void BM_DynamicTimeWarp(benchmark::State& state) {
  const std::vector<float> cost = Noise(448 * 1500);
  for (auto _ : state) benchmark::DoNotOptimize(DynamicTimeWarp(cost, 448, 1500));
  state.SetItemsProcessed(state.iterations() * 448 * 1500);
}
BENCHMARK(BM_DynamicTimeWarp)->Unit(benchmark::kMillisecond);

void BM_AlignmentMatrix(benchmark::State& state) {
  const std::vector<float> weights = Noise(10 * 453 * 1500);
  const AttentionInput input{
      .weights = weights, .heads = 10, .rows = 453, .frames = 1500, .start_tokens = 3};
  for (auto _ : state) benchmark::DoNotOptimize(AlignmentMatrix(input));
  state.SetItemsProcessed(state.iterations() * 10 * 453 * 1500);
}
BENCHMARK(BM_AlignmentMatrix)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wt::align

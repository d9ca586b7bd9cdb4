#include <benchmark/benchmark.h>

#include <vector>

#include "base/random.h"
#include "engine/features/log_mel.h"
#include "engine/features/mel_block.h"

namespace wt::features {
namespace {

std::vector<float> Noise(std::size_t count) {
  base::Random random(1);
  std::vector<float> samples(count);
  for (float& x : samples) x = static_cast<float>(random.Uniform() - 0.5);
  return samples;
}

void LogMelWindow(benchmark::State& state, MelBlockFunction function) {
  const auto n_mels = static_cast<int>(state.range(0));
  const auto samples = Noise(480'400);
  const MelTables tables = MakeMelTables(n_mels);
  std::vector<float> mel(static_cast<std::size_t>(n_mels) * kWindowFrames);
  for (auto _ : state) {
    benchmark::DoNotOptimize(function({.tables = &tables,
                                       .bands = tables.bands.data(),
                                       .weights = tables.weights.data(),
                                       .samples = samples.data(),
                                       .frames = kWindowFrames,
                                       .out = mel.data(),
                                       .stride = kWindowFrames}));
  }
  state.SetItemsProcessed(state.iterations() * kWindowFrames);
}
BENCHMARK_CAPTURE(LogMelWindow, generic, MelBlockGeneric)->Arg(80)->Unit(benchmark::kMillisecond);
#if defined(__x86_64__)
BENCHMARK_CAPTURE(LogMelWindow, avx2, MelBlockAvx2)->Arg(80)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(LogMelWindow, avx512, MelBlockAvx512)
    ->Arg(80)
    ->Arg(128)
    ->Unit(benchmark::kMillisecond);
#endif

}  // namespace
}  // namespace wt::features

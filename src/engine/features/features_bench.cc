#include <benchmark/benchmark.h>

#include <vector>

#include "base/random.h"
#include "engine/features/log_mel.h"
#include "engine/features/resampler.h"
#include "engine/features/simd.h"

namespace wt::features {
namespace {

std::vector<float> Noise(std::size_t count) {
  base::Random random(1);
  std::vector<float> samples(count);
  for (float& x : samples) x = static_cast<float>(random.Uniform() - 0.5);
  return samples;
}

// Arguments: instruction set, mel bands.
void LogMelWindow(benchmark::State& state) {
  const SimdList list = RunnableSimd();
  if (state.range(0) >= list.count) return state.SkipWithError("no such instruction set");
  const SimdSet& set = *list.sets[state.range(0)];
  state.SetLabel(set.name);
  const auto n_mels = static_cast<int>(state.range(1));
  const auto samples = Noise(480'400);
  const MelTables tables = MakeMelTables(n_mels);
  std::vector<float> mel(static_cast<std::size_t>(n_mels) * kWindowFrames);
  for (auto _ : state) {
    benchmark::DoNotOptimize(set.mel_frames({.tables = &tables,
                                             .bands = tables.bands.data(),
                                             .weights = tables.weights.data(),
                                             .samples = samples.data(),
                                             .frames = kWindowFrames,
                                             .out = mel.data(),
                                             .stride = kWindowFrames}));
  }
  state.SetItemsProcessed(state.iterations() * kWindowFrames);
}
BENCHMARK(LogMelWindow)->ArgsProduct({{0, 1, 2}, {80, 128}})->Unit(benchmark::kMillisecond);

// Items are input samples. 44,101 Hz interpolates between filters.
void ResampleSecond(benchmark::State& state) {
  const auto rate = static_cast<int>(state.range(0));
  auto resampler = Resampler::Create(rate);
  const auto samples = Noise(static_cast<std::size_t>(rate));
  std::vector<float> out;
  for (auto _ : state) {
    out.clear();
    resampler->Feed(samples, &out);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetItemsProcessed(state.iterations() * rate);
}
BENCHMARK(ResampleSecond)->Arg(8'000)->Arg(44'100)->Arg(44'101)->Arg(48'000)->Arg(768'000);

}  // namespace
}  // namespace wt::features

#include <benchmark/benchmark.h>

#include <vector>

#include "base/random.h"
#include "engine/kernels/kernels.h"
#include "engine/vad/vad.h"
#include "engine/vad/vad_testing.h"

namespace wt::vad {
namespace {

// Items are samples: 16,000 items per second are real time. The arguments: kernel set, samples fed
// at a time.
void NetworkSpeed(benchmark::State& state) {
  const kernels::KernelList list = kernels::RunnableKernels();
  if (state.range(0) >= list.count) return state.SkipWithError("no such instruction set");
  const kernels::KernelSet& set = *list.sets[state.range(0)];
  state.SetLabel(std::string(kernels::IsaName(set.isa)));
  const auto network = Network::Read(TestFile(MakeTestTensors(1)), set);
  base::Random random(2);
  const auto samples = RandomValues(&random, static_cast<std::size_t>(state.range(1)), 0.1);
  const auto detector = (*network)->NewDetector();
  std::vector<float> probabilities;
  for (auto _ : state) {
    probabilities.clear();
    detector->Feed(samples, &probabilities);
    benchmark::DoNotOptimize(probabilities.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(1));
}
BENCHMARK(NetworkSpeed)->ArgsProduct({{0, 1, 2, 3, 4, 5}, {512, 480'000}});

void EnergySpeed(benchmark::State& state) {
  base::Random random(2);
  const auto samples = RandomValues(&random, 480'000, 0.1);
  const auto detector = NewEnergyDetector();
  std::vector<float> probabilities;
  for (auto _ : state) {
    probabilities.clear();
    detector->Feed(samples, &probabilities);
  }
  state.SetItemsProcessed(state.iterations() * 480'000);
}
BENCHMARK(EnergySpeed);

}  // namespace
}  // namespace wt::vad

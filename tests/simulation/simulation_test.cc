// Goal: no order of events and faults breaks P2 to P4. Method: thousands of seeds; and planted
// faults, each of which must be found, or the green result would mean nothing.
//
// WT_SIMULATION_SEEDS=1000000 runs more of them, WT_SIMULATION_SEED=n exactly one.
#include "tests/simulation/simulation.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace wt::simulation {
namespace {

using jobs::testing::Mutant;

std::uint64_t FromEnvironment(const char* name, std::uint64_t fallback) {
  const char* const text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

TEST(SimulationTest, NoSeedBreaksAPromise) {
  const std::uint64_t only = FromEnvironment("WT_SIMULATION_SEED", 0);
  const std::uint64_t first = only != 0 ? only : 1;
  const std::uint64_t last = only != 0 ? only : FromEnvironment("WT_SIMULATION_SEEDS", 2'000);
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const std::string violation = Simulation(seed, Mutant::kNone, WorkerMutant::kNone).Run();
    ASSERT_EQ(violation, "") << "repeat with WT_SIMULATION_SEED=" << seed;
  }
}

TEST(SimulationTest, TheSameSeedIsTheSameRun) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    EXPECT_EQ(Simulation(seed, Mutant::kUnfencedCommit, WorkerMutant::kNone).Run(),
              Simulation(seed, Mutant::kUnfencedCommit, WorkerMutant::kNone).Run());
  }
}

/// The first seed whose run shows the fault, and what it showed.
std::pair<std::uint64_t, std::string> Find(Mutant mutant, WorkerMutant worker_mutant) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    const std::string violation = Simulation(seed, mutant, worker_mutant).Run();
    if (!violation.empty()) return {seed, violation};
  }
  return {0, ""};
}

std::string MutantName(const ::testing::TestParamInfo<Mutant>& info) {
  const char* const names[] = {"None",      "UnfencedCommit", "RescueWithoutRecheck", "DoubleClaim",
                               "PoisonOff", "PageStarvation", "WallClockLease"};
  return names[static_cast<int>(info.param)];
}

class StoreMutantTest : public ::testing::TestWithParam<Mutant> {};

TEST_P(StoreMutantTest, IsFound) {
  const auto [seed, violation] = Find(GetParam(), WorkerMutant::kNone);
  EXPECT_NE(seed, 0u);
  RecordProperty("seed", std::to_string(seed));
  RecordProperty("violation", violation);
}

INSTANTIATE_TEST_SUITE_P(All, StoreMutantTest,
                         ::testing::Values(Mutant::kUnfencedCommit, Mutant::kRescueWithoutRecheck,
                                           Mutant::kDoubleClaim, Mutant::kPoisonOff,
                                           Mutant::kPageStarvation, Mutant::kWallClockLease),
                         MutantName);

TEST(WorkerMutantTest, AWorkerThatWaitsForHintsOnlyIsFound) {
  EXPECT_NE(Find(Mutant::kNone, WorkerMutant::kNoPoll).first, 0u);
}

}  // namespace
}  // namespace wt::simulation

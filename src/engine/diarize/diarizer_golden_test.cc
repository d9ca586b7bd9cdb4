// The whole recipe with real weights over recordings whose turns are known
// (reference/speaker/README.md, table). Skips where weights or recordings are missing.
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <sstream>
#include <string>
#include <vector>

#include "engine/diarize/diarizer.h"
#include "engine/vad/vad.h"
#include "platform/file.h"
#include "tests/support/clips.h"
#include "tests/support/reference.h"

namespace wt::diarize {
namespace {

using testing_support::SpeechSamples;

class MemorySource final : public AudioSource {
 public:
  explicit MemorySource(const std::vector<float>& samples) : samples_(samples) {}
  Result<std::size_t> Read(std::span<float> out) override {
    const std::size_t count = std::min(out.size(), samples_.size() - at_);
    std::copy_n(samples_.begin() + static_cast<std::ptrdiff_t>(at_), count, out.begin());
    at_ += count;
    return count;
  }
  Status Seek(SampleIndex position) override {
    at_ = static_cast<std::size_t>(position);
    return Status();
  }
  std::optional<SampleIndex> length() const override {
    return static_cast<SampleIndex>(samples_.size());
  }

 private:
  const std::vector<float>& samples_;
  std::size_t at_ = 0;
};

struct Span {
  double start = 0, end = 0;
  int speaker = 0;
};

std::vector<Span> ReadRttm(const std::string& path) {
  std::ifstream file(path);
  std::map<std::string, int> numbers;
  std::vector<Span> spans;
  for (std::string line; std::getline(file, line);) {
    std::istringstream fields(line);
    std::string kind, skip, name;
    double start = 0, length = 0;
    fields >> kind >> skip >> skip >> start >> length >> skip >> skip >> name;
    if (kind != "SPEAKER") continue;
    const int number = numbers.emplace(name, static_cast<int>(numbers.size())).first->second;
    spans.push_back({start, start + length, number});
  }
  return spans;
}

/// Seconds that are wrong and seconds in all, in steps of 5 ms, as tools/der.py counts them with a
/// collar of 0.25 s: overlapped speech is scored, speakers are mapped in the best way.
struct Score {
  double wrong = 0, total = 0;
};

Score Rate(const std::vector<Span>& truth, const std::vector<Turn>& turns) {
  constexpr double kStep = 0.005, kCollar = 0.25;
  double last = 0;
  int speakers = 0, voices = 0;
  for (const Span& span : truth) {
    last = std::max(last, span.end);
    speakers = std::max(speakers, span.speaker + 1);
  }
  for (const Turn& turn : turns) {
    last = std::max(last, turn.end_s);
    voices = std::max(voices, turn.speaker + 1);
  }
  const auto steps = static_cast<std::size_t>(last / kStep) + 1;
  std::vector<unsigned> said(steps), heard(steps);
  std::vector<bool> scored(steps, true);
  const auto mark = [&](double from, double to, const auto& what) {
    for (std::size_t i = 0; i < steps; ++i) {
      const double at = (static_cast<double>(i) + 0.5) * kStep;
      if (at >= from && at < to) what(i);
    }
  };
  for (const Span& span : truth) {
    mark(span.start, span.end, [&](std::size_t i) { said[i] |= 1u << span.speaker; });
    for (const double edge : {span.start, span.end}) {
      mark(edge - kCollar, edge + kCollar, [&](std::size_t i) { scored[i] = false; });
    }
  }
  for (const Turn& turn : turns) {
    mark(turn.start_s, turn.end_s, [&](std::size_t i) { heard[i] |= 1u << turn.speaker; });
  }
  std::vector<int> map(static_cast<std::size_t>(std::max({speakers, voices, 1})));
  std::iota(map.begin(), map.end(), 0);
  Score best;
  best.wrong = 1e9;
  do {
    Score score;
    for (std::size_t i = 0; i < steps; ++i) {
      if (!scored[i]) continue;
      unsigned mapped = 0;
      for (int v = 0; v < voices; ++v) {
        if (heard[i] >> v & 1) mapped |= 1u << map[static_cast<std::size_t>(v)];
      }
      const int reference = __builtin_popcount(said[i]), answered = __builtin_popcount(mapped);
      score.total += reference * kStep;
      score.wrong += (std::max(reference, answered) - __builtin_popcount(said[i] & mapped)) * kStep;
    }
    if (score.wrong < best.wrong) best = score;
  } while (std::next_permutation(map.begin(), map.end()));
  return best;
}

struct Weights {
  std::shared_ptr<const SpeakerModel> speakers;
  std::shared_ptr<const vad::Network> vad;
};

Weights LoadWeights() {
  Weights weights;
  const std::string directory = testing_support::ModelsDir() + "/speaker";
  if (auto model = SpeakerModel::Load(directory, kernels::BestKernels()); model.ok()) {
    weights.speakers = *model;
  }
  const auto file = platform::MappedFile::Open(testing_support::VadModelPath(), 16 << 20);
  if (!file.ok()) return weights;
  if (auto network = vad::Network::Read(file->bytes()); network.ok()) weights.vad = *network;
  return weights;
}

Result<Diarization> RunOver(const Weights& weights, const std::vector<float>& samples,
                            platform::ThreadPool* pool, const DiarizationOptions& options = {}) {
  MemorySource source(samples);
  DiarizeInput input;
  input.source = &source;
  input.samples = static_cast<SampleIndex>(samples.size());
  input.options = options;
  input.detector = weights.vad->NewDetector();
  input.compute = [pool](const Work& work) { return work(pool); };
  return Diarize(*weights.speakers, std::move(input));
}

TEST(DiarizerGoldenTest, TurnsOfTenRecordingsAreAsRightAsTheReference) {
  const Weights weights = LoadWeights();
  if (!weights.speakers || !weights.vad) GTEST_SKIP() << "no weights";
  // reference/speaker/README.md: DER with a collar of 0.25 s.
  const std::vector<std::pair<std::string, double>> table = {
      {"ami-dev00", 7.2},     {"ami-dev01", 8.4},
      {"ami-trn01", 100},     {"ami-trn04", 13.5},
      {"ami-trn07", 36.6},    {"ami-trn08", 40.5},
      {"conv-2spk-dev", 9.5}, {"conv-2spk-overlap-dev", 3.1},
      {"conv-4spk-dev", 2.1}, {"pyannote-sample", 4.4}};
  const std::string write_to = testing_support::EnvironmentOr("WT_RTTM_DIR", "");
  Score all;
  int compared = 0;
  double seconds = 0;
  const auto begin = std::chrono::steady_clock::now();
  for (const auto& [name, expected] : table) {
    const auto samples = SpeechSamples("diar/" + name + ".flac");
    if (!samples) continue;
    const auto result = RunOver(weights, *samples, nullptr);
    ASSERT_TRUE(result.ok()) << result.status().message();
    const auto truth = ReadRttm(testing_support::SharedDir() + "/speech/diar/" + name + ".rttm");
    const Score score = Rate(truth, result->turns);
    std::printf("%-22s DER %5.1f %% (reference %5.1f), %d speakers\n", name.c_str(),
                100 * score.wrong / score.total, expected, result->speakers);
    all.wrong += score.wrong;
    all.total += score.total;
    seconds += static_cast<double>(samples->size()) / kSampleRate;
    ++compared;
    if (write_to.empty()) continue;
    std::ofstream rttm(write_to + "/" + name + ".rttm");
    for (const Turn& turn : result->turns) {
      rttm << "SPEAKER x 1 " << turn.start_s << " " << turn.end_s - turn.start_s << " <NA> <NA> s"
           << turn.speaker << " <NA> <NA>\n";
    }
  }
  if (compared == 0) GTEST_SKIP() << "no recordings";
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
  std::printf("%d recordings, %.0f s: DER %.2f %%, %.4f of real time (decoding included)\n",
              compared, seconds, 100 * all.wrong / all.total, took.count() / seconds);
  EXPECT_LE(100 * all.wrong / all.total, 10.7 + 0.5);
}

bool SameTurns(const std::vector<Turn>& a, const std::vector<Turn>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Turn& x, const Turn& y) {
    return x.start_s == y.start_s && x.end_s == y.end_s && x.speaker == y.speaker;
  });
}

TEST(DiarizerGoldenTest, ThreadsChangeNothing) {
  const Weights weights = LoadWeights();
  const auto samples = SpeechSamples("diar/conv-4spk-dev.flac");
  if (!weights.speakers || !weights.vad || !samples) GTEST_SKIP() << "no weights or recording";
  platform::ThreadPool one(1), three(3);
  const auto alone = RunOver(weights, *samples, nullptr);
  for (platform::ThreadPool* pool : {&one, &three}) {
    const auto shared = RunOver(weights, *samples, pool);
    ASSERT_TRUE(alone.ok() && shared.ok());
    EXPECT_TRUE(SameTurns(alone->turns, shared->turns));
  }
}

TEST(DiarizerGoldenTest, ANumberOfSpeakersThatIsGivenIsHonoured) {
  const Weights weights = LoadWeights();
  const auto samples = SpeechSamples("diar/conv-4spk-dev.flac");
  if (!weights.speakers || !weights.vad || !samples) GTEST_SKIP() << "no weights or recording";
  for (const int wanted : {2, 5}) {
    const auto result =
        RunOver(weights, *samples, nullptr, {.enabled = true, .num_speakers = wanted});
    ASSERT_TRUE(result.ok());
    EXPECT_EQ(result->speakers, wanted);
    EXPECT_EQ(result->forced, wanted != 4) << wanted;
  }
  const auto most = RunOver(weights, *samples, nullptr, {.enabled = true, .max_speakers = 3});
  ASSERT_TRUE(most.ok());
  EXPECT_EQ(most->speakers, 3);
  EXPECT_FALSE(most->forced);
}

// Damaged samples count as silence: the turns are those of the recording with zeros in their place.
TEST(DiarizerGoldenTest, SamplesThatAreNoNumbersAreSilence) {
  const Weights weights = LoadWeights();
  auto samples = SpeechSamples("diar/conv-2spk-dev.flac");
  if (!weights.speakers || !weights.vad || !samples) GTEST_SKIP() << "no weights or recording";
  samples->resize(std::min<std::size_t>(samples->size(), 15 * kSampleRate));
  auto damaged = *samples;
  for (std::size_t i = 0; i < samples->size(); i += 997) {
    (*samples)[i] = 0;
    damaged[i] = i % 2 == 0 ? std::numeric_limits<float>::quiet_NaN()
                            : std::numeric_limits<float>::infinity();
  }
  const auto clean = RunOver(weights, *samples, nullptr);
  const auto result = RunOver(weights, damaged, nullptr);
  ASSERT_TRUE(clean.ok() && result.ok());
  EXPECT_FALSE(clean->turns.empty());
  EXPECT_TRUE(SameTurns(clean->turns, result->turns));
}

TEST(DiarizerGoldenTest, NobodySpeaksInSilenceAndInNothing) {
  const Weights weights = LoadWeights();
  if (!weights.speakers || !weights.vad) GTEST_SKIP() << "no weights";
  for (const std::size_t samples : {0, 1, 500, 7999, 24000, 160001}) {
    const auto result = RunOver(weights, std::vector<float>(samples), nullptr);
    ASSERT_TRUE(result.ok()) << samples;
    EXPECT_TRUE(result->turns.empty()) << samples;
  }
}

}  // namespace
}  // namespace wt::diarize

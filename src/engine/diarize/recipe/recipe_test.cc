// The steps of the recipe on made-up input: eigenvalues, voices, turns, the turn of a word.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "base/random.h"
#include "engine/diarize/recipe/activity.h"
#include "engine/diarize/recipe/clusters.h"
#include "engine/diarize/recipe/eigen.h"
#include "engine/diarize/recipe/turns.h"

namespace wt::diarize {
namespace {

/// Vectors around `voices` directions that are far from each other, in turn.
std::vector<VoiceVector> Vectors(int count, int voices, double spread) {
  base::Random random(3);
  std::vector<VoiceVector> directions(static_cast<std::size_t>(voices));
  for (auto& direction : directions) {
    for (float& x : direction) x = static_cast<float>(random.Uniform() - 0.5);
  }
  std::vector<VoiceVector> vectors;
  for (int i = 0; i < count; ++i) {
    VoiceVector vector = directions[static_cast<std::size_t>(i % voices)];
    for (float& x : vector) x += static_cast<float>((random.Uniform() - 0.5) * spread);
    vectors.push_back(Normalised(vector));
  }
  return vectors;
}

// Blocks of ones have their sizes as eigenvalues: the same one twice must be found twice.
TEST(EigenTest, EqualEigenvaluesAreAllFoundInSmallAndLargeMatrices) {
  for (const int block : {10, 100}) {
    const int n = 3 * block + 5;
    std::vector<float> matrix(static_cast<std::size_t>(n * n));
    for (int i = 0; i < 3 * block; ++i) {
      for (int j = 0; j < 3 * block; ++j) {
        if (i / block == j / block) matrix[static_cast<std::size_t>(i * n + j)] = 1;
      }
    }
    const auto pairs = LargestEigenPairs(matrix, n, 5, nullptr);
    ASSERT_TRUE(pairs.ok());
    for (int k = 0; k < 3; ++k) {
      EXPECT_NEAR(pairs->values[static_cast<std::size_t>(k)], block, 1e-6) << n;
      // M v = value v.
      const double* v = pairs->vectors.data() + k * n;
      for (int i = 0; i < n; ++i) {
        double sum = 0;
        for (int j = 0; j < n; ++j) {
          sum += static_cast<double>(matrix[static_cast<std::size_t>(i * n + j)]) * v[j];
        }
        EXPECT_NEAR(sum, block * v[i], 1e-5);
      }
    }
    EXPECT_NEAR(pairs->values[3], 0, 1e-6);
  }
}

TEST(EigenTest, CancellingEndsIt) {
  base::CancelFlag cancel;
  cancel.Request();
  const std::vector<float> matrix(200 * 200, 1.0f);
  EXPECT_EQ(LargestEigenPairs(matrix, 200, 3, &cancel).status().code(), StatusCode::kCancelled);
}

TEST(VoicesTest, TheirNumberIsFoundAndBoundsHold) {
  const auto& kernels = kernels::BestKernels();
  for (const int voices : {2, 3, 5}) {
    const auto vectors = Vectors(60, voices, 0.6);
    const auto found = FindVoices(vectors, 1, {.enabled = true}, kernels, nullptr);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->centroids.size(), static_cast<std::size_t>(voices));
    EXPECT_FALSE(found->forced);
    const auto most =
        FindVoices(vectors, 1, {.enabled = true, .max_speakers = 2}, kernels, nullptr);
    EXPECT_EQ(most->centroids.size(), 2U);
    const auto exact =
        FindVoices(vectors, 1, {.enabled = true, .num_speakers = 7}, kernels, nullptr);
    EXPECT_EQ(exact->centroids.size(), 7U);
    EXPECT_TRUE(exact->forced);
  }
}

TEST(VoicesTest, LongRecordingsAreClusteredBySample) {
  const auto vectors = Vectors(kClusteredMax * 2, 3, 0.6);
  const auto found = FindVoices(vectors, 1, {.enabled = true}, kernels::BestKernels(), nullptr);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->centroids.size(), 3U);
}

TEST(VoicesTest, FewVectorsAreNoTrouble) {
  for (const int count : {0, 1, 2, 3, 4}) {
    const auto vectors = Vectors(count, std::max(1, count), 0.1);
    const auto found = FindVoices(vectors, 1, {.enabled = true, .num_speakers = 3},
                                  kernels::BestKernels(), nullptr);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->centroids.size(), static_cast<std::size_t>(std::min(count, 3))) << count;
  }
  // Vectors of zeros are like nothing, themselves included.
  const std::vector<VoiceVector> zeros(5, VoiceVector{});
  const auto found = FindVoices(zeros, 1, {.enabled = true}, kernels::BestKernels(), nullptr);
  ASSERT_TRUE(found.ok());
  EXPECT_FALSE(found->centroids.empty());
}

struct Scene {
  std::vector<VoiceVector> centroids = Vectors(2, 2, 0);
  std::vector<VoiceWindow> windows;
  std::vector<bool> active;
  std::vector<float> overlap;

  /// 20 s: ten of the first voice, ten of the second.
  Scene() : active(static_cast<std::size_t>(FramesOf(20 * kSampleRate)), true) {
    overlap.resize(active.size());
    for (int i = 0; i < 19; ++i) windows.push_back({centroids[i < 10 ? 1 : 0], 1});
  }
  Result<std::vector<Turn>> Turns() const {
    TurnInput input;
    input.centroids = centroids;
    input.windows = windows;
    input.active = &active;
    input.overlap = overlap;
    input.duration_s = 20;
    return FindTurns(input);
  }
};

TEST(TurnsTest, SpeakersAreNumberedInTheOrderInWhichTheyBegin) {
  const auto turns = Scene().Turns();
  ASSERT_TRUE(turns.ok());
  ASSERT_EQ(turns->size(), 2U);
  EXPECT_EQ((*turns)[0].speaker, 0);
  EXPECT_EQ((*turns)[1].speaker, 1);
  EXPECT_NEAR((*turns)[0].end_s, 10.25, 0.2);  // Between the middles of two windows.
  EXPECT_DOUBLE_EQ((*turns)[0].end_s, (*turns)[1].start_s);
  EXPECT_LE((*turns)[1].end_s, 20);
}

TEST(TurnsTest, OverlapAddsASpeakerAndSilenceTakesAll) {
  Scene scene;
  const auto frame = [](double seconds) {
    return static_cast<std::ptrdiff_t>(seconds * kSampleRate / kFrameStep);
  };
  std::fill(scene.overlap.begin() + frame(2), scene.overlap.begin() + frame(3), 1.0f);
  std::fill(scene.active.begin() + frame(5), scene.active.begin() + frame(6), false);
  const auto turns = scene.Turns();
  ASSERT_TRUE(turns.ok());
  ASSERT_EQ(turns->size(), 4U);  // Before and after the silence, the guest, the second voice.
  EXPECT_NEAR((*turns)[1].start_s, 2, 0.03);
  EXPECT_NEAR((*turns)[1].end_s, 3, 0.03);
  EXPECT_EQ((*turns)[1].speaker, 1);
  EXPECT_NEAR((*turns)[2].start_s, 6, 0.03);
}

TEST(TurnsTest, AWordGetsTheTurnOfItsMiddle) {
  const std::vector<Turn> turns = {{0, 4, 0}, {3, 3.8, 1}, {6, 8, 2}};
  const TurnIndex index(turns);
  EXPECT_EQ(index.At(0.5, 1)->speaker, 0);
  EXPECT_EQ(index.At(3.3, 3.5)->speaker, 1) << "of two, the one whose own middle is nearer";
  EXPECT_EQ(index.At(4.1, 4.5)->speaker, 0) << "the nearest";
  EXPECT_EQ(index.At(5.5, 5.8)->speaker, 2);
  EXPECT_EQ(index.At(90, 91)->speaker, 2);
  EXPECT_EQ(TurnIndex({}).At(0, 1), nullptr);
}

TEST(ActivityTest, WindowsCoverTheRecording) {
  EXPECT_EQ(ActivityWindows(0), 0);
  EXPECT_EQ(ActivityWindows(1), 1);
  EXPECT_EQ(ActivityWindows(kSegmentationSamples), 1);
  EXPECT_EQ(ActivityWindows(kSegmentationSamples + 1), 2);
  EXPECT_EQ(ActivityWindows(kSegmentationSamples + kActivityHopSamples), 2);
  EXPECT_EQ(FramesOf(kFrameReach / 2), 0);
  EXPECT_EQ(FramesOf(kFrameReach / 2 + 1), 1);
}

TEST(ActivityTest, RunsWithoutVoiceAreDropped) {
  Activity activity;
  activity.speech.assign(200, 0.0f);
  std::fill(activity.speech.begin() + 10, activity.speech.begin() + 60, 0.9f);
  std::fill(activity.speech.begin() + 100, activity.speech.begin() + 150, 0.31f);
  std::vector<float> vad(110, 0.0f);
  vad[static_cast<std::size_t>(120 * kFrameStep / 512)] = 0.25f;
  const std::vector<bool> active = ActiveFrames(activity, vad);
  EXPECT_EQ(std::count(active.begin(), active.end(), true), 50);
  EXPECT_FALSE(active[30]);
  EXPECT_TRUE(active[100]);
  EXPECT_EQ(std::count(active.begin(), active.end(), true),
            std::count(active.begin() + 100, active.begin() + 150, true));
}

}  // namespace
}  // namespace wt::diarize

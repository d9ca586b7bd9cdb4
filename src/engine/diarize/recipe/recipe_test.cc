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

TEST(VoicesTest, AtLeastSoManyAreFoundAndAWrongBoundIsNotCalledForced) {
  const auto vectors = Vectors(60, 2, 0.6);
  const auto& kernels = kernels::BestKernels();
  const auto more = FindVoices(vectors, 1, {.enabled = true, .min_speakers = 4}, kernels, nullptr);
  ASSERT_TRUE(more.ok());
  EXPECT_EQ(more->centroids.size(), 4U);
  EXPECT_FALSE(more->forced);
  const auto both = FindVoices(vectors, 1, {.enabled = true, .min_speakers = 1, .max_speakers = 8},
                               kernels, nullptr);
  EXPECT_EQ(both->centroids.size(), 2U);
  const auto right = FindVoices(vectors, 1, {.enabled = true, .num_speakers = 2}, kernels, nullptr);
  EXPECT_EQ(right->centroids.size(), 2U);
  EXPECT_FALSE(right->forced);
}

// Two voices of 20 vectors each and one of 10: it is heard for 1 s at a tenth of a second each, and
// for 2 s at a fifth.
TEST(VoicesTest, AVoiceThatIsHardlyHeardIsAMistakeUnlessItWasAskedFor) {
  const auto three = Vectors(60, 3, 0.2);
  std::vector<VoiceVector> vectors;
  for (std::size_t i = 0; i < three.size(); ++i) {
    if (i % 3 != 2 || i < 30) vectors.push_back(three[i]);
  }
  const auto count = [&](double seconds_each, const DiarizationOptions& options) {
    const auto found = FindVoices(vectors, seconds_each, options, kernels::BestKernels(), nullptr);
    return found.ok() ? found->centroids.size() : 0;
  };
  EXPECT_EQ(count(0.1, {.enabled = true}), 2U);
  EXPECT_EQ(count(0.2, {.enabled = true}), 3U);
  EXPECT_EQ(count(0.1, {.enabled = true, .num_speakers = 3}), 3U);
  // Nothing but short bits: one voice.
  EXPECT_EQ(count(0.01, {.enabled = true}), 1U);
}

// The second half of a long recording is somebody else.
TEST(VoicesTest, TheSampleIsSpreadOverAllOfTheRecording) {
  const auto two = Vectors(2 * kClusteredMax, 2, 0.3);
  std::vector<VoiceVector> vectors;
  for (const std::size_t first : {0, 1}) {
    for (std::size_t i = first; i < two.size(); i += 2) vectors.push_back(two[i]);
  }
  const auto found = FindVoices(vectors, 1, {.enabled = true}, kernels::BestKernels(), nullptr);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->centroids.size(), 2U);
}

// What is not in the sample counts too: a voice is the mean of all that is nearest to it.
TEST(VoicesTest, VoicesAreMeansOfAllVectors) {
  const auto vectors = Vectors(2 * kClusteredMax, 1, 0.6);
  const auto found =
      FindVoices(vectors, 1, {.enabled = true, .num_speakers = 1}, kernels::BestKernels(), nullptr);
  ASSERT_TRUE(found.ok());
  ASSERT_EQ(found->centroids.size(), 1U);
  std::array<double, kVoiceValues> sum = {};
  for (const VoiceVector& vector : vectors) {
    for (std::size_t i = 0; i < kVoiceValues; ++i) sum[i] += static_cast<double>(vector[i]);
  }
  VoiceVector mean;
  for (std::size_t i = 0; i < kVoiceValues; ++i) mean[i] = static_cast<float>(sum[i] / 3000);
  mean = Normalised(mean);
  for (std::size_t i = 0; i < kVoiceValues; ++i) {
    EXPECT_NEAR(found->centroids[0][i], mean[i], 1e-6) << i;
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

TEST(TurnsTest, AGuestIsThereFromAQuarterOfOverlapOn) {
  for (const float share : {0.24f, 0.26f}) {
    Scene scene;
    std::fill(scene.overlap.begin() + 120, scene.overlap.begin() + 180, share);
    const auto turns = scene.Turns();
    ASSERT_TRUE(turns.ok());
    EXPECT_EQ(turns->size(), share < 0.25f ? 2U : 3U) << share;
  }
}

// Of three voices the guest is the one that sounds more like the stretch.
TEST(TurnsTest, TheGuestIsTheSecondBestVoice) {
  for (const std::size_t guest : {1, 2}) {
    Scene scene;
    scene.centroids = Vectors(3, 3, 0);
    VoiceVector both;
    for (std::size_t i = 0; i < both.size(); ++i) {
      both[i] = scene.centroids[0][i] + 0.5f * scene.centroids[guest][i];
    }
    for (std::size_t i = 0; i < scene.windows.size(); ++i) {
      // The voices begin one after the other, so that they have their numbers.
      scene.windows[i].vector = i < 6 ? scene.centroids[i / 2] : Normalised(both);
    }
    std::fill(scene.overlap.begin() + 800, scene.overlap.begin() + 900, 1.0f);
    const auto turns = scene.Turns();
    ASSERT_TRUE(turns.ok());
    const Turn& last = turns->back();
    EXPECT_GT(last.start_s, 13);
    EXPECT_EQ(last.speaker, static_cast<int>(guest));
  }
}

TEST(TurnsTest, TurnsThatAreShorterThanASlipAreLeftOut) {
  for (const int frames : {2, 3}) {  // 34 and 51 ms.
    Scene scene;
    std::fill(scene.active.begin(), scene.active.end(), false);
    std::fill(scene.active.begin() + 100, scene.active.begin() + 100 + frames, true);
    const auto turns = scene.Turns();
    ASSERT_TRUE(turns.ok());
    EXPECT_EQ(turns->size(), frames == 2 ? 0U : 1U);
  }
}

// One window leans to the other voice a little: not enough to pay for two changes. Behind a long
// silence a change is nearly free.
TEST(TurnsTest, AChangeCostsAndSilenceMakesItCheap) {
  Scene scene;
  for (VoiceWindow& window : scene.windows) window.vector = scene.centroids[0];
  VoiceVector between;
  for (std::size_t i = 0; i < between.size(); ++i) {
    between[i] = scene.centroids[0][i] + 1.152f * scene.centroids[1][i];
  }
  scene.windows[9].vector = Normalised(between);
  ASSERT_EQ(scene.Turns()->size(), 1U);
  // The middle of that window alone, behind a silence.
  const auto frame = [](double seconds) {
    return static_cast<std::ptrdiff_t>(seconds * kSampleRate / kFrameStep);
  };
  std::fill(scene.active.begin(), scene.active.end(), false);
  std::fill(scene.active.begin() + frame(1), scene.active.begin() + frame(3), true);
  std::fill(scene.active.begin() + frame(9.67), scene.active.begin() + frame(9.77), true);
  const auto turns = scene.Turns();
  ASSERT_EQ(turns->size(), 2U);
  EXPECT_EQ((*turns)[1].speaker, 1);
}

// Two windows of another voice are worth two changes.
TEST(TurnsTest, AShortAnswerIsHeard) {
  Scene scene;
  for (VoiceWindow& window : scene.windows) window.vector = scene.centroids[0];
  for (const std::size_t i : {8, 9}) {
    VoiceVector between;
    for (std::size_t d = 0; d < between.size(); ++d) {
      between[d] = scene.centroids[0][d] + 1.152f * scene.centroids[1][d];
    }
    scene.windows[i].vector = Normalised(between);
  }
  const auto turns = scene.Turns();
  ASSERT_EQ(turns->size(), 3U);
  EXPECT_NEAR((*turns)[1].end_s - (*turns)[1].start_s, 1.2, 0.2);
}

// A window that holds little speech says less than its neighbour.
TEST(TurnsTest, WindowsCountByTheSpeechInThem) {
  Scene scene;
  const double whole = (*scene.Turns())[0].end_s;
  scene.windows[10].active = 0;  // The first one of the second voice.
  const double later = (*scene.Turns())[0].end_s;
  EXPECT_GT(later, whole + 0.1);
  EXPECT_LT(later, whole + 0.5);
}

TEST(TurnsTest, AWordGetsTheTurnOfItsMiddle) {
  const std::vector<Turn> turns = {{0, 4, 0}, {3, 3.8, 1}, {6, 8, 2}};
  const TurnIndex index(turns);
  EXPECT_EQ(index.At(0.5, 1)->speaker, 0);
  EXPECT_EQ(index.At(3.3, 3.5)->speaker, 1) << "of two, the one whose own middle is nearer";
  EXPECT_EQ(index.At(4.1, 4.5)->speaker, 0) << "the nearest";
  const std::vector<Turn> crossing = {{0, 4, 0}, {2.9, 9, 1}};
  EXPECT_EQ(TurnIndex(crossing).At(3.2, 3.4)->speaker, 0) << "also where it began earlier";
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

// Windows of certain classes, 2 s apart: what lies in both is their average, weighted by the place
// in each, and what lies in one is that one's.
TEST(ActivityTest, WindowsAreAveragedWhereTheyMeet) {
  ClassScores silence, two;
  for (int i = 0; i < kSegmentationFrames; ++i) {
    for (int c = 0; c < kClasses; ++c) {
      const auto at = static_cast<std::size_t>(i * kClasses + c);
      silence[at] = std::log(c == 0 ? 0.94f : 0.01f);
      // 0.1 silence, 0.3 one voice, 0.6 two.
      two[at] = std::log(c == 0 ? 0.1f : c < 4 ? 0.1f : 0.2f);
    }
  }
  ActivityFrames frames(12 * kSampleRate);
  EXPECT_FALSE(frames.AnyAbove(0.5f, 0, 0));
  frames.Add(1, two);
  frames.Add(0, silence);
  const Activity activity = frames.Finish();
  ASSERT_EQ(activity.speech.size(), static_cast<std::size_t>(FramesOf(12 * kSampleRate)));
  // Window 1 begins at sample 32,000: 118.5 frames, and a half is rounded up.
  EXPECT_NEAR(activity.speech[118], 0.06, 1e-4);
  EXPECT_NEAR(activity.overlap[118], 0.03, 1e-4);
  EXPECT_GT(activity.speech[119], 0.06 + 0.01);
  EXPECT_NEAR(activity.speech[600], 0.9, 1e-4);
  EXPECT_NEAR(activity.overlap[600], 0.6, 1e-4);
  // Frame 353 is 59 frames behind the middle of window 0 and as many before that of window 1.
  EXPECT_NEAR(activity.speech[353], (0.06 + 0.9) / 2, 2e-3);
  EXPECT_LT(activity.speech[200], 0.3) << "near the edge of window 1";
  EXPECT_FALSE(frames.AnyAbove(0.5f, 0, 200));
  EXPECT_TRUE(frames.AnyAbove(0.5f, 0, 10'000));
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
  // A frame between two runs parts them and no more.
  std::fill(activity.speech.begin(), activity.speech.end(), 0.9f);
  activity.speech[99] = 0;
  const std::vector<bool> parted = ActiveFrames(activity, vad);
  EXPECT_EQ(std::count(parted.begin(), parted.end(), true), 100);
  EXPECT_TRUE(parted[100]);
  std::fill(activity.speech.begin(), activity.speech.end(), 0.0f);
  std::fill(activity.speech.begin() + 100, activity.speech.begin() + 150, 0.31f);
  // A step that is less than a little sure is not enough, and neither is speech below its limit.
  vad[static_cast<std::size_t>(120 * kFrameStep / 512)] = 0.19f;
  const std::vector<bool> doubtful = ActiveFrames(activity, vad);
  EXPECT_EQ(std::count(doubtful.begin(), doubtful.end(), true), 0);
  std::fill(vad.begin(), vad.end(), 1.0f);
  std::fill(activity.speech.begin() + 10, activity.speech.begin() + 60, 0.9f);
  std::fill(activity.speech.begin() + 100, activity.speech.begin() + 150, 0.29f);
  const std::vector<bool> weak = ActiveFrames(activity, vad);
  EXPECT_EQ(std::count(weak.begin(), weak.end(), true), 50);
}

}  // namespace
}  // namespace wt::diarize

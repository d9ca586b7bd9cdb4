// Goal: how many windows of a recording are decoded together changes nothing but the time: the same
// bytes, the same checkpoints, prompt cancellation, bounded memory.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <utility>
#include <vector>

#include "engine/pipeline/long_form.h"
#include "tests/support/clip_test.h"
#include "tests/support/engine_setup.h"

namespace wt {
namespace {

using pipeline::LoadedModel;
using pipeline::LongForm;
using testing_support::Bytes;
using testing_support::EngineKit;
using testing_support::MakeEngineKit;
using testing_support::QuickRequest;

constexpr int kPieceSeconds = 3;
constexpr int kSilenceSeconds = 4;

class KeepCheckpoints : public Observer {
 public:
  void OnCheckpoint(const Checkpoint& checkpoint) override { kept.push_back(checkpoint); }
  std::vector<Checkpoint> kept;
};

class BatchTest : public testing_support::ClipTest {
 protected:
  BatchTest() : ClipTest("gaps/gaps-dev-1.flac") {}

  // Pieces of speech with long silence between them: each is a window of its own.
  std::vector<float> Pieces(int count) const {
    std::vector<float> samples;
    for (int i = 0; i < count; ++i) {
      const auto from = clip_.begin() + (4 + i % 3) * kSampleRate;
      samples.insert(samples.end(), from, from + kPieceSeconds * kSampleRate);
      samples.resize(samples.size() + kSilenceSeconds * kSampleRate);
    }
    return samples;
  }

  static TranscriptionRequest Request(int batch_size) {
    TranscriptionRequest request = QuickRequest();
    request.batch_size = batch_size;
    request.words.word_timestamps = true;
    request.decoding.beam_size = 1;
    request.decoding.temperatures = {0};
    return request;
  }

  static Result<Transcript> Run(const EngineKit& kit, std::vector<float> samples,
                                const TranscriptionRequest& request, Observer* observer = nullptr,
                                const SubmitOptions& submit = {}) {
    auto task = kit.engine->Submit(kit.model, MakeMemorySource(std::move(samples)), request,
                                   observer, submit);
    if (!task.ok()) return task.status();
    return (*task)->Wait();
  }
};

TEST_F(BatchTest, TheBytesDoNotDependOnTheBatch) {
  const EngineKit kit = MakeEngineKit(2, 2);
  // After the pieces more speech than one of them.
  std::vector<float> samples = Pieces(3);
  samples.insert(samples.end(), clip_.begin(), clip_.begin() + 12 * kSampleRate);
  KeepCheckpoints alone;
  const auto expected = Run(kit, samples, Request(1), &alone);
  ASSERT_TRUE(expected.ok());
  ASSERT_GE(alone.kept.size(), 4u);
  for (const int batch_size : {2, 8}) {
    KeepCheckpoints together;
    const auto found = Run(kit, samples, Request(batch_size), &together);
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(Bytes(*found), Bytes(*expected)) << batch_size;
    ASSERT_EQ(together.kept.size(), alone.kept.size());
    for (std::size_t i = 0; i < alone.kept.size(); ++i) {
      EXPECT_EQ(together.kept[i].bytes, alone.kept[i].bytes) << batch_size << " window " << i;
    }
  }
}

// This minute has a window that ends in a pause, whose last words the model first leaves out.
TEST_F(BatchTest, WindowsThatEndTooEarlyAreGoneOnWithAheadAsInTurn) {
  auto speech = testing_support::SpeechSamples("long/long-mixed-dev.flac");
  if (!speech) GTEST_SKIP() << "the recording is not there";
  speech->resize(70 * kSampleRate);
  const EngineKit kit = MakeEngineKit(2, 2);
  const auto expected = Run(kit, *speech, Request(1));
  ASSERT_TRUE(expected.ok());
  const auto found = Run(kit, *speech, Request(2));
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(Bytes(*found), Bytes(*expected));
}

TEST_F(BatchTest, CheckpointsOfOneBatchSizeAreGoodForAnother) {
  const EngineKit kit = MakeEngineKit(2, 2);
  const std::vector<float> samples = Pieces(3);
  KeepCheckpoints observer;
  const auto expected = Run(kit, samples, Request(8), &observer);
  ASSERT_TRUE(expected.ok());
  ASSERT_GE(observer.kept.size(), 4u);
  for (std::size_t i = 0; i < observer.kept.size(); ++i) {
    SubmitOptions submit;
    submit.resume_from = observer.kept[i];
    const auto resumed = Run(kit, samples, Request(i % 2 == 0 ? 1 : 3), nullptr, submit);
    ASSERT_TRUE(resumed.ok());
    EXPECT_EQ(Bytes(*resumed), Bytes(*expected)) << i;
  }
}

TEST_F(BatchTest, TextThatIsCarriedOnDoesNotDependOnTheBatch) {
  const EngineKit kit = MakeEngineKit(2, 2);
  TranscriptionRequest request = Request(1);
  request.prompt.condition_on_previous_text = true;
  request.prompt.initial_prompt = "A story about a castle.";
  const auto expected = Run(kit, Pieces(3), request);
  ASSERT_TRUE(expected.ok());
  request.batch_size = 8;
  const auto found = Run(kit, Pieces(3), request);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(Bytes(*found), Bytes(*expected));
}

TEST_F(BatchTest, PromptsOfTheFirstWindowDoNotReachWindowsAhead) {
  const EngineKit kit = MakeEngineKit(2, 2);
  TranscriptionRequest request = Request(1);
  request.prompt.initial_prompt = "A story about a castle.";
  request.prompt.prefix = "Well,";
  request.language.language.clear();
  const auto expected = Run(kit, Pieces(3), request);
  ASSERT_TRUE(expected.ok());
  request.batch_size = 4;
  const auto found = Run(kit, Pieces(3), request);
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(Bytes(*found), Bytes(*expected));
}

// Notes how far the audio has been read, and cancels at the first window's end.
class SpySource : public AudioSource {
 public:
  SpySource(std::vector<float> samples, std::atomic<SampleIndex>* read_to)
      : source_(MakeMemorySource(std::move(samples))), read_to_(read_to) {}
  Result<std::size_t> Read(std::span<float> out) override {
    auto count = source_->Read(out);
    if (count.ok()) *read_to_ += static_cast<SampleIndex>(*count);
    return count;
  }
  Status Seek(SampleIndex position) override {
    *read_to_ = position;
    return source_->Seek(position);
  }
  std::optional<SampleIndex> length() const override { return source_->length(); }

 private:
  std::unique_ptr<AudioSource> source_;
  std::atomic<SampleIndex>* read_to_;
};

class CancelAtWindow : public Observer {
 public:
  explicit CancelAtWindow(const std::atomic<SampleIndex>* read_to) : read_to_(read_to) {}
  void OnProgress(const Progress&) override {
    if (seen == 0) seen = read_to_->load();
    while (task.load() == nullptr) std::this_thread::yield();
    task.load()->Cancel();
  }
  std::atomic<Task*> task{nullptr};
  SampleIndex seen = 0;

 private:
  const std::atomic<SampleIndex>* read_to_;
};

TEST_F(BatchTest, WindowsAheadAreBegunBeforeTheFirstIsDoneAndEndWhenCancelled) {
  const EngineKit kit = MakeEngineKit(2, 2);
  // Longer than what is kept of the audio, so that the second pass reads it again from the start.
  const std::vector<float> samples = Pieces(24);
  std::vector<SampleIndex> seen;
  for (const int batch_size : {1, 4}) {
    std::atomic<SampleIndex> read_to = 0;
    CancelAtWindow observer(&read_to);
    auto task = kit.engine->Submit(kit.model, std::make_unique<SpySource>(samples, &read_to),
                                   Request(batch_size), &observer);
    ASSERT_TRUE(task.ok());
    observer.task = task->get();
    EXPECT_EQ((*task)->Wait().status().code(), StatusCode::kCancelled);
    seen.push_back(observer.seen);
  }
  constexpr SampleIndex kPiece = (kPieceSeconds + kSilenceSeconds) * kSampleRate;
  EXPECT_LT(seen[0], 2 * kPiece);
  EXPECT_GT(seen[1], 3 * kPiece);
  EXPECT_LT(seen[1], 5 * kPiece);
}

TEST_F(BatchTest, MemoryIsReservedForEveryWindowAndBoundsTheirNumber) {
  const EngineKit kit = MakeEngineKit(1, 1);
  const auto& model = dynamic_cast<const LoadedModel&>(*kit.model);
  TranscriptionRequest request = Request(8);
  const std::int64_t one = LongForm::WindowBytesMax(model, request);
  EXPECT_EQ(LongForm::WindowsInFlight(model, request, 100 * one, one), 8);
  EXPECT_EQ(LongForm::WindowsInFlight(model, request, 3 * one, one), 3);
  EXPECT_EQ(LongForm::WindowsInFlight(model, request, one / 2, one), 1);
  request.prompt.condition_on_previous_text = true;
  EXPECT_EQ(LongForm::WindowsInFlight(model, request, 100 * one, one), 1);
  request.prompt.condition_on_previous_text.reset();
  request.windowing = Windowing::kReference;
  EXPECT_EQ(LongForm::WindowsInFlight(model, request, 100 * one, one), 1);
  request = Request(0);
  // Automatically no more than the share.
  EXPECT_LE(LongForm::WindowsInFlight(model, request, 100 * one, 2 * one), 2);
}

}  // namespace
}  // namespace wt

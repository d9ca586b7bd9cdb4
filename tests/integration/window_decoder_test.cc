// Goal: text that a window's decoding is begun with is gone on with, to the bit.
#include "engine/pipeline/window_decoder.h"

#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "engine/features/audio_window.h"
#include "engine/features/log_mel.h"
#include "tests/support/clip_test.h"
#include "tests/support/engine_setup.h"

namespace wt::pipeline {
namespace {

// A result that ends after its first `count` tokens.
WindowResult Beginning(const WindowResult& whole, std::size_t count) {
  WindowResult begun = whole;
  begun.tokens.resize(count);
  begun.logprobs.resize(count);
  return begun;
}

class WindowDecoderTest : public testing_support::ClipTest {
 protected:
  WindowDecoderTest() : ClipTest("en/jfk-inaugural.flac") {}

  std::vector<float> Mel(int n_mels) const {
    const features::LogMel log_mel(n_mels);
    const auto source = MakeMemorySource(clip_);
    features::MelStream stream(*source, log_mel);
    EXPECT_TRUE(stream.FirstPass({}).ok());
    std::vector<float> mel(static_cast<std::size_t>(n_mels) * features::kWindowFrames);
    EXPECT_TRUE(
        stream.Window(0, features::kWindowFrames, features::BeyondContent::kZeros, mel).ok());
    return mel;
  }
};

TEST_F(WindowDecoderTest, GoesOnWithWhatIsBegun) {
  const auto kit = testing_support::MakeEngineKit(2, 1);
  const auto& model = dynamic_cast<const LoadedModel&>(*kit.model);
  TranscriptionRequest request = testing_support::QuickRequest();
  request.decoding.beam_size = 1;
  request.decoding.temperatures = {0};
  platform::ThreadPool pool(2);
  Scheduler scheduler(pool);
  const base::CancelFlag cancel;
  WindowDecoder decoder(scheduler, model, request, {}, cancel);
  ASSERT_TRUE(decoder.Encode(Mel(model.dims().n_mels)).ok());
  WindowPrompt prompt;
  prompt.initial_tokens =
      model.tokenizer().StartSequence("en", SpeechTask::kTranscribe, /*timestamps=*/true);
  const auto whole = decoder.Decode(prompt, 0, {});
  ASSERT_TRUE(whole.ok());
  ASSERT_GT(whole->tokens.size(), 20u);
  for (const std::size_t count : {1u, 2u, 15u}) {
    const WindowResult begun = Beginning(*whole, count);
    prompt.begun = &begun;
    const auto found = decoder.Decode(prompt, 0, {});
    ASSERT_TRUE(found.ok());
    EXPECT_EQ(found->tokens, whole->tokens) << count;
    EXPECT_EQ(found->logprobs, whole->logprobs) << count;
    EXPECT_NEAR(found->avg_logprob, whole->avg_logprob, 1e-6);
    EXPECT_EQ(found->no_speech_prob, whole->no_speech_prob);
  }
  // Not what the model would say.
  WindowResult other = Beginning(*whole, 5);
  std::swap(other.tokens[2], other.tokens[4]);
  prompt.begun = &other;
  const auto found = decoder.Decode(prompt, 0, {});
  ASSERT_TRUE(found.ok());
  ASSERT_GT(found->tokens.size(), 5u);
  EXPECT_EQ(Beginning(*found, 5).tokens, other.tokens);
}

}  // namespace
}  // namespace wt::pipeline

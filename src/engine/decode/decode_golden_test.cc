// The rules of decoding against what openai-whisper 20250625 did on real audio (reference/).
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/decode/acceptance.h"
#include "engine/decode/decode_testing.h"
#include "engine/decode/logit_filters.h"
#include "engine/decode/prompt.h"
#include "engine/decode/ranking.h"
#include "engine/decode/row_distribution.h"
#include "engine/decode/segments.h"
#include "tests/support/npy.h"

namespace wt::decode {
namespace {

using Json = nlohmann::json;
using Tokens = std::vector<TokenId>;

class DecodeGoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    shared_ = testing_support::SharedDir();
    if (shared_.empty()) GTEST_SKIP() << "no reference data";
  }
  Json Load(const std::string& name) const {
    return Json::parse(std::ifstream(shared_ + "/reference/" + name));
  }
  /// 10 ms frames in a 16 kHz FLAC file: STREAMINFO has the sample count in 36 bits at byte 21.
  std::int64_t ContentFrames(const std::string& path) const {
    std::ifstream file(shared_ + "/" + path, std::ios::binary);
    char head[26] = {};
    file.read(head, sizeof head);
    std::int64_t samples = head[21] & 0x0f;
    for (int i = 22; i < 26; ++i) samples = samples << 8 | static_cast<unsigned char>(head[i]);
    return samples / 160;
  }

  std::string shared_;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_ = tokenizer::Tokenizer::Published(51865);
};

TEST_F(DecodeGoldenTest, FiltersLeaveTheReferencesLogitsAtTheFirstStep) {
  const auto raw =
      testing_support::ReadNpy<float>(shared_ + "/reference/logits/jfk-inaugural.step0.npy");
  ASSERT_TRUE(raw.has_value());
  const Json step = Load("logits.json")["jfk-inaugural"]["steps"][0];
  const TokenId minus_one[] = {-1};
  const AttemptOptions options{.suppressed = tokenizer_->SuppressedTokens(minus_one)};
  const LogitFilters filters(*tokenizer_, options, Tokens{50258, 50259, 50359});
  for (int set = 0; set < kernels::RunnableKernels().count; ++set) {
    std::vector<float> logits = raw->data;
    filters.Apply(logits, {});
    const RowDistribution row = NormalizeRow(*kernels::RunnableKernels().sets[set], logits,
                                             tokenizer_->special().timestamp_begin, true);
    EXPECT_EQ(std::count_if(logits.begin(), logits.end(), [](float x) { return std::isfinite(x); }),
              step["filtered_allowed"].get<int>());
    EXPECT_NEAR(row.max + row.log_sum, step["filtered_logsumexp"].get<double>(), 1e-5);
    std::vector<ScoredToken> best;
    FindBest(row, 5, &best);
    for (std::size_t i = 0; i < best.size(); ++i) {
      EXPECT_EQ(best[i].token, step["filtered_top_ids"][i].get<TokenId>());
      EXPECT_NEAR(best[i].logit, step["filtered_top_logits"][i].get<double>(), 1e-5);
    }
  }
}

TEST_F(DecodeGoldenTest, TheRankerChoosesTheReferencesCandidate) {
  int checked = 0;
  const Json all = Load("decode.json");
  for (const auto& [clip, runs] : all.items()) {
    if (!runs.contains("beam5") || !runs["beam5"].contains("candidates")) continue;
    const Json& run = runs["beam5"];
    std::vector<Candidate> candidates;
    for (const Json& candidate : run["candidates"]) {
      Tokens tokens = candidate["tokens"].get<Tokens>();
      ASSERT_EQ(tokens.back(), tokenizer_->special().eot);
      tokens.pop_back();
      candidates.push_back({std::move(tokens), candidate["sum_logprob"].get<double>()});
    }
    const Candidate& best = candidates[BestCandidate(candidates, std::nullopt)];
    EXPECT_EQ(best.tokens, run["tokens"].get<Tokens>()) << clip;
    EXPECT_NEAR(best.sum_logprob / static_cast<double>(best.tokens.size() + 1),
                run["avg_logprob"].get<double>(), 1e-6);
    ++checked;
  }
  EXPECT_GE(checked, 16);
}

TEST_F(DecodeGoldenTest, InitialTokensOfPromptsAndPrefixesAreTheReferences) {
  int checked = 0;
  const Json all = Load("decode.json");
  for (const auto& [clip, runs] : all.items()) {
    for (const auto& [name, run] : runs.items()) {
      if (!run.is_object() || !run.contains("initial_tokens")) continue;
      const Json& options = run["options"];
      const auto previous = EncodePromptText(*tokenizer_, options.value("prompt", ""));
      const auto prefix = EncodePromptText(*tokenizer_, options.value("prefix", ""));
      const auto start =
          tokenizer_->StartSequence(runs["language"].get<std::string>(), SpeechTask::kTranscribe,
                                    !options.value("without_timestamps", false));
      const InitialTokens made = BuildInitialTokens(
          tokenizer_->special(), {.previous = previous,
                                  .start_sequence = start,
                                  .prefix = prefix,
                                  .sample_tokens_max = options.value("sample_len", 224)});
      EXPECT_EQ(made.tokens, run["initial_tokens"].get<Tokens>()) << clip << " " << name;
      EXPECT_EQ(made.tokens[made.sot_index], tokenizer_->special().sot);
      EXPECT_EQ(made.sample_begin, made.tokens.size());
      ++checked;
    }
  }
  EXPECT_EQ(checked, 10);
}

WindowQuality QualityOf(const Json& decode) {
  return {.compression_ratio = decode["compression_ratio"].get<double>(),
          .avg_logprob = decode["avg_logprob"].get<double>(),
          .no_speech_prob = decode["no_speech_prob"].get<double>()};
}

/// Replays transcribe() from the recorded results of its decoder, and checks every decision.
class Replay {
 public:
  Replay(const tokenizer::Tokenizer& tokenizer, const Json& run, std::int64_t content_frames)
      : tokenizer_(tokenizer),
        run_(run),
        content_frames_(content_frames),
        conditioned_(run["options"].value("condition_on_previous_text", true)),
        history_(EncodePromptText(tokenizer, run["options"].value("initial_prompt", "")),
                 run["options"].value("carry_initial_prompt", false), 448) {}

  /// Number of windows.
  int Check() {
    int windows = 0;
    for (const auto& [begin, end] : Clips()) {
      for (seek_ = begin; seek_ < end; ++windows) {
        CheckWindow(std::min<std::int64_t>({3000, content_frames_ - seek_, end - seek_}));
        if (testing::Test::HasFatalFailure()) return windows;
      }
    }
    EXPECT_EQ(next_decode_, run_["decodes"].size());
    EXPECT_EQ(next_segment_, run_["segments"].size());
    return windows;
  }

 private:
  std::vector<std::pair<std::int64_t, std::int64_t>> Clips() const {
    if (run_["options"].value("clip_timestamps", "") == "5,20,40") {
      return {{500, 2000}, {4000, content_frames_}};
    }
    return {{0, content_frames_}};
  }

  void CheckWindow(std::int64_t window_frames) {
    ASSERT_LT(next_decode_, run_["decodes"].size());
    const FallbackOptions options;
    const Json* decode = &run_["decodes"][next_decode_++];
    EXPECT_EQ((*decode)["temperature"].get<double>(), 0.0);
    const auto prompt = history_.Tokens();
    EXPECT_EQ(prompt.size(), (*decode)["prompt_tokens"].get<std::size_t>()) << seek_;
    const auto last = (*decode)["prompt_last"].get<Tokens>();
    EXPECT_TRUE(std::equal(last.rbegin(), last.rend(), prompt.rbegin())) << seek_;
    // Runs at temperature 0 only have nothing to fall back to.
    const double highest = run_["options"].value("temperature", 1.0);
    while (NeedsFallback(options, QualityOf(*decode)) &&
           (*decode)["temperature"].get<double>() < highest) {
      ASSERT_LT(next_decode_, run_["decodes"].size());
      const double before = (*decode)["temperature"].get<double>();
      decode = &run_["decodes"][next_decode_++];
      EXPECT_NEAR((*decode)["temperature"].get<double>(), before + 0.2, 1e-9);
    }
    if (IsSilence(options, QualityOf(*decode))) {
      seek_ += window_frames;
      return;
    }
    CheckSegments(*decode, window_frames);
  }

  void CheckSegments(const Json& decode, std::int64_t window_frames) {
    const auto tokens = decode.contains("tokens") ? decode["tokens"].get<Tokens>()
                                                  : TokensOfSegments(window_frames);
    const WindowSegments split =
        SplitWindow(tokens, tokenizer_.special().timestamp_begin, seek_, window_frames);
    for (const WindowSegment& segment : split.segments) {
      ASSERT_LT(next_segment_, run_["segments"].size());
      const Json& recorded = run_["segments"][next_segment_++];
      EXPECT_EQ(recorded["seek"].get<std::int64_t>(), seek_);
      EXPECT_NEAR(segment.start_s, recorded["start"].get<double>(), 1e-4);
      EXPECT_NEAR(segment.end_s, recorded["end"].get<double>(), 1e-4);
      const auto expected = recorded["tokens"].get<Tokens>();
      const bool cleared =
          segment.start_s == segment.end_s ||
          tokenizer_.Decode(segment.tokens).find_first_not_of(' ') == std::string::npos;
      EXPECT_EQ(cleared ? Tokens() : segment.tokens, expected) << seek_;
      history_.Append(expected);
    }
    if (!conditioned_ || decode["temperature"].get<double>() > 0.5) history_.Reset();
    EXPECT_GT(split.next_seek_frames, seek_);
    seek_ = split.next_seek_frames;
  }

  /// The window's tokens from its recorded segments, where the recording leaves them out: without
  /// an unfinished tail, but for the timestamp that begins it.
  Tokens TokensOfSegments(std::int64_t window_frames) const {
    const Json& segments = run_["segments"];
    Tokens tokens;
    std::size_t i = next_segment_;
    for (; i < segments.size() && segments[i]["seek"].get<std::int64_t>() == seek_; ++i) {
      const auto own = segments[i]["tokens"].get<Tokens>();
      tokens.insert(tokens.end(), own.begin(), own.end());
    }
    const bool unfinished =
        i < segments.size() && segments[i]["seek"].get<std::int64_t>() < seek_ + window_frames;
    if (unfinished && !tokens.empty()) tokens.push_back(tokens.back());
    return tokens;
  }

  const tokenizer::Tokenizer& tokenizer_;
  const Json& run_;
  std::int64_t content_frames_;
  bool conditioned_;
  PromptHistory history_;
  std::int64_t seek_ = 0;
  std::size_t next_decode_ = 0;
  std::size_t next_segment_ = 0;
};

TEST_F(DecodeGoldenTest, LongFilesReplayToTheReferencesSegmentsWindowsAndPrompts) {
  int windows = 0;
  for (const char* name :
       {"long-accent-lj003.cond", "long-accent-lj003.nocond", "long-es-dev.beam5",
        "long-es-dev.cond", "long-es-dev.nocond", "long-mixed-dev.cond", "long-mixed-dev.nocond"}) {
    SCOPED_TRACE(name);
    const Json run = Load("transcribe/" + std::string(name) + ".json");
    windows += Replay(*tokenizer_, run, ContentFrames(run["path"].get<std::string>())).Check();
  }
  EXPECT_GT(windows, 90);
}

TEST_F(DecodeGoldenTest, FallbacksAndSilenceAreDecidedAsInTheReference) {
  const Json all = Load("transcribe/fallback.json");
  for (const auto& [name, run] : all.items()) {
    SCOPED_TRACE(name);
    EXPECT_GT(Replay(*tokenizer_, run, ContentFrames(run["path"].get<std::string>())).Check(), 0);
  }
}

TEST_F(DecodeGoldenTest, PromptsClipsAndWindowBordersReplay) {
  const Json all = Load("transcribe/options.json");
  for (const auto& [name, run] : all.items()) {
    SCOPED_TRACE(name);
    EXPECT_GT(Replay(*tokenizer_, run, ContentFrames(run["path"].get<std::string>())).Check(), 0);
  }
}

}  // namespace
}  // namespace wt::decode

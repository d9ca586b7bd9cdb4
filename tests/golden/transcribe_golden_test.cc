// Goal: with reference windowing whole recordings give the reference's segments, token for token.
// Method: reference/transcribe/*.json, temperature 0; tolerances of reference/README.md.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "tests/support/clips.h"
#include "tests/support/reference.h"
#include "whisper_transcriber/engine.h"

namespace wt {
namespace {

using nlohmann::json;
using testing_support::BaseModelPath;
using testing_support::LoadReferenceJson;
using testing_support::ReferencePath;

struct Case {
  std::string file;
  std::string entry;  // Empty: the file is the entry.
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.file << (c.entry.empty() ? "" : "/") << c.entry;
}

TranscriptionRequest RequestOf(const json& options) {
  TranscriptionRequest request;
  request.windowing = Windowing::kReference;
  if (options.contains("temperature")) request.decoding.temperatures = {options["temperature"]};
  request.decoding.beam_size = options.value("beam_size", 1);
  request.decoding.best_of = 1;
  request.decoding.without_timestamps = options.value("without_timestamps", false);
  request.language.language = options.value("language", "");
  request.prompt.condition_on_previous_text = options.value("condition_on_previous_text", true);
  request.prompt.initial_prompt = options.value("initial_prompt", "");
  request.prompt.carry_initial_prompt = options.value("carry_initial_prompt", false);
  request.words.word_timestamps = options.value("word_timestamps", false);
  if (options.contains("hallucination_silence_threshold")) {
    request.words.hallucination_silence_threshold_s = options["hallucination_silence_threshold"];
  }
  if (options.contains("clip_timestamps")) {
    const std::string text = options["clip_timestamps"];
    std::vector<double> points;
    for (std::size_t at = 0; at < text.size();) {
      std::size_t used = 0;
      points.push_back(std::stod(text.substr(at), &used));
      at += used + 1;
    }
    for (std::size_t i = 0; i < points.size(); i += 2) {
      TimeRange range;
      range.start_s = points[i];
      if (i + 1 < points.size()) range.end_s = points[i + 1];
      request.clips.push_back(range);
    }
  }
  return request;
}

class TranscribeGoldenTest : public testing::TestWithParam<Case> {
 protected:
  static void SetUpTestSuite() {
    auto engine = Engine::Create({.threads = 2});
    ASSERT_TRUE(engine.ok());
    engine_ = std::move(*engine).release();
    if (!testing_support::Exists(BaseModelPath())) return;
    ModelOptions options;
    options.path = BaseModelPath();
    options.compute_type = ComputeType::kFloat32;
    auto model = engine_->LoadModel(options);
    ASSERT_TRUE(model.ok()) << model.status().message();
    model_ = new std::shared_ptr<const Model>(*model);
  }
  static void TearDownTestSuite() {
    delete model_;
    delete engine_;
    model_ = nullptr;
    engine_ = nullptr;
  }

  static Engine* engine_;
  static std::shared_ptr<const Model>* model_;
};

Engine* TranscribeGoldenTest::engine_ = nullptr;
std::shared_ptr<const Model>* TranscribeGoldenTest::model_ = nullptr;

void ExpectSameSegment(const Segment& ours, const json& theirs) {
  EXPECT_EQ(ours.seek, theirs["seek"].get<std::int64_t>());
  EXPECT_NEAR(ours.start_s, theirs["start"].get<double>(), 1e-3);
  EXPECT_NEAR(ours.end_s, theirs["end"].get<double>(), 1e-3);
  EXPECT_EQ(ours.text, theirs["text"].get<std::string>());
  EXPECT_EQ(ours.tokens, theirs["tokens"].get<std::vector<TokenId>>());
  EXPECT_EQ(ours.temperature, theirs["temperature"].get<double>());
  EXPECT_NEAR(ours.avg_logprob, theirs["avg_logprob"].get<double>(), 1e-3);
  EXPECT_NEAR(ours.no_speech_prob, theirs["no_speech_prob"].get<double>(), 1e-4);
  EXPECT_NEAR(ours.compression_ratio, theirs["compression_ratio"].get<double>(), 1e-5);
  if (!theirs.contains("words")) return;
  // Word times within one position (0.02 s), probabilities within 0.002.
  ASSERT_TRUE(ours.words.has_value());
  ASSERT_EQ(ours.words->size(), theirs["words"].size());
  for (std::size_t i = 0; i < ours.words->size(); ++i) {
    const Word& word = (*ours.words)[i];
    const json& expected = theirs["words"][i];
    EXPECT_EQ(word.text, expected["word"].get<std::string>());
    EXPECT_NEAR(word.start_s, expected["start"].get<double>(), 0.0201) << word.text;
    EXPECT_NEAR(word.end_s, expected["end"].get<double>(), 0.0201) << word.text;
    EXPECT_NEAR(word.probability, expected["probability"].get<double>(), 2e-3) << word.text;
  }
}

// At least 95 % of the words have the reference's times to the last digit that it prints.
void ExpectMostTimesExact(const std::vector<Segment>& ours, const json& theirs) {
  int exact = 0;
  int words = 0;
  for (std::size_t i = 0; i < std::min(ours.size(), theirs.size()); ++i) {
    const std::size_t count = std::min(ours[i].words->size(), theirs[i]["words"].size());
    for (std::size_t w = 0; w < count; ++w, ++words) {
      const Word& word = (*ours[i].words)[w];
      const json& expected = theirs[i]["words"][w];
      exact += std::abs(word.start_s - expected["start"].get<double>()) < 1e-6 &&
               std::abs(word.end_s - expected["end"].get<double>()) < 1e-6;
    }
  }
  std::printf("%d of %d words have exactly the reference's times\n", exact, words);
  EXPECT_GE(exact, 0.95 * words);
}

TEST_P(TranscribeGoldenTest, SegmentsEqualTheReference) {
  WT_NEEDS(BaseModelPath());
  const bool words = GetParam().file == "words";
  const std::string file = (words ? "" : "transcribe/") + GetParam().file + ".json";
  WT_NEEDS(ReferencePath(file));
  json entry = LoadReferenceJson(file);
  if (!GetParam().entry.empty()) entry = entry[GetParam().entry];
  const auto samples = testing_support::SpeechSamples(
      entry["path"].get<std::string>().substr(sizeof("speech/") - 1));
  if (words) entry = entry["openai"];
  if (!samples) GTEST_SKIP() << "ffmpeg or the recording is not there";

  auto task =
      engine_->Submit(*model_, MakeMemorySource(*samples), RequestOf(entry["options"]), nullptr);
  ASSERT_TRUE(task.ok()) << task.status().message();
  const auto transcript = (*task)->Wait();
  ASSERT_TRUE(transcript.ok()) << transcript.status().message();
  EXPECT_EQ(transcript->language, entry["language"].get<std::string>());
  const json& segments = entry["segments"];
  for (std::size_t i = 0; i < std::min(segments.size(), transcript->segments.size()); ++i) {
    SCOPED_TRACE("segment " + std::to_string(i));
    ExpectSameSegment(transcript->segments[i], segments[i]);
    if (HasFailure()) break;
  }
  EXPECT_EQ(transcript->segments.size(), segments.size());
  if (words && !HasFailure()) ExpectMostTimesExact(transcript->segments, segments);
}

std::string NameOf(const testing::TestParamInfo<Case>& info) {
  std::string name = info.param.file + "_" + info.param.entry;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

INSTANTIATE_TEST_SUITE_P(
    Recordings, TranscribeGoldenTest,
    testing::Values(Case{"long-es-dev.nocond", ""}, Case{"long-es-dev.cond", ""},
                    Case{"long-es-dev.beam5", ""}, Case{"long-mixed-dev.nocond", ""},
                    Case{"long-mixed-dev.cond", ""}, Case{"long-accent-lj003.nocond", ""},
                    Case{"long-accent-lj003.cond", ""}, Case{"options", "jfk_plain"},
                    Case{"options", "jfk_initial_prompt"}, Case{"options", "earnings_plain"},
                    Case{"options", "earnings_initial_prompt"},
                    Case{"options", "earnings_carry_initial_prompt"},
                    Case{"options", "earnings_prompt_lowercase"}, Case{"options", "zh_prompt"},
                    Case{"options", "de_auto"}, Case{"options", "es_clip_timestamps"},
                    Case{"options", "sonnet_plain"}, Case{"options", "sonnet_without_timestamps"},
                    Case{"options", "gaps3"}, Case{"options", "pad_30_01"},
                    Case{"options", "pad_29_99"}, Case{"words", "jfk-inaugural"},
                    Case{"words", "sonnet1"}, Case{"words", "fleurs-de-000"},
                    Case{"words", "fleurs-ja-1837-clip4"},
                    Case{"words", "gaps3_hallucination_silence_threshold"}),
    NameOf);

}  // namespace
}  // namespace wt

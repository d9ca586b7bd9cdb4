// Goal: one padded window of each clip, decoded in several ways, gives the reference's tokens.
// Method: reference/decode.json, temperature 0. Greedy ids are equal, or first differ at a step
// where the reference itself had two choices less than 0.002 apart (its min_gap); beam search may
// choose another candidate whose score is within 0.001.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/features/audio_window.h"
#include "engine/pipeline/loaded_model.h"
#include "engine/pipeline/scheduler.h"
#include "tests/support/clips.h"
#include "tests/support/reference.h"

namespace wt {
namespace {

using nlohmann::json;
using testing_support::BaseModelPath;
using testing_support::LoadReferenceJson;

constexpr std::size_t kWindowSamples = 480'000;
constexpr double kNearTie = 2e-3;

struct Kit {
  platform::ThreadPool pool{2};
  std::shared_ptr<const pipeline::LoadedModel> model;
  std::unique_ptr<pipeline::Scheduler> scheduler;
};

class WindowGoldenTest : public testing::TestWithParam<std::string> {
 protected:
  static void SetUpTestSuite() {
    if (!testing_support::Exists(BaseModelPath())) return;
    kit_ = new Kit;
    ModelOptions options;
    options.path = BaseModelPath();
    options.compute_type = ComputeType::kFloat32;
    auto model = pipeline::LoadedModel::Load(options, kernels::BestKernels(), kit_->pool);
    ASSERT_TRUE(model.ok()) << model.status().message();
    kit_->model = *model;
    kit_->scheduler = std::make_unique<pipeline::Scheduler>(kit_->pool);
  }
  static void TearDownTestSuite() {
    delete kit_;
    kit_ = nullptr;
  }
  static Kit* kit_;
};

Kit* WindowGoldenTest::kit_ = nullptr;

decode::AttemptOptions OptionsOf(const std::string& way, const json& result, const Kit& kit) {
  const json given = result.value("options", json::object());
  decode::AttemptOptions options;
  options.temperature = 0;
  options.beam_size = way.find("beam5") != std::string::npos ? 5 : 1;
  if (way == "beam5_patience2_alpha1") {
    options.patience = 2;
    options.length_penalty = 1;
  }
  options.timestamps = way.find("without_timestamps") == std::string::npos;
  if (way == "sample_len_10") options.sample_tokens_max = 10;
  options.sample_tokens_max = given.value("sample_len", options.sample_tokens_max);
  if (way == "no_suppress") {
    options.suppress_blank = false;
    options.max_initial_timestamp_index = std::nullopt;
  } else {
    const TokenId all[] = {-1};
    options.suppressed = kit.model->tokenizer().SuppressedTokens(all);
  }
  return options;
}

std::vector<TokenId> InitialTokens(const std::string& way, const json& result,
                                   const std::string& language, const Kit& kit) {
  if (result.contains("initial_tokens")) {
    return result["initial_tokens"].get<std::vector<TokenId>>();
  }
  const auto task = way.starts_with("translate") ? SpeechTask::kTranslate : SpeechTask::kTranscribe;
  return kit.model->tokenizer().StartSequence(language, task,
                                              way.find("without_timestamps") == std::string::npos);
}

void ExpectSame(const std::string& way, const decode::AttemptResult& ours, const json& theirs) {
  const auto tokens = theirs["tokens"].get<std::vector<TokenId>>();
  if (ours.best.tokens == tokens) {
    EXPECT_NEAR(ours.avg_logprob, theirs["avg_logprob"].get<double>(), 1e-3) << way;
    return;
  }
  if (theirs.contains("min_gap")) {
    const auto step = theirs["min_gap_step"].get<std::size_t>();
    EXPECT_LT(theirs["min_gap"].get<double>(), kNearTie) << way << ": tokens differ";
    EXPECT_TRUE(std::equal(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(step),
                           ours.best.tokens.begin()))
        << way << ": differs before the near tie";
    return;
  }
  bool other = false;
  for (const json& candidate : theirs.value("candidates", json::array())) {
    auto known = candidate["tokens"].get<std::vector<TokenId>>();
    if (!known.empty() && known.back() == 50257) known.pop_back();
    other |= known == ours.best.tokens &&
             std::abs(ours.avg_logprob - theirs["avg_logprob"].get<double>()) < 1e-3;
  }
  EXPECT_TRUE(other) << way << ": neither the tokens nor an equal candidate";
}

TEST_P(WindowGoldenTest, EveryWayOfDecodingEqualsTheReference) {
  WT_NEEDS(BaseModelPath());
  WT_NEEDS(testing_support::ReferencePath("decode.json"));
  const json clips = LoadReferenceJson("clips.json");
  const auto clip =
      std::find_if(clips.begin(), clips.end(), [](const json& c) { return c["id"] == GetParam(); });
  ASSERT_NE(clip, clips.end());
  auto samples = testing_support::ClipSamples(*clip);
  if (!samples) GTEST_SKIP() << "ffmpeg or the recording is not there";
  samples->resize(kWindowSamples);

  auto source = MakeMemorySource(*samples);
  features::MelStream stream(*source, kit_->model->log_mel());
  ASSERT_TRUE(stream.FirstPass({}).ok());
  std::vector<float> mel(80 * 3000);
  ASSERT_TRUE(stream.Window(0, 3000, features::BeyondContent::kZeros, mel).ok());
  whisper::WindowState window(kit_->model->dims(), kit_->model->network().kernels(),
                              kit_->model->network().cross_type(), 5);
  const pipeline::JobOwner owner = {.model = kit_->model.get(), .window = &window};
  pipeline::EncodeJob encode{mel};
  ASSERT_TRUE(kit_->scheduler->Run(owner, &encode).ok());

  pipeline::LanguageJob language_job;
  ASSERT_TRUE(kit_->scheduler->Run(owner, &language_job).ok());
  const json languages = LoadReferenceJson("language.json")[GetParam()];
  const auto codes = tokenizer::LanguageCodes();
  for (std::size_t i = 0; i < language_job.probabilities.size(); ++i) {
    EXPECT_NEAR(static_cast<double>(language_job.probabilities[i]),
                languages["probs"][std::string(codes[i])].get<double>(), 5e-4);
  }

  const json ways = LoadReferenceJson("decode.json")[GetParam()];
  const auto language = ways["language"].get<std::string>();
  for (const auto& [way, result] : ways.items()) {
    if (way == "language") continue;
    auto initial = InitialTokens(way, result, language, *kit_);
    pipeline::DecodeJob job;
    job.sot_index = static_cast<int>(
        std::find(initial.begin(), initial.end(), kit_->model->tokenizer().special().sot) -
        initial.begin());
    decode::Attempt attempt(kit_->model->tokenizer(), kit_->model->network().kernels(),
                            OptionsOf(way, result, *kit_), initial, 448);
    job.attempt = &attempt;
    ASSERT_TRUE(kit_->scheduler->Run(owner, &job).ok());
    ExpectSame(way, attempt.Finish(), result);
    EXPECT_NEAR(job.no_speech_prob, result["no_speech_prob"].get<double>(), 1e-4) << way;
  }
}

INSTANTIATE_TEST_SUITE_P(
    Clips, WindowGoldenTest,
    testing::Values("jfk-inaugural", "vctk-p225-310", "libritts-2300-131720-000023-000000",
                    "earnings22-1-4482311-3-62", "fleurs-de-000", "fleurs-es-001", "fleurs-fr-001",
                    "css10-ru", "fleurs-ja-1837-clip4", "fleurs-zh-1883-clip5", "pico-leopard-ko",
                    "libritts-1284-1180-000024-000001-babble5", "ast-ru-demo-echotest",
                    "ast-en-demo-moreinfo", "silence-30s", "music-vibe-ace"));

}  // namespace
}  // namespace wt

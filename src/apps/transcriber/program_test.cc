#include "apps/transcriber/program.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "apps/transcriber/doctor_report.h"
#include "apps/transcriber/testing.h"
#include "apps/transcriber/version.h"

namespace wt::transcriber {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ProgramTest : public ::testing::Test {
 protected:
  int Run(std::vector<std::string_view> arguments) {
    return RunProgram(
        arguments, environment_, fake_.services,
        [this](std::span<const std::string_view> rest) {
          models_arguments_.assign(rest.begin(), rest.end());
          return 3;
        },
        [this](std::string_view name, std::span<const std::string_view> rest) {
          service_ = std::string(name) + ":" + std::to_string(rest.size());
          return 4;
        },
        &console_);
  }

  testing::FakeServices fake_;
  testing::FakeConsole console_;
  Environment environment_;
  std::vector<std::string> models_arguments_;
  std::string service_;
};

TEST_F(ProgramTest, ServeAndWorkerAreCommands) {
  EXPECT_EQ(Run({"serve", "--single-user"}), 4);
  EXPECT_EQ(service_, "serve:1");
  EXPECT_EQ(Run({"worker"}), 4);
  EXPECT_EQ(service_, "worker:0");
  EXPECT_EQ(Run({"help", "serve"}), 0);
  EXPECT_EQ(Run({"help", "worker"}), 0);
}

TEST_F(ProgramTest, WithoutArgumentsItExplainsItself) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_THAT(console_.error, HasSubstr("transcriber transcribe FILE"));
}

TEST_F(ProgramTest, HelpAndVersionGoToStandardOutput) {
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_EQ(Run({"help", "transcribe"}), 0);
  EXPECT_THAT(console_.output, HasSubstr("--beam-size N"));
  console_.output.clear();
  EXPECT_EQ(Run({"--version"}), 0);
  EXPECT_EQ(console_.output, std::string("transcriber ") + kVersion + "\n");
  console_.output.clear();
  EXPECT_EQ(Run({"version", "--json"}), 0);
  EXPECT_EQ(nlohmann::json::parse(console_.output)["version"], kVersion);
}

TEST_F(ProgramTest, UnknownCommandsSuggestTheNearest) {
  EXPECT_EQ(Run({"transcibe", "a.wav"}), 2);
  EXPECT_THAT(console_.error, HasSubstr("did you mean transcribe?"));
  EXPECT_EQ(Run({"/dev/null"}), 2);
  EXPECT_THAT(console_.error, HasSubstr("transcriber transcribe /dev/null"));
  EXPECT_EQ(Run({"help", "nothing"}), 2);
}

TEST_F(ProgramTest, ModelsGetsItsArgumentsAndGivesItsStatus) {
  EXPECT_EQ(Run({"models", "pull", "base"}), 3);
  EXPECT_THAT(models_arguments_, ElementsAre("pull", "base"));
}

TEST_F(ProgramTest, CompletionsNeedAShell) {
  EXPECT_EQ(Run({"completions", "bash"}), 0);
  EXPECT_THAT(console_.output, HasSubstr("complete -o filenames"));
  EXPECT_EQ(Run({"completions"}), 2);
  EXPECT_EQ(Run({"completions", "tcsh"}), 2);
}

TEST_F(ProgramTest, DoctorPrintsJsonWhenAsked) {
  fake_.no_models = true;
  EXPECT_EQ(Run({"doctor", "--json"}), 1);
  const nlohmann::json json = nlohmann::json::parse(console_.output);
  EXPECT_EQ(json["ok"], false);
  EXPECT_EQ(Run({"doctor", "now"}), 2);
}

TEST_F(ProgramTest, BenchMeasuresTheChosenModel) {
  EXPECT_EQ(Run({"bench", "--threads", "3", "--compute-type", "int8"}), 0);
  EXPECT_EQ(fake_.log.engine_options.threads, 3);
  EXPECT_EQ(fake_.log.model_options.compute_type, ComputeType::kInt8);
  EXPECT_EQ(fake_.log.model_options.path, "/models/base");
  EXPECT_THAT(console_.output, HasSubstr("int8 2000 GOP/s"));
  EXPECT_THAT(console_.output, HasSubstr("float32 none"));
  EXPECT_THAT(console_.output, HasSubstr("encoder, 30 s window: 125.0 ms"));
  EXPECT_THAT(console_.output, HasSubstr("5 rows of 1 window: 2.00 ms"));
  EXPECT_THAT(console_.output, HasSubstr("40 MB read at 20.0 GB/s, 100 % of only reading"));
  EXPECT_THAT(console_.output, HasSubstr("recording of 60.0 s: 2.00 s (3.00 s of processor), 30 "));
  EXPECT_EQ(fake_.log.measured, "the sample");
  EXPECT_EQ(fake_.log.model_options.vad_path, "/models/vad");
  console_.output.clear();
  EXPECT_EQ(Run({"bench", "--json", "talk.wav"}), 0);
  EXPECT_EQ(fake_.log.measured, "talk.wav");
  const nlohmann::json json = nlohmann::json::parse(console_.output);
  EXPECT_EQ(json["encoder"]["seconds"], 0.125);
  EXPECT_EQ(json["steps"][0]["rows"], 5);
  EXPECT_EQ(json["steps"][0]["read_rate"], 20e9);
  EXPECT_EQ(json["recording"]["audio_seconds"], 60);
}

TEST_F(ProgramTest, BenchSaysWhatIsWrong) {
  EXPECT_EQ(Run({"bench", "talk.wav", "walk.wav"}), 2);
  EXPECT_EQ(Run({"bench", "a_text_file"}), 1);
  EXPECT_THAT(console_.error, HasSubstr("not a media file"));
  EXPECT_EQ(Run({"bench", "--threads", "300"}), 2);
  fake_.engine_status = Status(StatusCode::kUnsupported, "no such instruction set");
  EXPECT_EQ(Run({"bench"}), 1);
  EXPECT_THAT(console_.error, HasSubstr("no such instruction set"));
  fake_.no_models = true;
  EXPECT_EQ(Run({"bench"}), 3);
}

DoctorFacts Healthy() {
  DoctorFacts facts;
  facts.version = "1.2.3";
  facts.cpu.avx2_fma = true;
  facts.instruction_set = "avx2";
  facts.memory_bytes = 8'000'000'000;
  facts.models = {{"base", "/m/base"}};
  facts.vad_path = "/m/vad";
  facts.media_helper = "/bin/transcriber-media";
  facts.sandbox_holds = true;
  facts.sandbox_detail = "seccomp: yes";
  facts.data = {"/d", true, 5'000'000'000};
  facts.cache = {"/c", true, 5'000'000'000};
  return facts;
}

const Finding* Find(const std::vector<Finding>& findings, std::string_view topic) {
  for (const Finding& finding : findings) {
    if (finding.topic == topic) return &finding;
  }
  return nullptr;
}

TEST(DoctorTest, AHealthyMachineHasNothingToFix) {
  for (const Finding& finding : Diagnose(Healthy())) {
    EXPECT_EQ(finding.verdict, Verdict::kFine) << finding.topic;
    EXPECT_THAT(finding.fix, IsEmpty());
  }
}

TEST(DoctorTest, EveryFaultHasAVerdictAndAFix) {
  struct Case {
    const char* topic;
    Verdict verdict;
    void (*harm)(DoctorFacts*);
    const char* fix;
  };
  const std::vector<Case> cases = {
      {"processor", Verdict::kWarning, [](DoctorFacts* f) { f->cpu.avx2_fma = false; }, "AVX2"},
      {"kernels", Verdict::kWarning, [](DoctorFacts* f) { f->instruction_set = "generic"; },
       "WT_FORCE_ISA"},
      {"kernels", Verdict::kProblem, [](DoctorFacts* f) { f->instruction_set.clear(); },
       "WT_FORCE_ISA"},
      {"memory", Verdict::kWarning, [](DoctorFacts* f) { f->memory_bytes = 1; }, "tiny"},
      {"models", Verdict::kProblem, [](DoctorFacts* f) { f->models.clear(); },
       "transcriber models pull base"},
      {"voice activity", Verdict::kWarning, [](DoctorFacts* f) { f->vad_path.clear(); },
       "transcriber models pull silero-vad"},
      {"media files", Verdict::kProblem, [](DoctorFacts* f) { f->media_helper.clear(); },
       "transcriber-media"},
      {"sandbox", Verdict::kWarning, [](DoctorFacts* f) { f->sandbox_holds = false; }, "Landlock"},
      {"sandbox", Verdict::kProblem, [](DoctorFacts* f) { f->sandbox_holds.reset(); },
       "sandbox-check"},
      {"data directory", Verdict::kProblem, [](DoctorFacts* f) { f->data.writable = false; },
       "XDG_DATA_HOME"},
      {"data directory", Verdict::kWarning, [](DoctorFacts* f) { f->data.free_bytes = 1; }, "free"},
      {"cache directory", Verdict::kProblem, [](DoctorFacts* f) { f->cache.path.clear(); },
       "XDG_CACHE_HOME"},
  };
  for (const Case& c : cases) {
    DoctorFacts facts = Healthy();
    c.harm(&facts);
    const std::vector<Finding> findings = Diagnose(facts);
    const Finding* finding = Find(findings, c.topic);
    ASSERT_NE(finding, nullptr) << c.topic;
    EXPECT_EQ(finding->verdict, c.verdict) << c.topic;
    EXPECT_THAT(finding->fix, HasSubstr(c.fix)) << c.topic;
    EXPECT_EQ(HasProblem(findings), c.verdict == Verdict::kProblem) << c.topic;
    EXPECT_THAT(DoctorText(findings, false), HasSubstr("fix: " + finding->fix));
  }
}

TEST(DoctorTest, JsonHoldsEveryFinding) {
  DoctorFacts facts = Healthy();
  facts.models[0].path = "/m/\xff";
  const nlohmann::json json = nlohmann::json::parse(DoctorJson(Diagnose(facts)));
  EXPECT_EQ(json["ok"], true);
  EXPECT_EQ(json["findings"].size(), Diagnose(facts).size());
}

TEST(EnvironmentTest, DirectoriesFollowTheXdgRules) {
  std::map<std::string, std::string> variables = {{"HOME", "/home/u"}};
  const auto get = [&variables](const char* name) -> const char* {
    const auto found = variables.find(name);
    return found == variables.end() ? nullptr : found->second.c_str();
  };
  EXPECT_EQ(ReadEnvironment(get, "/x").data_dir, "/home/u/.local/share/whisper-transcriber");
  EXPECT_EQ(ReadEnvironment(get, "/x").instruction_set, "auto");
  EXPECT_TRUE(ReadEnvironment(get, "/x").colours);
  variables = {{"XDG_DATA_HOME", "/data"}, {"XDG_CACHE_HOME", "relative"},
               {"NO_COLOR", "1"},          {"MODELS_DIR", "/last"},
               {"MODEL_DIR", "/first"},    {"WT_FORCE_ISA", "avx2"}};
  const Environment environment = ReadEnvironment(get, "/x");
  EXPECT_EQ(environment.data_dir, "/data/whisper-transcriber");
  EXPECT_EQ(environment.cache_dir, "/x/.cache/whisper-transcriber");
  EXPECT_EQ(environment.instruction_set, "avx2");
  EXPECT_FALSE(environment.colours);
  EXPECT_THAT(ModelDirectories(environment, "/given/"),
              ElementsAre("/given", "/first", "/last", "/data/whisper-transcriber/models",
                          "/var/lib/whisper-transcriber/models"));
  variables.clear();
  EXPECT_EQ(ReadEnvironment(get, "").data_dir, "");
}

TEST(ModelChoiceTest, NamesComeBeforePathsAndTheBestIsTheDefault) {
  ModelShelves shelves;
  shelves.published_names = {"base", "small"};
  shelves.shelves.push_back(
      std::make_unique<testing::FakeShelf>("/a", std::vector<FoundModel>{}, ""));
  shelves.shelves.push_back(std::make_unique<testing::FakeShelf>(
      "/b", std::vector<FoundModel>{{"small", "/b/small"}, {"base", "/b/base"}}, "/b/vad"));
  EXPECT_EQ(ChooseModel(shelves, "")->name, "small");
  EXPECT_EQ(ChooseModel(shelves, "base")->path, "/b/base");
  EXPECT_EQ(ChooseModel(shelves, "/dev/null")->path, "/dev/null");
  EXPECT_EQ(ChooseVadWeights(shelves), "/b/vad");
  EXPECT_THAT(ChooseModel(shelves, "bsae").status().message(), HasSubstr("did you mean base?"));
  EXPECT_THAT(ChooseModel(shelves, "x/y").status().message(), HasSubstr("x/y"));
  EXPECT_EQ(ChooseModel(shelves, "x/y").status().code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace wt::transcriber

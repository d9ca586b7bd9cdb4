#include "apps/transcriber/transcribe/transcribe_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <thread>

#include <nlohmann/json.hpp>

#include "apps/transcriber/interrupt.h"
#include "apps/transcriber/testing.h"

namespace wt::transcriber {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class TranscribeCommandTest : public ::testing::Test {
 protected:
  int Run(std::vector<std::string> arguments) {
    const std::vector<std::string_view> views(arguments.begin(), arguments.end());
    return RunTranscribeCommand(views, environment_, fake_.services, &console_);
  }

  testing::TemporaryDirectory directory_;
  testing::FakeServices fake_;
  testing::FakeConsole console_;
  Environment environment_;
};

TEST_F(TranscribeCommandTest, OneFileIsPrintedWithTimes) {
  EXPECT_EQ(Run({directory_.Make("a.wav")}), kExitDone);
  EXPECT_EQ(console_.output, "[00:00.000 --> 00:01.000]  a.wav\n");
  EXPECT_THAT(console_.error, HasSubstr("detected language: English (98 %)"));
}

TEST_F(TranscribeCommandTest, OneFormatGoesToStandardOutputAlone) {
  EXPECT_EQ(Run({directory_.Make("a.wav"), "-f", "srt"}), kExitDone);
  EXPECT_EQ(console_.output, "1\n00:00:00,000 --> 00:00:01,000\na.wav\n\n");
}

TEST_F(TranscribeCommandTest, QuietPrintsTheResultAndNothingElse) {
  EXPECT_EQ(Run({directory_.Make("a.wav"), "-q"}), kExitDone);
  EXPECT_EQ(console_.output, "[00:00.000 --> 00:01.000]  a.wav\n");
  EXPECT_EQ(console_.error, "");
}

TEST_F(TranscribeCommandTest, OutputDirectoryIsMadeAndHoldsFilesNamedAfterInputs) {
  EXPECT_EQ(Run({directory_.Make("a.wav"), directory_.Make("b.wav"), "-o",
                 directory_.Path("out/deep"), "-f", "txt,json", "-q"}),
            kExitDone);
  EXPECT_EQ(directory_.Read("out/deep/a.txt"), "a.wav\n");
  EXPECT_THAT(directory_.Read("out/deep/b.json"), HasSubstr("\"text\":\" b.wav\""));
  EXPECT_EQ(console_.output, "");
}

TEST_F(TranscribeCommandTest, ResultsComeInTheOrderOfTheInputs) {
  std::vector<std::string> arguments = {"--jsonl", "--files-in-flight", "8"};
  for (int i = 0; i < 40; ++i) arguments.push_back(directory_.Make(std::to_string(i) + ".wav"));
  EXPECT_EQ(Run(arguments), kExitDone);
  std::istringstream lines(console_.output);
  int number = 0;
  for (std::string line; std::getline(lines, line); ++number) {
    const nlohmann::json json = nlohmann::json::parse(line);
    EXPECT_EQ(json["text"], " " + std::to_string(number) + ".wav");
    EXPECT_TRUE(json.contains("elapsed"));
  }
  EXPECT_EQ(number, 40);
  EXPECT_EQ(fake_.log.loads, 1);
}

TEST_F(TranscribeCommandTest, ABadFileDoesNotStopTheOthers) {
  EXPECT_EQ(Run({"--jsonl", directory_.Path("missing.wav"), directory_.Make("bad.wav"),
                 directory_.Make("text.txt"), directory_.Path("."), directory_.Make("good.wav")}),
            kExitFailed);
  std::istringstream lines(console_.output);
  std::vector<std::string> codes;
  for (std::string line; std::getline(lines, line);) {
    const nlohmann::json json = nlohmann::json::parse(line);
    codes.push_back(json.contains("error") ? json["error"]["code"].get<std::string>() : "ok");
  }
  EXPECT_THAT(codes,
              ElementsAre("not_found", "data_corrupt", "unsupported", "invalid_argument", "ok"));
  EXPECT_THAT(console_.error, HasSubstr("4 of 5 files failed"));
}

TEST_F(TranscribeCommandTest, ErrorsNameTheFile) {
  EXPECT_EQ(Run({directory_.Make("bad.wav")}), kExitFailed);
  EXPECT_THAT(console_.error, HasSubstr("error: " + directory_.Path("bad.wav") + ": the audio"));
}

TEST_F(TranscribeCommandTest, NothingIsLoadedWhenNoInputCanBeRead) {
  EXPECT_EQ(Run({directory_.Path("no.wav")}), kExitFailed);
  EXPECT_EQ(fake_.log.loads, 0);
  EXPECT_THAT(console_.error, HasSubstr("No such file"));
}

TEST_F(TranscribeCommandTest, AnExistingFileIsKeptUnlessToldOtherwise) {
  const std::string input = directory_.Make("a.wav");
  const std::string output = directory_.Make("a.txt", "precious");
  EXPECT_EQ(Run({input, "--output", output}), kExitFailed);
  EXPECT_EQ(directory_.Read("a.txt"), "precious");
  EXPECT_THAT(console_.error, HasSubstr("--overwrite"));
  EXPECT_EQ(fake_.log.loads, 0);
  EXPECT_EQ(Run({input, "--output", output, "--overwrite"}), kExitDone);
  EXPECT_EQ(directory_.Read("a.txt"), "a.wav\n");
}

TEST_F(TranscribeCommandTest, WrongUsageIsTwoAndSaysHowToGetHelp) {
  EXPECT_EQ(Run({"--beam-size", "99", "a.wav"}), kExitUsage);
  EXPECT_THAT(console_.error, HasSubstr("--beam-size"));
  EXPECT_THAT(console_.error, HasSubstr("--help"));
  EXPECT_EQ(Run({}), kExitUsage);
  EXPECT_EQ(Run({"--help"}), kExitDone);
}

TEST_F(TranscribeCommandTest, AStoppedRunContinuesFromItsCheckpoint) {
  const std::string input = directory_.Make("endless bad.wav", "12345");
  const std::string path = directory_.Path("a.ckpt");
  const Checkpoint kept{{std::byte{7}, std::byte{0}, std::byte{9}}};
  fake_.log.checkpoint = kept;
  EXPECT_EQ(Run({input, "--checkpoint", path}), kExitFailed);
  ASSERT_EQ(fake_.log.resumed.size(), 1u);
  EXPECT_FALSE(fake_.log.resumed[0]);
  const std::string saved = directory_.Read("a.ckpt");
  ASSERT_TRUE(saved.starts_with("WTCKPT 1\n5 ")) << saved;

  // The same recording under another name, so that the stand-in finishes it; its text was heard
  // of before the stop, so all of it is printed at the end.
  const std::string renamed = directory_.Path("good.wav");
  std::filesystem::rename(input, renamed);
  EXPECT_EQ(Run({renamed, "--checkpoint", path}), kExitDone);
  ASSERT_TRUE(fake_.log.resumed[1]);
  EXPECT_EQ(fake_.log.resumed[1]->bytes, kept.bytes);
  EXPECT_EQ(console_.output, "[00:00.000 --> 00:01.000]  good.wav\n");
  EXPECT_EQ(directory_.Names(), std::vector<std::string>{"good.wav"});
}

TEST_F(TranscribeCommandTest, ACheckpointOfSomethingElseIsRefusedAndKept) {
  const std::string input = directory_.Make("a.wav", "12345");
  const std::string path = directory_.Make("a.ckpt", "WTCKPT 1\n6 0.000000000 track -1\nx");
  EXPECT_EQ(Run({input, "--checkpoint", path}), kExitFailed);
  EXPECT_THAT(console_.error, HasSubstr("another recording"));
  EXPECT_EQ(Run({input, "--checkpoint", directory_.Make("notes.txt", "precious")}), kExitFailed);
  EXPECT_THAT(console_.error, HasSubstr("is not a checkpoint"));
  EXPECT_EQ(directory_.Read("notes.txt"), "precious");
  EXPECT_TRUE(fake_.log.requests.empty());
  EXPECT_EQ(Run({input, "--checkpoint", directory_.Path("no/dir")}), kExitFailed);
  EXPECT_EQ(Run({input, input, "--checkpoint", path}), kExitUsage);
  EXPECT_EQ(Run({"-", "--checkpoint", path}), kExitUsage);
}

TEST_F(TranscribeCommandTest, AMissingModelIsThreeWithTheCommandThatFetchesIt) {
  const std::string input = directory_.Make("a.wav");
  EXPECT_EQ(Run({input, "--model", "small"}), kExitModelMissing);
  EXPECT_THAT(console_.error, HasSubstr("transcriber models pull small"));
  EXPECT_EQ(Run({input, "--model", "smal"}), kExitModelMissing);
  EXPECT_THAT(console_.error, HasSubstr("did you mean small?"));
  EXPECT_EQ(Run({input, "--model", directory_.Path("nothing")}), kExitModelMissing);
  fake_.no_models = true;
  EXPECT_EQ(Run({input}), kExitModelMissing);
  EXPECT_THAT(console_.error, HasSubstr("transcriber models pull base"));
}

TEST_F(TranscribeCommandTest, LinesWaitForTheirSpeakers) {
  fake_.speaker_dir = "/models/speaker";
  console_.terminal = true;
  EXPECT_EQ(Run({directory_.Make("a.wav"), "--diarize"}), kExitDone);
  EXPECT_EQ(console_.output, "[00:00.000 --> 00:01.000] S1: a.wav\n");
  EXPECT_EQ(fake_.log.model_options.speaker_dir, "/models/speaker");
  EXPECT_THAT(console_.error, HasSubstr("note: lines appear when a recording is done"));
}

TEST_F(TranscribeCommandTest, NobodyIsToldWhyLinesWaitWhereNoneAreWatched) {
  fake_.speaker_dir = "/models/speaker";
  const std::string input = directory_.Make("a.wav");
  EXPECT_EQ(Run({input, "--diarize"}), kExitDone);
  console_.terminal = true;
  EXPECT_EQ(Run({input, "--diarize", "-q"}), kExitDone);
  EXPECT_EQ(Run({input, "--diarize", "-f", "srt"}), kExitDone);
  EXPECT_EQ(Run({input, "--diarize", "--jsonl"}), kExitDone);
  EXPECT_EQ(Run({input}), kExitDone);
  EXPECT_THAT(console_.error, Not(HasSubstr("note: lines")));
}

TEST_F(TranscribeCommandTest, SpeakersWithoutTheirModelAreThreeBeforeAnyWork) {
  const std::string input = directory_.Make("a.wav");
  EXPECT_EQ(Run({input, "--diarize", "-o", directory_.Path("out")}), kExitModelMissing);
  EXPECT_EQ(console_.output, "");
  EXPECT_THAT(console_.error, HasSubstr("'speaker' is not installed (looked in /models)"));
  EXPECT_THAT(console_.error, HasSubstr("transcriber models pull speaker"));
  EXPECT_EQ(fake_.log.loads, 0);
  EXPECT_FALSE(std::filesystem::exists(directory_.Path("out")));
}

TEST_F(TranscribeCommandTest, ADoubtfulNumberOfSpeakersIsSaid) {
  fake_.speaker_dir = "/models/speaker";
  const std::string input = directory_.Make("a.wav");
  EXPECT_EQ(Run({input, "--diarize"}), kExitDone);
  EXPECT_THAT(console_.error, Not(HasSubstr("another number of speakers")));
  EXPECT_EQ(Run({input, "--diarize", "--num-speakers", "2"}), kExitDone);
  EXPECT_THAT(console_.error, HasSubstr("a.wav: the recording sounds like another number"));
}

TEST_F(TranscribeCommandTest, NumbersOfSpeakersNeedDiarize) {
  const std::string input = directory_.Make("a.wav");
  for (const char* option : {"--num-speakers", "--min-speakers", "--max-speakers"}) {
    console_.error.clear();
    EXPECT_EQ(Run({input, option, "2"}), kExitUsage) << option;
    EXPECT_THAT(console_.error, HasSubstr("need --diarize")) << option;
  }
  EXPECT_EQ(fake_.log.loads, 0);
}

TEST_F(TranscribeCommandTest, ADamagedModelIsNotAMissingOne) {
  fake_.log.load_status = Status(StatusCode::kDataCorrupt, "model.bin: too short");
  EXPECT_EQ(Run({directory_.Make("a.wav")}), kExitFailed);
  EXPECT_THAT(console_.error, HasSubstr("model.bin: too short"));
}

TEST_F(TranscribeCommandTest, AnInstructionSetThatIsNotThereIsWrongUsage) {
  environment_.instruction_set = "avx512";
  fake_.engine_status = Status(StatusCode::kUnsupported, "no avx512 here");
  EXPECT_EQ(Run({directory_.Make("a.wav")}), kExitUsage);
  EXPECT_EQ(fake_.log.engine_options.instruction_set, "avx512");
}

TEST_F(TranscribeCommandTest, OptionsReachEngineAndModel) {
  environment_.cache_dir = "/cache";
  environment_.model_dirs = {"/m"};
  EXPECT_EQ(Run({directory_.Make("a.wav"), "--threads", "2", "--compute-type", "bfloat16",
                 "--beam-size", "2", "--model-dir", "/first"}),
            kExitDone);
  EXPECT_EQ(fake_.log.engine_options.threads, 2);
  EXPECT_EQ(fake_.log.model_options.path, "/models/base");
  EXPECT_EQ(fake_.log.model_options.vad_path, "/models/vad");
  EXPECT_EQ(fake_.log.model_options.cache_dir, "/cache");
  EXPECT_EQ(fake_.log.model_options.compute_type, ComputeType::kBfloat16);
  ASSERT_EQ(fake_.log.requests.size(), 1u);
  EXPECT_EQ(fake_.log.requests[0].decoding.beam_size, 2);
  EXPECT_THAT(fake_.directories, ElementsAre("/first", "/m", HasSubstr("/var/lib")));
}

TEST_F(TranscribeCommandTest, AnEnglishModelIsUsedForEnglishWithAWarning) {
  fake_.log.multilingual = false;
  EXPECT_EQ(Run({directory_.Make("a.wav"), "--language", "de"}), kExitDone);
  EXPECT_EQ(fake_.log.requests[0].language.language, "en");
  EXPECT_THAT(console_.error, HasSubstr("warning: base is an English-only model"));
}

TEST_F(TranscribeCommandTest, AReaderThatGoesAwayEndsTheWorkQuietly) {
  console_.print_status = Status(StatusCode::kAborted, "closed");
  EXPECT_EQ(Run({directory_.Make("a.wav"), directory_.Make("endless.wav"), "--jsonl"}),
            kExitPipeClosed);
  EXPECT_THAT(console_.error, Not(HasSubstr("error")));
}

TEST_F(TranscribeCommandTest, AFullDiskBehindStandardOutputIsAnError) {
  console_.print_status = Status(StatusCode::kResourceExhausted, "standard output: no space");
  EXPECT_EQ(Run({directory_.Make("a.wav")}), kExitFailed);
  EXPECT_THAT(console_.error, HasSubstr("no space"));
}

TEST_F(TranscribeCommandTest, CtrlCStopsEverythingAndLeavesNoFile) {
  // Once: a second signal would end the process.
  fake_.log.on_submit = [raised = std::make_shared<std::atomic<bool>>(false)] {
    if (!raised->exchange(true)) std::raise(SIGINT);
  };
  EXPECT_EQ(Run({directory_.Make("endless.wav"), directory_.Make("endless2.wav"), "-o",
                 directory_.Path("out"), "-q"}),
            kExitInterrupted);
  EXPECT_TRUE(std::filesystem::is_empty(directory_.Path("out")));
  EXPECT_EQ(console_.error, "");
}

TEST_F(TranscribeCommandTest, ProgressIsShownOnATerminalOnlyAndRemoved) {
  console_.terminal = true;
  fake_.log.on_submit = [] { std::this_thread::sleep_for(std::chrono::milliseconds(300)); };
  EXPECT_EQ(Run({directory_.Make("a.wav")}), kExitDone);
  EXPECT_THAT(console_.error, HasSubstr("\r" + directory_.Path("a.wav").substr(0, 8)));
  EXPECT_THAT(console_.error, HasSubstr("\r\x1b[K"));
}

TEST_F(TranscribeCommandTest, HostileFileNamesDoNotReachTheTerminalRaw) {
  EXPECT_EQ(Run({directory_.Path("\x1b[2Jno.wav")}), kExitFailed);
  EXPECT_EQ(console_.error.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace wt::transcriber

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "apps/transcriber/testing.h"
#include "apps/transcriber/transcribe/output_file.h"
#include "apps/transcriber/transcribe/output_plan.h"
#include "apps/transcriber/transcribe/progress_text.h"
#include "formats/text.h"

namespace wt::transcriber {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TranscribeArguments Inputs(std::vector<std::string> inputs) {
  TranscribeArguments arguments;
  arguments.inputs = std::move(inputs);
  return arguments;
}

std::vector<std::string> PathsOf(const TranscribeArguments& arguments) {
  std::vector<std::string> paths;
  const Result<OutputPlan> plan = PlanOutputs(arguments);
  EXPECT_TRUE(plan.ok()) << plan.status().message();
  if (!plan.ok()) return paths;
  for (const auto& outputs : plan->files) {
    for (const PlannedOutput& output : outputs) paths.push_back(output.path);
  }
  return paths;
}

TEST(OutputPlanTest, OneInputPrintsLinesOrItsFormat) {
  EXPECT_TRUE(PlanOutputs(Inputs({"a.wav"}))->print_lines);
  TranscribeArguments srt = Inputs({"a.wav"});
  srt.formats = {formats::Format::kSrt};
  EXPECT_FALSE(PlanOutputs(srt)->print_lines);
  EXPECT_EQ(PlanOutputs(srt)->print_format, formats::Format::kSrt);
  srt.output = "-";
  EXPECT_EQ(PlanOutputs(srt)->print_format, formats::Format::kSrt);
}

TEST(OutputPlanTest, SeveralInputsOrFormatsWriteFilesNamedAfterTheInput) {
  EXPECT_THAT(PathsOf(Inputs({"/x/a.wav", "b.tar.gz", "-"})),
              ElementsAre("a.txt", "b.tar.txt", "stdin.txt"));
  TranscribeArguments two = Inputs({"a.wav"});
  two.formats = {formats::Format::kSrt, formats::Format::kJson};
  EXPECT_THAT(PathsOf(two), ElementsAre("a.srt", "a.json"));
}

TEST(OutputPlanTest, JsonLinesWriteFilesOnlyIntoADirectoryThatWasAskedFor) {
  TranscribeArguments arguments = Inputs({"a.wav", "b.wav"});
  arguments.jsonl = true;
  EXPECT_TRUE(PathsOf(arguments).empty());
  EXPECT_FALSE(PlanOutputs(arguments)->print_lines);
  arguments.output_dir = "out";
  EXPECT_THAT(PathsOf(arguments), ElementsAre("out/a.txt", "out/b.txt"));
}

TEST(OutputPlanTest, InputsWithOneStemKeepTheirExtensions) {
  EXPECT_THAT(PathsOf(Inputs({"a.wav", "a.mp3", "b.wav"})),
              ElementsAre("a.wav.txt", "a.mp3.txt", "b.txt"));
}

TEST(OutputPlanTest, InputsThatWouldWriteOneFileAreRefused) {
  const Status status = PlanOutputs(Inputs({"x/a.wav", "y/a.wav"})).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("x/a.wav and y/a.wav"));
}

TEST(OutputPlanTest, AnInputIsNeverAnOutput) {
  const testing::TemporaryDirectory directory;
  TranscribeArguments arguments = Inputs({directory.Make("a.txt")});
  arguments.output = directory.Path("a.txt");
  arguments.overwrite = true;
  EXPECT_THAT(PlanOutputs(arguments).status().message(), HasSubstr("would be overwritten"));
}

TEST(OutputPlanTest, StemsAreThoseOfTheReference) {
  EXPECT_EQ(OutputStem("/a/talk.mp3"), "talk");
  EXPECT_EQ(OutputStem("talk"), "talk");
  EXPECT_EQ(OutputStem(".hidden"), ".hidden");
  EXPECT_EQ(OutputStem("..x.wav"), "..x");
  EXPECT_EQ(OutputStem("-"), "stdin");
  EXPECT_EQ(OutputStem("dir/"), "output");
}

TEST(OutputFileTest, AFileAppearsWholeWithoutTraces) {
  const testing::TemporaryDirectory directory;
  const mode_t mask = ::umask(027);
  EXPECT_TRUE(WriteOutputFile(directory.Path("a.txt"), "text", Existing::kKeep).ok());
  ::umask(mask);
  EXPECT_EQ(directory.Read("a.txt"), "text");
  EXPECT_THAT(directory.Names(), ElementsAre("a.txt"));
  struct stat info{};
  ASSERT_EQ(::stat(directory.Path("a.txt").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0640u);
}

TEST(OutputFileTest, AnExistingFileIsKeptOrReplaced) {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.Make("a.txt", "old");
  EXPECT_EQ(WriteOutputFile(path, "new", Existing::kKeep).code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(directory.Read("a.txt"), "old");
  EXPECT_TRUE(WriteOutputFile(path, "new", Existing::kReplace).ok());
  EXPECT_EQ(directory.Read("a.txt"), "new");
  EXPECT_THAT(directory.Names(), ElementsAre("a.txt"));
}

TEST(OutputFileTest, ASymbolicLinkStaysOne) {
  const testing::TemporaryDirectory directory;
  directory.Make("target", "old");
  std::filesystem::create_symlink("target", directory.Path("link"));
  EXPECT_TRUE(WriteOutputFile(directory.Path("link"), "new", Existing::kReplace).ok());
  EXPECT_TRUE(std::filesystem::is_symlink(directory.Path("link")));
  EXPECT_EQ(directory.Read("target"), "new");
}

TEST(OutputFileTest, DevicesAreWrittenDirectly) {
  EXPECT_TRUE(CheckOutputFile("/dev/null", Existing::kKeep).ok());
  EXPECT_TRUE(WriteOutputFile("/dev/null", "text", Existing::kKeep).ok());
  EXPECT_EQ(WriteOutputFile("/dev/full", "text", Existing::kKeep).code(),
            StatusCode::kResourceExhausted);
}

TEST(OutputFileTest, WhatCannotBeWrittenIsKnownBefore) {
  const testing::TemporaryDirectory directory;
  EXPECT_EQ(CheckOutputFile(directory.Make("a"), Existing::kKeep).code(),
            StatusCode::kAlreadyExists);
  EXPECT_TRUE(CheckOutputFile(directory.Path("a"), Existing::kReplace).ok());
  EXPECT_TRUE(CheckOutputFile(directory.Path("new"), Existing::kKeep).ok());
  EXPECT_EQ(CheckOutputFile(directory.Path("."), Existing::kReplace).code(),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(CheckOutputFile(directory.Path("no/where"), Existing::kKeep).code(),
            StatusCode::kNotFound);
  EXPECT_EQ(CheckOutputFile(directory.Path("a/b"), Existing::kKeep).code(), StatusCode::kNotFound);
  EXPECT_EQ(WriteOutputFile(directory.Path("no/where"), "x", Existing::kKeep).code(),
            StatusCode::kNotFound);
}

TEST(ProgressTextTest, ShowsTimeSpeedAndTimeLeft) {
  EXPECT_EQ(ProgressText({1, 1, "talk.mp3", 60, 600, 10}, 100),
            "talk.mp3  01:00 of 10:00  10 %  6.0 x real time  01:30 left");
  EXPECT_EQ(ProgressText({2, 7, "talk.mp3", 0, 0, 3}, 100), "[2/7] talk.mp3  reading  00:03");
  EXPECT_EQ(ProgressText({1, 1, "a", 0, 7322, 0}, 100), "a  00:00 of 02:02:02  0 %");
}

TEST(ProgressTextTest, FitsTheTerminalAndCutsTheNameFirst) {
  const ProgressView view{1, 1, std::string(200, 'n'), 60, 600, 10};
  for (int columns = 1; columns < 120; ++columns) {
    EXPECT_LE(formats::DisplayWidth(ProgressText(view, columns)), columns);
  }
  EXPECT_THAT(ProgressText(view, 79), HasSubstr("left"));
}

TEST(ProgressTextTest, NeverDividesByNothing) {
  EXPECT_EQ(SpeedText(0, 1), "");
  EXPECT_EQ(SpeedText(1, 0), "");
  EXPECT_EQ(ClockText(-1), "00:00");
  EXPECT_EQ(ClockText(3661), "01:01:01");
}

}  // namespace
}  // namespace wt::transcriber

#include "apps/transcriber/options/arguments.h"

#include <gtest/gtest.h>

#include <array>

namespace wt::transcriber {
namespace {

constexpr auto kTable = std::to_array<OptionSpec>({
    {.name = "guard"},
    {.name = "beam-size",
     .short_name = 'b',
     .kind = ValueKind::kInteger,
     .minimum = 1,
     .maximum = 16},
    {.name = "threshold",
     .alias = "other-threshold",
     .kind = ValueKind::kReal,
     .minimum = -5,
     .maximum = 5,
     .allows_none = true},
    {.name = "task", .kind = ValueKind::kChoice, .choices = "transcribe translate"},
    {.name = "formats", .short_name = 'f', .kind = ValueKind::kChoiceList, .choices = "txt srt"},
    {.name = "prompt", .kind = ValueKind::kText},
    {.name = "output", .kind = ValueKind::kFile},
    {.name = "verbose", .short_name = 'v'},
});

Result<Arguments> Parse(std::vector<std::string_view> arguments) {
  static std::vector<std::string_view> kept;  // The result holds views of it.
  kept = std::move(arguments);
  return ParseArguments(kTable, kept);
}

std::string ErrorOf(std::vector<std::string_view> arguments) {
  const Result<Arguments> parsed = Parse(std::move(arguments));
  if (parsed.ok()) return "no error";
  EXPECT_EQ(parsed.status().code(), StatusCode::kInvalidArgument);
  return parsed.status().message();
}

OptionValue Only(std::vector<std::string_view> arguments) {
  const Result<Arguments> parsed = Parse(std::move(arguments));
  EXPECT_TRUE(parsed.ok()) << parsed.status().message();
  if (!parsed.ok() || parsed->options.size() != 1) return {};
  return parsed->options[0].value;
}

TEST(ArgumentsTest, ValuesMayFollowOrBeJoinedByAnEqualsSign) {
  EXPECT_EQ(Only({"--beam-size", "3"}).integer, 3);
  EXPECT_EQ(Only({"--beam-size=3"}).integer, 3);
  EXPECT_EQ(Only({"--beam_size", "3"}).integer, 3);
  EXPECT_EQ(Only({"-b", "3"}).integer, 3);
  EXPECT_EQ(Only({"-b3"}).integer, 3);
  EXPECT_EQ(Only({"-b=3"}).integer, 3);
  EXPECT_EQ(Only({"--prompt="}).text, "");
  EXPECT_EQ(Only({"--prompt=a=b"}).text, "a=b");
}

TEST(ArgumentsTest, SwitchesStandAloneNegatedOrWithAPythonBoolean) {
  EXPECT_TRUE(Only({"--guard"}).on);
  EXPECT_FALSE(Only({"--no-guard"}).on);
  EXPECT_FALSE(Only({"--no_guard"}).on);
  EXPECT_TRUE(Only({"--guard", "True"}).on);
  EXPECT_FALSE(Only({"--guard", "False"}).on);
  EXPECT_FALSE(Only({"--guard=0"}).on);
  EXPECT_TRUE(Only({"--no-guard=False"}).on);
  EXPECT_TRUE(Only({"-v"}).on);
}

TEST(ArgumentsTest, AWordBehindASwitchThatIsNoBooleanIsAnOperand) {
  const Result<Arguments> parsed = Parse({"--guard", "on", "yes.wav"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->operands, (std::vector<std::string_view>{"on", "yes.wav"}));
}

TEST(ArgumentsTest, ValuesMayBeginWithOneDash) {
  EXPECT_EQ(Only({"--threshold", "-1.5"}).real, -1.5);
  EXPECT_EQ(Only({"--prompt", "-1"}).text, "-1");
  EXPECT_EQ(Only({"--output", "-"}).text, "-");
}

TEST(ArgumentsTest, AForgottenValueIsSaid) {
  EXPECT_EQ(ErrorOf({"--beam-size"}), "--beam-size needs a value: 1 to 16");
  EXPECT_EQ(ErrorOf({"--beam-size", "--guard"}), "--beam-size needs a value: 1 to 16");
  EXPECT_EQ(ErrorOf({"--prompt"}), "--prompt needs a value");
  EXPECT_EQ(ErrorOf({"-b"}), "--beam-size needs a value: 1 to 16");
}

TEST(ArgumentsTest, NoneIsAValueWhereALimitCanBeOff) {
  EXPECT_TRUE(Only({"--threshold", "None"}).none);
  EXPECT_NE(ErrorOf({"--beam-size", "None"}).find("--beam-size"), std::string::npos);
}

TEST(ArgumentsTest, AliasesMeanTheSameOption) {
  EXPECT_EQ(Only({"--other_threshold", "1"}).real, 1);
}

TEST(ArgumentsTest, NumbersOutOfRangeNameTheOptionAndTheRange) {
  for (const std::string_view bad :
       {"0", "17", "3.5", "", "x", "3x", " 3", "99999999999999999999", "0x3", "1e1", "nan"}) {
    EXPECT_EQ(ErrorOf({"--beam-size", bad}), "--beam-size: \"" + std::string(bad) +
                                                 "\" is out of range or no number; give 1 to 16");
  }
  for (const std::string_view bad : {"nan", "inf", "5.1", "-5.1", "1,5", "1e400"}) {
    EXPECT_NE(ErrorOf({"--threshold", bad}).find("-5 to 5, or None"), std::string::npos) << bad;
  }
}

TEST(ArgumentsTest, RangesIncludeBothEnds) {
  EXPECT_EQ(Only({"--beam-size", "1"}).integer, 1);
  EXPECT_EQ(Only({"--beam-size", "16"}).integer, 16);
  EXPECT_EQ(Only({"--threshold", "+5"}).real, 5);
}

TEST(ArgumentsTest, UnknownNamesAndChoicesSuggestTheNearest) {
  EXPECT_EQ(ErrorOf({"--beamsize", "3"}), "--beamsize is not an option; did you mean --beam-size?");
  EXPECT_EQ(ErrorOf({"--thresh", "3"}), "--thresh is not an option; did you mean --threshold?");
  EXPECT_EQ(ErrorOf({"--xyzzy"}), "--xyzzy is not an option; --help lists them");
  EXPECT_EQ(ErrorOf({"--no-beam-size"}).substr(0, 30), "--no-beam-size is not an optio");
  EXPECT_EQ(ErrorOf({"--task", "translat"}),
            "--task: \"translat\" is not known (did you mean translate?); give transcribe or "
            "translate");
  EXPECT_EQ(ErrorOf({"-x"}), "-x is not an option; --help lists them, -- ends options");
}

TEST(ArgumentsTest, ListsAreCheckedPartByPart) {
  EXPECT_EQ(Only({"-f", "txt,srt"}).text, "txt,srt");
  EXPECT_NE(ErrorOf({"--formats", "txt,"}), "no error");
  EXPECT_NE(ErrorOf({"--formats", ""}), "no error");
  EXPECT_NE(ErrorOf({"--formats", "txt,doc"}).find("\"doc\""), std::string::npos);
}

TEST(ArgumentsTest, TwoDashesEndOptionsAndOneIsAnOperand) {
  const Result<Arguments> parsed = Parse({"-", "--", "--guard", "-b"});
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->operands, (std::vector<std::string_view>{"-", "--guard", "-b"}));
  EXPECT_TRUE(parsed->options.empty());
}

TEST(ArgumentsTest, HelpStopsParsing) {
  EXPECT_TRUE(Parse({"--help", "--nonsense"})->help);
  EXPECT_TRUE(Parse({"a.wav", "-h"})->help);
  EXPECT_FALSE(Parse({"--", "--help"})->help);
}

TEST(ArgumentsTest, DamagedUtf8IsRefusedInTextAndKeptInPaths) {
  EXPECT_EQ(ErrorOf({"--prompt", "\xff"}), "--prompt: is not valid UTF-8");
  EXPECT_EQ(Only({"--output", "\xff"}).text, "\xff");
  EXPECT_EQ(ErrorOf({"--output="}), "--output: is empty");
  EXPECT_NE(ErrorOf({"--\xff"}).find("\uFFFD"), std::string::npos);
}

TEST(ArgumentsTest, OccurrencesKeepTheirOrder) {
  const Result<Arguments> parsed = Parse({"-b1", "a", "--guard", "-b2"});
  ASSERT_TRUE(parsed.ok());
  ASSERT_EQ(parsed->options.size(), 3u);
  EXPECT_EQ(parsed->options[2].value.integer, 2);
}

TEST(NearestNameTest, PrefersFewEditsAndFindsNothingFar) {
  const std::array<std::string_view, 3> names = {"base", "small", "tiny"};
  EXPECT_EQ(NearestName("smal", names), "small");
  EXPECT_EQ(NearestName("bsae", names), "base");
  EXPECT_EQ(NearestName("medium", names), "");
  EXPECT_EQ(NearestName("", names), "");
  EXPECT_EQ(NearestName(std::string(10'000, 'x'), names), "");
}

TEST(SplitListTest, KeepsEmptyPartsAndGivesNoneForNothing) {
  EXPECT_TRUE(SplitList("", ',').empty());
  EXPECT_EQ(SplitList("a,,b,", ',').size(), 4u);
}

}  // namespace
}  // namespace wt::transcriber

#include <gtest/gtest.h>

#include "formats/formats.h"
#include "formats/test_transcripts.h"
#include "formats/times.h"

namespace wt::formats {
namespace {

// Expected texts without word times were produced by openai-whisper 20250625 (utils.py, the writer
// of the format) from the same segments, except LRC and CSV, which it does not have.

TEST(TxtTest, HasOneStrippedLinePerSegment) {
  EXPECT_EQ(Render(Format::kTxt, TwoSegments(), {}), "Hello, world.\nAnd \"more\".\n");
}

TEST(VttTest, WritesHoursOnlyWhenThereAreAny) {
  EXPECT_EQ(Render(Format::kVtt, TwoSegments(), {}),
            "WEBVTT\n\n00:00.000 --> 00:07.600\nHello, world.\n\n"
            "01:01:01.000 --> 01:01:05.250\nAnd \"more\".\n\n");
}

TEST(SrtTest, WritesHoursAlwaysAndACommaBeforeMilliseconds) {
  EXPECT_EQ(Render(Format::kSrt, TwoSegments(), {}),
            "1\n00:00:00,000 --> 00:00:07,600\nHello, world.\n\n"
            "2\n01:01:01,000 --> 01:01:05,250\nAnd \"more\".\n\n");
}

TEST(TsvTest, WritesWholeMillisecondsAndReplacesTabs) {
  Transcript transcript = TwoSegments();
  transcript.segments[0].text = " Hello,\tworld.";
  EXPECT_EQ(Render(Format::kTsv, transcript, {}),
            "start\tend\ttext\n0\t7600\tHello, world.\n3661000\t3665250\tAnd \"more\".\n");
}

TEST(CsvTest, QuotesTheTextAndDoublesQuotes) {
  EXPECT_EQ(Render(Format::kCsv, TwoSegments(), {}),
            "start,end,text\n0,7600,\"Hello, world.\"\n3661000,3665250,\"And \"\"more\"\".\"\n");
}

TEST(LrcTest, ClearsTheDisplayInLongSilencesAndAtTheEnd) {
  EXPECT_EQ(Render(Format::kLrc, TwoSegments(), {}),
            "[00:00.00]Hello, world.\n[00:07.60]\n[61:01.00]And \"more\".\n[61:05.25]\n");
}

TEST(LrcTest, SeparatesTextThatBeginsWithABracketFromTheTag) {
  Transcript transcript;
  transcript.segments = {MakeSegment(0, 1, 2, "[00:09.00] music")};
  EXPECT_EQ(Render(Format::kLrc, transcript, {}), "[00:01.00] [00:09.00] music\n[00:02.00]\n");
}

TEST(LrcTest, TagsWordsWhenTheyAreToBeHighlighted) {
  Transcript transcript;
  transcript.segments = {MakeWordSegment(0, 1, 0.5, {" so", " it", " goes"})};
  SubtitleOptions options;
  options.highlight_words = true;
  EXPECT_EQ(Render(Format::kLrc, transcript, options),
            "[00:01.00]<00:01.00>so <00:01.50>it <00:02.00>goes\n[00:02.50]\n");
}

TEST(WritersTest, AnEmptyTranscriptGivesAFileThatIsValid) {
  const Transcript empty;
  EXPECT_EQ(Render(Format::kTxt, empty, {}), "");
  EXPECT_EQ(Render(Format::kVtt, empty, {}), "WEBVTT\n\n");
  EXPECT_EQ(Render(Format::kSrt, empty, {}), "");
  EXPECT_EQ(Render(Format::kTsv, empty, {}), "start\tend\ttext\n");
  EXPECT_EQ(Render(Format::kCsv, empty, {}), "start,end,text\n");
  EXPECT_EQ(Render(Format::kLrc, empty, {}), "");
}

TEST(WritersTest, FormatNamesReadBack) {
  EXPECT_EQ(DataFormats().size(), 7u);
  for (const Format format : AllFormats()) EXPECT_EQ(ParseFormat(FormatName(format)), format);
  EXPECT_FALSE(ParseFormat("SRT").has_value());
  EXPECT_FALSE(ParseFormat("").has_value());
}

TEST(WritersTest, TimedLineIsWhatTheReferencePrints) {
  EXPECT_EQ(TimedLine(MakeSegment(0, 0, 7.6, " Hello.")), "[00:00.000 --> 00:07.600]  Hello.");
  EXPECT_EQ(TimedLine(MakeSegment(0, 3600, 3601.5, " Late.")),
            "[01:00:00.000 --> 01:00:01.500]  Late.");
}

TEST(WritersTest, TimedLineNamesTheSpeakerInFrontOfTheText) {
  Segment segment = MakeSegment(0, 0, 7.6, " Hello.");
  segment.speaker = "S1";
  EXPECT_EQ(TimedLine(segment), "[00:00.000 --> 00:07.600] S1: Hello.");
  segment.speaker = "A\nB\x1b";
  const std::string line = TimedLine(segment);
  EXPECT_EQ(line.find_first_of("\n\x1b"), std::string::npos) << line;
}

TEST(WritersTest, EveryOptionHasARange) {
  EXPECT_TRUE(SubtitleOptions{}.Validate().ok());
  SubtitleOptions options;
  options.max_line_width = -1;
  EXPECT_NE(options.Validate().message().find("max-line-width"), std::string::npos);
  options = {};
  options.reading_speed_max = 0;
  EXPECT_EQ(options.Validate().code(), StatusCode::kInvalidArgument);
}

// Python: round(0.0005 * 1000) is 0 and round(0.0015 * 1000) is 2.
TEST(TimesTest, RoundsHalfToEvenLikePython) {
  EXPECT_EQ(ToMilliseconds(0.0005), 0);
  EXPECT_EQ(ToMilliseconds(0.0015), 2);
  EXPECT_EQ(ToMilliseconds(7.6), 7600);
  EXPECT_EQ(ToMilliseconds(29.9996), 30000);
}

TEST(TimesTest, ClampsWhatNoRecordingHas) {
  EXPECT_EQ(ToMilliseconds(-1), 0);
  EXPECT_EQ(ToMilliseconds(std::numeric_limits<double>::quiet_NaN()), 0);
  EXPECT_EQ(
      FormatTime(ToMilliseconds(std::numeric_limits<double>::infinity()), Hours::kAlways, '.'),
      "24000:00:00.000");
}

}  // namespace
}  // namespace wt::formats

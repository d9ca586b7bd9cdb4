#include "formats/reading_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include "formats/test_transcripts.h"
#include "formats/zip_writer.h"

namespace wt::formats {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Transcript Talk() {
  Transcript transcript;
  transcript.language = "en";
  const auto add = [&](double start, double end, const std::string& text) {
    Segment segment;
    segment.start_s = start;
    segment.end_s = end;
    segment.text = text;
    transcript.segments.push_back(segment);
  };
  add(0, 2, " Hello");
  add(2, 4, " there.");
  add(4, 6, " Who are <you> & *me*?");
  add(65, 67, " 1. Late");
  return transcript;
}

const std::vector<std::string> kSpeakers = {"Ann", "Ann", "Bob", "Bob"};

std::uint32_t At(std::string_view bytes, std::size_t at, int size) {
  std::uint32_t value = 0;
  for (int i = size - 1; i >= 0; --i) {
    value = value << 8 | static_cast<unsigned char>(bytes[at + static_cast<std::size_t>(i)]);
  }
  return value;
}

/// The content of a file of an archive, by its local header; "" when it is not there.
std::string Unzip(std::string_view zip, std::string_view wanted) {
  for (std::size_t at = 0; At(zip, at, 4) == 0x04034b50;) {
    const std::uint32_t packed = At(zip, at + 18, 4);
    const std::uint32_t size = At(zip, at + 22, 4);
    const std::uint32_t name_size = At(zip, at + 26, 2);
    const std::string_view name = zip.substr(at + 30, name_size);
    const std::string_view data = zip.substr(at + 30 + name_size, packed);
    if (name == wanted) {
      std::string content(size, '\0');
      z_stream stream = {};
      inflateInit2(&stream, -MAX_WBITS);
      stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(data.data()));
      stream.avail_in = packed;
      stream.next_out = reinterpret_cast<Bytef*>(content.data());
      stream.avail_out = size;
      EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
      inflateEnd(&stream);
      EXPECT_EQ(crc32(0, reinterpret_cast<const Bytef*>(content.data()), size),
                At(zip, at + 14, 4));
      return content;
    }
    at += 30 + name_size + packed;
  }
  return {};
}

TEST(ParagraphsTest, EndWhereTheSpeakerChangesAndAfterAPause) {
  const std::vector<Paragraph> paragraphs = Paragraphs(Talk(), kSpeakers);
  ASSERT_EQ(paragraphs.size(), 3U);
  EXPECT_EQ(paragraphs[0].speaker, "Ann");
  EXPECT_EQ(paragraphs[0].text, "Hello there.");
  EXPECT_EQ(paragraphs[1].speaker, "Bob");
  EXPECT_EQ(paragraphs[2].speaker, "");
  EXPECT_EQ(paragraphs[2].start_ms, 65'000);
  EXPECT_EQ(Paragraphs(Talk(), {}).size(), 2U);
}

TEST(MarkdownTest, TextIsNeverMarkup) {
  EXPECT_EQ(WriteMarkdown(Talk(), {.speakers = kSpeakers, .title = "A *talk*"}),
            "# A \\*talk\\*\n\n"
            "**Ann** `00:00:00` Hello there.\n\n"
            "**Bob** `00:00:04` Who are \\<you\\> \\& \\*me\\*?\n\n"
            "`00:01:05` 1\\. Late\n");
  EXPECT_EQ(WriteMarkdown(Talk(), {.times = false}).substr(0, 13), "Hello there. ");
  EXPECT_EQ(WriteMarkdown({}, {}), "");
}

TEST(DocxTest, HoldsTitleSpeakersTimesAndEscapedText) {
  const std::string file =
      WriteDocx(Talk(), {.speakers = kSpeakers, .title = "Q&A \x01\xEF\xBF\xBF"});
  EXPECT_EQ(file.substr(0, 4), "PK\x03\x04");
  EXPECT_EQ(file.substr(30, 19), "[Content_Types].xml");
  const std::string xml = Unzip(file, "word/document.xml");
  EXPECT_THAT(xml, HasSubstr(">Q&amp;A "));
  EXPECT_THAT(xml, HasSubstr(">Ann</w:t>"));
  EXPECT_THAT(xml, HasSubstr("00:01:05"));
  EXPECT_THAT(xml, HasSubstr("Who are &lt;you&gt; &amp; *me*?"));
  EXPECT_THAT(Unzip(file, "docProps/core.xml"), HasSubstr("<dc:language>en</dc:language>"));
  EXPECT_THAT(Unzip(WriteDocx(Talk(), {.times = false}), "word/document.xml"),
              Not(HasSubstr("00:01:05")));
  EXPECT_EQ(WriteDocx(Talk(), {}), WriteDocx(Talk(), {})) << "the same bytes each time";
}

TEST(SpeakersTest, StandWhereEachFormatHasAPlace) {
  const ReadingOptions reading{.speakers = {"Ann", "Ann", "B>ob", ""}};
  EXPECT_EQ(Render(Format::kTxt, Talk(), {}, reading),
            "Ann: Hello\nthere.\nB>ob: Who are <you> & *me*?\n1. Late\n");
  EXPECT_THAT(Render(Format::kSrt, Talk(), {}, reading), HasSubstr("\nAnn: Hello\n"));
  EXPECT_THAT(Render(Format::kSrt, Talk(), {}, reading), HasSubstr("\nthere.\n"));
  const std::string vtt = Render(Format::kVtt, Talk(), {}, reading);
  EXPECT_THAT(vtt, HasSubstr("\n<v Ann>Hello\n"));
  EXPECT_THAT(vtt, HasSubstr("\n<v Bob>Who are"));
  const std::string json = Render(Format::kJson, Talk(), {}, reading);
  EXPECT_THAT(json, HasSubstr("\"speaker\":\"Ann\""));
  EXPECT_THAT(Render(Format::kLrc, Talk(), {}, reading), HasSubstr("]Ann: Hello\n"));
  EXPECT_THAT(Render(Format::kLrc, Talk(), {}, reading), HasSubstr("]there.\n"));
  EXPECT_EQ(Render(Format::kTxt, Talk(), {}), Render(Format::kTxt, Talk(), {}, {}));
  EXPECT_THAT(Render(Format::kJson, Talk(), {}), Not(HasSubstr("speaker")));
}

TEST(SpeakersTest, AreAColumnOfTablesWhereAnybodyIsNamed) {
  Transcript talk;
  talk.segments = {MakeSegment(0, 0, 1, " One."), MakeSegment(1, 1, 2, " Two.")};
  const ReadingOptions reading{.speakers = {"A\t\"nn\", B.", ""}};
  EXPECT_EQ(
      Render(Format::kCsv, talk, {}, reading),
      "start,end,speaker,text\n0,1000,\"A\t\"\"nn\"\", B.\",\"One.\"\n1000,2000,\"\",\"Two.\"\n");
  EXPECT_EQ(Render(Format::kTsv, talk, {}, reading),
            "start\tend\tspeaker\ttext\n0\t1000\tA \"nn\", B.\tOne.\n1000\t2000\t\tTwo.\n");
  const ReadingOptions nobody{.speakers = {"", ""}};
  for (const Format format : AllFormats()) {
    EXPECT_EQ(Render(format, talk, {}, nobody), Render(format, talk, {})) << FormatName(format);
  }
}

TEST(SpeakersTest, NeverShareASubtitle) {
  Transcript talk;
  talk.segments = {MakeWordSegment(0, 0, 0.2, {" Yes", " or"}),
                   MakeWordSegment(1, 0.4, 0.2, {" no?"}), MakeWordSegment(2, 0.6, 0.2, {" No."})};
  const ReadingOptions reading{.speakers = {"Ann", "Ann", "Bob"}};
  SubtitleOptions packed;
  packed.max_line_width = 40;
  packed.max_line_count = 2;
  for (const LineRules rules : {LineRules::kReference, LineRules::kBalanced}) {
    packed.rules = rules;
    const std::string vtt = Render(Format::kVtt, talk, packed, reading);
    EXPECT_THAT(vtt, HasSubstr("\n<v Ann>Yes or no?\n\n"));
    EXPECT_THAT(vtt, HasSubstr("\n<v Bob>No.\n\n"));
  }
}

TEST(SpeakersTest, WhoBeginAtOnceKeepTheirOwnNames) {
  Transcript talk;
  talk.segments = {MakeSegment(0, 1, 2, " Hello."), MakeSegment(1, 1, 2, " Welcome.")};
  const ReadingOptions reading{.speakers = {"Ann", "Bob"}};
  for (const LineRules rules : {LineRules::kReference, LineRules::kBalanced}) {
    SubtitleOptions options;
    options.rules = rules;
    const std::string srt = Render(Format::kSrt, talk, options, reading);
    EXPECT_THAT(srt, HasSubstr("\nAnn: Hello.\n"));
    EXPECT_THAT(srt, HasSubstr("\nBob: Welcome.\n"));
  }
}

}  // namespace
}  // namespace wt::formats

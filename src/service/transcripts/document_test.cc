#include "service/transcripts/document.h"

#include <gtest/gtest.h>

#include "service/transcripts/download_name.h"

namespace wt::transcripts {
namespace {

Transcript Short() {
  Transcript transcript;
  transcript.text = " Hello there.";
  Segment segment;
  segment.end_s = 1.5;
  segment.text = " Hello there.";
  transcript.segments.push_back(segment);
  return transcript;
}

TEST(DocumentTest, EveryListedFormatIsRendered) {
  for (const DocumentFormat& format : DocumentFormats()) {
    const Result<Document> document =
        RenderDocument(format.name, Short(), {}, {}, "a/talk.final.mp3");
    ASSERT_TRUE(document.ok()) << format.name;
    // A DOCX is an archive: its text is looked at in formats/reading_text_test.cc.
    const std::string wanted = format.name == "docx" ? "word/document.xml" : "Hello there";
    EXPECT_NE(document->bytes.find(wanted), std::string::npos) << format.name;
    EXPECT_EQ(document->content_type, format.content_type);
    EXPECT_EQ(document->filename, "talk.final." + std::string(format.extension));
  }
}

TEST(DocumentTest, UnknownFormatIsRefusedWithTheList) {
  const Status status = RenderDocument("odt", Short(), {}, {}, "x").status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("txt, srt, vtt"), std::string::npos) << status.message();
}

TEST(DocumentTest, SubtitleOptionsAreAllowListed) {
  formats::SubtitleOptions options;
  EXPECT_TRUE(SetSubtitleOption("max_line_width", "20", &options).ok());
  EXPECT_EQ(options.max_line_width, 20);
  EXPECT_TRUE(SetSubtitleOption("line_rules", "balanced", &options).ok());
  EXPECT_EQ(options.rules, formats::LineRules::kBalanced);
  for (const auto& [name, value] : {std::pair{"max_line_width", "-5"},
                                    {"max_line_width", "2x"},
                                    {"highlight_words", "maybe"},
                                    {"line_rules", "none"},
                                    {"__proto__", "1"}}) {
    const Status status = SetSubtitleOption(name, value, &options);
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << name;
  }
  EXPECT_NE(SetSubtitleOption("__proto__", "1", &options).message().find("__proto__"),
            std::string::npos);
}

TEST(DownloadNameTest, PathsControlsAndDotsAreTakenOut) {
  EXPECT_EQ(DownloadName("../../etc/passwd", "txt"), "passwd.txt");
  EXPECT_EQ(DownloadName("C:\\users\\me\\talk.mp3", "srt"), "talk.srt");
  EXPECT_EQ(DownloadName("a\r\nSet-Cookie: x.wav", "txt"), "a__Set-Cookie_ x.txt");
  EXPECT_EQ(DownloadName(".bashrc", "txt"), "bashrc.txt");
  EXPECT_EQ(DownloadName("", "txt"), "transcript.txt");
  EXPECT_EQ(DownloadName("...", "txt"), "transcript.txt");
  EXPECT_EQ(DownloadName("abc\u202Etxt.exe", "txt"), "abc_txt.txt");
  EXPECT_LE(DownloadName(std::string(10'000, 'x'), "txt").size(), 124U);
}

TEST(DownloadNameTest, HeaderValueHoldsAnyNameSafely) {
  EXPECT_EQ(ContentDisposition("talk.srt"), "attachment; filename=\"talk.srt\"");
  EXPECT_EQ(ContentDisposition("Grüße 😀.txt"),
            "attachment; filename=\"Gr__e _.txt\"; "
            "filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%F0%9F%98%80.txt");
  const std::string hostile = ContentDisposition("a\"; filename=\"evil.exe\r\nX: y");
  EXPECT_EQ(hostile.find('\r'), std::string::npos);
  EXPECT_EQ(hostile, "attachment; filename=\"a_; filename=_evil.exe__X_ y\"");
}

}  // namespace
}  // namespace wt::transcripts

#include "service/uploads/content/sniff.h"

#include <gtest/gtest.h>

#include <string>

namespace wt::uploads {
namespace {

Signature SniffText(const std::string& head) {
  return Sniff(std::as_bytes(std::span(head.data(), head.size())));
}

TEST(SniffTest, EverySignatureOfTheTableIsKnown) {
  using std::string_literals::operator""s;
  EXPECT_EQ(SniffText("RIFF\1\2\3\4WAVE"), Signature::kWav);
  EXPECT_EQ(SniffText("RIFF\1\2\3\4AVI LIST"), Signature::kAvi);
  EXPECT_EQ(SniffText("\xff\xfb\x90"), Signature::kMp3);
  EXPECT_EQ(SniffText("\xff\xf3\x90"), Signature::kMp3);
  EXPECT_EQ(SniffText("\xff\xf2\x90"), Signature::kMp3);
  EXPECT_EQ(SniffText("ID3\4"), Signature::kMp3);
  EXPECT_EQ(SniffText("\0\0\0\x20"s + "ftypM4A "), Signature::kMp4);
  EXPECT_EQ(SniffText("\0\0\0\x08"s + "wide\0\0\0\1mdat"s), Signature::kMp4);
  EXPECT_EQ(SniffText("fLaC\0"s), Signature::kFlac);
  EXPECT_EQ(SniffText("OggS\0"s), Signature::kOgg);
  EXPECT_EQ(SniffText("\x1a\x45\xdf\xa3"), Signature::kMatroska);
  EXPECT_EQ(SniffText("\xff\xf1\x50"), Signature::kAac);
  EXPECT_EQ(SniffText("\x30\x26\xb2\x75\x8e\x66\xcf\x11\xa6"), Signature::kAsf);
}

TEST(SniffTest, Mp3IsSearchedInThe128BytesAtTheStart) {
  EXPECT_EQ(SniffText(std::string(126, '\0') + "\xff\xfb"), Signature::kMp3);
  EXPECT_EQ(SniffText(std::string(127, '\0') + "\xff\xfb"), Signature::kUnknown);
}

TEST(SniffTest, WhatIsNoRecordingIsRefused) {
  using std::string_literals::operator""s;
  for (const std::string& head :
       {"PK\x03\x04\x14\0"s, "MZ\x90\0"s,
        "\x7f"
        "ELF\2\1"s,
        "%PDF-1.7\n%\xe2"s, "\x89PNG\r\n\x1a\n"s, "\xff\xd8\xff\xe0"s, "GIF89a\1\0"s,
        "\x1f\x8b\x08\0"s, "#EXTM3U\nfile:///etc/passwd\n"s, "<html><body>"s, "hello, world\n"s,
        ""s, "RIFF\1\2\3\4WEBPVP8 "s}) {
    EXPECT_EQ(SniffText(head), Signature::kNotMedia) << head;
  }
  EXPECT_EQ(SniffText("\1\2\3\4"), Signature::kUnknown) << "the probe decides";
}

TEST(SniffTest, ExtensionsAreComparedWithoutCase) {
  EXPECT_TRUE(ExtensionFits(Signature::kWav, "a.WAV"));
  EXPECT_FALSE(ExtensionFits(Signature::kWav, "a.mp3"));
  EXPECT_FALSE(ExtensionFits(Signature::kWav, "wav"));
  EXPECT_FALSE(ExtensionFits(Signature::kMp3, "a.mp3 mp2"));
  EXPECT_TRUE(ExtensionFits(Signature::kUnknown, "a.xyz"));
  EXPECT_EQ(SignatureName(Signature::kMatroska), "matroska");
}

}  // namespace
}  // namespace wt::uploads

#include "service/uploads/content/filename.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "base/utf8.h"

namespace wt::uploads {
namespace {

TEST(FilenameTest, OrdinaryNamesStayAsTheyAre) {
  for (const std::string name : {"talk.wav", "Sitzung vom 3. Mai (final).mp3",
                                 "r\xc3\xa9union \xe4\xbc\x9a\xe8\xad\xb0.m4a", "100%.ogg"}) {
    EXPECT_EQ(CleanFilename(name), name);
  }
}

TEST(FilenameTest, OnlyTheLastPathPartIsLeft) {
  EXPECT_EQ(CleanFilename("../../x.wav"), "x.wav");
  EXPECT_EQ(CleanFilename("C:\\Users\\me\\x.wav"), "x.wav");
  EXPECT_EQ(CleanFilename("/etc/passwd"), "passwd");
  EXPECT_EQ(CleanFilename("a/.."), "recording");
  EXPECT_EQ(CleanFilename("a/"), "recording");
}

TEST(FilenameTest, NulEndsTheName) {
  EXPECT_EQ(CleanFilename(std::string("a.wav\0.exe", 10)), "a.wav");
  EXPECT_EQ(CleanFilename(std::string("\0x", 2)), "recording");
}

TEST(FilenameTest, ControlsAndMarksOfDirectionAreRemoved) {
  EXPECT_EQ(CleanFilename("a\r\nSet-Cookie: b\x1b[31m.wav"), "aSet-Cookie_ b[31m.wav");
  EXPECT_EQ(CleanFilename("photo\xe2\x80\xaegnp.wav"), "photognp.wav") << "U+202E";
  EXPECT_EQ(CleanFilename("\xe2\x81\xa6x\xe2\x81\xa9.wav"), "x.wav") << "isolates";
  EXPECT_EQ(CleanFilename("\xef\xbb\xbfx.wav"), "x.wav") << "byte order mark";
}

TEST(FilenameTest, ReservedNamesAndCharactersAreReplaced) {
  EXPECT_EQ(CleanFilename("a<b>c:d\"e|f?g*.wav"), "a_b_c_d_e_f_g_.wav");
  EXPECT_EQ(CleanFilename("con.wav"), "_con.wav");
  EXPECT_EQ(CleanFilename("LPT1"), "_LPT1");
  EXPECT_EQ(CleanFilename("console.wav"), "console.wav");
  EXPECT_EQ(CleanFilename(" .hidden. "), "hidden");
  EXPECT_EQ(CleanFilename("bad\xff.wav"), "bad_.wav");
}

TEST(FilenameTest, LongNamesKeepTheirExtension) {
  const std::string cleaned = CleanFilename(std::string(500, 'x') + ".flac");
  EXPECT_LE(cleaned.size(), kFilenameBytesMax);
  EXPECT_EQ(cleaned.size(), kFilenameBytesMax);
  EXPECT_TRUE(cleaned.ends_with(".flac"));
  EXPECT_EQ(CleanFilename("con" + std::string(300, ' ') + ".wav"), "_con.wav");
  const std::string device = CleanFilename("con." + std::string(500, 'x') + " .wav");
  EXPECT_EQ(CleanFilename(device), device);
  std::string wide;
  for (int i = 0; i < 200; ++i) wide += "\xe4\xbc\x9a";
  EXPECT_TRUE(base::IsValidUtf8(CleanFilename(wide + ".wav")));
}

// Goal: whatever comes in, the name is safe, and cleaning it again changes nothing. Method: random
// strings of the pieces that have rules.
TEST(FilenameTest, AnyNameIsSafeAndStable) {
  const std::string_view pieces[] = {"a",
                                     ".",
                                     "/",
                                     "\\",
                                     " ",
                                     "\t",
                                     "con",
                                     "NUL",
                                     "\xff",
                                     "\xc3",
                                     "\xa9",
                                     "*",
                                     ":",
                                     "..",
                                     "-",
                                     "\r\n",
                                     "\xe2\x80\xae",
                                     "\xf0\x9f\x8e\xa4",
                                     "\xc2\x85",
                                     ".wav",
                                     "com1",
                                     "xxxxxxxxxxxxxxxxxxxx",
                                     std::string_view("\0", 1)};
  base::Random random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string raw;
    const auto count = random.Below(12) + (i % 50 == 0 ? 200 : 0);
    for (std::uint64_t n = 0; n < count; ++n) raw += pieces[random.Below(std::size(pieces))];
    const std::string name = CleanFilename(raw);
    ASSERT_FALSE(name.empty());
    ASSERT_LE(name.size(), kFilenameBytesMax);
    ASSERT_TRUE(base::IsValidUtf8(name));
    ASSERT_EQ(name.find_first_of("/\\<>:\"|?*\x7f"), std::string::npos) << name;
    for (const char c : name) ASSERT_FALSE(static_cast<unsigned char>(c) < 0x20);
    ASSERT_FALSE(name.starts_with('.') || name.ends_with('.'));
    ASSERT_FALSE(name.starts_with(' ') || name.ends_with(' '));
    ASSERT_EQ(CleanFilename(name), name) << raw;
  }
}

}  // namespace
}  // namespace wt::uploads

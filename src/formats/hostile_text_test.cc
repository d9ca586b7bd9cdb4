// Goal: whatever a segment's text holds, files keep their structure.
// Method: random transcripts of hostile pieces, written and parsed back by small strict parsers.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <random>
#include <sstream>

#include "base/utf8.h"
#include "formats/formats.h"
#include "formats/test_transcripts.h"

namespace wt::formats {
namespace {

const std::vector<std::string>& Pieces() {
  static const std::vector<std::string> kPieces = {" word",
                                                   "\n\n",
                                                   "\r\n",
                                                   " -->",
                                                   "--",
                                                   ">",
                                                   "-->",
                                                   "\t",
                                                   "\"",
                                                   ",",
                                                   "<b>",
                                                   "&amp;",
                                                   "\x1b[2J",
                                                   "\xff\xfe",
                                                   "\u2028",
                                                   "1\n",
                                                   "日本",
                                                   "00:00:01,000 --> 00:00:02,000",
                                                   "[00:01.00]",
                                                   "\xc2\x85",
                                                   "WEBVTT\n\n",
                                                   "NOTE x",
                                                   " ",
                                                   "=1+1",
                                                   std::string("\0", 1)};
  return kPieces;
}

Transcript RandomTranscript(std::uint32_t seed, bool words) {
  std::mt19937 random(seed);
  Transcript transcript;
  double time = 0;
  const int segments = static_cast<int>(random() % 6);
  for (int i = 0; i < segments; ++i) {
    time += static_cast<double>(random() % 1000) / 300.0;
    std::vector<std::string> texts(1 + random() % 6);
    for (std::string& text : texts) {
      for (std::uint32_t n = random() % 4; n > 0; --n) text += Pieces()[random() % Pieces().size()];
    }
    const double step_s = static_cast<double>(1 + random() % 900) / 1000.0;
    transcript.segments.push_back(MakeWordSegment(i, time, step_s, texts));
    if (!words) transcript.segments.back().words.reset();
    time = transcript.segments.back().end_s;
  }
  return transcript;
}

std::vector<std::string> Lines(const std::string& file) {
  std::vector<std::string> lines;
  std::istringstream stream(file);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// Milliseconds of "[HH:]MM:SS?mmm"; nothing when it is not one.
std::optional<std::int64_t> ParseTime(const std::string& text, char marker) {
  int hours = 0;
  int minutes = 0;
  int seconds = 0;
  int milliseconds = 0;
  char found = 0;
  const bool with_hours = std::count(text.begin(), text.end(), ':') == 2;
  const int fields = with_hours ? std::sscanf(text.c_str(), "%d:%2d:%2d%c%3d", &hours, &minutes,
                                              &seconds, &found, &milliseconds)
                                : std::sscanf(text.c_str(), "%2d:%2d%c%3d", &minutes, &seconds,
                                              &found, &milliseconds);
  if (fields != (with_hours ? 5 : 4) || found != marker) return std::nullopt;
  return ((hours * 60LL + minutes) * 60 + seconds) * 1000 + milliseconds;
}

// Checks the blocks of a subtitle file: optional number, times, at least one line, an empty line.
void CheckSubtitles(const std::string& file, bool numbered, char marker) {
  ASSERT_TRUE(base::IsValidUtf8(file));
  std::vector<std::string> lines = Lines(file);
  std::size_t at = 0;
  if (!numbered) {
    ASSERT_GE(lines.size(), 2u);
    ASSERT_EQ(lines[0], "WEBVTT");
    ASSERT_EQ(lines[1], "");
    at = 2;
  }
  std::int64_t last_start = 0;
  for (int number = 1; at < lines.size(); ++number) {
    if (numbered) {
      ASSERT_EQ(lines[at++], std::to_string(number));
    }
    ASSERT_LT(at, lines.size());
    const std::size_t arrow = lines[at].find(" --> ");
    ASSERT_NE(arrow, std::string::npos) << lines[at];
    const auto start = ParseTime(lines[at].substr(0, arrow), marker);
    const auto end = ParseTime(lines[at].substr(arrow + 5), marker);
    ASSERT_TRUE(start && end) << lines[at];
    EXPECT_LE(*start, *end);
    EXPECT_LE(last_start, *start);
    last_start = *start;
    ++at;
    // A cue whose text is empty has one empty line for it, as in the reference.
    if (at < lines.size() && lines[at].empty()) ++at;
    for (; at < lines.size() && !lines[at].empty(); ++at) {
      EXPECT_EQ(lines[at].find("-->"), std::string::npos) << lines[at];
      EXPECT_EQ(lines[at].find('\x1b'), std::string::npos);
    }
    ASSERT_LT(at, lines.size()) << "no empty line after the cue";
    ++at;
  }
}

TEST(HostileTextTest, SubtitlesParseBackInOrder) {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    const Transcript transcript = RandomTranscript(seed, seed % 2 == 0);
    for (const LineRules rules : {LineRules::kReference, LineRules::kBalanced}) {
      SubtitleOptions options;
      options.rules = rules;
      options.max_line_width = seed % 3 == 0 ? 0 : static_cast<int>(seed % 30);
      options.max_line_count = seed % 5 == 0 ? 0 : static_cast<int>(seed % 4);
      options.highlight_words = seed % 7 == 0;
      CheckSubtitles(Render(Format::kSrt, transcript, options), true, ',');
      CheckSubtitles(Render(Format::kVtt, transcript, options), false, '.');
    }
  }
}

TEST(HostileTextTest, LineFormatsHaveOneLinePerSegment) {
  for (std::uint32_t seed = 0; seed < 400; ++seed) {
    SCOPED_TRACE(seed);
    const Transcript transcript = RandomTranscript(seed, false);
    const std::size_t segments = transcript.segments.size();
    EXPECT_EQ(Lines(Render(Format::kTxt, transcript, {})).size(), segments);
    EXPECT_EQ(Lines(Render(Format::kCsv, transcript, {})).size(), segments + 1);
    for (const std::string& line : Lines(Render(Format::kTsv, transcript, {}))) {
      EXPECT_EQ(std::count(line.begin(), line.end(), '\t'), 2) << line;
    }
    for (const std::string& line : Lines(Render(Format::kLrc, transcript, {}))) {
      ASSERT_GE(line.size(), 10u);
      EXPECT_EQ(line[0], '[');
      EXPECT_NE(line.substr(10, 1), "[") << "text was taken for a second tag: " << line;
    }
  }
}

TEST(HostileTextTest, VttTextHasNoMarkupOfItsOwn) {
  Transcript transcript;
  transcript.segments = {MakeSegment(0, 0, 1, " <script>AT&T</script> --> x")};
  EXPECT_EQ(Render(Format::kVtt, transcript, {}),
            "WEBVTT\n\n00:00.000 --> 00:01.000\n&lt;script>AT&amp;T&lt;/script> -> x\n\n");
}

TEST(HostileTextTest, ArrowsSplitOverWordsAreFoundToo) {
  Transcript transcript;
  transcript.segments = {MakeWordSegment(0, 0, 1, {" a", " --", ">", " b"})};
  EXPECT_EQ(Render(Format::kSrt, transcript, {}), "1\n00:00:00,000 --> 00:00:04,000\na -> b\n\n");
}

}  // namespace
}  // namespace wt::formats

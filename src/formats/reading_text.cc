#include "formats/reading_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "formats/text.h"
#include "formats/times.h"

namespace wt::formats {
namespace {

// A pause that a listener notices.
constexpr std::int64_t kPauseMs = 2'000;
// About 75 words: what a reader takes in at once.
constexpr std::int64_t kLongParagraphMs = 30'000;

bool EndsSentence(std::string_view text) {
  constexpr std::string_view kEnds[] = {".", "!", "?", "…", "。", "！", "？", "।", "؟", "۔"};
  while (text.ends_with('"') || text.ends_with(')')) text.remove_suffix(1);
  return std::any_of(std::begin(kEnds), std::end(kEnds),
                     [&](std::string_view end) { return text.ends_with(end); });
}

/// What Markdown would take for markup stands behind a backslash (CommonMark 0.31, section 2.4).
std::string EscapeMarkdown(std::string_view text) {
  std::string escaped;
  for (std::size_t i = 0; i < text.size(); ++i) {
    constexpr std::string_view kAnywhere = "\\`*_[]<>&|~$";
    constexpr std::string_view kAtStart = "#+-=.)";
    // "1." and "1)" begin a list as well.
    const bool after_digits =
        std::all_of(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(i),
                    [](char c) { return c >= '0' && c <= '9'; });
    const bool special = kAnywhere.find(text[i]) != std::string_view::npos ||
                         (after_digits && kAtStart.find(text[i]) != std::string_view::npos);
    if (special) escaped += '\\';
    escaped += text[i];
  }
  return escaped;
}

}  // namespace

std::string ParagraphTime(std::int64_t ms) {
  const std::string full = FormatTime(ms, Hours::kAlways, '.');
  return full.substr(0, full.find('.'));
}

std::vector<Paragraph> Paragraphs(const Transcript& transcript,
                                  const std::vector<std::string>& speakers) {
  std::vector<Paragraph> paragraphs;
  std::string speaker;
  std::int64_t last_end = 0;
  for (std::size_t i = 0; i < transcript.segments.size(); ++i) {
    const Segment& segment = transcript.segments[i];
    const std::string text = CleanLine(segment.text);
    if (text.empty()) continue;
    const std::string here = i < speakers.size() ? CleanLine(speakers[i]) : std::string();
    const std::int64_t start = ToMilliseconds(segment.start_s);
    const bool first = paragraphs.empty();
    const bool other = here != speaker;
    const bool pause = !first && start - last_end >= kPauseMs;
    const bool long_enough = !first && start - paragraphs.back().start_ms >= kLongParagraphMs &&
                             EndsSentence(paragraphs.back().text);
    if (first || other || pause || long_enough) {
      paragraphs.push_back({.start_ms = start, .speaker = other ? here : "", .text = text});
    } else {
      // The segment's own leading space says whether its script separates words by spaces.
      const bool space = segment.text.starts_with(' ');
      paragraphs.back().text += (space ? " " : "") + text;
    }
    speaker = here;
    last_end = ToMilliseconds(segment.end_s);
  }
  return paragraphs;
}

std::string WriteMarkdown(const Transcript& transcript, const ReadingOptions& reading) {
  std::string file;
  const std::string title = CleanLine(reading.title);
  if (!title.empty()) file += "# " + EscapeMarkdown(title) + "\n\n";
  for (const Paragraph& paragraph : Paragraphs(transcript, reading.speakers)) {
    std::string head;
    if (!paragraph.speaker.empty()) head += "**" + EscapeMarkdown(paragraph.speaker) + "** ";
    if (reading.times) head += "`" + ParagraphTime(paragraph.start_ms) + "` ";
    file += head + EscapeMarkdown(paragraph.text) + "\n\n";
  }
  if (file.ends_with("\n\n")) file.pop_back();
  return file;
}

}  // namespace wt::formats

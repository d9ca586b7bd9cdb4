// A transcript as text to be read: paragraphs, with who speaks and when. Markdown and DOCX.
//
// A paragraph ends where the speaker changes, after a pause, and at the end of a sentence when it
// has become long. Pure functions: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/formats.h"

namespace wt::formats {

struct Paragraph {
  std::int64_t start_ms = 0;
  /// Empty: not known, or the same as before.
  std::string speaker;
  /// On one line.
  std::string text;
};

std::vector<Paragraph> Paragraphs(const Transcript& transcript,
                                  const std::vector<std::string>& speakers);

/// "00:01:05", the time of a paragraph.
std::string ParagraphTime(std::int64_t ms);

/// CommonMark.
std::string WriteMarkdown(const Transcript& transcript, const ReadingOptions& reading);
/// Office Open XML (ISO/IEC 29500, transitional).
std::string WriteDocx(const Transcript& transcript, const ReadingOptions& reading);

}  // namespace wt::formats

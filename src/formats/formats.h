// Transcript writers: TXT, VTT, SRT, TSV, JSON, LRC, CSV, Markdown, DOCX.
//
//   std::string file = wt::formats::Render(Format::kSrt, transcript, {});
//
// TXT, VTT, SRT and TSV equal openai-whisper's byte for byte (utils.py) for text that their format
// can hold; text that would break the format (line breaks, control characters, "-->", markup in
// VTT) is cleaned instead (docs/formats/transcripts.md).
// Times come from the transcript only, never from the length of text. Pure functions: thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"
#include "whisper_transcriber/transcript.h"

namespace wt::formats {

enum class Format : std::uint8_t { kTxt, kVtt, kSrt, kTsv, kJson, kLrc, kCsv, kMarkdown, kDocx };

/// All of them.
std::span<const Format> AllFormats();
/// Those of `--output-format all`, in its order: all but the ones that are only for reading.
std::span<const Format> DataFormats();
/// "srt": the name on every surface and the file extension.
std::string_view FormatName(Format format);
std::optional<Format> ParseFormat(std::string_view name);

/// How subtitles are cut into cues and lines.
enum class LineRules : std::uint8_t {
  /// openai-whisper's: a cue per segment, or words packed by the three maxima below.
  kReference,
  /// Cues that read well: cut at sentences, clauses and pauses, lines of similar length, shown long
  /// enough to be read. Lengths are columns (East Asian wide characters count 2).
  kBalanced,
};

struct SubtitleOptions {
  LineRules rules = LineRules::kReference;
  /// Characters (reference) or columns (balanced, default 42). 0: no limit or the default.
  int max_line_width = 0;
  /// Lines in a cue (balanced: default 2). Reference: only together with max_line_width. 0: unset.
  int max_line_count = 0;
  /// Reference only: words in a cue, without effect when max_line_width is set. 0: unset.
  int max_words_per_line = 0;
  /// A cue per word, with the word underlined by <u></u>. Needs word times.
  bool highlight_words = false;

  // The rest is for balanced rules.
  /// A cue stays longer when it has more columns a second than this, if there is time. 20 is what
  /// broadcasters ask for adult programmes.
  double reading_speed_max = 20;
  /// 5/6 s and 7 s: the usual limits of how long a cue is shown.
  double min_duration_s = 5.0 / 6.0;
  double max_duration_s = 7;
  /// Two frames at 24 a second: cues that follow at once would flicker.
  double min_gap_s = 2.0 / 24.0;

  /// The first value out of range, by its command line name.
  Status Validate() const;
};

/// Who speaks, and how a text to be read looks.
struct ReadingOptions {
  /// Of each segment, by its index, as people named them; a list without names: the transcript's
  /// own ("S1"), where it has some.
  std::vector<std::string> speakers = {};
  /// Heading of Markdown and DOCX; empty: none.
  std::string title = {};
  /// Times in Markdown and DOCX.
  bool times = true;
};

/// The whole file. Names of speakers stand where the format has a place: before the first line of
/// who begins to speak (TXT, SRT, LRC), as a voice (VTT), as a member (JSON), as a column before
/// the text (TSV, CSV), as a heading (DOCX, Markdown).
std::string Render(Format format, const Transcript& transcript, const SubtitleOptions& options,
                   const ReadingOptions& reading = {});

/// "[00:00.000 --> 00:07.600]  text", as openai-whisper prints a segment while it works, and
/// "[00:00.000 --> 00:07.600] S1: text" where its speaker is known; no newline.
std::string TimedLine(const Segment& segment);

}  // namespace wt::formats

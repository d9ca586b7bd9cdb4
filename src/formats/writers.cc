// TXT, VTT, SRT, TSV, LRC and CSV. Each writer says what its format cannot hold and what is done.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "formats/cues.h"
#include "formats/formats.h"
#include "formats/json.h"
#include "formats/reading_text.h"
#include "formats/text.h"
#include "formats/times.h"

namespace wt::formats {
namespace {

constexpr std::array kAllFormats = {Format::kTxt, Format::kVtt,      Format::kSrt,
                                    Format::kTsv, Format::kJson,     Format::kLrc,
                                    Format::kCsv, Format::kMarkdown, Format::kDocx};
// The first ones of kAllFormats.
constexpr std::size_t kDataFormats = 7;

// One entry of a subtitle file.
struct TimedText {
  std::int64_t start_ms;
  std::int64_t end_ms;
  std::string text;
  // Who says it; empty: nobody was named.
  std::string speaker;
};

// Text outside of our own markup, made safe for one format.
using Escape = std::string (*)(std::string text);

// SRT has no escapes: "<" stays, as players show what is no known tag.
std::string KeepText(std::string text) { return text; }

// WebVTT, section 4.2.2 ("cue components"): "&" and "<" in text are escaped, or a parser would drop
// what follows. The reference leaves them.
std::string EscapeVtt(std::string text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '&') {
      escaped += "&amp;";
    } else if (c == '<') {
      escaped += "&lt;";
    } else {
      escaped.push_back(c);
    }
  }
  return escaped;
}

// "\n word" -> "\n <u>word</u>".
std::string Underline(const std::string& word, Escape escape) {
  const std::size_t start = std::min(word.find_first_not_of(" \n"), word.size());
  return word.substr(0, start) + "<u>" + escape(word.substr(start)) + "</u>";
}

// Lines without text would end the cue early; they come from words that hold only white space.
std::string DropBlankLines(const std::string& text) {
  std::string kept;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = std::string_view(text).substr(begin, end - begin);
    if (!StripSpace(line).empty()) {
      if (!kept.empty()) kept.push_back('\n');
      kept += line;
    }
    begin = end + 1;
  }
  return kept;
}

std::string CueText(const Cue& cue, Escape escape, std::size_t underlined) {
  std::string text;
  for (std::size_t i = 0; i < cue.words.size(); ++i) {
    text += i == underlined ? Underline(cue.words[i].text, escape) : escape(cue.words[i].text);
  }
  // The arrow would end the text early for parsers that look for it; the reference's replacement.
  return ReplaceAll(DropBlankLines(text), "-->", "->");
}

// Every word underlined while it is spoken, the plain text in the pauses between.
void AddHighlighted(const Cue& cue, Escape escape, const std::string& speaker,
                    std::vector<TimedText>* entries) {
  const std::string plain = CueText(cue, escape, cue.words.size());
  std::int64_t last = cue.start_ms;
  for (std::size_t i = 0; i < cue.words.size(); ++i) {
    const CueWord& word = cue.words[i];
    if (last < word.start_ms) entries->push_back({last, word.start_ms, plain, speaker});
    entries->push_back({word.start_ms, word.end_ms, CueText(cue, escape, i), speaker});
    last = word.end_ms;
  }
}

std::vector<TimedText> SubtitleEntries(const Transcript& transcript, const SubtitleOptions& options,
                                       const std::vector<std::string>& speakers, Escape escape) {
  std::vector<TimedText> entries;
  const std::vector<Cue> cues = options.rules == LineRules::kBalanced
                                    ? BalancedCues(transcript, options, speakers)
                                    : ReferenceCues(transcript, options, speakers);
  for (const Cue& cue : cues) {
    const std::string speaker = CleanLine(SpeakerOf(speakers, cue.segment));
    if (options.highlight_words && cue.has_word_times) {
      AddHighlighted(cue, escape, speaker, &entries);
    } else {
      entries.push_back(
          {cue.start_ms, cue.end_ms, CueText(cue, escape, cue.words.size()), speaker});
    }
  }
  return entries;
}

/// "Ann: " where another one begins to speak.
std::string Label(const std::string& speaker, std::string* before) {
  const bool begins = !speaker.empty() && speaker != *before;
  *before = speaker;
  return begins ? speaker + ": " : std::string();
}

// A line per segment. Line breaks in a segment's text become spaces.
std::string WriteTxt(const Transcript& transcript, const ReadingOptions& reading) {
  std::string file;
  std::string before;
  for (std::size_t i = 0; i < transcript.segments.size(); ++i) {
    file += Label(CleanLine(SpeakerOf(reading.speakers, i)), &before);
    file += CleanLine(transcript.segments[i].text) + "\n";
  }
  return file;
}

// WebVTT; hours are written when they are not 0, as the specification allows.
std::string WriteVtt(const Transcript& transcript, const SubtitleOptions& options,
                     const ReadingOptions& reading) {
  std::string file = "WEBVTT\n\n";
  for (const TimedText& entry : SubtitleEntries(transcript, options, reading.speakers, EscapeVtt)) {
    // The annotation of a voice ends at ">" and its text is escaped like all text.
    std::string voice = entry.speaker;
    std::erase(voice, '>');
    if (!voice.empty()) voice = "<v " + EscapeVtt(voice) + ">";
    file += fmt::format("{} --> {}\n{}{}\n\n", FormatTime(entry.start_ms, Hours::kWhenNeeded, '.'),
                        FormatTime(entry.end_ms, Hours::kWhenNeeded, '.'), voice, entry.text);
  }
  return file;
}

// SubRip; numbered from 1, hours always, comma before the milliseconds.
std::string WriteSrt(const Transcript& transcript, const SubtitleOptions& options,
                     const ReadingOptions& reading) {
  std::string file;
  std::string before;
  int number = 0;
  for (const TimedText& entry : SubtitleEntries(transcript, options, reading.speakers, KeepText)) {
    const std::string label = ReplaceAll(Label(entry.speaker, &before), "-->", "->");
    file += fmt::format("{}\n{} --> {}\n{}{}\n\n", ++number,
                        FormatTime(entry.start_ms, Hours::kAlways, ','),
                        FormatTime(entry.end_ms, Hours::kAlways, ','), label, entry.text);
  }
  return file;
}

/// Tables have a column for speakers only where one is named: without, they are the reference's.
bool AnyNamed(const std::vector<std::string>& speakers) {
  return std::any_of(speakers.begin(), speakers.end(),
                     [](const std::string& name) { return !CleanLine(name).empty(); });
}

std::string WithoutTabs(std::string_view text) {
  std::string line = CleanLine(text);
  std::replace(line.begin(), line.end(), '\t', ' ');
  return line;
}

// Milliseconds and text; a tab in the text becomes a space.
std::string WriteTsv(const Transcript& transcript, const std::vector<std::string>& speakers) {
  const bool named = AnyNamed(speakers);
  std::string file = named ? "start\tend\tspeaker\ttext\n" : "start\tend\ttext\n";
  for (std::size_t i = 0; i < transcript.segments.size(); ++i) {
    const Segment& segment = transcript.segments[i];
    file += fmt::format("{}\t{}\t", ToMilliseconds(segment.start_s), ToMilliseconds(segment.end_s));
    if (named) file += WithoutTabs(SpeakerOf(speakers, i)) + "\t";
    file += WithoutTabs(segment.text) + "\n";
  }
  return file;
}

// "[mm:ss.xx]text". With word times and highlight_words every word carries its start as
// "<mm:ss.xx>" (enhanced LRC). A silence of this length clears the display by a line without text.
constexpr std::int64_t kLyricsClearMs = 5'000;

std::string LyricsText(const Segment& segment, bool word_times) {
  if (!word_times || !segment.words) return CleanLine(segment.text);
  std::string text;
  for (const Word& word : *segment.words) {
    text += fmt::format("{}<{}>{}", text.empty() ? "" : " ",
                        FormatLyricsTime(ToMilliseconds(word.start_s)), CleanLine(word.text));
  }
  return text;
}

std::string WriteLrc(const Transcript& transcript, const SubtitleOptions& options,
                     const std::vector<std::string>& speakers) {
  std::string file;
  std::string before;
  const std::vector<Segment>& segments = transcript.segments;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const std::string text = Label(CleanLine(SpeakerOf(speakers, i)), &before) +
                             LyricsText(segments[i], options.highlight_words);
    // Text that begins with a bracket would be read as one more tag.
    const char* separator = text.starts_with('[') ? " " : "";
    file += fmt::format("[{}]{}{}\n", FormatLyricsTime(ToMilliseconds(segments[i].start_s)),
                        separator, text);
    const std::int64_t end = ToMilliseconds(segments[i].end_s);
    const bool last = i + 1 == segments.size();
    if (last || ToMilliseconds(segments[i + 1].start_s) - end >= kLyricsClearMs) {
      file += fmt::format("[{}]\n", FormatLyricsTime(end));
    }
  }
  return file;
}

std::string Quoted(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : CleanLine(text)) quoted.append(c == '"' ? 2 : 1, c);
  return quoted + "\"";
}

// RFC 4180 with line feeds; texts are always quoted. Milliseconds and the order of columns are
// those of whisper.cpp.
std::string WriteCsv(const Transcript& transcript, const std::vector<std::string>& speakers) {
  const bool named = AnyNamed(speakers);
  std::string file = named ? "start,end,speaker,text\n" : "start,end,text\n";
  for (std::size_t i = 0; i < transcript.segments.size(); ++i) {
    const Segment& segment = transcript.segments[i];
    file += fmt::format("{},{},", ToMilliseconds(segment.start_s), ToMilliseconds(segment.end_s));
    if (named) file += Quoted(SpeakerOf(speakers, i)) + ",";
    file += Quoted(segment.text) + "\n";
  }
  return file;
}

}  // namespace

std::span<const Format> AllFormats() { return kAllFormats; }
std::span<const Format> DataFormats() { return std::span(kAllFormats).first(kDataFormats); }

std::string_view FormatName(Format format) {
  switch (format) {
    case Format::kTxt: return "txt";
    case Format::kVtt: return "vtt";
    case Format::kSrt: return "srt";
    case Format::kTsv: return "tsv";
    case Format::kJson: return "json";
    case Format::kLrc: return "lrc";
    case Format::kCsv: return "csv";
    case Format::kMarkdown: return "md";
    case Format::kDocx: return "docx";
  }
  return "txt";
}

std::optional<Format> ParseFormat(std::string_view name) {
  const auto found = std::find_if(kAllFormats.begin(), kAllFormats.end(),
                                  [name](Format format) { return FormatName(format) == name; });
  if (found == kAllFormats.end()) return std::nullopt;
  return *found;
}

Status SubtitleOptions::Validate() const {
  const auto check = [](double value, double minimum, double maximum, std::string_view name) {
    if (value >= minimum && value <= maximum) return Status();
    return Status(StatusCode::kInvalidArgument,
                  fmt::format("{}: {} is out of range ({} to {})", name, value, minimum, maximum));
  };
  const std::array checks = {
      check(max_line_width, 0, 1000, "max-line-width"),
      check(max_line_count, 0, 100, "max-line-count"),
      check(max_words_per_line, 0, 1000, "max-words-per-line"),
      check(reading_speed_max, 1, 1000, "reading-speed"),
      check(min_duration_s, 0, 10, "min-cue-duration"),
      check(max_duration_s, 1, 60, "max-cue-duration"),
      check(min_gap_s, 0, 1, "min-cue-gap"),
  };
  for (const Status& status : checks) {
    if (!status.ok()) return status;
  }
  return Status();
}

std::string Render(Format format, const Transcript& transcript, const SubtitleOptions& options,
                   const ReadingOptions& given) {
  ReadingOptions reading = given;
  if (reading.speakers.empty()) {
    for (const Segment& segment : transcript.segments) reading.speakers.push_back(segment.speaker);
  }
  switch (format) {
    case Format::kTxt: return WriteTxt(transcript, reading);
    case Format::kVtt: return WriteVtt(transcript, options, reading);
    case Format::kSrt: return WriteSrt(transcript, options, reading);
    case Format::kTsv: return WriteTsv(transcript, reading.speakers);
    case Format::kJson: return WriteJson(transcript, reading.speakers) + "\n";
    case Format::kLrc: return WriteLrc(transcript, options, reading.speakers);
    case Format::kCsv: return WriteCsv(transcript, reading.speakers);
    case Format::kMarkdown: return WriteMarkdown(transcript, reading);
    case Format::kDocx: return WriteDocx(transcript, reading);
  }
  return {};
}

std::string TimedLine(const Segment& segment) {
  // A name on every line, not only where it changes: each of these lines is read by itself.
  const std::string speaker = CleanLine(segment.speaker);
  return fmt::format(
      "[{} --> {}] {}", FormatTime(ToMilliseconds(segment.start_s), Hours::kWhenNeeded, '.'),
      FormatTime(ToMilliseconds(segment.end_s), Hours::kWhenNeeded, '.'),
      speaker.empty() ? CleanWord(segment.text) : speaker + ": " + CleanLine(segment.text));
}

}  // namespace wt::formats

#include "service/transcripts/document.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <variant>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "service/transcripts/download_name.h"

namespace wt::transcripts {
namespace {

using formats::SubtitleOptions;

struct FormatRow {
  formats::Format format;
  DocumentFormat document;
};

constexpr auto kFormats = std::to_array<FormatRow>({
    {formats::Format::kTxt, {"txt", "txt", "text/plain; charset=utf-8", "Plain text"}},
    {formats::Format::kSrt, {"srt", "srt", "application/x-subrip; charset=utf-8", "SubRip"}},
    {formats::Format::kVtt, {"vtt", "vtt", "text/vtt; charset=utf-8", "WebVTT"}},
    {formats::Format::kJson, {"json", "json", "application/json", "JSON with all details"}},
    {formats::Format::kTsv,
     {"tsv", "tsv", "text/tab-separated-values; charset=utf-8", "Tab-separated, milliseconds"}},
    {formats::Format::kCsv, {"csv", "csv", "text/csv; charset=utf-8", "Comma-separated"}},
    {formats::Format::kLrc, {"lrc", "lrc", "text/plain; charset=utf-8", "Lyrics with times"}},
    {formats::Format::kMarkdown,
     {"md", "md", "text/markdown; charset=utf-8", "Markdown, in paragraphs"}},
    {formats::Format::kDocx,
     {"docx", "docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
      "Word document, in paragraphs"}},
});

struct OptionRow {
  std::string_view name;
  std::variant<int SubtitleOptions::*, double SubtitleOptions::*, bool SubtitleOptions::*> field;
};

constexpr auto kOptions = std::to_array<OptionRow>({
    {"max_line_width", &SubtitleOptions::max_line_width},
    {"max_line_count", &SubtitleOptions::max_line_count},
    {"max_words_per_line", &SubtitleOptions::max_words_per_line},
    {"highlight_words", &SubtitleOptions::highlight_words},
    {"reading_speed", &SubtitleOptions::reading_speed_max},
    {"min_cue_duration", &SubtitleOptions::min_duration_s},
    {"max_cue_duration", &SubtitleOptions::max_duration_s},
    {"min_cue_gap", &SubtitleOptions::min_gap_s},
});

constexpr std::string_view kLineRules = "line_rules";

Status Bad(std::string_view name, std::string_view rule) {
  return Status(StatusCode::kInvalidArgument, std::string(name) + ": " + std::string(rule));
}

template <typename T>
bool ParseNumber(std::string_view text, T* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size();
}

struct SetField {
  std::string_view name;
  std::string_view text;
  SubtitleOptions* options;

  Status operator()(int SubtitleOptions::* field) const {
    return ParseNumber(text, &(options->*field)) ? Status() : Bad(name, "must be a whole number");
  }
  Status operator()(double SubtitleOptions::* field) const {
    return ParseNumber(text, &(options->*field)) ? Status() : Bad(name, "must be a number");
  }
  Status operator()(bool SubtitleOptions::* field) const {
    if (text != "true" && text != "false") return Bad(name, "must be true or false");
    options->*field = text == "true";
    return Status();
  }
};

}  // namespace

std::vector<DocumentFormat> DocumentFormats() {
  std::vector<DocumentFormat> list;
  for (const FormatRow& row : kFormats) list.push_back(row.document);
  return list;
}

Result<Document> RenderDocument(std::string_view format, const Transcript& transcript,
                                const SubtitleOptions& options,
                                const formats::ReadingOptions& reading,
                                std::string_view original_filename) {
  const auto row = std::find_if(kFormats.begin(), kFormats.end(),
                                [&](const FormatRow& r) { return r.document.name == format; });
  if (row == kFormats.end()) {
    std::string names;
    for (const FormatRow& r : kFormats) {
      names += (names.empty() ? "" : ", ") + std::string(r.document.name);
    }
    return Bad("format", "'" + base::ReplaceInvalidUtf8(format.substr(0, 32)) +
                             "' is not there; use one of: " + names);
  }
  WT_TRY(options.Validate());
  return Document{.bytes = formats::Render(row->format, transcript, options, reading),
                  .content_type = std::string(row->document.content_type),
                  .filename = DownloadName(original_filename, row->document.extension)};
}

Status SetSubtitleOption(std::string_view name, std::string_view text, SubtitleOptions* options) {
  if (name == kLineRules) {
    if (text != "reference" && text != "balanced") {
      return Bad(name, "must be reference or balanced");
    }
    options->rules =
        text == "balanced" ? formats::LineRules::kBalanced : formats::LineRules::kReference;
    return Status();
  }
  for (const OptionRow& row : kOptions) {
    if (row.name != name) continue;
    WT_TRY(std::visit(SetField{name, text, options}, row.field));
    return options->Validate();
  }
  return Bad(base::ReplaceInvalidUtf8(name.substr(0, 64)), "is not an option of subtitles");
}

bool IsSubtitleOption(std::string_view name) {
  return name == kLineRules || std::any_of(kOptions.begin(), kOptions.end(),
                                           [&](const OptionRow& row) { return row.name == name; });
}

}  // namespace wt::transcripts

// A transcript as a document to download: format, options and content type by name.
//
// Formats are those of formats/formats.h; the list that clients are shown is made here, so it
// cannot promise what is not there. Pure functions: thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "formats/formats.h"
#include "whisper_transcriber/status.h"
#include "whisper_transcriber/transcript.h"

namespace wt::transcripts {

struct DocumentFormat {
  std::string_view name;
  std::string_view extension;
  std::string_view content_type;
  std::string_view description;
};

/// All that RenderDocument takes.
std::vector<DocumentFormat> DocumentFormats();

struct Document {
  std::string bytes;
  std::string content_type;
  /// For the download, from the name of the recording.
  std::string filename;
};

/// kInvalidArgument for a format that is not there, with the list.
Result<Document> RenderDocument(std::string_view format, const Transcript& transcript,
                                const formats::SubtitleOptions& options,
                                const formats::ReadingOptions& reading,
                                std::string_view original_filename);

/// Sets one option of subtitles from text ("max_line_width", "line_rules" ...: the names of the
/// command line with '_'). kInvalidArgument with the name when it is unknown or out of range.
Status SetSubtitleOption(std::string_view name, std::string_view text,
                         formats::SubtitleOptions* options);
bool IsSubtitleOption(std::string_view name);

}  // namespace wt::transcripts

// Names of downloads that no header, file system or shell can be hurt by.
//
// RFC 6266 with the encoding of RFC 8187 (5987): an ASCII name for old clients and the full name in
// UTF-8. Pure functions: thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace wt::transcripts {

/// "talk.srt" for "C:\x\talk.mp3" and "srt": the last part of the path without its extension,
/// without control characters, separators and what Windows forbids, at most 120 bytes, never empty,
/// never beginning with a dot; then the new extension.
std::string DownloadName(std::string_view original, std::string_view extension);

/// The value of Content-Disposition. `name` may be anything; what it holds cannot end the value.
std::string ContentDisposition(std::string_view name);

}  // namespace wt::transcripts

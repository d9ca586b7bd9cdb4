// The client's name of a file, made harmless: metadata for people and downloads, never a path.
// Pure function: thread-safe.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wt::uploads {

/// As spec ING-10 has it.
inline constexpr std::size_t kFilenameBytesMax = 255;

/// Valid UTF-8 of 1 to `bytes_max` (at least 32) bytes: the last path part; without control
/// characters, marks that change the direction of text, and white space or dots at the ends; what
/// file systems reserve is "_". A long name keeps its extension. "recording" when nothing is left.
/// Cleaning twice changes nothing more.
std::string CleanFilename(std::string_view raw, std::size_t bytes_max = kFilenameBytesMax);

}  // namespace wt::uploads

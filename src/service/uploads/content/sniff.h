// What the first bytes of a file say it is (spec 41). Content decides, not name or declared type.
//
// Only what certainly is no recording is refused here (archives, programs, pictures, documents,
// text and so playlists); the rest is for the decoder's probe to say. Pure: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace wt::uploads {

enum class Signature : std::uint8_t {
  kUnknown,
  kNotMedia,
  kWav,
  kMp3,
  kMp4,
  kFlac,
  kOgg,
  kMatroska,
  kAac,
  kAsf,
  kAvi,
  kAiff,
  kAmr,
  kCaf,
};

/// Enough for every signature, for the 128 bytes in which MP3 is searched, and to tell text.
inline constexpr std::size_t kSniffBytes = 512;

/// `head` is the beginning of the file, kSniffBytes of it where it has so many.
Signature Sniff(std::span<const std::byte> head);

/// "wav", "mp3" and so on; empty for kUnknown and kNotMedia.
std::string_view SignatureName(Signature signature);

/// Whether a file name's extension is one that such content usually has; true when the signature
/// is unknown.
bool ExtensionFits(Signature signature, std::string_view filename);

}  // namespace wt::uploads

#include "service/uploads/content/sniff.h"

#include <algorithm>
#include <array>
#include <string>

namespace wt::uploads {
namespace {

using std::string_view_literals::operator""sv;

struct Pattern {
  std::string_view bytes;
  Signature signature;
};

// At the very beginning.
constexpr std::array kAtStart = {
    Pattern{"fLaC"sv, Signature::kFlac},
    Pattern{"OggS"sv, Signature::kOgg},
    Pattern{"\x1a\x45\xdf\xa3"sv, Signature::kMatroska},
    Pattern{"ID3"sv, Signature::kMp3},
    Pattern{"\xff\xfb"sv, Signature::kMp3},
    Pattern{"\xff\xf3"sv, Signature::kMp3},
    Pattern{"\xff\xf2"sv, Signature::kMp3},
    Pattern{"\xff\xf1"sv, Signature::kAac},
    Pattern{"\xff\xf9"sv, Signature::kAac},
    Pattern{"RF64"sv, Signature::kWav},
    Pattern{"\x30\x26\xb2\x75\x8e\x66\xcf\x11"sv, Signature::kAsf},
    Pattern{"#!AMR"sv, Signature::kAmr},
    Pattern{"caff"sv, Signature::kCaf},
    Pattern{"PK\x03\x04"sv, Signature::kNotMedia},
    Pattern{"PK\x05\x06"sv, Signature::kNotMedia},
    Pattern{"\x7f"
            "ELF"sv,
            Signature::kNotMedia},
    Pattern{"MZ"sv, Signature::kNotMedia},
    Pattern{"%PDF"sv, Signature::kNotMedia},
    Pattern{"\x89PNG"sv, Signature::kNotMedia},
    Pattern{"\xff\xd8\xff"sv, Signature::kNotMedia},
    Pattern{"GIF8"sv, Signature::kNotMedia},
    Pattern{"\x1f\x8b"sv, Signature::kNotMedia},
    Pattern{"BZh"sv, Signature::kNotMedia},
    Pattern{"7z\xbc\xaf\x27\x1c"sv, Signature::kNotMedia},
    Pattern{"\xfd"
            "7zXZ"sv,
            Signature::kNotMedia},
    Pattern{"Rar!"sv, Signature::kNotMedia},
    Pattern{"SQLite format 3"sv, Signature::kNotMedia},
    Pattern{"\xd0\xcf\x11\xe0"sv, Signature::kNotMedia},
};

/// RIFF and FORM say what they hold at byte 8.
Signature SniffContainer(std::string_view head) {
  const std::string_view form = head.size() >= 12 ? head.substr(8, 4) : std::string_view();
  if (head.starts_with("RIFF")) {
    if (form == "AVI ") return Signature::kAvi;
    if (form == "WEBP") return Signature::kNotMedia;
    return Signature::kWav;
  }
  if (head.starts_with("FORM") && form.starts_with("AIF")) return Signature::kAiff;
  const std::string_view first = head.substr(0, 32);
  for (const std::string_view box : {"ftyp", "moov", "mdat"}) {
    if (first.find(box) != first.npos) return Signature::kMp4;
  }
  return Signature::kUnknown;
}

/// No format that holds sound is text from beginning to end of 512 bytes.
bool IsText(std::string_view head) {
  if (head.starts_with("\xef\xbb\xbf") || head.starts_with("\xff\xfe")) return true;
  return std::all_of(head.begin(), head.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (byte >= 0x20 && byte != 0x7f) || (byte >= 0x08 && byte <= 0x0d) || byte == 0x1b;
  });
}

bool HasMp3Frame(std::string_view head) {
  const std::string_view first = head.substr(0, 128);
  return std::any_of(kAtStart.begin() + 3, kAtStart.begin() + 7, [&](const Pattern& pattern) {
    return first.find(pattern.bytes) != first.npos;
  });
}

struct Extensions {
  Signature signature;
  std::string_view name;
  /// Between spaces.
  std::string_view usual;
};

constexpr std::array kExtensions = {
    Extensions{Signature::kWav, "wav", " wav wave rf64 bwf "},
    Extensions{Signature::kMp3, "mp3", " mp3 mp2 mpga mpeg mpg "},
    Extensions{Signature::kMp4, "mp4", " mp4 m4a m4b m4v mov 3gp 3g2 aac "},
    Extensions{Signature::kFlac, "flac", " flac fla "},
    Extensions{Signature::kOgg, "ogg", " ogg oga ogv opus spx "},
    Extensions{Signature::kMatroska, "matroska", " webm mkv mka weba "},
    Extensions{Signature::kAac, "aac", " aac "},
    Extensions{Signature::kAsf, "asf", " wma wmv asf "},
    Extensions{Signature::kAvi, "avi", " avi "},
    Extensions{Signature::kAiff, "aiff", " aif aiff aifc "},
    Extensions{Signature::kAmr, "amr", " amr awb 3ga "},
    Extensions{Signature::kCaf, "caf", " caf "},
};

const Extensions* Find(Signature signature) {
  const auto* found =
      std::find_if(kExtensions.begin(), kExtensions.end(),
                   [&](const Extensions& row) { return row.signature == signature; });
  return found == kExtensions.end() ? nullptr : found;
}

}  // namespace

Signature Sniff(std::span<const std::byte> bytes) {
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()),
                              std::min(bytes.size(), kSniffBytes));
  for (const Pattern& pattern : kAtStart) {
    if (head.starts_with(pattern.bytes)) return pattern.signature;
  }
  if (const Signature found = SniffContainer(head); found != Signature::kUnknown) return found;
  if (IsText(head)) return Signature::kNotMedia;
  return HasMp3Frame(head) ? Signature::kMp3 : Signature::kUnknown;
}

std::string_view SignatureName(Signature signature) {
  const Extensions* row = Find(signature);
  return row == nullptr ? std::string_view() : row->name;
}

bool ExtensionFits(Signature signature, std::string_view filename) {
  const Extensions* row = Find(signature);
  if (row == nullptr) return true;
  const std::size_t dot = filename.rfind('.');
  if (dot == filename.npos || filename.find(' ', dot) != filename.npos) return false;
  std::string wanted = " ";
  for (const char c : filename.substr(dot + 1)) {
    wanted += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  wanted += ' ';
  return row->usual.find(wanted) != row->usual.npos;
}

}  // namespace wt::uploads

#include "media/media_kind.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace wt::media {
namespace {

struct Signature {
  std::string_view magic;
  std::string_view description;
};

constexpr std::array<Signature, 12> kSignatures = {{
    {"\x89PNG\r\n", "a PNG picture"},
    {"\xFF\xD8\xFF", "a JPEG picture"},
    {"GIF8", "a GIF picture"},
    {"PK\x03\x04", "a ZIP archive or an office document"},
    {"PK\x05\x06", "an empty ZIP archive"},
    {"%PDF", "a PDF document"},
    {"\x1F\x8B", "a gzip archive"},
    {"7z\xBC\xAF", "a 7z archive"},
    {"Rar!", "a RAR archive"},
    {"\x7F"
     "ELF",
     "a program"},
    {"SQLite format 3", "a database"},
    {"\xD0\xCF\x11\xE0", "an office document"},
}};

bool IsText(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    const unsigned char byte = static_cast<unsigned char>(c);
    return byte >= 0x20 || byte == '\n' || byte == '\r' || byte == '\t';
  });
}

}  // namespace

std::string_view DescribeOtherContent(std::span<const std::byte> head) {
  const std::string_view text(reinterpret_cast<const char*>(head.data()), head.size());
  for (const Signature& signature : kSignatures) {
    if (text.starts_with(signature.magic)) return signature.description;
  }
  if (!IsText(text)) return {};
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  if (lower.find("<html") != std::string::npos || lower.find("<!doctype") != std::string::npos) {
    return "an HTML page, perhaps an error page saved under this name";
  }
  return "plain text";
}

}  // namespace wt::media

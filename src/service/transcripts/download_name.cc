#include "service/transcripts/download_name.h"

#include <array>
#include <cstdint>

#include "base/strip.h"
#include "base/utf8.h"

namespace wt::transcripts {
namespace {

// File systems allow 255 bytes for a name with its extension.
constexpr std::size_t kStemBytesMax = 120;

// Controls, the bidirectional marks that make "exe.txt" of "txt.exe", and what Windows refuses.
bool Forbidden(char32_t c) {
  if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xFFFD) return true;
  if ((c >= 0x200b && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e)) return true;
  if ((c >= 0x2060 && c <= 0x206f) || c == 0xfeff) return true;
  return c < 0x80 &&
         std::string_view("\"*/:<>?\\|").find(static_cast<char>(c)) != std::string_view::npos;
}

std::string CleanName(std::string_view name, std::size_t bytes_max) {
  std::string clean;
  while (!name.empty()) {
    const char32_t c = base::NextCodePoint(&name);
    std::string encoded;
    base::AppendUtf8(Forbidden(c) ? U'_' : c, &encoded);
    if (clean.size() + encoded.size() > bytes_max) break;
    clean += encoded;
  }
  std::string_view rest = base::StripWhiteSpace(clean);
  // A leading dot hides the file, a trailing one confuses Windows.
  while (rest.starts_with('.')) rest.remove_prefix(1);
  while (rest.ends_with('.')) rest.remove_suffix(1);
  return std::string(base::StripWhiteSpace(rest));
}

// attr-char of RFC 8187.
bool IsAttrChar(unsigned char c) {
  if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z')) return true;
  return c != 0 &&
         std::string_view("!#$&+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
}

std::string PercentEncoded(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string encoded;
  for (const char raw : text) {
    const auto c = static_cast<unsigned char>(raw);
    if (IsAttrChar(c)) {
      encoded.push_back(raw);
    } else {
      encoded.push_back('%');
      encoded.push_back(kDigits[c >> 4]);
      encoded.push_back(kDigits[c & 15]);
    }
  }
  return encoded;
}

}  // namespace

std::string DownloadName(std::string_view original, std::string_view extension) {
  const std::size_t slash = original.find_last_of("/\\");
  if (slash != std::string_view::npos) original.remove_prefix(slash + 1);
  const std::size_t dot = original.rfind('.');
  if (dot != std::string_view::npos && dot > 0) original = original.substr(0, dot);
  std::string stem = CleanName(original, kStemBytesMax);
  if (stem.empty()) stem = "transcript";
  return stem + "." + std::string(extension);
}

std::string ContentDisposition(std::string_view name) {
  std::string clean = CleanName(name, kStemBytesMax + 16);
  if (clean.empty()) clean = "download";
  std::string ascii;
  std::string_view rest = clean;
  while (!rest.empty()) {
    const char32_t c = base::NextCodePoint(&rest);
    // A percent sign would be decoded by some clients.
    ascii.push_back(c < 0x7f && c != U'%' ? static_cast<char>(c) : '_');
  }
  std::string value = "attachment; filename=\"" + ascii + "\"";
  if (ascii != clean) value += "; filename*=UTF-8''" + PercentEncoded(clean);
  return value;
}

}  // namespace wt::transcripts

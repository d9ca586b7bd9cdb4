#include "service/uploads/content/filename.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/strip.h"
#include "base/utf8.h"

namespace wt::uploads {
namespace {

constexpr std::string_view kNoName = "recording";
// ".webm" has 5 bytes; what follows a later dot of a long name is text rather than an extension.
constexpr std::size_t kExtensionBytesMax = 16;

/// Unseen or misleading: controls, marks and overrides of direction, line separators, byte order
/// mark, tags. The joiners U+200C and U+200D stay: Persian, Indic scripts and emoji need them.
bool IsDropped(char32_t c) {
  return c < 0x20 || (c >= 0x7f && c <= 0x9f) || c == 0xad || c == 0x61c || c == 0x200b ||
         c == 0x200e || c == 0x200f || (c >= 0x2028 && c <= 0x202e) ||
         (c >= 0x2060 && c <= 0x206f) || c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
         (c >= 0xe0000 && c <= 0xe007f);
}

bool IsReserved(char32_t c) {
  constexpr std::u32string_view kReserved = U"<>:\"|?*\ufffd";
  return kReserved.find(c) != kReserved.npos;
}

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return upper;
}

/// Names that Windows gives to devices, whatever the extension.
bool IsDeviceName(std::string_view name) {
  const std::string stem = Upper(name.substr(0, name.find('.')));
  constexpr std::array<std::string_view, 4> kDevices = {"CON", "PRN", "AUX", "NUL"};
  if (std::find(kDevices.begin(), kDevices.end(), stem) != kDevices.end()) return true;
  return stem.size() == 4 && (stem.starts_with("COM") || stem.starts_with("LPT")) &&
         stem[3] >= '0' && stem[3] <= '9';
}

std::string_view StripEnds(std::string_view name) {
  while (true) {
    const std::size_t before = name.size();
    name = base::StripWhiteSpace(name);
    while (name.starts_with('.')) name.remove_prefix(1);
    while (name.ends_with('.')) name.remove_suffix(1);
    if (name.size() == before) return name;
  }
}

/// The longest beginning of at most `bytes_max` bytes that cuts no character.
std::string_view CutUtf8(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
  return text.substr(0, end);
}

std::string Shorten(std::string_view name, std::size_t bytes_max) {
  if (name.size() <= bytes_max) return std::string(name);
  const std::size_t dot = name.rfind('.');
  std::string_view extension = dot == name.npos ? std::string_view() : name.substr(dot);
  if (extension.size() > kExtensionBytesMax) extension = {};
  const std::string_view stem = name.substr(0, name.size() - extension.size());
  const std::string_view cut = StripEnds(CutUtf8(stem, bytes_max - extension.size()));
  return std::string(cut.empty() ? kNoName : cut) + std::string(extension);
}

}  // namespace

std::string CleanFilename(std::string_view raw, std::size_t bytes_max) {
  WT_CHECK(bytes_max >= 32);
  // A NUL ends the name for programs in C: what follows could be a second, hidden extension.
  raw = raw.substr(0, raw.find('\0'));
  const std::size_t slash = raw.find_last_of("/\\");
  if (slash != raw.npos) raw.remove_prefix(slash + 1);
  std::string kept;
  while (!raw.empty()) {
    const char32_t c = base::NextCodePoint(&raw);
    if (!IsDropped(c)) base::AppendUtf8(IsReserved(c) ? U'_' : c, &kept);
  }
  std::string name(StripEnds(kept));
  if (name.empty()) name = kNoName;
  if (IsDeviceName(name)) name.insert(0, 1, '_');
  name = Shorten(name, bytes_max);
  // "con", many spaces, ".wav": shortening made it one; it is then far from the limit.
  if (IsDeviceName(name)) name.insert(0, 1, '_');
  return name;
}

}  // namespace wt::uploads

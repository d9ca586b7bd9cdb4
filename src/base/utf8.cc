#include "base/utf8.h"

namespace wt::base {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

struct Lead {
  int continuation;          // Bytes that follow.
  unsigned char second_min;  // Range of the second byte: excludes overlong forms and surrogates.
  unsigned char second_max;
  char32_t bits;
};

// Table 3-7 of the Unicode standard, "Well-Formed UTF-8 Byte Sequences".
Lead Classify(unsigned char byte) {
  if (byte < 0x80) return {0, 0, 0, byte};
  if (byte >= 0xC2 && byte <= 0xDF) return {1, 0x80, 0xBF, static_cast<char32_t>(byte & 0x1F)};
  if (byte == 0xE0) return {2, 0xA0, 0xBF, 0};
  if (byte == 0xED) return {2, 0x80, 0x9F, 0xD};
  if (byte >= 0xE1 && byte <= 0xEF) return {2, 0x80, 0xBF, static_cast<char32_t>(byte & 0x0F)};
  if (byte == 0xF0) return {3, 0x90, 0xBF, 0};
  if (byte >= 0xF1 && byte <= 0xF3) return {3, 0x80, 0xBF, static_cast<char32_t>(byte & 0x07)};
  if (byte == 0xF4) return {3, 0x80, 0x8F, 4};
  return {-1, 0, 0, 0};
}

struct Decoded {
  char32_t code_point;
  std::size_t length;
  bool valid;
};

Decoded DecodeOne(std::string_view bytes) {
  const Lead lead = Classify(static_cast<unsigned char>(bytes[0]));
  if (lead.continuation < 0) return {kReplacement, 1, false};
  char32_t value = lead.bits;
  for (int i = 1; i <= lead.continuation; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (at >= bytes.size()) return {kReplacement, at, false};
    const auto byte = static_cast<unsigned char>(bytes[at]);
    const unsigned char low = i == 1 ? lead.second_min : 0x80;
    const unsigned char high = i == 1 ? lead.second_max : 0xBF;
    if (byte < low || byte > high) return {kReplacement, at, false};
    value = (value << 6) | (byte & 0x3Fu);
  }
  return {value, static_cast<std::size_t>(lead.continuation) + 1, true};
}

}  // namespace

void AppendUtf8(char32_t c, std::string* out) {
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = kReplacement;
  if (c < 0x80) {
    out->push_back(static_cast<char>(c));
  } else if (c < 0x800) {
    out->push_back(static_cast<char>(0xC0 | (c >> 6)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else if (c < 0x10000) {
    out->push_back(static_cast<char>(0xE0 | (c >> 12)));
    out->push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  } else {
    out->push_back(static_cast<char>(0xF0 | (c >> 18)));
    out->push_back(static_cast<char>(0x80 | ((c >> 12) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | ((c >> 6) & 0x3F)));
    out->push_back(static_cast<char>(0x80 | (c & 0x3F)));
  }
}

char32_t NextCodePoint(std::string_view* bytes) {
  const Decoded decoded = DecodeOne(*bytes);
  bytes->remove_prefix(decoded.length);
  return decoded.code_point;
}

std::string ReplaceInvalidUtf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  while (!bytes.empty()) AppendUtf8(NextCodePoint(&bytes), &out);
  return out;
}

bool IsValidUtf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const Decoded decoded = DecodeOne(bytes);
    if (!decoded.valid) return false;
    bytes.remove_prefix(decoded.length);
  }
  return true;
}

std::size_t CountCodePoints(std::string_view text) {
  std::size_t count = 0;
  for (; !text.empty(); ++count) NextCodePoint(&text);
  return count;
}

}  // namespace wt::base

#include "service/api/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace wt::api {
namespace {

// RFC 8259, section 7: quotation mark, reverse solidus and the controls.
bool NeedsEscape(unsigned char c) { return c < 0x20 || c == '"' || c == '\\'; }

void AppendEscape(unsigned char c, std::string* out) {
  constexpr char kHex[] = "0123456789abcdef";
  switch (c) {
    case '"': *out += "\\\""; return;
    case '\\': *out += "\\\\"; return;
    case '\b': *out += "\\b"; return;
    case '\f': *out += "\\f"; return;
    case '\n': *out += "\\n"; return;
    case '\r': *out += "\\r"; return;
    case '\t': *out += "\\t"; return;
    default: break;
  }
  *out += "\\u00";
  *out += kHex[c >> 4U];
  *out += kHex[c & 15U];
}

void AppendEscaped(std::string_view text, std::string* out) {
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!NeedsEscape(c)) continue;
    out->append(text, copied, i - copied);
    AppendEscape(c, out);
    copied = i + 1;
  }
  out->append(text, copied);
}

bool IsAscii(std::string_view text) {
  unsigned char all = 0;
  for (const char c : text) all |= static_cast<unsigned char>(c);
  return all < 0x80;
}

}  // namespace

void JsonWriter::Comma() {
  if (!first_) out_ += ',';
  first_ = false;
}

void JsonWriter::Name(std::string_view name) {
  Comma();
  out_ += '"';
  out_ += name;
  out_ += "\":";
}

void JsonWriter::BeginObject() {
  Comma();
  out_ += '{';
  first_ = true;
}

void JsonWriter::BeginObject(std::string_view name) {
  Name(name);
  out_ += '{';
  first_ = true;
}

void JsonWriter::BeginArray() {
  Comma();
  out_ += '[';
  first_ = true;
}

void JsonWriter::BeginArray(std::string_view name) {
  Name(name);
  out_ += '[';
  first_ = true;
}

void JsonWriter::End(char bracket) {
  out_ += bracket;
  first_ = false;
}

void JsonWriter::Quoted(std::string_view text) {
  out_ += '"';
  if (IsAscii(text) || base::IsValidUtf8(text)) {
    AppendEscaped(text, &out_);
  } else {
    AppendEscaped(base::ReplaceInvalidUtf8(text), &out_);
  }
  out_ += '"';
}

void JsonWriter::Element(std::string_view value) {
  Comma();
  Quoted(value);
}

void JsonWriter::Text(std::string_view name, std::string_view value) {
  Name(name);
  Quoted(value);
}

void JsonWriter::TextOrNull(std::string_view name, std::string_view value) {
  if (value.empty()) return Null(name);
  Text(name, value);
}

void JsonWriter::Number(std::string_view name, std::int64_t value) {
  Name(name);
  std::array<char, 24> digits;  // 19 digits and a sign.
  const auto [end, error] = std::to_chars(digits.begin(), digits.end(), value);
  out_.append(digits.data(), end);
}

void JsonWriter::Number(std::string_view name, double value) {
  if (!std::isfinite(value)) return Null(name);
  Name(name);
  std::array<char, 32> digits;  // 17 digits, a sign, a point and an exponent of four.
  const auto [end, error] = std::to_chars(digits.begin(), digits.end(), value);
  const std::string_view text(digits.data(), static_cast<std::size_t>(end - digits.data()));
  out_ += text;
  // Readers with types see that it is no integer.
  if (text.find_first_of(".e") == std::string_view::npos) out_ += ".0";
}

void JsonWriter::Bool(std::string_view name, bool value) {
  Name(name);
  out_ += value ? "true" : "false";
}

void JsonWriter::Null(std::string_view name) {
  Name(name);
  out_ += "null";
}

}  // namespace wt::api

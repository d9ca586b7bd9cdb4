#include "engine/tokenizer/published_vocabulary.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status_macros.h"

// Defined in data/embedded.S.
extern "C" {
extern const unsigned char wt_tokenizer_gpt2_begin[];
extern const unsigned char wt_tokenizer_gpt2_end[];
extern const unsigned char wt_tokenizer_multilingual_begin[];
extern const unsigned char wt_tokenizer_multilingual_end[];
}

namespace wt::tokenizer {
namespace {

// The two files have 816,730 and 835,554 bytes.
constexpr std::size_t kTiktokenBytesMax = 1u << 20;

Status Corrupt(std::string_view why) {
  return Status(StatusCode::kDataCorrupt,
                "The tiktoken file is damaged: " + std::string(why) + ".");
}

Result<std::string> Unzip(std::span<const unsigned char> gzip_bytes) {
  std::string text(kTiktokenBytesMax, '\0');
  z_stream stream = {};
  // 15 is the largest window; 16 more asks for the gzip header.
  if (inflateInit2(&stream, 15 + 16) != Z_OK) return Corrupt("no memory to unpack it");
  stream.next_in = const_cast<unsigned char*>(gzip_bytes.data());
  stream.avail_in = static_cast<uInt>(gzip_bytes.size());
  stream.next_out = reinterpret_cast<unsigned char*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  const int outcome = inflate(&stream, Z_FINISH);
  const std::size_t size = stream.total_out;
  inflateEnd(&stream);
  if (outcome != Z_STREAM_END) return Corrupt("it cannot be unpacked");
  text.resize(size);
  return text;
}

// Value of each base64 digit (RFC 4648, section 4), 64 for the padding, 255 for anything else.
constexpr std::array<std::uint8_t, 256> MakeDigits() {
  std::array<std::uint8_t, 256> digits{};
  for (auto& digit : digits) digit = 255;
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  for (std::size_t i = 0; i < kAlphabet.size(); ++i) {
    digits[static_cast<unsigned char>(kAlphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return digits;
}
constexpr std::array<std::uint8_t, 256> kDigits = MakeDigits();

// Appends the bytes of `base64`, which may be padding alone (the empty token is written "=").
bool AppendBase64(std::string_view base64, std::string* out) {
  while (!base64.empty() && base64.back() == '=') base64.remove_suffix(1);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : base64) {
    const std::uint8_t digit = kDigits[static_cast<unsigned char>(c)];
    if (digit > 63) return false;
    bits = (bits << 6) | digit;
    count += 6;
    if (count >= 8) {
      count -= 8;
      out->push_back(static_cast<char>(bits >> count));
    }
  }
  return true;
}

Vocabulary MakePublished(const unsigned char* begin, const unsigned char* end) {
  Result<Vocabulary> vocabulary = ReadTiktoken({begin, end});
  WT_CHECK(vocabulary.ok());  // The bytes are part of this program.
  return std::move(vocabulary).value();
}

}  // namespace

Result<Vocabulary> ReadTiktoken(std::span<const unsigned char> gzip_bytes) {
  WT_ASSIGN(const std::string text, Unzip(gzip_bytes));
  std::string blob;
  blob.reserve(text.size());  // Never moves: base64 is longer than what it stands for.
  std::vector<std::string_view> tokens;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return Corrupt("a line has no rank");
    std::size_t rank = 0;
    const char* const line_end = line.data() + line.size();
    const auto parsed = std::from_chars(line.data() + space + 1, line_end, rank);
    if (parsed.ec != std::errc() || parsed.ptr != line_end || rank != tokens.size()) {
      return Corrupt("ranks do not count up from 0");
    }
    const std::size_t begin = blob.size();
    if (!AppendBase64(line.substr(0, space), &blob)) return Corrupt("a token is not base64");
    tokens.push_back(std::string_view(blob).substr(begin));
  }
  return Vocabulary::Create(tokens);
}

std::shared_ptr<const Vocabulary> LoadPublished(PublishedVocabulary which) {
  // Never destroyed, so that threads that outlive main() are safe.
  if (which == PublishedVocabulary::kEnglish) {
    static const auto& english = *new auto(std::make_shared<const Vocabulary>(
        MakePublished(wt_tokenizer_gpt2_begin, wt_tokenizer_gpt2_end)));
    return english;
  }
  static const auto& multilingual = *new auto(std::make_shared<const Vocabulary>(
      MakePublished(wt_tokenizer_multilingual_begin, wt_tokenizer_multilingual_end)));
  return multilingual;
}

}  // namespace wt::tokenizer

#include "media/media_stream.h"

#include <algorithm>
#include <cstring>
#include <optional>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "media/pcm_samples.h"

namespace wt::media {
namespace {

// "WTMS" read as a little-endian number.
constexpr std::uint32_t kMagic = 0x534D5457;
constexpr std::uint16_t kVersion = 1;
constexpr std::size_t kMessageBytesMax = 500;
constexpr std::size_t kWarningsMax = 20;

Status BadStream(const std::string& what) {
  return Status(StatusCode::kInternal,
                "the audio decoder answered in a way that is not understood; reinstall the program",
                InternalDetail("media stream: " + what));
}

std::string Clean(std::string_view text) {
  std::string clean(text.substr(0, kMessageBytesMax));
  // The child's texts are ASCII; whatever else arrives does not reach a terminal or a page.
  for (char& c : clean) {
    if (c < 0x20 || c > 0x7E) c = '?';
  }
  return clean;
}

std::optional<StatusCode> CodeNamed(std::string_view name) {
  constexpr std::array<StatusCode, 6> kKnown = {
      StatusCode::kInvalidArgument, StatusCode::kUnsupported,       StatusCode::kDataCorrupt,
      StatusCode::kUnavailable,     StatusCode::kResourceExhausted, StatusCode::kInternal};
  for (const StatusCode code : kKnown) {
    if (StatusCodeName(code) == name) return code;
  }
  return std::nullopt;
}

std::string OneLine(std::string_view text) {
  std::string line(text);
  std::replace(line.begin(), line.end(), '\n', ' ');
  return line;
}

/// Splits off the text up to `separator` (or all of it).
std::string_view TakeUntil(std::string_view* text, char separator) {
  const std::size_t end = std::min(text->find(separator), text->size());
  const std::string_view head = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return head;
}

}  // namespace

std::array<std::byte, kStreamHeaderBytes> EncodeStreamHeader(const StreamHeader& header) {
  std::array<std::byte, kStreamHeaderBytes> bytes{};
  std::size_t offset = 0;
  const auto put = [&](auto value) {
    std::memcpy(bytes.data() + offset, &value, sizeof(value));
    offset += sizeof(value);
  };
  put(kMagic);
  put(kVersion);
  put(static_cast<std::uint16_t>(header.kind));
  put(header.rate);
  put(header.samples_per_item);
  put(header.items);
  put(header.lead_samples);
  put(std::uint32_t{0});
  return bytes;
}

Result<StreamHeader> DecodeStreamHeader(std::span<const std::byte, kStreamHeaderBytes> bytes) {
  base::ByteReader reader(bytes);
  StreamHeader header;
  std::uint32_t magic = 0;
  std::uint16_t version = 0;
  std::uint16_t kind = 0;
  std::uint32_t reserved = 0;
  const bool complete = reader.Read(&magic) && reader.Read(&version) && reader.Read(&kind) &&
                        reader.Read(&header.rate) && reader.Read(&header.samples_per_item) &&
                        reader.Read(&header.items) && reader.Read(&header.lead_samples) &&
                        reader.Read(&reserved);
  if (!complete || magic != kMagic) return BadStream("no magic number");
  if (version != kVersion) return BadStream("version " + std::to_string(version));
  if (kind != static_cast<std::uint16_t>(StreamKind::kPcm) &&
      kind != static_cast<std::uint16_t>(StreamKind::kPeaks)) {
    return BadStream("kind " + std::to_string(kind));
  }
  header.kind = static_cast<StreamKind>(kind);
  if (header.rate != kStreamRate) return BadStream("rate " + std::to_string(header.rate));
  if (header.samples_per_item == 0 || header.samples_per_item > kBucketSamplesMax ||
      (header.kind == StreamKind::kPcm && header.samples_per_item != 1)) {
    return BadStream("samples per item " + std::to_string(header.samples_per_item));
  }
  if (header.items < -1 || header.items > base::kAudioSamplesMax) {
    return BadStream("items " + std::to_string(header.items));
  }
  return header;
}

Status StreamParser::TakeHeader(std::span<const std::byte>* bytes) {
  const std::size_t count = std::min(bytes->size(), kStreamHeaderBytes - partial_size_);
  std::copy_n(bytes->begin(), count, partial_.begin() + static_cast<std::ptrdiff_t>(partial_size_));
  partial_size_ += count;
  *bytes = bytes->subspan(count);
  if (partial_size_ < kStreamHeaderBytes) return Status();
  WT_ASSIGN(header_, DecodeStreamHeader(partial_));
  if (header_.kind != kind_) return BadStream("another kind than asked for");
  has_header_ = true;
  partial_size_ = 0;
  return Status();
}

Status StreamParser::Push(std::span<const std::byte> bytes, std::vector<float>* out) {
  if (!has_header_) WT_TRY(TakeHeader(&bytes));
  if (!has_header_ || bytes.empty()) return Status();
  // Bounds what is appended below; a partial value counts when it is complete.
  const std::int64_t arriving =
      static_cast<std::int64_t>((partial_size_ + bytes.size()) / sizeof(float));
  if (arriving > values_max_ - values_) {
    return Status(StatusCode::kResourceExhausted, "the audio is longer than the limit of " +
                                                      std::to_string(values_max_) +
                                                      " samples; cut it into parts");
  }
  while (partial_size_ > 0 && !bytes.empty()) {
    partial_[partial_size_++] = bytes.front();
    bytes = bytes.subspan(1);
    if (partial_size_ < sizeof(float)) continue;
    out->push_back(PcmToFloat(partial_.data(), PcmType::kF32));
    partial_size_ = 0;
  }
  const std::size_t count = bytes.size() / sizeof(float);
  for (std::size_t i = 0; i < count; ++i) {
    out->push_back(PcmToFloat(bytes.data() + i * sizeof(float), PcmType::kF32));
  }
  const std::span<const std::byte> rest = bytes.subspan(count * sizeof(float));
  std::copy(rest.begin(), rest.end(),
            partial_.begin() + static_cast<std::ptrdiff_t>(partial_size_));
  partial_size_ += rest.size();
  values_ += arriving;
  return Status();
}

std::string EncodeErrorLine(StatusCode code, std::string_view text) {
  return "error " + std::string(StatusCodeName(code)) + " " + OneLine(text) + "\n";
}

std::string EncodeWarningLine(std::string_view text) { return "warning " + OneLine(text) + "\n"; }

Messages DecodeMessages(std::string_view text) {
  Messages messages;
  text = text.substr(0, kMessagesBytesMax);
  while (!text.empty()) {
    const std::string_view line = TakeUntil(&text, '\n');
    std::string_view rest = line;
    const std::string_view word = TakeUntil(&rest, ' ');
    if (word == "error") {
      const std::optional<StatusCode> code = CodeNamed(TakeUntil(&rest, ' '));
      if (code) {
        messages.error = Status(*code, Clean(rest));
        continue;
      }
    }
    if (word == "warning" && messages.warnings.size() < kWarningsMax) {
      messages.warnings.push_back(Clean(rest));
      continue;
    }
    messages.other += Clean(line) + "\n";
  }
  return messages;
}

}  // namespace wt::media

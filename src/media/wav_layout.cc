#include "media/wav_layout.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/status_macros.h"

namespace wt::media {
namespace {

constexpr std::uint16_t kTagPcm = 1;
constexpr std::uint16_t kTagFloat = 3;
constexpr std::uint16_t kTagExtensible = 0xFFFE;
// Bytes 2 to 15 of the KSDATAFORMAT_SUBTYPE GUIDs; the first two are the format tag.
constexpr std::string_view kGuidTail("\x00\x00\x00\x00\x10\x00\x80\x00\x00\xAA\x00\x38\x9B\x71",
                                     14);
// Recorders write a dozen chunks before the samples; the rest is an attempt to keep us busy.
constexpr int kChunksMax = 1'024;
constexpr std::size_t kChunkHeaderBytes = 8;
constexpr std::size_t kFormatBytes = 40;

struct Format {
  std::uint16_t tag = 0;
  std::uint16_t channels = 0;
  std::uint32_t rate = 0;
  std::uint16_t block_align = 0;
  std::uint16_t bits = 0;
  bool known_guid = true;
};

struct Chunk {
  std::string id;
  std::uint32_t size = 0;
  /// Of the first byte behind the chunk's header.
  std::int64_t offset = 0;
};

Status BadHeader(const std::string& what) {
  return Status(StatusCode::kDataCorrupt,
                "the WAV header " + what + "; the file is damaged, export or record it again");
}

Result<std::optional<Chunk>> ReadChunk(RandomInput& input, std::int64_t offset) {
  std::array<std::byte, kChunkHeaderBytes> raw{};
  WT_ASSIGN(const std::size_t count, input.ReadAt(offset, raw));
  base::ByteReader reader{std::span(raw).first(count)};
  std::string_view id;
  Chunk chunk;
  if (!reader.ReadText(4, &id) || !reader.Read(&chunk.size)) return std::optional<Chunk>();
  chunk.id = id;
  chunk.offset = offset + static_cast<std::int64_t>(kChunkHeaderBytes);
  return std::optional<Chunk>(chunk);
}

Result<Format> ReadFormat(RandomInput& input, const Chunk& chunk) {
  std::array<std::byte, kFormatBytes> raw{};
  const std::size_t wanted = std::min<std::size_t>(chunk.size, raw.size());
  WT_ASSIGN(const std::size_t count, input.ReadAt(chunk.offset, std::span(raw).first(wanted)));
  base::ByteReader reader{std::span(raw).first(count)};
  Format format;
  std::uint32_t byte_rate = 0;
  if (!reader.Read(&format.tag) || !reader.Read(&format.channels) || !reader.Read(&format.rate) ||
      !reader.Read(&byte_rate) || !reader.Read(&format.block_align) || !reader.Read(&format.bits)) {
    return BadHeader("ends too early");
  }
  if (format.tag == kTagExtensible) {
    std::string_view tail;
    // cbSize, valid bits and channel mask (8 bytes) stand between the bits and the GUID.
    if (!reader.Skip(8) || !reader.Read(&format.tag) || !reader.ReadText(14, &tail)) {
      return BadHeader("lacks its extension");
    }
    format.known_guid = tail == kGuidTail;
  }
  return format;
}

std::optional<PcmType> TypeOf(const Format& format) {
  if (!format.known_guid) return std::nullopt;
  if (format.tag == kTagFloat && format.bits == 32) return PcmType::kF32;
  if (format.tag == kTagFloat && format.bits == 64) return PcmType::kF64;
  if (format.tag != kTagPcm) return std::nullopt;
  switch (format.bits) {
    case 8: return PcmType::kU8;
    case 16: return PcmType::kS16;
    case 24: return PcmType::kS24;
    case 32: return PcmType::kS32;
    default: return std::nullopt;
  }
}

Status CheckFormat(const Format& format) {
  if (format.channels == 0) return BadHeader("names no channels");
  if (format.channels > base::kAudioChannelsMax) {
    return BadHeader("names " + std::to_string(format.channels) + " channels, more than " +
                     std::to_string(base::kAudioChannelsMax));
  }
  if (format.rate == 0) return BadHeader("names a sample rate of 0");
  if (format.bits == 0 && (format.tag == kTagPcm || format.tag == kTagFloat)) {
    return BadHeader("names 0 bits per sample");
  }
  return Status();
}

bool IsTrailingChunk(std::string_view id) {
  constexpr std::array<std::string_view, 10> kKnown = {"LIST", "id3 ", "ID3 ", "bext", "fact",
                                                       "cue ", "smpl", "JUNK", "iXML", "PEAK"};
  return std::find(kKnown.begin(), kKnown.end(), id) != kKnown.end();
}

/// Bytes of samples that are there. A size of 0 with other bytes than a chunk behind it is a file
/// whose writer could not go back to fill it in.
Result<std::int64_t> DataBytes(RandomInput& input, const Chunk& data) {
  const std::int64_t there = std::max<std::int64_t>(input.size() - data.offset, 0);
  if (data.size != 0) return std::min<std::int64_t>(data.size, there);
  WT_ASSIGN(const std::optional<Chunk> next, ReadChunk(input, data.offset));
  return next && !IsTrailingChunk(next->id) ? there : 0;
}

struct Chunks {
  std::optional<Format> format;
  std::optional<Chunk> data;
};

Result<Chunks> FindChunks(RandomInput& input) {
  Chunks found;
  std::int64_t offset = 12;
  for (int i = 0; i < kChunksMax; ++i) {
    WT_ASSIGN(const std::optional<Chunk> chunk, ReadChunk(input, offset));
    if (!chunk) break;
    if (chunk->id == "fmt " && !found.format) {
      WT_ASSIGN(found.format, ReadFormat(input, *chunk));
    }
    if (chunk->id == "data") {
      found.data = chunk;
      break;
    }
    // Chunks are padded to an even length.
    offset = chunk->offset + chunk->size + (chunk->size & 1);
  }
  return found;
}

}  // namespace

Result<std::optional<WavLayout>> ReadWavLayout(RandomInput& input) {
  const std::optional<WavLayout> other;  // Not for this reader.
  std::array<std::byte, 12> magic{};
  WT_ASSIGN(const std::size_t count, input.ReadAt(0, magic));
  if (count < 4 || std::memcmp(magic.data(), "RIFF", 4) != 0) return other;
  if (count < magic.size()) return BadHeader("ends too early");
  if (std::memcmp(magic.data() + 8, "WAVE", 4) != 0) return other;
  WT_ASSIGN(const Chunks chunks, FindChunks(input));
  if (!chunks.format) {
    if (chunks.data) return other;
    return BadHeader("ends before the format of the samples");
  }
  WT_TRY(CheckFormat(*chunks.format));
  const std::optional<PcmType> type = TypeOf(*chunks.format);
  if (!type || !chunks.data) return other;
  WavLayout layout;
  layout.type = *type;
  layout.channels = chunks.format->channels;
  layout.rate = static_cast<int>(std::min<std::uint32_t>(chunks.format->rate, 1U << 30));
  layout.data_offset = chunks.data->offset;
  const std::int64_t frame_bytes =
      layout.channels * static_cast<std::int64_t>(PcmBytes(layout.type));
  if (chunks.format->block_align != frame_bytes) return other;
  WT_ASSIGN(const std::int64_t bytes, DataBytes(input, *chunks.data));
  layout.frames = bytes / frame_bytes;
  return std::optional<WavLayout>(layout);
}

}  // namespace wt::media

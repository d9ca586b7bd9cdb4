#include "formats/zip_writer.h"

#include <zlib.h>

#include <limits>

#include "base/check.h"

namespace wt::formats {
namespace {

// 1980-01-01, the first day that the format knows: the archive tells nothing of when it was made.
constexpr std::uint16_t kDate = (0 << 9) | (1 << 5) | 1;
// 2.0: deflate.
constexpr std::uint16_t kVersion = 20;
constexpr std::uint16_t kDeflated = 8;

void Put16(std::uint32_t value, std::string* out) {
  out->push_back(static_cast<char>(value & 0xFF));
  out->push_back(static_cast<char>((value >> 8) & 0xFF));
}

void Put32(std::uint32_t value, std::string* out) {
  Put16(value & 0xFFFF, out);
  Put16(value >> 16, out);
}

std::string Deflate(std::string_view content) {
  z_stream stream = {};
  // Raw deflate: a ZIP has headers of its own.
  WT_CHECK(deflateInit2(&stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, -MAX_WBITS, 8,
                        Z_DEFAULT_STRATEGY) == Z_OK);
  std::string packed(deflateBound(&stream, static_cast<uLong>(content.size())), '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(packed.data());
  stream.avail_out = static_cast<uInt>(packed.size());
  WT_CHECK(deflate(&stream, Z_FINISH) == Z_STREAM_END);
  packed.resize(stream.total_out);
  deflateEnd(&stream);
  return packed;
}

}  // namespace

void ZipWriter::Add(std::string_view name, std::string_view content) {
  WT_CHECK(content.size() < std::numeric_limits<std::uint32_t>::max());
  const std::string packed = Deflate(content);
  Entry entry;
  entry.name = name;
  entry.crc = static_cast<std::uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()));
  entry.packed = static_cast<std::uint32_t>(packed.size());
  entry.size = static_cast<std::uint32_t>(content.size());
  entry.offset = static_cast<std::uint32_t>(bytes_.size());
  Put32(0x04034b50, &bytes_);
  for (const std::uint32_t field :
       {kVersion, std::uint16_t{0}, kDeflated, std::uint16_t{0}, kDate}) {
    Put16(field, &bytes_);
  }
  for (const std::uint32_t field : {entry.crc, entry.packed, entry.size}) Put32(field, &bytes_);
  Put16(static_cast<std::uint32_t>(name.size()), &bytes_);
  Put16(0, &bytes_);
  bytes_ += name;
  bytes_ += packed;
  entries_.push_back(std::move(entry));
}

std::string ZipWriter::Finish() {
  const auto directory = static_cast<std::uint32_t>(bytes_.size());
  for (const Entry& entry : entries_) {
    Put32(0x02014b50, &bytes_);
    for (const std::uint32_t field :
         {kVersion, kVersion, std::uint16_t{0}, kDeflated, std::uint16_t{0}, kDate}) {
      Put16(field, &bytes_);
    }
    for (const std::uint32_t field : {entry.crc, entry.packed, entry.size}) Put32(field, &bytes_);
    Put16(static_cast<std::uint32_t>(entry.name.size()), &bytes_);
    // Extra field, comment, disk, internal attributes.
    for (int i = 0; i < 4; ++i) Put16(0, &bytes_);
    Put32(0, &bytes_);
    Put32(entry.offset, &bytes_);
    bytes_ += entry.name;
  }
  const auto size = static_cast<std::uint32_t>(bytes_.size()) - directory;
  Put32(0x06054b50, &bytes_);
  Put32(0, &bytes_);
  Put16(static_cast<std::uint32_t>(entries_.size()), &bytes_);
  Put16(static_cast<std::uint32_t>(entries_.size()), &bytes_);
  Put32(size, &bytes_);
  Put32(directory, &bytes_);
  Put16(0, &bytes_);
  return std::move(bytes_);
}

}  // namespace wt::formats

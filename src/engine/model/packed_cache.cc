// Layout, little-endian, offsets from the start of the file:
//
//   0   8  magic "WTPACK\r\n" (a text-mode copy damages it visibly)
//   8   4  format version
//   12  4  CRC-32 of the table of contents
//   16  8  offset of the table of contents = end of the blobs
//   24  8  bytes of the table of contents
//   32  8  bytes of the file
//   40  24 zeros
//   64     blobs, each at a multiple of 64, zeros between them
//   ...    table of contents: u16 length and text of the key; u32 number of blobs; for each, in the
//          order of offsets: u16 length and text of its name, u32 tag, u8 rank, i64 x rank,
//          u64 offset, u64 bytes, u32 CRC-32 of the bytes
#include "engine/model/packed_cache.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <zlib.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/model/printable.h"
#include "platform/sha256.h"

namespace wt::model {
namespace {

using Bytes = std::span<const std::byte>;

constexpr std::string_view kMagic = "WTPACK\r\n";
constexpr std::uint32_t kFormatVersion = 1;
constexpr std::size_t kHeaderBytes = 64;
constexpr std::size_t kAlignment = 64;  // A cache line, an AVX-512 register.
constexpr std::size_t kShapeMax = 4;
constexpr std::size_t kTocBytesMax = 16 << 20;
constexpr std::size_t kBlobsMax = 4 * base::kModelTensorsMax;
constexpr std::size_t kKeyBytesMax = 1'024;

std::uint32_t Crc32(Bytes bytes) {
  const auto* data = reinterpret_cast<const unsigned char*>(bytes.data());
  return static_cast<std::uint32_t>(::crc32_z(::crc32_z(0, nullptr, 0), data, bytes.size()));
}

template <typename T>
void Put(T value, std::string* out) {
  out->append(reinterpret_cast<const char*>(&value), sizeof(value));
}

void PutText(std::string_view text, std::string* out) {
  Put(static_cast<std::uint16_t>(text.size()), out);
  out->append(text);
}

bool ReadText16(base::ByteReader* reader, std::string_view* text) {
  std::uint16_t size;
  return reader->Read(&size) && reader->ReadText(size, text);
}

/// Marks a file as used now. Access times are not kept on every system.
void Touch(const std::string& path) { ::utimensat(AT_FDCWD, path.c_str(), nullptr, 0); }

Status Damaged(const std::string& path, std::string_view reason) {
  return Corrupt(path + ": packed weights are damaged: " + std::string(reason));
}

std::string Header(std::uint64_t toc_offset, std::string_view toc) {
  std::string header(kMagic);
  Put(kFormatVersion, &header);
  Put(Crc32(std::as_bytes(std::span(toc))), &header);
  Put(toc_offset, &header);
  Put(static_cast<std::uint64_t>(toc.size()), &header);
  Put(toc_offset + toc.size(), &header);
  header.resize(kHeaderBytes, '\0');
  return header;
}

struct HeaderFields {
  std::uint32_t version;
  std::uint32_t toc_checksum;
  std::uint64_t toc_offset;
  std::uint64_t toc_bytes;
  std::uint64_t file_bytes;
};

// The fixed part, checked against the file's size.
Status ReadHeader(Bytes bytes, HeaderFields* fields) {
  HeaderFields& header = *fields;
  base::ByteReader reader(bytes);
  std::string_view magic;
  if (!reader.ReadText(kMagic.size(), &magic) || magic != kMagic) return Corrupt("wrong magic");
  if (!reader.Read(&header.version) || !reader.Read(&header.toc_checksum) ||
      !reader.Read(&header.toc_offset) || !reader.Read(&header.toc_bytes) ||
      !reader.Read(&header.file_bytes)) {
    return Corrupt("header is incomplete");
  }
  if (header.version != kFormatVersion) {
    return Status(StatusCode::kFailedPrecondition,
                  "packed by another version: " + std::to_string(header.version));
  }
  if (header.file_bytes != bytes.size()) return Corrupt("file has another size than it says");
  if (header.toc_offset < kHeaderBytes || header.toc_offset > bytes.size() ||
      header.toc_bytes != bytes.size() - header.toc_offset || header.toc_bytes > kTocBytesMax) {
    return Corrupt("table of contents lies outside the file");
  }
  return Status();
}

}  // namespace

std::string PackedKey::Text() const {
  return source + " " + compute_type + " " + isa + " " + std::to_string(layout_version);
}

std::string PackedCachePath(const std::string& directory, const PackedKey& key) {
  // 128 bits of the hash tell any number of models apart; the key itself is in the file.
  return directory + "/" +
         platform::Sha256Hex(std::as_bytes(std::span<const char>(key.Text()))).substr(0, 32) +
         ".wtpack";
}

Result<std::shared_ptr<const PackedCache>> PackedCache::Open(const std::string& path,
                                                             const PackedKey& key) {
  const std::string text = key.Text();
  auto cache = OpenFile(path, &text);
  if (cache.ok()) Touch(path);
  return cache;
}

Result<std::shared_ptr<const PackedCache>> PackedCache::OpenAny(const std::string& path) {
  return OpenFile(path, nullptr);
}

Result<std::shared_ptr<const PackedCache>> PackedCache::OpenFile(const std::string& path,
                                                                 const std::string* key) {
  std::shared_ptr<PackedCache> cache(new PackedCache);
  WT_ASSIGN(cache->file_, platform::MappedFile::Open(path, base::kModelFileBytesMax));
  const Status status = cache->Parse(key);
  if (status.code() == StatusCode::kDataCorrupt) return Damaged(path, status.message());
  if (!status.ok()) return status.WithContext(path);
  return std::shared_ptr<const PackedCache>(std::move(cache));
}

Status PackedCache::Parse(const std::string* key) {
  const Bytes bytes = file_.bytes();
  HeaderFields header{};
  WT_TRY(ReadHeader(bytes, &header));
  const Bytes toc = bytes.subspan(header.toc_offset);
  if (Crc32(toc) != header.toc_checksum) return Corrupt("checksum of the table of contents");
  base::ByteReader contents(toc);
  std::string_view stored_key;
  std::uint32_t count;
  if (!ReadText16(&contents, &stored_key) || !contents.Read(&count) || count > kBlobsMax) {
    return Corrupt("table of contents");
  }
  if (key != nullptr && stored_key != *key) {
    return Status(StatusCode::kFailedPrecondition, "packed for " + Printable(stored_key));
  }
  std::size_t at = contents.offset();
  std::uint64_t data_at = kHeaderBytes;
  for (std::uint32_t i = 0; i < count; ++i) WT_TRY(ParseEntry(toc, &at, &data_at));
  return at == toc.size() ? Status() : Corrupt("table of contents is too long");
}

Status PackedCache::ParseEntry(Bytes toc, std::size_t* at, std::uint64_t* data_at) {
  base::ByteReader reader(toc.subspan(*at));
  std::string_view name;
  PackedBlob blob;
  std::uint8_t rank;
  std::uint64_t offset;
  std::uint64_t size;
  if (!ReadText16(&reader, &name) || !reader.Read(&blob.info.tag) || !reader.Read(&rank) ||
      rank > kShapeMax) {
    return Corrupt("entry of the table of contents");
  }
  blob.info.shape.resize(rank);
  for (std::int64_t& dim : blob.info.shape) {
    if (!reader.Read(&dim)) return Corrupt("entry of the table of contents");
  }
  if (!reader.Read(&offset) || !reader.Read(&size) || !reader.Read(&blob.checksum)) {
    return Corrupt("entry of the table of contents");
  }
  const std::uint64_t end = file_.bytes().size() - toc.size();
  if (offset % kAlignment != 0 || offset < *data_at || offset > end || size > end - offset) {
    return Corrupt("blob " + Printable(name) + " lies outside the file or in another blob");
  }
  blob.bytes = file_.bytes().subspan(offset, size);
  if (!blobs_.emplace(name, std::move(blob)).second) {
    return Corrupt("blob " + Printable(name) + " is there twice");
  }
  *data_at = offset + size;
  *at += reader.offset();
  return Status();
}

const PackedBlob* PackedCache::FindBlob(std::string_view name) const {
  const auto found = blobs_.find(name);
  return found == blobs_.end() ? nullptr : &found->second;
}

Bytes PackedCache::Find(std::string_view name) const {
  const PackedBlob* blob = FindBlob(name);
  return blob == nullptr ? Bytes() : blob->bytes;
}

Status PackedCache::VerifyData() const {
  for (const auto& [name, blob] : blobs_) {
    if (Crc32(blob.bytes) != blob.checksum) {
      return Corrupt("blob " + Printable(name) + ": its bytes have changed");
    }
  }
  return Status();
}

void PackedCache::Prefetch() const {
  const Bytes bytes = file_.bytes();
  ::madvise(const_cast<std::byte*>(bytes.data()), bytes.size(), MADV_WILLNEED);
}

Result<PackedCacheWriter> PackedCacheWriter::Create(const std::string& path, const PackedKey& key) {
  std::string text = key.Text();
  if (text.size() > kKeyBytesMax) {
    return Status(StatusCode::kInvalidArgument, "key of packed weights is too long");
  }
  const std::size_t slash = path.rfind('/');
  if (slash != std::string::npos && slash > 0) {
    WT_TRY(platform::EnsureDirectory(path.substr(0, slash)));
  }
  WT_ASSIGN(StagedFile file, StagedFile::Create(path));
  PackedCacheWriter writer(std::move(file), std::move(text));
  WT_TRY(writer.file_.Append(std::string(kHeaderBytes, '\0')));
  return writer;
}

Status PackedCacheWriter::Add(std::string_view name, const BlobInfo& info, Bytes bytes) {
  if (name.empty() || name.size() > base::kTensorNameBytesMax || info.shape.size() > kShapeMax ||
      entries_.size() >= kBlobsMax || !names_.emplace(name, 0).second) {
    return Status(StatusCode::kInvalidArgument,
                  "blob " + Printable(name) + " is there already or out of range");
  }
  const auto unaligned = static_cast<std::size_t>(file_.bytes()) % kAlignment;
  if (unaligned != 0) WT_TRY(file_.Append(std::string(kAlignment - unaligned, '\0')));
  const auto offset = static_cast<std::uint64_t>(file_.bytes());
  WT_TRY(file_.Append(bytes));
  entries_.emplace_back(name, Entry{info, offset, bytes.size(), Crc32(bytes)});
  return Status();
}

Status PackedCacheWriter::Commit() {
  std::string toc;
  PutText(key_, &toc);
  Put(static_cast<std::uint32_t>(entries_.size()), &toc);
  for (const auto& [name, entry] : entries_) {
    PutText(name, &toc);
    Put(entry.info.tag, &toc);
    Put(static_cast<std::uint8_t>(entry.info.shape.size()), &toc);
    for (const std::int64_t dim : entry.info.shape) Put(dim, &toc);
    Put(entry.offset, &toc);
    Put(entry.bytes, &toc);
    Put(entry.checksum, &toc);
  }
  const auto toc_offset = static_cast<std::uint64_t>(file_.bytes());
  WT_TRY(file_.Append(toc));
  WT_TRY(file_.Rewrite(0, std::as_bytes(std::span<const char>(Header(toc_offset, toc)))));
  return file_.Commit();
}

}  // namespace wt::model

#include "models/archive/zip_reader.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/byte_reader.h"
#include "base/checked.h"
#include "base/status_macros.h"

namespace wt::archive {
namespace {

// Signatures and fixed sizes of APPNOTE sections 4.3.7, 4.3.12, 4.3.14, 4.3.15 and 4.3.16.
constexpr std::uint32_t kLocalSignature = 0x04034b50;
constexpr std::uint32_t kEntrySignature = 0x02014b50;
constexpr std::uint32_t kEnd64Signature = 0x06064b50;
constexpr std::uint32_t kLocator64Signature = 0x07064b50;
constexpr std::uint32_t kEndSignature = 0x06054b50;
constexpr std::size_t kEndBytes = 22;
constexpr std::size_t kLocator64Bytes = 20;
constexpr std::size_t kCommentBytesMax = 65'535;
constexpr std::uint16_t kFlagEncrypted = 1;
constexpr std::uint16_t kMethodStored = 0;
constexpr std::uint16_t kMethodDeflated = 8;
constexpr std::uint16_t kExtraZip64 = 1;
constexpr std::size_t kPortionBytes = 256 * 1024;

Status Corrupt(std::string_view what) {
  return Status(StatusCode::kDataCorrupt, "zip archive: " + std::string(what));
}

struct Directory {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t offset = 0;
};

/// Offset of the end record: the last place from which signature and comment length fit the end.
std::optional<std::size_t> FindEndRecord(std::span<const std::byte> archive) {
  if (archive.size() < kEndBytes) return std::nullopt;
  const std::size_t last = archive.size() - kEndBytes;
  const std::size_t first = last > kCommentBytesMax ? last - kCommentBytesMax : 0;
  for (std::size_t at = last + 1; at-- > first;) {
    base::ByteReader reader(archive.subspan(at));
    std::uint32_t signature = 0;
    std::uint16_t comment = 0;
    if (reader.Read(&signature) && signature == kEndSignature && reader.Skip(16) &&
        reader.Read(&comment) && comment == last - at) {
      return at;
    }
  }
  return std::nullopt;
}

/// The ZIP64 end record that a locator right before the ordinary one points to, if there is one.
Result<std::optional<Directory>> ReadEnd64(std::span<const std::byte> archive, std::size_t end) {
  if (end < kLocator64Bytes) return std::optional<Directory>();
  base::ByteReader locator(archive.subspan(end - kLocator64Bytes, kLocator64Bytes));
  std::uint32_t signature = 0, disk = 0, disks = 0;
  std::uint64_t at = 0;
  const bool complete =
      locator.Read(&signature) && locator.Read(&disk) && locator.Read(&at) && locator.Read(&disks);
  if (!complete || signature != kLocator64Signature) return std::optional<Directory>();
  if (disk != 0 || disks > 1) return Status(StatusCode::kUnsupported, "zip archive: is split");
  if (at > end - kLocator64Bytes) return Corrupt("the ZIP64 end record lies outside");
  base::ByteReader reader(archive.subspan(static_cast<std::size_t>(at)));
  Directory directory;
  std::uint64_t size = 0, entries_here = 0;
  // Skipped: versions made by and needed (2 x 2 bytes), this disk and the directory's (2 x 4).
  if (!reader.Read(&signature) || signature != kEnd64Signature || !reader.Read(&size) ||
      !reader.Skip(12) || !reader.Read(&entries_here) || !reader.Read(&directory.entries) ||
      !reader.Read(&directory.bytes) || !reader.Read(&directory.offset)) {
    return Corrupt("the ZIP64 end record is damaged");
  }
  return std::optional<Directory>(directory);
}

Result<Directory> ReadEnd(std::span<const std::byte> archive) {
  const std::optional<std::size_t> end = FindEndRecord(archive);
  if (!end) return Corrupt("there is no end record; the file is no zip or is cut off");
  WT_ASSIGN(const std::optional<Directory> large, ReadEnd64(archive, *end));
  Directory directory;
  if (large) {
    directory = *large;
  } else {
    base::ByteReader reader(archive.subspan(*end + 4));
    std::uint16_t disk = 0, directory_disk = 0, entries_here = 0, entries = 0;
    std::uint32_t bytes = 0, offset = 0;
    if (!reader.Read(&disk) || !reader.Read(&directory_disk) || !reader.Read(&entries_here) ||
        !reader.Read(&entries) || !reader.Read(&bytes) || !reader.Read(&offset)) {
      return Corrupt("the end record is cut off");
    }
    if (disk != 0 || directory_disk != 0 || entries_here != entries) {
      return Status(StatusCode::kUnsupported, "zip archive: is split");
    }
    directory = {entries, bytes, offset};
  }
  std::uint64_t directory_end = 0;
  if (!base::CheckedAdd(directory.offset, directory.bytes, &directory_end) ||
      directory_end > *end) {
    return Corrupt("the directory lies outside the file");
  }
  if (directory.entries > kZipEntriesMax) {
    return Status(StatusCode::kResourceExhausted,
                  "zip archive: has " + std::to_string(directory.entries) +
                      " members, the limit is " + std::to_string(kZipEntriesMax));
  }
  return directory;
}

/// Replaces fields that are all ones by those of the ZIP64 extra field (APPNOTE 4.5.3): the values
/// stand there in this order, and only those that are all ones in the entry.
Status ApplyZip64(std::span<const std::byte> extra, ZipEntry* entry) {
  constexpr std::uint64_t kAllOnes = 0xffffffff;
  base::ByteReader reader(extra);
  while (reader.remaining() >= 4) {
    std::uint16_t tag = 0, size = 0;
    std::span<const std::byte> body;
    if (!reader.Read(&tag) || !reader.Read(&size) || !reader.ReadBytes(size, &body)) {
      return Corrupt(entry->name + ": an extra field is cut off");
    }
    if (tag != kExtraZip64) continue;
    base::ByteReader values(body);
    for (std::uint64_t* field : {&entry->bytes, &entry->packed_bytes, &entry->header_offset}) {
      if (*field == kAllOnes && !values.Read(field)) {
        return Corrupt(entry->name + ": the ZIP64 field is cut off");
      }
    }
    return Status();
  }
  return Status();
}

Result<ZipEntry> ReadEntry(base::ByteReader* reader) {
  ZipEntry entry;
  std::uint32_t signature = 0, packed = 0, bytes = 0, offset = 0;
  std::uint16_t name_bytes = 0, extra_bytes = 0, comment_bytes = 0;
  // Skipped: versions (2 x 2); time and date (2 x 2); disk and attributes (2 + 2 + 4).
  if (!reader->Read(&signature) || signature != kEntrySignature || !reader->Skip(4) ||
      !reader->Read(&entry.flags) || !reader->Read(&entry.method) || !reader->Skip(4) ||
      !reader->Read(&entry.crc32) || !reader->Read(&packed) || !reader->Read(&bytes) ||
      !reader->Read(&name_bytes) || !reader->Read(&extra_bytes) || !reader->Read(&comment_bytes) ||
      !reader->Skip(8) || !reader->Read(&offset)) {
    return Corrupt("the directory is damaged");
  }
  std::string_view name;
  std::span<const std::byte> extra;
  if (!reader->ReadText(name_bytes, &name) || !reader->ReadBytes(extra_bytes, &extra) ||
      !reader->Skip(comment_bytes)) {
    return Corrupt("the directory is cut off");
  }
  entry.name = name;
  entry.packed_bytes = packed;
  entry.bytes = bytes;
  entry.header_offset = offset;
  WT_TRY(ApplyZip64(extra, &entry));
  return entry;
}

Status Stored(std::span<const std::byte> packed, const ByteSink& sink) {
  while (!packed.empty()) {
    const std::size_t portion = std::min(packed.size(), kPortionBytes);
    WT_TRY(sink(packed.first(portion)));
    packed = packed.subspan(portion);
  }
  return Status();
}

/// A raw deflate stream (RFC 1951) whose output must be exactly `bytes` long.
class Inflater {
 public:
  Inflater() { ready_ = inflateInit2(&stream_, -MAX_WBITS) == Z_OK; }
  ~Inflater() {
    if (ready_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  Status Run(std::span<const std::byte> packed, std::uint64_t bytes, const ByteSink& sink) {
    if (!ready_) return Status(StatusCode::kResourceExhausted, "zip archive: no memory to inflate");
    std::vector<std::byte> out(kPortionBytes);
    std::uint64_t done = 0;
    int result = Z_OK;
    while (result != Z_STREAM_END) {
      Feed(&packed);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data());
      stream_.avail_out = static_cast<uInt>(out.size());
      result = inflate(&stream_, Z_NO_FLUSH);
      const std::size_t made = out.size() - stream_.avail_out;
      done += made;
      if (done > bytes) return Corrupt("a member is longer than its entry says");
      if (result != Z_OK && result != Z_STREAM_END) return Corrupt("a member's data is damaged");
      if (made > 0) WT_TRY(sink(std::span(out).first(made)));
    }
    if (done != bytes) return Corrupt("a member is shorter than its entry says");
    return Status();
  }

 private:
  /// zlib counts input in 32 bits: larger members are fed in portions.
  void Feed(std::span<const std::byte>* packed) {
    if (stream_.avail_in > 0) return;
    const std::size_t portion = std::min<std::size_t>(packed->size(), 1U << 30);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(packed->data()));
    stream_.avail_in = static_cast<uInt>(portion);
    *packed = packed->subspan(portion);
  }

  z_stream stream_{};
  bool ready_ = false;
};

}  // namespace

Result<ZipReader> ZipReader::Open(std::span<const std::byte> archive) {
  WT_ASSIGN(const Directory directory, ReadEnd(archive));
  ZipReader zip;
  zip.archive_ = archive;
  zip.directory_offset_ = directory.offset;
  base::ByteReader reader(archive.subspan(static_cast<std::size_t>(directory.offset),
                                          static_cast<std::size_t>(directory.bytes)));
  for (std::uint64_t i = 0; i < directory.entries; ++i) {
    WT_ASSIGN(ZipEntry entry, ReadEntry(&reader));
    zip.entries_.push_back(std::move(entry));
  }
  return zip;
}

Result<const ZipEntry*> ZipReader::Find(std::string_view name) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [name](const ZipEntry& entry) { return entry.name == name; });
  if (found == entries_.end()) {
    return Status(StatusCode::kNotFound, "zip archive: has no member " + std::string(name));
  }
  return &*found;
}

Result<std::span<const std::byte>> ZipReader::PackedBytes(const ZipEntry& entry) const {
  if (entry.header_offset >= directory_offset_) {
    return Corrupt(entry.name + ": its data lies outside");
  }
  base::ByteReader reader(
      archive_.subspan(static_cast<std::size_t>(entry.header_offset),
                       static_cast<std::size_t>(directory_offset_ - entry.header_offset)));
  std::uint32_t signature = 0;
  std::uint16_t name_bytes = 0, extra_bytes = 0;
  // Skipped: version, flags, method, time, date (5 x 2), CRC-32 and two lengths (3 x 4), which the
  // directory has too and which are zero here in archives written as a stream.
  if (!reader.Read(&signature) || signature != kLocalSignature || !reader.Skip(22) ||
      !reader.Read(&name_bytes) || !reader.Read(&extra_bytes) ||
      !reader.Skip(std::size_t{name_bytes} + extra_bytes)) {
    return Corrupt(entry.name + ": its header is damaged");
  }
  std::span<const std::byte> packed;
  if (entry.packed_bytes > reader.remaining() ||
      !reader.ReadBytes(static_cast<std::size_t>(entry.packed_bytes), &packed)) {
    return Corrupt(entry.name + ": its data lies outside");
  }
  return packed;
}

Status ZipReader::Extract(const ZipEntry& entry, std::uint64_t bytes_max,
                          const ByteSink& sink) const {
  if (entry.bytes > std::min(bytes_max, kZipMemberBytesMax)) {
    return Status(StatusCode::kResourceExhausted,
                  "zip archive: " + entry.name + " has " + std::to_string(entry.bytes) +
                      " bytes, the limit is " + std::to_string(bytes_max));
  }
  if ((entry.flags & kFlagEncrypted) != 0) {
    return Status(StatusCode::kUnsupported, "zip archive: " + entry.name + " is encrypted");
  }
  if (entry.method != kMethodStored && entry.method != kMethodDeflated) {
    return Status(StatusCode::kUnsupported, "zip archive: " + entry.name + " is packed by method " +
                                                std::to_string(entry.method));
  }
  if (entry.method == kMethodStored && entry.bytes != entry.packed_bytes) {
    return Corrupt(entry.name + ": two lengths of stored data differ");
  }
  WT_ASSIGN(const std::span<const std::byte> packed, PackedBytes(entry));
  uLong crc = crc32(0, nullptr, 0);
  const ByteSink checked = [&](std::span<const std::byte> bytes) {
    crc = crc32(crc, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size()));
    return sink(bytes);
  };
  if (entry.method == kMethodStored) {
    WT_TRY(Stored(packed, checked));
  } else {
    WT_TRY(Inflater().Run(packed, entry.bytes, checked));
  }
  if (crc != entry.crc32) return Corrupt(entry.name + ": the checksum is wrong");
  return Status();
}

Result<std::string> ZipReader::Read(std::string_view name, std::uint64_t bytes_max) const {
  WT_ASSIGN(const ZipEntry* entry, Find(name));
  std::string text;
  WT_TRY(Extract(*entry, bytes_max, [&text](std::span<const std::byte> bytes) {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return Status();
  }));
  return text;
}

}  // namespace wt::archive

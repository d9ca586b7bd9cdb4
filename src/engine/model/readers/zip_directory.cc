#include "engine/model/readers/zip_directory.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/byte_reader.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/model/printable.h"

namespace wt::model {
namespace {

using base::ByteReader;
using Bytes = std::span<const std::byte>;

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralHeader = 0x02014b50;
constexpr std::uint32_t kEndRecord = 0x06054b50;
constexpr std::uint32_t kEndRecord64 = 0x06064b50;
constexpr std::uint32_t kEndLocator64 = 0x07064b50;
constexpr std::size_t kEndRecordBytes = 22;
constexpr std::size_t kEndLocatorBytes = 20;
constexpr std::size_t kLocalHeaderBytes = 30;
constexpr std::uint16_t kZip64Extra = 1;
constexpr std::uint16_t kEncrypted = 1;
// A field with this value has its real value in a zip64 record.
constexpr std::uint32_t kSaturated = 0xFFFFFFFF;
// One member a tensor, and a few more.
constexpr std::uint64_t kMembersMax = base::kModelTensorsMax + 64;

/// Where the central directory lies.
struct End {
  std::uint64_t entries = 0;
  std::uint64_t bytes = 0;
  std::uint64_t offset = 0;
};

struct Entry {
  std::string_view name;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint64_t stored_bytes = 0;
  std::uint64_t bytes = 0;
  std::uint64_t offset = 0;  // Of the local header.
};

struct Occupied {
  std::uint64_t begin;
  std::uint64_t end;
  std::string_view name;
};

template <typename T>
T At(Bytes bytes, std::size_t offset) {
  ByteReader reader(bytes);
  T value = 0;
  // Callers have checked that the record is complete; outside it the value would be 0.
  return reader.SeekTo(offset) && reader.Read(&value) ? value : T{0};
}

/// Offset of the end record: the last one whose comment reaches exactly to the archive's end.
Result<std::size_t> FindEndRecord(Bytes archive) {
  if (archive.size() < kEndRecordBytes) return Corrupt("archive is too short");
  const std::size_t last = archive.size() - kEndRecordBytes;
  const std::size_t first = last > 0xFFFF ? last - 0xFFFF : 0;
  for (std::size_t at = last + 1; at-- > first;) {
    if (At<std::uint32_t>(archive, at) == kEndRecord &&
        at + kEndRecordBytes + At<std::uint16_t>(archive, at + 20) == archive.size()) {
      return at;
    }
  }
  return Corrupt("archive has no end record: the file is truncated or no zip archive");
}

Status ReadEnd64(Bytes archive, std::size_t end_record, End* end) {
  if (end_record < kEndLocatorBytes) return Corrupt("archive has no zip64 end locator");
  const std::size_t locator = end_record - kEndLocatorBytes;
  if (At<std::uint32_t>(archive, locator) != kEndLocator64) {
    return Corrupt("archive has no zip64 end locator");
  }
  const auto at = At<std::uint64_t>(archive, locator + 8);
  if (at > locator || locator - at < 56 || At<std::uint32_t>(archive, at) != kEndRecord64) {
    return Corrupt("archive has no zip64 end record where its locator points");
  }
  const Bytes record = archive.subspan(at, 56);
  end->entries = At<std::uint64_t>(record, 32);
  end->bytes = At<std::uint64_t>(record, 40);
  end->offset = At<std::uint64_t>(record, 48);
  return Status();
}

Result<End> ReadEnd(Bytes archive) {
  WT_ASSIGN(const std::size_t at, FindEndRecord(archive));
  End end;
  end.entries = At<std::uint16_t>(archive, at + 10);
  end.bytes = At<std::uint32_t>(archive, at + 12);
  end.offset = At<std::uint32_t>(archive, at + 16);
  if (end.entries == 0xFFFF || end.bytes == kSaturated || end.offset == kSaturated) {
    WT_TRY(ReadEnd64(archive, at, &end));
  }
  if (end.offset > at || end.bytes > at - end.offset) {
    return Corrupt("the archive's directory lies outside the file");
  }
  if (end.entries > kMembersMax) {
    return Corrupt("archive has " + std::to_string(end.entries) + " members, the limit is " +
                   std::to_string(kMembersMax));
  }
  return end;
}

/// Replaces saturated fields by those of the zip64 extra field, which are there in this order.
Status ApplyZip64(Bytes extra, Entry* entry) {
  ByteReader reader(extra);
  while (!reader.at_end()) {
    std::uint16_t id;
    std::uint16_t size;
    Bytes field;
    if (!reader.Read(&id) || !reader.Read(&size) || !reader.ReadBytes(size, &field)) break;
    if (id != kZip64Extra) continue;
    ByteReader values(field);
    for (std::uint64_t* value : {&entry->bytes, &entry->stored_bytes, &entry->offset}) {
      if (*value == kSaturated && !values.Read(value)) {
        return Corrupt("member " + Printable(entry->name) + ": zip64 field is too short");
      }
    }
    return Status();
  }
  return Corrupt("member " + Printable(entry->name) + ": zip64 field is missing");
}

Result<Entry> ReadEntry(ByteReader* directory) {
  Bytes fixed;
  if (!directory->ReadBytes(46, &fixed) || At<std::uint32_t>(fixed, 0) != kCentralHeader) {
    return Corrupt("the archive's directory is damaged");
  }
  Entry entry;
  entry.flags = At<std::uint16_t>(fixed, 8);
  entry.method = At<std::uint16_t>(fixed, 10);
  entry.stored_bytes = At<std::uint32_t>(fixed, 20);
  entry.bytes = At<std::uint32_t>(fixed, 24);
  entry.offset = At<std::uint32_t>(fixed, 42);
  Bytes extra;
  const auto name_bytes = At<std::uint16_t>(fixed, 28);
  if (name_bytes == 0 || name_bytes > base::kTensorNameBytesMax) {
    return Corrupt("a member's name has " + std::to_string(name_bytes) + " bytes");
  }
  if (!directory->ReadText(name_bytes, &entry.name) ||
      !directory->ReadBytes(At<std::uint16_t>(fixed, 30), &extra) ||
      !directory->Skip(At<std::uint16_t>(fixed, 32))) {
    return Corrupt("the archive's directory is damaged");
  }
  if (entry.bytes == kSaturated || entry.stored_bytes == kSaturated || entry.offset == kSaturated) {
    WT_TRY(ApplyZip64(extra, &entry));
  }
  return entry;
}

Status CheckEntry(const Entry& entry) {
  const std::string name = "member " + Printable(entry.name);
  if ((entry.flags & kEncrypted) != 0) return Unsupported(name + " is encrypted");
  if (entry.method != 0) {
    return Unsupported(name + " is compressed; checkpoints are stored without compression");
  }
  if (entry.bytes != entry.stored_bytes) return Corrupt(name + " has two different sizes");
  return Status();
}

/// The member's bytes. Name and extra lengths are the local header's own: torch pads there.
Result<Bytes> MemberData(Bytes archive, std::uint64_t limit, const Entry& entry) {
  const std::string name = "member " + Printable(entry.name);
  if (entry.offset > limit || limit - entry.offset < kLocalHeaderBytes) {
    return Corrupt(name + " lies outside the archive");
  }
  ByteReader reader(archive.first(limit));
  Bytes local;
  std::string_view local_name;
  Bytes data;
  if (!reader.SeekTo(entry.offset) || !reader.ReadBytes(kLocalHeaderBytes, &local) ||
      At<std::uint32_t>(local, 0) != kLocalHeader) {
    return Corrupt(name + " has no local header");
  }
  if (!reader.ReadText(At<std::uint16_t>(local, 26), &local_name) || local_name != entry.name ||
      At<std::uint16_t>(local, 8) != entry.method) {
    return Corrupt(name + " has a local header that says otherwise");
  }
  if (!reader.Skip(At<std::uint16_t>(local, 28)) || !reader.ReadBytes(entry.bytes, &data)) {
    return Corrupt(name + " has " + std::to_string(entry.bytes) +
                   " bytes, more than the archive holds");
  }
  return data;
}

Status CheckOverlaps(std::vector<Occupied> ranges) {
  std::sort(ranges.begin(), ranges.end(),
            [](const Occupied& a, const Occupied& b) { return a.begin < b.begin; });
  for (std::size_t i = 1; i < ranges.size(); ++i) {
    if (ranges[i].begin < ranges[i - 1].end) {
      return Corrupt("members " + Printable(ranges[i - 1].name) + " and " +
                     Printable(ranges[i].name) + " overlap");
    }
  }
  return Status();
}

}  // namespace

Result<ZipDirectory> ReadStoredZip(Bytes archive) {
  WT_ASSIGN(const End end, ReadEnd(archive));
  ByteReader directory(archive.subspan(end.offset, end.bytes));
  ZipDirectory zip;
  std::vector<Occupied> ranges;
  for (std::uint64_t i = 0; i < end.entries; ++i) {
    WT_ASSIGN(const Entry entry, ReadEntry(&directory));
    WT_TRY(CheckEntry(entry));
    WT_ASSIGN(const Bytes data, MemberData(archive, end.offset, entry));
    if (!zip.members.emplace(entry.name, data).second) {
      return Corrupt("member " + Printable(entry.name) + " is there twice");
    }
    if (i == 0) zip.first = entry.name;
    const auto data_end = static_cast<std::uint64_t>(data.data() + data.size() - archive.data());
    ranges.push_back({entry.offset, data_end, entry.name});
  }
  if (!directory.at_end()) return Corrupt("the archive's directory is larger than its entries");
  WT_TRY(CheckOverlaps(std::move(ranges)));
  return zip;
}

}  // namespace wt::model

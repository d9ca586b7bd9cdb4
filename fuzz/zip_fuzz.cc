// Archives from the network: opening and extracting must neither crash nor give more bytes than the
// caller allows, whatever the archive says.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "models/archive/zip_reader.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kBytesMax = 1 << 20;
  const wt::Result<wt::archive::ZipReader> zip =
      wt::archive::ZipReader::Open(std::as_bytes(std::span(data, size)));
  if (!zip.ok()) return 0;
  int members = 0;
  for (const wt::archive::ZipEntry& entry : zip->entries()) {
    if (++members > 16) break;
    std::uint64_t seen = 0;
    const wt::Status status =
        zip->Extract(entry, kBytesMax, [&seen](std::span<const std::byte> bytes) {
          seen += bytes.size();
          return wt::Status();
        });
    WT_CHECK(seen <= kBytesMax);
    WT_CHECK(!status.ok() || seen == entry.bytes);
  }
  return 0;
}

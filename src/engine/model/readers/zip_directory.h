// Members of a zip archive that are stored without compression, as torch.save writes them.
//
// Stored members are ranges of the archive's own bytes, so nothing is unpacked and an archive
// cannot grow in memory. Overlapping members, members outside the archive, names that occur twice,
// compression and encryption are refused. After PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3
// (zip64). Names and data point into the archive. Pure function: thread-safe.
#pragma once

#include <cstddef>
#include <map>
#include <span>
#include <string_view>

#include "whisper_transcriber/status.h"

namespace wt::model {

struct ZipDirectory {
  std::map<std::string_view, std::span<const std::byte>> members;
  /// The name of the first entry of the directory.
  std::string_view first;
};

Result<ZipDirectory> ReadStoredZip(std::span<const std::byte> archive);

}  // namespace wt::model

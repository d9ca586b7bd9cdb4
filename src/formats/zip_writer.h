// A ZIP archive in memory, for the formats that are one (DOCX): deflated, without ZIP64, and the
// same bytes for the same content (no times, APPNOTE 6.3.3). Thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wt::formats {

class ZipWriter {
 public:
  /// REQUIRES: fewer than 65,535 files, each shorter than 4 GiB; `name` is ASCII.
  void Add(std::string_view name, std::string_view content);
  /// The archive. Once.
  std::string Finish();

 private:
  struct Entry {
    std::string name;
    std::uint32_t crc = 0;
    std::uint32_t packed = 0;
    std::uint32_t size = 0;
    std::uint32_t offset = 0;
  };

  std::string bytes_;
  std::vector<Entry> entries_;
};

}  // namespace wt::formats

// The reader of the speaker networks' weights with hostile bytes.
//
// The first byte chooses: even, the rest is a whole file; odd, the rest is the header of a file
// with 64 bytes of data, so that mutations reach the checks behind the JSON parser.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <vector>

#include "base/check.h"
#include "engine/diarize/networks/weights_rules.h"

namespace {

void Read(std::span<const std::byte> bytes) {
  const auto file = wt::network::WeightsFile::Open(bytes, wt::diarize::RulesOf("fuzz", 1));
  if (!file.ok()) {
    WT_CHECK(!file.status().message().empty());
    return;
  }
  const auto values = file->Read("t", {2, 2});
  WT_CHECK(!values.ok() || values->size() == 4);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::span<const std::byte> rest = std::as_bytes(std::span(data, size)).subspan(1);
  if (data[0] % 2 == 0) {
    Read(rest);
    return 0;
  }
  const std::uint64_t header_bytes = rest.size();
  std::vector<std::byte> file(sizeof(header_bytes));
  std::memcpy(file.data(), &header_bytes, sizeof(header_bytes));
  file.insert(file.end(), rest.begin(), rest.end());
  file.resize(file.size() + 64);
  Read(file);
  return 0;
}

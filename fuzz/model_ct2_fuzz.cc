// Reads the input as model.bin of CTranslate2.
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "engine/model/readers/readers.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  auto parts = wt::model::ReadCt2(bytes);
  if (parts.ok()) static_cast<void>(wt::model::WeightMap::Validate(std::move(parts).value()));
  return 0;
}

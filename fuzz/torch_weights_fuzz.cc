// PyTorch checkpoints from the network: archive, stack machine and tensors with hostile bytes. What
// is handed out is a safetensors file whose header fits its data.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/check.h"
#include "models/archive/torch_weights.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto made =
      wt::archive::SafetensorsFromTorch(std::as_bytes(std::span(data, size)), {"fuzz", "MIT"});
  if (!made.ok()) {
    WT_CHECK(!made.status().message().empty());
    return 0;
  }
  std::uint64_t header_bytes = 0;
  WT_CHECK(made->size() >= sizeof(header_bytes));
  std::memcpy(&header_bytes, made->data(), sizeof(header_bytes));
  WT_CHECK(header_bytes % 8 == 0 && header_bytes <= made->size() - sizeof(header_bytes));
  return 0;
}

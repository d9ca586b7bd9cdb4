// ONNX files from the network: every tensor that is handed out has the bytes that its shape says.
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/check.h"
#include "models/archive/onnx_weights.h"
#include "models/archive/vad_weights.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::span<const std::byte> bytes = std::as_bytes(std::span(data, size));
  const wt::Result<std::vector<wt::archive::OnnxTensor>> tensors =
      wt::archive::ReadOnnxWeights(bytes);
  if (!tensors.ok()) return 0;
  for (const wt::archive::OnnxTensor& tensor : *tensors) {
    std::int64_t elements = 1;
    for (const std::int64_t dim : tensor.dims) elements *= dim;
    WT_CHECK(static_cast<std::size_t>(elements) * 4 == tensor.data.size());
  }
  static_cast<void>(wt::archive::VadWeightsFromOnnx(bytes));
  return 0;
}

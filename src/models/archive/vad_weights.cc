#include "models/archive/vad_weights.h"

#include <cstdint>
#include <cstring>
#include <map>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/status_macros.h"
#include "models/archive/onnx_weights.h"

namespace wt::archive {
namespace {

constexpr std::size_t kTensors = 15;
constexpr std::string_view kPrefix = "model.";

}  // namespace

Result<std::string> VadWeightsFromOnnx(std::span<const std::byte> onnx) {
  WT_ASSIGN(const std::vector<OnnxTensor> read, ReadOnnxWeights(onnx));
  std::map<std::string, const OnnxTensor*> tensors;
  for (const OnnxTensor& tensor : read) {
    const bool prefixed = tensor.name.starts_with(kPrefix);
    tensors[prefixed ? tensor.name.substr(kPrefix.size()) : tensor.name] = &tensor;
  }
  if (tensors.size() != kTensors || read.size() != kTensors) {
    return Status(StatusCode::kDataCorrupt,
                  "ONNX file: expected 15 tensors of the voice activity "
                  "network, found " +
                      std::to_string(read.size()));
  }
  nlohmann::json header;  // Sorts its keys.
  header["__metadata__"] = {{"licence", "MIT"}, {"model", "silero-vad 6.2.3 16 kHz"}};
  std::size_t offset = 0;
  for (const auto& [name, tensor] : tensors) {
    header[name] = {{"dtype", "F32"},
                    {"shape", tensor->dims},
                    {"data_offsets", {offset, offset + tensor->data.size()}}};
    offset += tensor->data.size();
  }
  std::string text = base::JsonToText(header);
  text.append((8 - text.size() % 8) % 8, ' ');
  const std::uint64_t header_bytes = text.size();
  std::string out(sizeof(header_bytes), '\0');
  std::memcpy(out.data(), &header_bytes, sizeof(header_bytes));
  out += text;
  for (const auto& [name, tensor] : tensors) {
    out.append(reinterpret_cast<const char*>(tensor->data.data()), tensor->data.size());
  }
  return out;
}

}  // namespace wt::archive

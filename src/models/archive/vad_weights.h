// The voice activity network as one safetensors file, made from the ONNX file that Silero
// publishes.
//
// The same input gives the same bytes: tensors by name, header keys sorted, no spaces, padded to 8.
// Stateless: thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "whisper_transcriber/status.h"

namespace wt::archive {

/// Silero VAD 6.2.3, 16 kHz. kDataCorrupt when the file does not hold exactly its 15 tensors.
Result<std::string> VadWeightsFromOnnx(std::span<const std::byte> onnx);

}  // namespace wt::archive

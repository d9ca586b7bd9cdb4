// The float32 tensors of a PyTorch checkpoint as a safetensors file.
//
// A checkpoint is a zip archive with data.pkl, a program for a stack machine, and a member of raw
// numbers for each storage. The interpreter here knows the opcodes that such a program needs; it
// recognises tensors and dictionaries, and puts an inert value in the place of every other object:
// nothing that the file names is ever called. Bytes are untrusted: values, stack, marks and memo
// have maxima. Tensors stand in the order of their names; the same checkpoint gives the same bytes.
// Pure functions: thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "whisper_transcriber/status.h"

namespace wt::archive {

/// The largest checkpoint in the catalogue that is converted has 28 MB.
inline constexpr std::size_t kTorchTensorBytesMax = std::size_t{128} << 20;

struct TorchDescription {
  std::string_view model;
  std::string_view licence;
};

/// The checkpoint's dictionary of tensors, or that under "state_dict". Tensors of other types are
/// left out. kDataCorrupt naming the place and the reason, kUnsupported for other opcodes.
Result<std::string> SafetensorsFromTorch(std::span<const std::byte> checkpoint,
                                         const TorchDescription& description);

}  // namespace wt::archive

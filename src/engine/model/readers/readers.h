// Readers of the four weight formats: bytes in, unvalidated WeightMap::Parts out.
//
// They check what the format itself says (lengths, types, names that occur twice, ranges of bytes)
// and leave dimensions, completeness and shapes to WeightMap::Validate(). All bytes are taken for
// hostile: errors name the place and the reason, memory is bounded by small multiples of the
// header's size, weight bytes are never copied. The Parts point into the spans given, which must
// outlive them. Pure functions: thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/weight_map.h"

namespace wt::model {

/// model.bin of CTranslate2 (formats.md, section 1).
Result<WeightMap::Parts> ReadCt2(std::span<const std::byte> bytes);

/// One safetensors file, or all shards of one model (section 3). Tensors have Hugging Face names,
/// with or without the leading "model.".
Result<WeightMap::Parts> ReadSafetensors(std::span<const std::span<const std::byte>> shards);

/// OpenAI checkpoint: zip archive with data.pkl (section 2).
Result<WeightMap::Parts> ReadCheckpoint(std::span<const std::byte> bytes);

/// ggml file of whisper.cpp (section 4).
Result<WeightMap::Parts> ReadGgml(std::span<const std::byte> bytes);

}  // namespace wt::model

// ggml's quantised types: blocks of 32 consecutive elements of a row (formats.md, section 4).
//
// Quantising gives the bytes that ggml's quantize_row_*_ref functions (ggml-quants.c) give,
// reference/ggml_blocks.json is the proof. Pure functions: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/model/weight_map.h"

namespace wt::model {

inline constexpr int kBlockElements = 32;

/// Bytes of a block of `type`; 0 when it is not a block type.
int BlockBytes(TensorType type);

/// REQUIRES: a block type; out.size() is a multiple of 32; `blocks` holds at least as many.
void DequantizeBlocks(TensorType type, std::span<const std::byte> blocks, std::span<float> out);

/// REQUIRES: a block type; values.size() is a multiple of 32; `out` has exactly the bytes.
void QuantizeBlocks(TensorType type, std::span<const float> values, std::span<std::byte> out);

}  // namespace wt::model

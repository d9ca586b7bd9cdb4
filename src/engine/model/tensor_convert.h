// Stored tensor types to float32: exact for the float types, by the format's rule for the others.
//
// The loops have no branches and no calls, so that compilers vectorise them for the baseline
// instruction set. Pure functions: thread-safe.
#pragma once

#include <cstdint>
#include <span>

#include "engine/model/weight_map.h"

namespace wt::model {

/// True for types made of blocks of 32 elements of a row.
bool IsBlockType(TensorType type);

/// Rows [first, first + count) along the first dimension. REQUIRES: the tensor's bytes and scales
/// are complete, the rows exist, out.size() == count * (elements of a row).
void ConvertRowsToFloat(const TensorView& tensor, std::int64_t first, std::int64_t count,
                        std::span<float> out);

}  // namespace wt::model

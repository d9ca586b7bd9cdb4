// What one thread of this processor can do: multiply-adds from registers, reads from each level of
// memory. By thread CPU time, the best of several repeats. Thread-safe.
#pragma once

#include <cstddef>

#include "engine/kernels/kernels.h"

namespace wt::kernels {

/// Operations per second (a multiplication and an addition are two) of the fastest instruction that
/// `isa` has for products of `type`; 0 if it has none. About a millisecond.
double MeasurePeak(Isa isa, PackedType type);

/// Bytes per second of reading `bytes` bytes over and over with the widest loads of `isa`.
double MeasureRead(Isa isa, std::size_t bytes);

}  // namespace wt::kernels

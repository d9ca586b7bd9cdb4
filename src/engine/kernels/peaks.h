// What this processor can do: multiply-adds from registers of one thread, reads from each level of
// memory. Thread-safe.
#pragma once

#include <cstddef>

#include "engine/kernels/kernels.h"

namespace wt::kernels {

/// Operations per second (a multiplication and an addition are two) of the fastest instruction that
/// `isa` has for products of `type`; 0 if it has none. By thread CPU time, the best of several
/// repeats; about a millisecond.
double MeasurePeak(Isa isa, PackedType type);

/// Bytes per second of reading `bytes` bytes over and over with the widest loads of `isa`, by
/// thread CPU time; the best of several repeats.
double MeasureRead(Isa isa, std::size_t bytes);

/// Loads all of the memory, a multiple of 256 bytes, with the widest loads of `isa`, and does
/// nothing with it. REQUIRES: not kGeneric.
void ReadMemory(Isa isa, const std::byte* data, std::size_t bytes);

}  // namespace wt::kernels

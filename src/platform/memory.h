// How much memory this process may use, and in what pages. Thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>

namespace wt::platform {

/// The machine's memory or the limit of the control group, whichever is less; 0 when neither can be
/// read.
std::int64_t UsableMemoryBytes();

/// Asks for huge pages behind memory that is going to be read from end to end again and again: a
/// page of 4 KiB for every 64 lines costs a walk of page tables, which in a virtual machine is a
/// walk of two. Call it before the memory is touched. The system may decline.
void PreferHugePages(void* data, std::size_t bytes);

/// Takes the pages of a mapped file that lie in [data, data + bytes) wholly out of this process's
/// memory; the next touch brings them back. REQUIRES: the mapping is read-only.
void ReleaseMappedPages(const void* data, std::size_t bytes);

}  // namespace wt::platform

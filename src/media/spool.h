// Inputs that cannot seek, written to a temporary file without a name.
//
// Containers may have their index at the end, and the engine reads a recording twice. The file
// vanishes with its descriptor, also when the program is killed. Thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "base/cancel.h"
#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::media {

/// Copies `input` to its end into a file in `directory`. kResourceExhausted beyond `bytes_max` or
/// on a full disk, kCancelled when `cancel` is set. `name` is for messages.
Result<platform::FileDescriptor> SpoolToFile(int input, const std::string& name,
                                             const std::string& directory, std::int64_t bytes_max,
                                             const base::CancelFlag* cancel);

}  // namespace wt::media

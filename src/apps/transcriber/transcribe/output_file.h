// Writes result files: complete or not at all, and never over an existing one unasked.
//
// A regular file gets a temporary name in its directory, is synced, and takes its name at the end;
// devices and pipes (/dev/stdout, /dev/null, a FIFO) are written directly. Thread-safe for
// different paths.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "whisper_transcriber/status.h"

namespace wt::transcriber {

enum class Existing : std::uint8_t { kKeep, kReplace };

/// Said before hours of work: kAlreadyExists, kPermissionDenied or kNotFound when the file could
/// not be written later, kInvalidArgument for a directory.
Status CheckOutputFile(const std::string& path, Existing existing);

/// Errors as above, kResourceExhausted when the disk is full.
Status WriteOutputFile(const std::string& path, std::string_view text, Existing existing);

}  // namespace wt::transcriber

// Finds the program transcriber-media. Thread-safe.
#pragma once

#include <string>

#include "whisper_transcriber/status.h"

namespace wt::media {

/// `given` when it is not empty; otherwise transcriber-media beside the running program, in
/// ../libexec/whisper-transcriber, or in a directory of `search_path` (separated by colons).
/// kFailedPrecondition when there is none that can be executed.
Result<std::string> FindHelper(const std::string& given, const std::string& search_path);

}  // namespace wt::media

// Languages by code or English name, for --language. Which of them a model has is in its ModelInfo.
// Pure functions: thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::transcriber {

/// The code for "de", "German", "german", "Mandarin" ... in any case of letters. kInvalidArgument
/// with the nearest name.
Result<std::string> ParseLanguage(std::string_view code_or_name);

/// "German" for "de"; the code itself when it is unknown.
std::string LanguageName(std::string_view code);

/// All codes in the order of Whisper's tokens.
std::vector<std::string_view> LanguageCodes();

}  // namespace wt::transcriber

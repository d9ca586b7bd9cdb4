// The languages of Whisper by code and English name.
//
// The same table serves the command line, the service and result files. Which of them a model has
// is in its ModelInfo. Source: openai-whisper 20250625 (tokenizer.py, LANGUAGES and
// TO_LANGUAGE_CODE). Pure functions: thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wt::formats {

/// The code for "de", "German", "german", "Mandarin" ... in any case of letters, '_' for a space.
std::optional<std::string> FindLanguageCode(std::string_view code_or_name);

/// "German" for "de"; the code itself when it is unknown.
std::string LanguageName(std::string_view code);

/// All codes in the order of Whisper's tokens.
std::vector<std::string_view> LanguageCodes();

/// All names in lower case, for suggestions.
std::vector<std::string> LowerLanguageNames();

}  // namespace wt::formats

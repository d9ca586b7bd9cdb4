// Which code points are letters, numbers and spaces, as tiktoken's regular expression means it.
//
// From Unicode 16.0.0 (tools/gen_unicode_tables.py). Pure functions: thread-safe.
#pragma once

#include <cstdint>

namespace wt::tokenizer {

enum class UnicodeClass : std::uint8_t {
  kOther,
  kLetter,  // General category L*
  kNumber,  // General category N*
  kSpace,   // Property White_Space
};

UnicodeClass ClassOf(char32_t code_point);

/// Spaces in the sense of Python's str.strip(): White_Space and the separators U+001C to U+001F.
bool IsPythonSpace(char32_t code_point);

}  // namespace wt::tokenizer

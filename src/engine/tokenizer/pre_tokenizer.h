// Cuts text into the pieces within which byte pairs are merged.
//
// The pieces are the matches of tiktoken's regular expression for GPT-2 and Whisper,
//   's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
// which match every character of a text, one after another. Thread-compatible.
#pragma once

#include <string_view>

namespace wt::tokenizer {

/// Cuts the first piece from `*text` and returns it: linear time, no copies. REQUIRES: `*text` is
/// not empty and well-formed UTF-8 (with other bytes the pieces still concatenate to the text).
std::string_view TakePiece(std::string_view* text);

}  // namespace wt::tokenizer

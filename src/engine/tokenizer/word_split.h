// Groups tokens into words for word times.
//
// After openai-whisper, tokenizer.py, split_to_word_tokens. Where the reference compares decoded
// strings to see whether a character is complete, here positions of bytes are compared; so tokens
// with damaged UTF-8 are never lost, and the words always concatenate to the whole. Pure functions.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "engine/tokenizer/tokenizer.h"

namespace wt::tokenizer {

/// Appends the bytes of a token to a string.
using AppendToken = std::function<void(TokenId, std::string*)>;

/// The shortest groups that end where a character ends (split_tokens_on_unicode).
std::vector<WordTokens> SplitOnCharacters(std::span<const TokenId> tokens,
                                          const AppendToken& append);

/// Joins groups unless they begin with a blank, are special (>= eot) or are ASCII punctuation
/// (split_tokens_on_spaces).
std::vector<WordTokens> JoinToWords(std::vector<WordTokens> groups, TokenId eot);

}  // namespace wt::tokenizer

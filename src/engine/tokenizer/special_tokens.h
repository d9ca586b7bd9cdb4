// Names of the special tokens, as decoding shows them. Pure functions: thread-safe.
#pragma once

#include <string>

#include "engine/tokenizer/tokenizer.h"

namespace wt::tokenizer {

/// Timestamps in a vocabulary: 0.00 to 30.00 s in steps of 0.02 s, so 30 / 0.02 + 1.
inline constexpr int kTimestampCount = 1501;

/// Appends "<|endoftext|>", "<|de|>", "<|1.08|>" ... REQUIRES: special.eot <= id < n_vocab.
void AppendSpecialName(const SpecialTokens& special, TokenId id, std::string* out);

}  // namespace wt::tokenizer

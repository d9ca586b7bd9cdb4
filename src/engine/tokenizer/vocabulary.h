// The ordinary tokens of a vocabulary: id to bytes and bytes to id.
//
// All bytes lie in one string; ids are found by an open hash table with linear probing. Where
// tokens come from a file, Create() refuses what encoding relies on not to happen: duplicates,
// missing single bytes, and tokens made to collide in the hash table. One empty token is allowed
// and never found by its bytes (id 50256 of multilingual vocabularies). Immutable: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/options.h"
#include "whisper_transcriber/status.h"

namespace wt::tokenizer {

class Vocabulary {
 public:
  /// `tokens` in id order. kDataCorrupt, naming the token, when they cannot serve as a vocabulary.
  /// The views need to live during the call only.
  static Result<Vocabulary> Create(const std::vector<std::string_view>& tokens);

  int size() const { return static_cast<int>(ends_.size()); }
  /// Length of the longest token in bytes.
  std::size_t bytes_max() const { return bytes_max_; }

  /// REQUIRES: 0 <= id < size().
  std::string_view Bytes(TokenId id) const {
    const auto at = static_cast<std::size_t>(id);
    const std::uint32_t begin = at == 0 ? 0 : ends_[at - 1];
    return std::string_view(blob_).substr(begin, ends_[at] - begin);
  }

  /// The token that is exactly `bytes`, or kNone.
  TokenId Find(std::string_view bytes) const;
  static constexpr TokenId kNone = -1;

  /// Where the table looks first. Public so that a test can make tokens that collide.
  static std::uint32_t Hash(std::string_view bytes);

 private:
  Vocabulary() = default;
  // Puts `id` into the hash table. Not ok when its bytes are there already or the chain is long.
  Status Insert(TokenId id);

  // The hash beside the id saves most comparisons of bytes.
  struct Slot {
    std::uint32_t hash = 0;
    TokenId id = kNone;
  };

  std::string blob_;
  std::vector<std::uint32_t> ends_;  // Token i is blob_[ends_[i - 1], ends_[i]).
  std::vector<Slot> slots_;          // A power of two, at most half full.
  std::size_t bytes_max_ = 0;
};

}  // namespace wt::tokenizer

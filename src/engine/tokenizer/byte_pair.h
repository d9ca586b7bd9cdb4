// Byte-pair encoding of one piece of text.
//
// Neighbouring parts are joined, the pair whose joined token has the smallest id first and the
// leftmost of equals, until no two neighbours form a token (tiktoken, byte_pair_merge; ranks are
// ids). A heap of candidate pairs keeps it at O(n log n) for n bytes, however long the piece is.
// One thread: an object keeps its memory from one piece to the next.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "engine/tokenizer/vocabulary.h"
#include "whisper_transcriber/options.h"

namespace wt::tokenizer {

class BytePairEncoder {
 public:
  /// Keeps a reference to `vocabulary`, which must outlive the object.
  explicit BytePairEncoder(const Vocabulary& vocabulary) : vocabulary_(vocabulary) {}

  /// Appends the tokens of `piece`.
  void Encode(std::string_view piece, std::vector<TokenId>* out);

 private:
  // A part of the piece, which is a token. Parts are named by the index of their first byte.
  struct Part {
    std::size_t end;       // One past its last byte: the name of the next part. 0: joined, gone.
    std::size_t previous;  // Name of the part before it.
  };
  // Two neighbours that form the token `id`: bytes [begin, end) of the piece.
  struct Pair {
    TokenId id;
    std::size_t begin;
    std::size_t end;
  };
  // Order of a heap whose top is the pair to join next.
  struct Later {
    bool operator()(const Pair& a, const Pair& b) const {
      return a.id != b.id ? a.id > b.id : a.begin > b.begin;
    }
  };

  // Adds the part at `begin` and its successor to the heap if they form a token.
  void Offer(std::size_t begin);
  // Joins the pair unless one of its parts has changed since it was offered.
  void Join(const Pair& pair);

  const Vocabulary& vocabulary_;
  std::string_view piece_;
  std::vector<Part> parts_;
  std::vector<Pair> heap_;
};

}  // namespace wt::tokenizer

#include "engine/tokenizer/byte_pair.h"

#include <algorithm>

#include "base/check.h"

namespace wt::tokenizer {

void BytePairEncoder::Encode(std::string_view piece, std::vector<TokenId>* out) {
  // Most pieces are tokens themselves. Joining would find the same for the published vocabularies.
  if (const TokenId whole = vocabulary_.Find(piece); whole != Vocabulary::kNone) {
    out->push_back(whole);
    return;
  }
  piece_ = piece;
  parts_.clear();
  parts_.reserve(piece.size());
  heap_.clear();
  for (std::size_t i = 0; i < piece.size(); ++i) parts_.push_back({i + 1, i - 1});
  for (std::size_t i = 0; i + 1 < piece.size(); ++i) Offer(i);
  while (!heap_.empty()) {
    std::ranges::pop_heap(heap_, Later());
    const Pair pair = heap_.back();
    heap_.pop_back();
    Join(pair);
  }
  for (std::size_t i = 0; i < piece.size(); i = parts_[i].end) {
    const TokenId id = vocabulary_.Find(piece.substr(i, parts_[i].end - i));
    WT_DCHECK(id != Vocabulary::kNone);
    out->push_back(id);
  }
}

void BytePairEncoder::Offer(std::size_t begin) {
  const std::size_t middle = parts_[begin].end;
  if (middle == piece_.size()) return;
  const std::size_t end = parts_[middle].end;
  const TokenId id = vocabulary_.Find(piece_.substr(begin, end - begin));
  if (id == Vocabulary::kNone) return;
  heap_.push_back({id, begin, end});
  std::ranges::push_heap(heap_, Later());
}

void BytePairEncoder::Join(const Pair& pair) {
  const std::size_t middle = parts_[pair.begin].end;
  // A part that was joined to its left has end 0. One that has grown makes the pair end elsewhere:
  // the bytes of a pair tell it from every other, since parts only grow.
  if (middle == 0 || middle >= pair.end || parts_[middle].end != pair.end) return;
  parts_[pair.begin].end = pair.end;
  parts_[middle].end = 0;
  if (pair.end < piece_.size()) parts_[pair.end].previous = pair.begin;
  Offer(pair.begin);
  if (pair.begin > 0) Offer(parts_[pair.begin].previous);
}

}  // namespace wt::tokenizer

#include "engine/tokenizer/vocabulary.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "base/limits.h"
#include "base/status_macros.h"

namespace wt::tokenizer {
namespace {

// The published vocabularies need 17 steps at most. A longer chain means a file made to be slow.
constexpr int kProbesMax = 256;

// Multiply and xor over words of eight bytes, as wyhash does (github.com/wangyi-fudan/wyhash).
std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

Status Corrupt(TokenId id, std::string_view why) {
  return Status(StatusCode::kDataCorrupt, "The vocabulary cannot be used: token " +
                                              std::to_string(id) + " " + std::string(why) + ".");
}

Status CheckSizes(const std::vector<std::string_view>& tokens) {
  if (tokens.size() > static_cast<std::size_t>(base::kVocabularyTokensMax)) {
    return Status(StatusCode::kDataCorrupt,
                  "The vocabulary cannot be used: it has too many tokens.");
  }
  bool empty_seen = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const auto id = static_cast<TokenId>(i);
    if (tokens[i].size() > static_cast<std::size_t>(base::kTokenBytesMax)) {
      return Corrupt(id, "is too long");
    }
    if (tokens[i].empty() && empty_seen) return Corrupt(id, "is a second empty token");
    empty_seen = empty_seen || tokens[i].empty();
  }
  return Status();
}

}  // namespace

std::uint32_t Vocabulary::Hash(std::string_view bytes) {
  constexpr std::uint64_t kSecret = 0xa0761d6478bd642f;
  std::uint64_t state = bytes.size() + 1;
  while (bytes.size() > 8) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data(), 8);
    state = Mix(state ^ word, kSecret);
    bytes.remove_prefix(8);
  }
  std::uint64_t word = 0;
  std::memcpy(&word, bytes.data(), bytes.size());
  state = Mix(state ^ word, kSecret) + word;
  return static_cast<std::uint32_t>(Mix(state, 0xe7037ed1a0b428db) >> 32);
}

Result<Vocabulary> Vocabulary::Create(const std::vector<std::string_view>& tokens) {
  WT_TRY(CheckSizes(tokens));
  Vocabulary vocabulary;
  std::size_t total = 0;
  for (const std::string_view token : tokens) total += token.size();
  vocabulary.blob_.reserve(total);
  vocabulary.ends_.reserve(tokens.size());
  vocabulary.slots_.resize(std::bit_ceil(2 * tokens.size() + 1));
  for (const std::string_view token : tokens) {
    vocabulary.blob_ += token;
    vocabulary.ends_.push_back(static_cast<std::uint32_t>(vocabulary.blob_.size()));
    vocabulary.bytes_max_ = std::max(vocabulary.bytes_max_, token.size());
    if (!token.empty()) WT_TRY(vocabulary.Insert(vocabulary.size() - 1));
  }
  // Every text must have an encoding, so every byte must be a token.
  for (int byte = 0; byte < 256; ++byte) {
    const char text = static_cast<char>(byte);
    if (vocabulary.Find({&text, 1}) == kNone) {
      return Status(
          StatusCode::kDataCorrupt,
          "The vocabulary cannot be used: it has no token for byte " + std::to_string(byte) + ".");
    }
  }
  return vocabulary;
}

Status Vocabulary::Insert(TokenId id) {
  const std::string_view bytes = Bytes(id);
  const std::uint32_t hash = Hash(bytes);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (int probes = 0; probes < kProbesMax; ++probes, at = (at + 1) & mask) {
    Slot& slot = slots_[at];
    if (slot.id == kNone) {
      slot = {hash, id};
      return Status();
    }
    if (slot.hash == hash && Bytes(slot.id) == bytes) {
      return Corrupt(id, "equals token " + std::to_string(slot.id));
    }
  }
  return Corrupt(id, "is one of too many with one hash value");
}

TokenId Vocabulary::Find(std::string_view bytes) const {
  if (bytes.empty() || bytes.size() > bytes_max_) return kNone;
  const std::uint32_t hash = Hash(bytes);
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash & mask;
  for (int probes = 0; probes < kProbesMax; ++probes, at = (at + 1) & mask) {
    const Slot& slot = slots_[at];
    if (slot.id == kNone) return kNone;
    if (slot.hash == hash && Bytes(slot.id) == bytes) return slot.id;
  }
  return kNone;
}

}  // namespace wt::tokenizer

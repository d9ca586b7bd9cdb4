// Texts of the files that other programs want beside the weights: tokenizers and configurations.
//
// After what CTranslate2's and transformers' converters write (formats.md, sections 1 and 3).
// Merges are not stored in Whisper's own vocabulary: a pair's rank is the id of the joined token.
// Immutable; points into the weights and the facts given, which must outlive it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/weight_map.h"
#include "engine/model/writers/model_writer.h"
#include "whisper_transcriber/status.h"

namespace wt::model {

/// The vocabulary to write: the weights' own, or that of `facts`. kInvalidArgument when it is not
/// the complete list of ordinary tokens.
Result<std::span<const std::string>> VocabularyOf(const WeightMap& weights,
                                                  const TokenizerFacts& facts);

class TokenizerFiles {
 public:
  /// kInvalidArgument when the facts do not suffice (vocabulary, languages).
  static Result<TokenizerFiles> Create(const WeightMap& weights, const TokenizerFacts& facts);

  std::string Ct2Config() const;
  std::string Ct2Vocabulary() const;

  std::string TokenizerJson() const;
  std::string TokenizerConfig() const;
  std::string SpecialTokensMap() const;
  std::string AddedTokens() const;
  std::string VocabJson() const;
  std::string Merges() const;

  std::string HuggingFaceConfig(std::string_view torch_dtype) const;
  std::string GenerationConfig() const;
  std::string PreprocessorConfig() const;

 private:
  TokenizerFiles(const WeightMap& weights, const TokenizerFacts& facts,
                 std::span<const std::string> vocabulary);
  int Special(std::string_view text) const;
  int SpaceToken() const;
  std::string_view HuggingFaceSpelling(std::size_t special) const;

  const WeightMap& weights_;
  std::span<const std::int32_t> suppressed_;
  std::span<const std::string> vocabulary_;
  std::vector<std::string_view> languages_;
  /// Special tokens; the first one's id is the number of ordinary tokens.
  std::vector<std::string> specials_;
  /// Pairs "a b" in the order of their ranks, in the printable alphabet.
  std::vector<std::string> merges_;
};

}  // namespace wt::model

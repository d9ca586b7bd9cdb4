// Files that stand beside the weights: configuration and vocabulary, as text.
//
// Only what the engine needs is taken: alignment heads, the tokens' bytes, and dimensions for
// comparison. Pure functions: thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/model/dims.h"
#include "whisper_transcriber/status.h"

namespace wt::model {

/// "alignment_heads" of CTranslate2's config.json or Hugging Face's generation_config.json; empty
/// when absent or null.
Result<std::vector<AlignmentHead>> ReadAlignmentHeads(std::string_view json_text);

/// kDataCorrupt when Hugging Face's config.json states other dimensions than the tensors have.
Status CheckHuggingFaceConfig(std::string_view json_text, const Dims& dims);

/// Ordinary tokens as bytes, from vocabulary.txt (one token a line) or vocabulary.json (a list) of
/// CTranslate2, or vocab.json (token to id) of Hugging Face. All are in the printable alphabet of
/// formats.md section 5; special tokens after the ordinary ones are left out.
Result<std::vector<std::string>> ReadVocabularyLines(std::string_view text, const Dims& dims);
Result<std::vector<std::string>> ReadVocabularyList(std::string_view json_text, const Dims& dims);
Result<std::vector<std::string>> ReadVocabularyIds(std::string_view json_text, const Dims& dims);

/// Names of the weight files that "weight_map" of model.safetensors.index.json lists, sorted. They
/// must be plain names: kDataCorrupt for paths.
Result<std::vector<std::string>> ReadShardNames(std::string_view json_text);

/// A token's bytes in the printable alphabet, as UTF-8, and back. Errors: a character outside it.
std::string ToPrintableAlphabet(std::string_view bytes);
Result<std::string> FromPrintableAlphabet(std::string_view text);

}  // namespace wt::model

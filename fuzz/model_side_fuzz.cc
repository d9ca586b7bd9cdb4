// Reads the input as each of the files that stand beside weights: JSON and vocabularies.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/model/readers/side_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const wt::model::Dims dims = *wt::model::DimsOfSize("tiny");
  static_cast<void>(wt::model::ReadAlignmentHeads(text));
  static_cast<void>(wt::model::CheckHuggingFaceConfig(text, dims));
  static_cast<void>(wt::model::ReadVocabularyLines(text, dims));
  static_cast<void>(wt::model::ReadVocabularyList(text, dims));
  static_cast<void>(wt::model::ReadVocabularyIds(text, dims));
  static_cast<void>(wt::model::ReadShardNames(text));
  return 0;
}

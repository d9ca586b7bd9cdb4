// ggml file of whisper.cpp: header, mel filters (skipped: the engine has its own), vocabulary, and
// tensors one after the other up to the end of the file.
#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "base/byte_reader.h"
#include "base/checked.h"
#include "base/limits.h"
#include "base/status_macros.h"
#include "engine/model/ggml_blocks.h"
#include "engine/model/printable.h"
#include "engine/model/readers/readers.h"
#include "engine/model/tensor_convert.h"
#include "engine/model/tensor_names.h"

namespace wt::model {
namespace {

constexpr std::uint32_t kMagic = 0x67676d6c;
constexpr std::int32_t kMelColumns = 201;  // 400-sample DFT: 400 / 2 + 1 bins.
// Beyond every dimension of every network; products of three stay below 2^63.
constexpr std::int32_t kDimensionMax = 1 << 20;

/// Tensor type ids (ggml.h, enum ggml_type).
std::optional<TensorType> TypeOfId(std::int32_t id) {
  switch (id) {
    case 0: return TensorType::kF32;
    case 1: return TensorType::kF16;
    case 2: return TensorType::kQ4_0;
    case 3: return TensorType::kQ4_1;
    case 6: return TensorType::kQ5_0;
    case 7: return TensorType::kQ5_1;
    case 8: return TensorType::kQ8_0;
    case 30: return TensorType::kBf16;
    default: return std::nullopt;
  }
}

class GgmlReader {
 public:
  explicit GgmlReader(std::span<const std::byte> bytes) : reader_(bytes) {}

  Result<WeightMap::Parts> Read() {
    parts_.format = "ggml";
    WT_TRY(ReadHeader());
    WT_TRY(CheckDims(parts_.dims));
    WT_TRY(SkipFilters());
    WT_TRY(ReadVocabulary());
    while (!reader_.at_end()) WT_TRY(ReadTensor());
    return std::move(parts_);
  }

 private:
  Status EndsEarly(std::string_view what) const {
    return Corrupt("file ends within " + std::string(what) + ", after byte " +
                   std::to_string(reader_.offset()));
  }

  Status ReadHeader() {
    std::uint32_t magic;
    if (!reader_.Read(&magic)) return EndsEarly("the magic number");
    if (magic != kMagic) return Corrupt("magic number is not ggml's");
    Dims& d = parts_.dims;
    std::int32_t ftype;
    for (int* field :
         {&d.n_vocab, &d.n_audio_ctx, &d.n_audio_state, &d.n_audio_head, &d.n_audio_layer,
          &d.n_text_ctx, &d.n_text_state, &d.n_text_head, &d.n_text_layer, &d.n_mels, &ftype}) {
      if (!reader_.Read(field)) return EndsEarly("the header");
    }
    // f32, f16, q4_0, q4_1, q8_0, q5_0, q5_1; thousands are the version of quantisation.
    constexpr std::array<std::int32_t, 7> kKnown = {0, 1, 2, 3, 7, 8, 9};
    const std::int32_t version = ftype / 1000;
    if (ftype < 0 || version > 2 || version == 1 ||
        std::find(kKnown.begin(), kKnown.end(), ftype % 1000) == kKnown.end()) {
      return Unsupported("file type " + std::to_string(ftype) +
                         "; known are f32, f16, q4_0, q4_1, q5_0, q5_1, q8_0");
    }
    return Status();
  }

  Status SkipFilters() {
    std::int32_t rows;
    std::int32_t columns;
    if (!reader_.Read(&rows) || !reader_.Read(&columns)) return EndsEarly("the mel filters");
    if (rows != parts_.dims.n_mels || columns != kMelColumns) {
      return Corrupt("mel filters are " + std::to_string(rows) + " x " + std::to_string(columns) +
                     ", expected " + std::to_string(parts_.dims.n_mels) + " x 201");
    }
    const std::size_t bytes = static_cast<std::size_t>(rows) * kMelColumns * sizeof(float);
    return reader_.Skip(bytes) ? Status() : EndsEarly("the mel filters");
  }

  Status ReadVocabulary() {
    std::int32_t count;
    if (!reader_.Read(&count)) return EndsEarly("the number of tokens");
    if (count < 0 || count > base::kVocabularyTokensMax) {
      return Corrupt("number of tokens is " + std::to_string(count) + ", the limit is " +
                     std::to_string(base::kVocabularyTokensMax));
    }
    const auto ordinary = static_cast<std::size_t>(OrdinaryTokens(parts_.dims));
    for (std::int32_t i = 0; i < count; ++i) {
      std::int32_t bytes;
      std::string_view token;
      if (!reader_.Read(&bytes)) return EndsEarly("token " + std::to_string(i));
      if (bytes < 0 || bytes > base::kTokenBytesMax) {
        return Corrupt("token " + std::to_string(i) + " has " + std::to_string(bytes) +
                       " bytes, the limit is " + std::to_string(base::kTokenBytesMax));
      }
      if (!reader_.ReadText(static_cast<std::size_t>(bytes), &token)) {
        return EndsEarly("token " + std::to_string(i));
      }
      // Some converters store special tokens too; their ids are known anyway.
      if (parts_.vocabulary.size() < ordinary) parts_.vocabulary.emplace_back(token);
    }
    // The unused id 50256 of multilingual vocabularies is left out of some files.
    if (parts_.vocabulary.size() + 1 == ordinary && parts_.dims.multilingual()) {
      parts_.vocabulary.emplace_back();
    }
    return Status();
  }

  Status ReadTensor() {
    const std::size_t start = reader_.offset();
    std::int32_t rank;
    std::int32_t name_bytes;
    std::int32_t type_id;
    if (!reader_.Read(&rank) || !reader_.Read(&name_bytes) || !reader_.Read(&type_id)) {
      return EndsEarly("a tensor's header");
    }
    const std::string where = "tensor at byte " + std::to_string(start);
    if (rank < 1 || rank > 3) {
      return Corrupt(where + ": rank is " + std::to_string(rank) + ", 1 to 3 expected");
    }
    if (name_bytes < 1 || name_bytes > base::kTensorNameBytesMax) {
      return Corrupt(where + ": name has " + std::to_string(name_bytes) +
                     " bytes, 1 to 256 expected");
    }
    TensorView view;
    view.rank = rank;
    for (std::int32_t i = rank; i-- > 0;) {  // The fastest dimension comes first in the file.
      std::int32_t dim;
      if (!reader_.Read(&dim)) return EndsEarly("a tensor's header");
      if (dim < 1 || dim > kDimensionMax) {
        return Corrupt(where + ": a dimension is " + std::to_string(dim));
      }
      view.shape[static_cast<std::size_t>(i)] = dim;
    }
    std::string_view name;
    if (!reader_.ReadText(static_cast<std::size_t>(name_bytes), &name)) {
      return EndsEarly("a tensor's name");
    }
    const std::optional<TensorType> type = TypeOfId(type_id);
    if (!type) {
      return Unsupported("tensor " + Printable(name) + ": type id " + std::to_string(type_id) +
                         " is not known");
    }
    view.type = *type;
    return ReadData(name, view);
  }

  Status ReadData(std::string_view name, TensorView view) {
    const auto last = static_cast<std::size_t>(view.rank - 1);
    const std::int64_t bytes = TensorBytes(view.type, view.elements(), view.shape[last]);
    if (bytes < 0) return CorruptTensor(name, "rows are no multiple of 32 elements");
    if (!reader_.ReadBytes(static_cast<std::size_t>(bytes), &view.data)) {
      return CorruptTensor(
          name, "file ends " +
                    std::to_string(bytes - static_cast<std::int64_t>(reader_.remaining())) +
                    " bytes before the tensor's end");
    }
    const bool conv_bias = name == "encoder.conv1.bias" || name == "encoder.conv2.bias";
    if (conv_bias && view.rank == 2 && view.shape[1] == 1) view.rank = 1;  // Stored as [n, 1].
    if (parts_.tensors.size() >= base::kModelTensorsMax)
      return Corrupt("file has too many tensors");
    if (!parts_.tensors.emplace(name, view).second) return CorruptTensor(name, "is there twice");
    return Status();
  }

  base::ByteReader reader_;
  WeightMap::Parts parts_;
};

}  // namespace

Result<WeightMap::Parts> ReadGgml(std::span<const std::byte> bytes) {
  return GgmlReader(bytes).Read();
}

}  // namespace wt::model

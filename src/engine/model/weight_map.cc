#include "engine/model/weight_map.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "engine/model/digest.h"
#include "engine/model/ggml_blocks.h"
#include "engine/model/printable.h"
#include "engine/model/tensor_convert.h"
#include "engine/model/tensor_names.h"

namespace wt::model {
namespace {

std::string ShapeText(std::span<const std::int64_t> shape) {
  std::string text = "[";
  for (const std::int64_t n : shape) {
    if (text.size() > 1) text += ", ";
    text += std::to_string(n);
  }
  return text + "]";
}

std::int64_t ScaleBytes(const TensorView& view) {
  if (view.type == TensorType::kInt8Rows) return 4 * view.shape[0];
  return view.type == TensorType::kInt16 ? 4 : 0;
}

Status CheckShape(const NamedShape& want, const TensorView& have) {
  const auto& [name, shape] = want;
  const bool rank_fits = have.rank == static_cast<int>(shape.size());
  if (rank_fits && std::equal(shape.begin(), shape.end(), have.shape.begin())) return Status();
  const int shown = std::clamp(have.rank, 0, 3);
  return CorruptTensor(
      name, "shape is " + ShapeText(std::span(have.shape).first(static_cast<std::size_t>(shown))) +
                ", expected " + ShapeText(shape));
}

Status CheckBytes(std::string_view name, const TensorView& view) {
  if (IsBlockType(view.type) && view.rank != 2) {
    return CorruptTensor(name, "only matrices can have a quantised block type");
  }
  const std::int64_t row = view.shape[static_cast<std::size_t>(view.rank - 1)];
  const std::int64_t want = TensorBytes(view.type, view.elements(), row);
  if (want < 0) return CorruptTensor(name, "rows are no multiple of 32 elements");
  if (static_cast<std::uint64_t>(want) != view.data.size()) {
    return CorruptTensor(name, "has " + std::to_string(view.data.size()) + " bytes, " +
                                   std::to_string(want) + " expected");
  }
  if (static_cast<std::uint64_t>(ScaleBytes(view)) != view.scales.size()) {
    return CorruptTensor(name, "has " + std::to_string(view.scales.size()) + " bytes of scales, " +
                                   std::to_string(ScaleBytes(view)) + " expected");
  }
  return Status();
}

Status CheckTensors(const WeightMap::Parts& parts) {
  const std::vector<NamedShape> expected = ExpectedTensors(parts.dims);
  for (const NamedShape& want : expected) {
    const auto found = parts.tensors.find(want.first);
    if (found == parts.tensors.end()) return CorruptTensor(want.first, "is missing");
    WT_TRY(CheckShape(want, found->second));
    WT_TRY(CheckBytes(want.first, found->second));
  }
  if (parts.tensors.size() == expected.size()) return Status();
  std::vector<std::string_view> names;
  for (const NamedShape& want : expected) names.push_back(want.first);
  std::sort(names.begin(), names.end());
  for (const auto& [name, view] : parts.tensors) {
    if (!std::binary_search(names.begin(), names.end(), name)) {
      return CorruptTensor(name, "does not belong to a Whisper network of these dimensions");
    }
  }
  return Status();
}

Status CheckVocabulary(const Dims& dims, const std::vector<std::string>& vocabulary) {
  const auto want = static_cast<std::size_t>(OrdinaryTokens(dims));
  if (vocabulary.empty() || vocabulary.size() == want) return Status();
  return Corrupt("vocabulary has " + std::to_string(vocabulary.size()) + " ordinary tokens, " +
                 std::to_string(want) + " expected");
}

/// Published distil models list the heads of the network that they were distilled from, which has
/// more layers: such a list says nothing about this one.
bool HeadsExist(const Dims& dims, const std::vector<AlignmentHead>& heads) {
  return std::all_of(heads.begin(), heads.end(), [&dims](const AlignmentHead& head) {
    return head.first >= 0 && head.first < dims.n_text_layer && head.second >= 0 &&
           head.second < dims.n_text_head;
  });
}

}  // namespace

std::int64_t TensorBytes(TensorType type, std::int64_t elements, std::int64_t row_elements) {
  switch (type) {
    case TensorType::kF32: return elements * 4;
    case TensorType::kF16:
    case TensorType::kBf16:
    case TensorType::kInt16: return elements * 2;
    case TensorType::kInt8Rows: return elements;
    default:
      if (row_elements % kBlockElements != 0) return -1;
      return elements / kBlockElements * BlockBytes(type);
  }
}

Result<std::shared_ptr<const WeightMap>> WeightMap::Validate(Parts parts) {
  WT_TRY(CheckDims(parts.dims));
  WT_TRY(CheckTensors(parts));
  WT_TRY(CheckVocabulary(parts.dims, parts.vocabulary));
  if (parts.alignment_heads.empty() || !HeadsExist(parts.dims, parts.alignment_heads)) {
    parts.alignment_heads = DefaultAlignmentHeads(parts.dims);
  }
  // Shared because models, engines and workers use the same immutable weights.
  std::shared_ptr<WeightMap> map(new WeightMap);
  map->dims_ = parts.dims;
  map->format_ = parts.format;
  map->alignment_heads_ = std::move(parts.alignment_heads);
  map->vocabulary_ = std::move(parts.vocabulary);
  map->tensors_ = std::move(parts.tensors);
  map->source_files_ = std::move(parts.source_files);
  map->source_identity_ = std::move(parts.source_identity);
  map->owners_ = std::move(parts.owners);
  return std::shared_ptr<const WeightMap>(std::move(map));
}

const TensorView& WeightMap::Get(std::string_view name) const {
  const auto found = tensors_.find(name);
  WT_CHECK(found != tensors_.end());
  return found->second;
}

void WeightMap::ToFloat(std::string_view name, std::span<float> out) const {
  const TensorView& view = Get(name);
  ConvertRowsToFloat(view, 0, view.shape[0], out);
}

void WeightMap::RowsToFloat(std::string_view name, std::int64_t first, std::int64_t count,
                            std::span<float> out) const {
  ConvertRowsToFloat(Get(name), first, count, out);
}

const std::string& WeightMap::source_hash() const {
  std::call_once(hash_once_, [this] { source_hash_ = Sha256HexOfParts(source_files_); });
  return source_hash_;
}

std::int64_t WeightMap::weight_bytes() const {
  std::int64_t bytes = 0;
  for (const auto& [name, view] : tensors_) {
    bytes += static_cast<std::int64_t>(view.data.size() + view.scales.size());
  }
  return bytes;
}

}  // namespace wt::model

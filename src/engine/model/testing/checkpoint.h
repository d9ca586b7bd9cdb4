// Writes OpenAI checkpoints for tests: a pickle assembled from opcodes, in a stored zip archive.
//
// The product does not write this format. Every part can be bent, to see it refused.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/weight_map.h"

namespace wt::model::testing {

/// Pickle program text, one opcode after the other.
class PickleText {
 public:
  PickleText& Raw(std::string_view bytes);
  PickleText& Text(std::string_view text);
  PickleText& Int(std::int64_t number);
  /// MARK, the numbers, TUPLE.
  PickleText& Ints(const std::vector<std::int64_t>& numbers);
  PickleText& Global(std::string_view module, std::string_view name);
  PickleText& OrderedDict() { return Global("collections", "OrderedDict").Raw(")R"); }
  const std::string& str() const { return out_; }

 private:
  std::string out_ = "\x80\x02";
};

struct TestTensor {
  std::string name;
  std::string storage_type = "HalfStorage";
  std::string key;
  std::int64_t storage_elements = 0;
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> stride;
};

/// {"dims": ..., "model_state_dict": ...}.
std::string CheckpointPickle(const Dims& dims, const std::vector<TestTensor>& tensors);

struct ZipItem {
  std::string name;
  std::string data;
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
};

enum class ZipForm { kPlain, kZip64 };

/// Stored members with torch's padding to multiples of 64 in the local extra field.
std::string MakeZip(const std::vector<ZipItem>& items, ZipForm form = ZipForm::kPlain);

/// Row-major strides.
std::vector<std::int64_t> StridesOf(const std::vector<std::int64_t>& shape);

/// The network as torch.save writes it; `type` is kF16, kBf16 or kF32.
std::string MakeCheckpoint(const WeightMap& weights, TensorType type,
                           ZipForm form = ZipForm::kPlain);

/// One tensor's numbers as bytes of `type` (kF16, kBf16, kF32).
std::string NumbersAs(const WeightMap& weights, std::string_view name, TensorType type);

}  // namespace wt::model::testing

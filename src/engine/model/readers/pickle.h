// data.pkl of an OpenAI checkpoint: dimensions and, for each tensor, where its elements lie.
//
// A pickle is a program for a stack machine. This interpreter knows the opcodes and the five names
// that such a checkpoint needs (formats.md, section 2) and refuses all others; the names are
// recognised, nothing is ever called. Values live in one arena and refer to each other by index, so
// that cycles cannot recurse or leak. Texts point into the bytes. Pure function: thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string_view>

#include "engine/model/weight_map.h"

namespace wt::model {

/// A tensor as torch describes it: element [i, j, k] is number offset + i * stride[0] + ... of the
/// storage. Nothing is checked against the storage's bytes yet.
struct PickledTensor {
  TensorType type = TensorType::kF32;
  std::string_view storage_key;
  std::int64_t storage_elements = 0;
  std::int64_t offset = 0;
  int rank = 0;
  std::array<std::int64_t, 3> shape = {1, 1, 1};
  std::array<std::int64_t, 3> stride = {0, 0, 0};
};

struct PickledCheckpoint {
  Dims dims;
  std::map<std::string_view, PickledTensor> tensors;
};

/// kDataCorrupt or kUnsupported with the byte and the reason.
Result<PickledCheckpoint> ReadPickle(std::span<const std::byte> bytes);

}  // namespace wt::model

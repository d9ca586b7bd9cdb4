// The list of blobs that make up a packed network, and how each is made from a WeightMap.
//
// One list serves both ways of storing: in memory, and streamed into the packed cache. Names are
// stable: they are the keys of the cache. Pure; thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/model/weight_map.h"
#include "whisper_transcriber/options.h"

namespace wt::whisper {

/// Rows of a source tensor that form consecutive rows of a blob.
struct BlobSource {
  std::string tensor;  // Empty: `rows` rows of zeros (Whisper's key projection has no bias).
  std::int64_t rows = 0;
  float scale = 1.0f;  // Powers of two only, so that scaling is exact.
};

enum class BlobKind { kMatrix, kConvolution, kVector };

struct BlobSpec {
  std::string name;
  BlobKind kind = BlobKind::kVector;
  std::vector<BlobSource> sources;
  /// kMatrix and kConvolution: the packed shape (data unset).
  kernels::PackedMatrix shape;
  /// kMatrix: of what packing the rows as int4 leaves.
  bool remainder = false;
  /// kVector: float32 values.
  std::int64_t floats = 0;

  std::size_t bytes() const {
    return kind == BlobKind::kVector ? static_cast<std::size_t>(floats) * 4 : shape.bytes();
  }
};

/// Number types of a network's products.
struct NumberTypes {
  /// Linear layers and logits.
  kernels::PackedType linear = kernels::PackedType::kF32;
  /// What attention over the audio is made of: the encoder's queries, keys, values and output, and
  /// the keys and values that the decoder reads. Bytes cost most accuracy there.
  kernels::PackedType projections = kernels::PackedType::kF32;
  /// Convolutions, and keys and values of the encoder's self attention.
  kernels::PackedType other = kernels::PackedType::kF32;
  /// Keys and values of cross attention, which every decoder step reads.
  kernels::PackedType cross = kernels::PackedType::kF32;
};
/// REQUIRES: not kAuto.
NumberTypes TypesOf(ComputeType type, const kernels::KernelSet& kernels);

std::vector<BlobSpec> PlanBlobs(const model::Dims& dims, const kernels::KernelSet& kernels,
                                NumberTypes types);

/// Writes the blob's bytes() bytes. `out` is 64-byte aligned.
void FillBlob(const BlobSpec& spec, const model::WeightMap& weights,
              const kernels::KernelSet& kernels, std::byte* out);

}  // namespace wt::whisper

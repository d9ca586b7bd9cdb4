// All weights of one network, by OpenAI's tensor names, whatever file they came from.
//
// A WeightMap is validated: every tensor of the network is there with its shape, nothing else is,
// and the bytes of each lie inside the mapping that the map owns. Names are those of
// reference/formats.md section 9, left column ("encoder.blocks.0.attn.query.weight"). Matrices are
// [out, in] row-major, convolutions [out, in, kernel]. Immutable after reading: thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/dims.h"
#include "whisper_transcriber/status.h"

namespace wt::model {

enum class TensorType : std::uint8_t {
  kF32,
  kF16,
  kBf16,
  // ggml blocks of 32 elements of a row.
  kQ4_0,
  kQ4_1,
  kQ5_0,
  kQ5_1,
  kQ8_0,
  // CTranslate2: w = q / scale, a scale per row (int8) or one in all (int16).
  kInt8Rows,
  kInt16,
};

/// One tensor's bytes as they stand in the file. Not owned.
struct TensorView {
  TensorType type = TensorType::kF32;
  int rank = 0;
  std::array<std::int64_t, 3> shape = {1, 1, 1};
  /// May be unaligned.
  std::span<const std::byte> data;
  /// kInt8Rows: one float32 per row; kInt16: one in all. May be unaligned.
  std::span<const std::byte> scales;

  std::int64_t elements() const { return shape[0] * shape[1] * shape[2]; }
};

/// Bytes that `elements` of `type` take, or -1 when a block type's row is not a multiple of 32.
std::int64_t TensorBytes(TensorType type, std::int64_t elements, std::int64_t row_elements);

class WeightMap {
 public:
  const Dims& dims() const { return dims_; }
  /// "ct2", "safetensors", "pt" or "ggml".
  std::string_view format() const { return format_; }
  const std::vector<AlignmentHead>& alignment_heads() const { return alignment_heads_; }
  /// Ordinary tokens as bytes in id order; empty where the format holds none (then the vocabulary
  /// of that n_vocab is used).
  const std::vector<std::string>& vocabulary() const { return vocabulary_; }

  /// REQUIRES: `name` is a tensor of this network.
  const TensorView& Get(std::string_view name) const;
  bool Has(std::string_view name) const { return tensors_.find(name) != tensors_.end(); }
  const std::map<std::string, TensorView, std::less<>>& tensors() const { return tensors_; }

  /// Writes the whole tensor as float32, row-major. REQUIRES: out.size() == elements().
  void ToFloat(std::string_view name, std::span<float> out) const;
  /// Rows [first, first + count) of a matrix as float32.
  void RowsToFloat(std::string_view name, std::int64_t first, std::int64_t count,
                   std::span<float> out) const;

  /// SHA-256 of the weight file(s), lower-case hex: the identity of the model. Computed at the
  /// first call, by reading all bytes (0.1 to 0.4 s per 100 MB); see packed_cache.h for a way
  /// around it.
  const std::string& source_hash() const;
  /// Cheap stand-in for the hash: device, inode, size and times of the weight file(s). Equal
  /// strings mean the same bytes unless somebody forged the change time. Empty when the weights
  /// did not come from files.
  const std::string& source_identity() const { return source_identity_; }
  /// Bytes of all tensors in the file.
  std::int64_t weight_bytes() const;

  // Readers fill a Parts and hand it over; the constructor's caller is Validate() only.
  struct Parts {
    Dims dims;
    std::string_view format;
    /// Empty, or with heads that this network does not have: the published ones are used.
    std::vector<AlignmentHead> alignment_heads;
    std::vector<std::string> vocabulary;
    std::map<std::string, TensorView, std::less<>> tensors;
    /// The weight files' bytes, for source_hash().
    std::vector<std::span<const std::byte>> source_files;
    std::string source_identity;
    /// Keeps the mapped bytes (and, for formats that need it, rewritten tensors) alive.
    std::vector<std::shared_ptr<const void>> owners;
  };
  /// Checks dimensions, names, shapes and byte counts: kDataCorrupt naming tensor and reason.
  static Result<std::shared_ptr<const WeightMap>> Validate(Parts parts);

 private:
  WeightMap() = default;
  Dims dims_;
  std::string_view format_;
  std::vector<AlignmentHead> alignment_heads_;
  std::vector<std::string> vocabulary_;
  std::map<std::string, TensorView, std::less<>> tensors_;
  std::vector<std::span<const std::byte>> source_files_;
  std::string source_identity_;
  mutable std::once_flag hash_once_;
  mutable std::string source_hash_;  // Written once, under hash_once_.
  std::vector<std::shared_ptr<const void>> owners_;
};

/// OpenAI tensor name and shape of every tensor, in the order of the reference's state dict.
std::vector<std::pair<std::string, std::vector<std::int64_t>>> ExpectedTensors(const Dims& dims);

/// Opens a CTranslate2 or Hugging Face directory, or a .pt, .safetensors or ggml file; the kind is
/// told by content. Files are mapped, not read: time and memory do not grow with the weights.
/// Errors name the file, the tensor and the reason.
Result<std::shared_ptr<const WeightMap>> OpenModel(const std::string& path);

}  // namespace wt::model

// What one window of audio needs while it is decoded: cross-attention keys and values (packed once
// after the encoder) and the self-attention cache of up to `slots` hypotheses.
//
// Cache reorder without copying: position p keeps one key and value per slot; every row has a table
// of the slot that holds each of its positions. When beam search continues row s as row r, row r
// takes over row s's table; new positions are written to slot r. Owned by one decoding run; used by
// one thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/model/dims.h"
#include "engine/tensor/buffer.h"

namespace wt::whisper {

class WindowState {
 public:
  /// `slots`: hypotheses at most, 1 .. 16.
  WindowState(const model::Dims& dims, const kernels::KernelSet& kernels, kernels::PackedType type,
              int slots);

  /// Bytes that a state of this shape takes at most.
  static std::int64_t BytesMax(const model::Dims& dims, const kernels::KernelSet& kernels,
                               kernels::PackedType type, int slots);

  int slots() const { return slots_; }

  // Cross attention: filled by the encoder.
  kernels::PackedMatrix& cross_key(int layer, int head);
  kernels::PackedMatrix& cross_value(int layer, int head);
  const kernels::PackedMatrix& cross_key(int layer, int head) const;
  const kernels::PackedMatrix& cross_value(int layer, int head) const;
  std::byte* cross_key_data(int layer, int head);
  std::byte* cross_value_data(int layer, int head);
  /// Scales of the values, one per position; null where they are not int8.
  float* cross_value_scales(int layer, int head);

  // Self attention.
  /// Back to an empty cache (the next attempt over the same window).
  void ResetText();
  /// Positions that every row holds.
  int length() const { return length_; }
  /// The first `tokens` positions are shared by all rows; they live in slot 0.
  void AppendPrefix(int tokens);
  /// Row i continues row sources[i]; then every row gets one more position.
  void AppendStep(std::span<const int> sources);
  /// Where the key (value) of a head at `position` in `slot` is: 64 floats.
  float* key(int layer, int head, int position, int slot);
  float* value(int layer, int head, int position, int slot);
  /// Offsets of row's positions 0 .. length-1 relative to key(layer, head, 0, 0) of any head.
  const std::ptrdiff_t* offsets(int row) const {
    return offsets_[static_cast<std::size_t>(row)].data();
  }

 private:
  // Positions of a head follow one another, so that attention reads on: a row of all heads between
  // them would put every position on a page of its own, and all of them into an eighth of the first
  // cache.
  std::ptrdiff_t OffsetOf(int position, int slot) const;
  float* Plane(int layer, int kind, int head);

  int slots_, heads_, layers_, text_ctx_;
  int length_ = 0;
  std::vector<kernels::PackedMatrix> cross_;  // [layer][key, value][head]
  tensor::Buffer<std::byte> cross_data_;
  std::size_t scales_per_head_;
  tensor::Buffer<float> cross_value_scales_;  // [layer][head][padded positions]
  tensor::Buffer<float> self_;                // [layer][key, value][head][slot][position][64]
  std::vector<std::vector<std::ptrdiff_t>> offsets_;  // [row][position]
};

}  // namespace wt::whisper

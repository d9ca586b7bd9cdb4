// A network's weights in the layout that the kernels read.
//
// Every matrix is packed once (kernels.h, PackedMatrix); q projections carry the attention scale
// (head size 64)^-0.5 = 1/8, which is exact. Fused: encoder and decoder self attention q, k, v as
// one matrix [3n, n]; cross attention k, v as one [2n, n]. Convolutions are matrices over
// (tap, channel). Blobs live in memory or in a mapped cache. Immutable: thread-safe.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/kernels/kernels.h"
#include "engine/model/dims.h"
#include "engine/model/weight_map.h"
#include "engine/tensor/buffer.h"
#include "whisper_transcriber/options.h"
#include "whisper_transcriber/status.h"

namespace wt::whisper {

struct Linear {
  kernels::PackedMatrix w;
  const float* bias = nullptr;  // w.n values, or null.
};

struct Norm {
  const float* gamma = nullptr;
  const float* beta = nullptr;
};

struct EncoderLayer {
  Norm attention_norm;
  Linear qkv;
  Linear attention_out;
  Norm mlp_norm;
  Linear mlp_up;
  Linear mlp_down;
};

struct DecoderLayer {
  Norm attention_norm;
  Linear qkv;
  Linear attention_out;
  Norm cross_norm;
  Linear cross_q;
  Linear cross_kv;
  Linear cross_out;
  Norm mlp_norm;
  Linear mlp_up;
  Linear mlp_down;
};

class PackedNetwork {
 public:
  /// Packs `weights` for `kernels`; kAuto is decided here. When `cache_dir` is not empty the packed
  /// form is taken from there, or written there for the next time (a cache that cannot be written
  /// is not an error).
  static Result<std::shared_ptr<const PackedNetwork>> Create(const model::WeightMap& weights,
                                                             const kernels::KernelSet& kernels,
                                                             ComputeType compute_type,
                                                             const std::string& cache_dir);

  const model::Dims& dims() const { return dims_; }
  const kernels::KernelSet& kernels() const { return *kernels_; }
  /// Never kAuto.
  ComputeType compute_type() const { return compute_type_; }
  /// Of keys and values of the encoder's self attention.
  kernels::PackedType encoder_attention_type() const { return encoder_attention_type_; }
  /// Of keys and values of cross attention.
  kernels::PackedType cross_type() const { return cross_type_; }

  const Linear& conv1() const { return conv1_; }
  const Linear& conv2() const { return conv2_; }
  const float* encoder_positions() const { return encoder_positions_; }
  const std::vector<EncoderLayer>& encoder() const { return encoder_; }
  const Norm& encoder_norm() const { return encoder_norm_; }
  const float* decoder_positions() const { return decoder_positions_; }
  const std::vector<DecoderLayer>& decoder() const { return decoder_; }
  const Norm& decoder_norm() const { return decoder_norm_; }
  /// Output matrix [n_vocab, n], tied to the token embedding; where it is int8, of what
  /// near_logits() leaves.
  const kernels::PackedMatrix& logits() const { return logits_; }

  /// The output matrix in int4, where logits() is int8; else without data.
  const kernels::PackedMatrix& near_logits() const { return near_logits_; }

  /// The embedding of a token: n floats, unpacked from logits(). REQUIRES: 0 <= token < n_vocab.
  void Embedding(TokenId token, float* out) const;

  std::int64_t bytes() const { return bytes_; }

 private:
  PackedNetwork() = default;
  friend class NetworkBinder;

  model::Dims dims_;
  const kernels::KernelSet* kernels_ = nullptr;
  ComputeType compute_type_ = ComputeType::kFloat32;
  kernels::PackedType encoder_attention_type_ = kernels::PackedType::kF32;
  kernels::PackedType cross_type_ = kernels::PackedType::kF32;
  Linear conv1_, conv2_;
  const float* encoder_positions_ = nullptr;
  std::vector<EncoderLayer> encoder_;
  Norm encoder_norm_;
  const float* decoder_positions_ = nullptr;
  std::vector<DecoderLayer> decoder_;
  Norm decoder_norm_;
  kernels::PackedMatrix logits_;
  kernels::PackedMatrix near_logits_;
  std::int64_t bytes_ = 0;
  std::shared_ptr<const void> storage_;       // Keeps the blobs: a buffer or a mapping.
  std::shared_ptr<const void> step_storage_;  // Those that were copied out of a mapping.
};

}  // namespace wt::whisper

#include "engine/whisper/blob_plan.h"

#include <algorithm>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "engine/kernels/rotation.h"

namespace wt::whisper {
namespace {

// Head size 64 in every Whisper model: 64^-0.5.
constexpr float kQueryScale = 0.125f;

class Planner {
 public:
  Planner(const model::Dims& dims, const kernels::KernelSet& kernels, NumberTypes types)
      : dims_(dims), panel_(kernels.panel), types_(types) {}

  std::vector<BlobSpec> Plan() {
    Encoder();
    Decoder();
    return std::move(specs_);
  }

 private:
  void Matrix(const std::string& name, std::vector<BlobSource> sources, int k,
              kernels::PackedType type) {
    BlobSpec spec;
    spec.name = name;
    spec.kind = BlobKind::kMatrix;
    std::int64_t rows = 0;
    for (const BlobSource& source : sources) rows += source.rows;
    spec.shape = {type, static_cast<int>(rows), k, panel_, nullptr};
    spec.sources = std::move(sources);
    specs_.push_back(std::move(spec));
  }

  void Convolution(const std::string& name, const std::string& tensor, int n, int channels) {
    BlobSpec spec;
    spec.name = name;
    spec.kind = BlobKind::kConvolution;
    spec.shape = {types_.other, n, 3 * channels, panel_, nullptr};
    spec.sources = {{tensor, n}};
    specs_.push_back(std::move(spec));
  }

  void Vector(const std::string& name, std::vector<BlobSource> sources) {
    BlobSpec spec;
    spec.name = name;
    for (const BlobSource& source : sources) spec.floats += source.rows;
    spec.sources = std::move(sources);
    specs_.push_back(std::move(spec));
  }

  void Norm(const std::string& name, const std::string& tensor, int n) {
    Vector(name + ".gamma", {{tensor + ".weight", n}});
    Vector(name + ".beta", {{tensor + ".bias", n}});
  }

  void Plain(const std::string& name, const std::string& tensor, int n, int k,
             kernels::PackedType type) {
    Matrix(name + ".w", {{tensor + ".weight", n}}, k, type);
    Vector(name + ".b", {{tensor + ".bias", n}});
  }

  void SelfAttention(const std::string& name, const std::string& block, int n,
                     kernels::PackedType type) {
    const std::string a = block + ".attn.";
    Norm(name + ".attention_norm", block + ".attn_ln", n);
    Matrix(name + ".qkv.w",
           {{a + "query.weight", n, kQueryScale}, {a + "key.weight", n}, {a + "value.weight", n}},
           n, type);
    Vector(name + ".qkv.b", {{a + "query.bias", n, kQueryScale}, {"", n}, {a + "value.bias", n}});
    Plain(name + ".attention_out", a + "out", n, n, type);
  }

  void CrossAttention(const std::string& name, const std::string& block, int n) {
    const std::string a = block + ".cross_attn.";
    Norm(name + ".cross_norm", block + ".cross_attn_ln", n);
    Matrix(name + ".cross_q.w", {{a + "query.weight", n, kQueryScale}}, n, types_.linear);
    Vector(name + ".cross_q.b", {{a + "query.bias", n, kQueryScale}});
    Matrix(name + ".cross_kv.w", {{a + "key.weight", n}, {a + "value.weight", n}}, n,
           types_.projections);
    Vector(name + ".cross_kv.b", {{"", n}, {a + "value.bias", n}});
    Plain(name + ".cross_out", a + "out", n, n, types_.linear);
  }

  void Mlp(const std::string& name, const std::string& block, int n) {
    Norm(name + ".mlp_norm", block + ".mlp_ln", n);
    Plain(name + ".mlp_up", block + ".mlp.0", 4 * n, n, types_.linear);
    Plain(name + ".mlp_down", block + ".mlp.2", n, 4 * n, types_.linear);
  }

  void Encoder() {
    const int n = dims_.n_audio_state;
    Convolution("conv1.w", "encoder.conv1.weight", n, dims_.n_mels);
    Vector("conv1.b", {{"encoder.conv1.bias", n}});
    Convolution("conv2.w", "encoder.conv2.weight", n, n);
    Vector("conv2.b", {{"encoder.conv2.bias", n}});
    Vector("encoder.positions",
           {{"encoder.positional_embedding", static_cast<std::int64_t>(dims_.n_audio_ctx) * n}});
    for (int i = 0; i < dims_.n_audio_layer; ++i) {
      const std::string name = "encoder." + std::to_string(i);
      const std::string block = "encoder.blocks." + std::to_string(i);
      SelfAttention(name, block, n, types_.projections);
      Mlp(name, block, n);
    }
    Norm("encoder.norm", "encoder.ln_post", n);
  }

  void Decoder() {
    const int n = dims_.n_text_state;
    Vector("decoder.positions",
           {{"decoder.positional_embedding", static_cast<std::int64_t>(dims_.n_text_ctx) * n}});
    for (int i = 0; i < dims_.n_text_layer; ++i) {
      const std::string name = "decoder." + std::to_string(i);
      const std::string block = "decoder.blocks." + std::to_string(i);
      SelfAttention(name, block, n, types_.linear);
      CrossAttention(name, block, n);
      Mlp(name, block, n);
    }
    Norm("decoder.norm", "decoder.ln", n);
    const std::vector<BlobSource> embedding = {{"decoder.token_embedding.weight", dims_.n_vocab}};
    Matrix("logits.w", embedding, n, types_.linear);
    if (types_.linear == kernels::PackedType::kInt8) {
      specs_.back().remainder = true;
      Matrix("near_logits.w", embedding, n, kernels::PackedType::kInt4);
    }
  }

  const model::Dims& dims_;
  int panel_;
  NumberTypes types_;
  std::vector<BlobSpec> specs_;
};

void Scale(std::span<float> values, float factor) {
  if (factor == 1.0f) return;
  for (float& value : values) value *= factor;
}

void FillVector(const BlobSpec& spec, const model::WeightMap& weights, std::byte* out) {
  auto* floats = reinterpret_cast<float*>(out);
  for (const BlobSource& source : spec.sources) {
    const std::span<float> part(floats, static_cast<std::size_t>(source.rows));
    if (source.tensor.empty()) {
      std::fill(part.begin(), part.end(), 0.0f);
    } else {
      weights.ToFloat(source.tensor, part);
      Scale(part, source.scale);
    }
    floats += source.rows;
  }
}

// Rows of all sources one after another, packed in blocks whose first row is a multiple of the
// panel width: kernels.pack needs that.
void FillMatrix(const BlobSpec& spec, const model::WeightMap& weights,
                const kernels::KernelSet& kernels, std::byte* out) {
  const int k = spec.shape.k;
  const int block = spec.shape.panel * std::max(1, 512 / spec.shape.panel);
  std::vector<float> rows(static_cast<std::size_t>(block) * static_cast<std::size_t>(k));
  int first = 0, filled = 0;
  for (const BlobSource& source : spec.sources) {
    for (std::int64_t at = 0; at < source.rows;) {
      const auto count = std::min<std::int64_t>(source.rows - at, block - filled);
      const std::span<float> part(rows.data() + static_cast<std::ptrdiff_t>(filled) * k,
                                  static_cast<std::size_t>(count * k));
      weights.RowsToFloat(source.tensor, at, count, part);
      Scale(part, source.scale);
      for (std::int64_t i = 0; i < count && spec.shape.is_quantized(); ++i) {
        kernels::RotateWeights(part.data() + i * k, k);
        if (spec.remainder) kernels::SubtractInt4(part.data() + i * k, k);
      }
      filled += static_cast<int>(count);
      at += count;
      if (filled == block) {
        kernels.pack(rows.data(), k, first, filled, spec.shape, out);
        first += filled;
        filled = 0;
      }
    }
  }
  if (filled > 0) kernels.pack(rows.data(), k, first, filled, spec.shape, out);
}

// [out][in][tap] becomes [out][tap][in]: then the three taps of a time-major input are contiguous.
void FillConvolution(const BlobSpec& spec, const model::WeightMap& weights,
                     const kernels::KernelSet& kernels, std::byte* out) {
  const int n = spec.shape.n, k = spec.shape.k, channels = k / 3;
  std::vector<float> source(static_cast<std::size_t>(n) * static_cast<std::size_t>(k));
  std::vector<float> reordered(source.size());
  weights.ToFloat(spec.sources[0].tensor, source);
  for (int o = 0; o < n; ++o) {
    const float* from = source.data() + static_cast<std::ptrdiff_t>(o) * k;
    float* to = reordered.data() + static_cast<std::ptrdiff_t>(o) * k;
    for (int c = 0; c < channels; ++c) {
      for (int tap = 0; tap < 3; ++tap) to[tap * channels + c] = from[c * 3 + tap];
    }
  }
  kernels.pack(reordered.data(), k, 0, n, spec.shape, out);
}

}  // namespace

NumberTypes TypesOf(ComputeType type, const kernels::KernelSet& kernels) {
  using kernels::PackedType;
  constexpr PackedType kF32 = PackedType::kF32, kBf16 = PackedType::kBf16;
  constexpr PackedType kInt8 = PackedType::kInt8;
  const PackedType projections = kernels.bf16_is_cheap ? kBf16 : kInt8;
  switch (type) {
    case ComputeType::kBfloat16: return {kBf16, kBf16, kBf16, kBf16};
    case ComputeType::kInt8: return {kInt8, projections, kernels.float_type, kInt8};
    case ComputeType::kInt8Bfloat16: return {kInt8, projections, kBf16, kBf16};
    case ComputeType::kFloat32:
    case ComputeType::kAuto: break;
  }
  return {kF32, kF32, kF32, kF32};
}

std::vector<BlobSpec> PlanBlobs(const model::Dims& dims, const kernels::KernelSet& kernels,
                                NumberTypes types) {
  return Planner(dims, kernels, types).Plan();
}

void FillBlob(const BlobSpec& spec, const model::WeightMap& weights,
              const kernels::KernelSet& kernels, std::byte* out) {
  switch (spec.kind) {
    case BlobKind::kVector: FillVector(spec, weights, out); return;
    case BlobKind::kMatrix: FillMatrix(spec, weights, kernels, out); return;
    case BlobKind::kConvolution: FillConvolution(spec, weights, kernels, out); return;
  }
}

}  // namespace wt::whisper

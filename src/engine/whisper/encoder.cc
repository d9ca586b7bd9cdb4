#include "engine/whisper/encoder.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace wt::whisper {
namespace {

constexpr int kHeadSize = 64;
constexpr int kMelFrames = 3000;  // 30 s of 10 ms
// Attention rows per task: 60 x 1536 scores are 360 KiB, which leaves room in L2 for keys and
// values (375 KiB per head in bf16). Ten tiles of 6 rows, or four of 16.
constexpr int kAttentionRows = 60;
constexpr int kAttentionRowsOfTiles = 64;
// Rows of the MLP at once: 96 x 2048 hidden floats are 768 KiB. Where tiles multiply, weights come
// from memory no faster than they are used, and reading them half as often is worth more.
constexpr int kMlpRows = 96;
constexpr int kMlpRowsOfTiles = 192;

}  // namespace

Encoder::Encoder(const PackedNetwork& network, platform::ThreadPool& pool)
    : net_(network),
      pool_(pool),
      kernels_(network.kernels()),
      frames_(network.dims().n_audio_ctx),
      n_(network.dims().n_audio_state),
      heads_(network.dims().n_audio_head),
      workers_(static_cast<std::size_t>(pool.threads())) {
  const auto n = static_cast<std::size_t>(n_), frames = static_cast<std::size_t>(frames_);
  mel_rows_ =
      tensor::Buffer<float>((kMelFrames + 2) * static_cast<std::size_t>(network.dims().n_mels));
  conv1_rows_ = tensor::Buffer<float>((kMelFrames + 1) * n);
  x_ = tensor::Buffer<float>(frames * n);
  queries_ = tensor::Buffer<float>(frames * n);
  attended_ = tensor::Buffer<float>(frames * n);
  hidden_ = tensor::Buffer<float>(frames * n);
  const kernels::PackedType type = net_.encoder_attention_type();
  const kernels::PackedMatrix key = {type, frames_, kHeadSize, kernels_.panel, nullptr};
  const kernels::PackedMatrix value = {type, kHeadSize, frames_, kernels_.panel, nullptr};
  packed_kv_ =
      tensor::Buffer<std::byte>((key.bytes() + value.bytes()) * static_cast<std::size_t>(heads_));
  std::byte* at = packed_kv_.data();
  for (int head = 0; head < heads_; ++head) {
    keys_.push_back(key);
    keys_.back().data = at;
    at += key.bytes();
    values_.push_back(value);
    values_.back().data = at;
    at += value.bytes();
  }
}

// Rows per task: a multiple of 64, which every panel of keys divides; 192 or less, so that a block
// and its activations stay in L2, and about four tasks per worker, so that one held up by the host
// costs a quarter of its share.
int Encoder::RowBlock(int rows) const {
  for (const int block : {192, 128}) {
    if (rows / block >= pool_.threads() * 4 - 1) return block;
  }
  return 64;
}

template <typename Body>
void Encoder::ForRows(int rows, const base::CancelFlag* cancel, const Body& body) {
  const int block = RowBlock(rows);
  pool_.ParallelFor((rows + block - 1) / block, 1,
                    [&](std::ptrdiff_t first, std::ptrdiff_t last, int worker) {
                      for (auto task = static_cast<int>(first); task < last; ++task) {
                        if (base::Cancelled(cancel)) return;
                        body(task * block, std::min((task + 1) * block, rows),
                             workers_[static_cast<std::size_t>(worker)]);
                      }
                    });
}

// c[rows] = epilogue(a[rows] * linear); `quantized` in place of a where the matrix is.
void Encoder::Multiply(const Linear& linear, const float* a, std::ptrdiff_t lda,
                       const kernels::Int8Rows* quantized, float* c, std::ptrdiff_t ldc,
                       kernels::Epilogue epilogue, int rows, Worker& worker) {
  const kernels::GemmArgs args = {.a = a,
                                  .lda = lda,
                                  .a8 = quantized,
                                  .w = &linear.w,
                                  .bias = linear.bias,
                                  .scale = 1.0f,
                                  .c = c,
                                  .ldc = ldc,
                                  .epilogue = epilogue};
  auto* a16 = worker.a16.Get(static_cast<std::size_t>(rows) *
                             static_cast<std::size_t>(linear.w.padded_k()));
  kernels_.gemm(args, {0, rows}, {0, linear.w.panels()}, a16);
}

void Encoder::Gemm(const Linear& linear, const float* a, std::ptrdiff_t lda, float* c,
                   std::ptrdiff_t ldc, kernels::Epilogue epilogue, int rows, Worker& worker) {
  const auto* quantized = worker.quantized.Prepare(kernels_, linear.w, a, lda, rows);
  Multiply(linear, a, lda, quantized, c, ldc, epilogue, rows, worker);
}

void Encoder::Convolutions(std::span<const float> mel) {
  const std::ptrdiff_t mels = net_.dims().n_mels, n = n_;
  for (std::ptrdiff_t m = 0; m < mels; ++m) {
    const float* row = mel.data() + m * kMelFrames;
    float* column = mel_rows_.data() + mels + m;
    for (int t = 0; t < kMelFrames; ++t) column[t * mels] = row[t];
  }
  const auto epilogue = probe_ != nullptr ? kernels::Epilogue::kStore : kernels::Epilogue::kGelu;
  float* conv1 = conv1_rows_.data() + n;
  ForRows(kMelFrames, nullptr, [&](int begin, int end, Worker& worker) {
    Gemm(net_.conv1(), mel_rows_.data() + begin * mels, mels, conv1 + begin * n, n, epilogue,
         end - begin, worker);
  });
  if (probe_ != nullptr) {
    probe_(probe_context_, "conv1", 0, conv1, kMelFrames, n_);
    kernels_.gelu(conv1, static_cast<std::size_t>(kMelFrames) * static_cast<std::size_t>(n_));
  }
  ForRows(frames_, nullptr, [&](int begin, int end, Worker& worker) {
    Gemm(net_.conv2(), conv1_rows_.data() + begin * 2 * n, 2 * n, x_.data() + begin * n, n,
         epilogue, end - begin, worker);
  });
  if (probe_ != nullptr) {
    probe_(probe_context_, "conv2", 0, x_.data(), frames_, n_);
    kernels_.gelu(x_.data(), static_cast<std::size_t>(frames_) * static_cast<std::size_t>(n_));
  }
}

// Queries of rows [begin, end), and their keys and values packed.
void Encoder::ProjectQkv(const EncoderLayer& layer, int begin, int end, Worker& worker) {
  const std::ptrdiff_t n = n_;
  const int rows = end - begin;
  float* normed = worker.normed.Get(static_cast<std::size_t>(rows * n));
  kernels_.layer_norm(x_.data() + begin * n, n, layer.attention_norm.gamma,
                      layer.attention_norm.beta, rows, n_, normed, n);
  // The same memory for every block: keys and values never leave the cache unpacked.
  float* qkv = worker.hidden.Get(static_cast<std::size_t>(rows * 3 * n));
  Gemm(layer.qkv, normed, n, qkv, 3 * n, kernels::Epilogue::kStore, rows, worker);
  for (int row = 0; row < rows; ++row) {
    std::memcpy(queries_.data() + (begin + row) * n, qkv + row * 3 * n,
                static_cast<std::size_t>(n) * sizeof(float));
  }
  for (int head = 0; head < heads_; ++head) {
    const auto& keys = keys_[static_cast<std::size_t>(head)];
    const auto& values = values_[static_cast<std::size_t>(head)];
    kernels_.pack(qkv + n + head * kHeadSize, 3 * n, begin, rows, keys,
                  const_cast<std::byte*>(keys.data));
    kernels_.pack_transposed(qkv + 2 * n + head * kHeadSize, 3 * n, begin, rows, values,
                             const_cast<std::byte*>(values.data));
  }
}

void Encoder::Attend(int head, int begin, int end, Worker& worker) {
  const auto& values = values_[static_cast<std::size_t>(head)];
  kernels::AttentionArgs args;
  args.q = queries_.data() + static_cast<std::ptrdiff_t>(begin) * n_ + head * kHeadSize;
  args.ldq = n_;
  args.rows = end - begin;
  args.keys = &keys_[static_cast<std::size_t>(head)];
  args.values = &values;
  args.out = attended_.data() + static_cast<std::ptrdiff_t>(begin) * n_ + head * kHeadSize;
  args.ldo = n_;
  kernels_.attention(args, worker.scores.Get(kernels::AttentionFloats(args.rows, frames_)),
                     worker.a16.Get(static_cast<std::size_t>(args.rows) *
                                    static_cast<std::size_t>(values.padded_k())));
}

// What follows attention in rows [begin, end).
void Encoder::FinishLayer(const EncoderLayer& layer, int begin, int end, Worker& worker) {
  const std::ptrdiff_t n = n_;
  Gemm(layer.attention_out, attended_.data() + begin * n, n, x_.data() + begin * n, n,
       kernels::Epilogue::kAdd, end - begin, worker);
  const int block = kernels_.tile_rows >= 32 ? kMlpRowsOfTiles : kMlpRows;
  for (int at = begin; at < end; at += block) {
    const int rows = std::min(block, end - at);
    float* x = x_.data() + at * n;
    float* normed = worker.normed.Get(static_cast<std::size_t>(rows * n));
    kernels_.layer_norm(x, n, layer.mlp_norm.gamma, layer.mlp_norm.beta, rows, n_, normed, n);
    float* hidden = worker.hidden.Get(static_cast<std::size_t>(rows * 4 * n));
    Gemm(layer.mlp_up, normed, n, hidden, 4 * n, kernels::Epilogue::kGelu, rows, worker);
    Gemm(layer.mlp_down, hidden, 4 * n, x, n, kernels::Epilogue::kAdd, rows, worker);
  }
}

void Encoder::FinalNorm(int begin, int end) {
  const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(begin) * n_;
  kernels_.layer_norm(x_.data() + at, n_, net_.encoder_norm().gamma, net_.encoder_norm().beta,
                      end - begin, n_, hidden_.data() + at, n_);
}

// Biases of the cross-attention projections that take the mean key of the window off every key.
// What all keys have in common changes no softmax, but it would use up the range of a byte: much of
// it lies in a few channels.
void Encoder::CentreKeys() {
  const auto n = static_cast<std::size_t>(n_);
  std::vector<float> mean(n);
  for (int row = 0; row < frames_; ++row) {
    kernels_.add(mean.data(), hidden_.data() + static_cast<std::size_t>(row) * n, n);
  }
  for (float& value : mean) value /= static_cast<float>(frames_);
  const auto& layers = net_.decoder();
  centred_bias_.resize(layers.size() * 2 * n);
  for (std::size_t i = 0; i < layers.size(); ++i) {
    const Linear& linear = layers[i].cross_kv;
    float* bias = centred_bias_.data() + i * 2 * n;
    Gemm({linear.w, nullptr}, mean.data(), n_, bias, 2 * n_, kernels::Epilogue::kStore, 1,
         workers_.front());
    // The projection of keys has no bias of its own.
    for (std::size_t j = 0; j < n; ++j) bias[j] = -bias[j];
    std::copy(linear.bias + n, linear.bias + 2 * n, bias + n);
  }
}

// Keys and values of every decoder layer's cross attention, of rows [begin, end).
void Encoder::CrossKeysAndValues(WindowState* state, int begin, int end, Worker& worker) {
  const std::ptrdiff_t n = n_;
  const int rows = end - begin;
  // The same rows for every layer.
  const float* hidden = hidden_.data() + begin * n;
  const auto* quantized =
      worker.quantized.Prepare(kernels_, net_.decoder().front().cross_kv.w, hidden, n, rows);
  for (int i = 0; i < net_.dims().n_text_layer; ++i) {
    Linear linear = net_.decoder()[static_cast<std::size_t>(i)].cross_kv;
    if (state->cross_value_scales(i, 0) != nullptr) linear.bias = centred_bias_.data() + i * 2 * n;
    float* kv = worker.hidden.Get(static_cast<std::size_t>(rows * 2 * n));
    Multiply(linear, hidden, n, quantized, kv, 2 * n, kernels::Epilogue::kStore, rows, worker);
    for (int head = 0; head < net_.dims().n_text_head; ++head) {
      kernels_.pack(kv + head * kHeadSize, 2 * n, begin, rows, state->cross_key(i, head),
                    state->cross_key_data(i, head));
      const float* values = kv + n + head * kHeadSize;
      float* scales = state->cross_value_scales(i, head);
      if (scales != nullptr) {
        kernels_.pack_values(values, 2 * n, begin, rows, state->cross_value(i, head),
                             state->cross_value_data(i, head), scales);
      } else {
        kernels_.pack_transposed(values, 2 * n, begin, rows, state->cross_value(i, head),
                                 state->cross_value_data(i, head));
      }
    }
  }
}

Status Encoder::Encode(std::span<const float> mel, const base::CancelFlag* cancel,
                       WindowState* state) {
  WT_CHECK(mel.size() == static_cast<std::size_t>(net_.dims().n_mels) * kMelFrames);
  Convolutions(mel);
  const auto& layers = net_.encoder();
  ForRows(frames_, cancel, [&](int begin, int end, Worker& worker) {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(begin) * n_;
    kernels_.add(x_.data() + at, net_.encoder_positions() + at,
                 static_cast<std::size_t>(end - begin) * static_cast<std::size_t>(n_));
    ProjectQkv(layers.front(), begin, end, worker);
  });
  const int attention_rows = kernels_.tile_rows >= 32 ? kAttentionRowsOfTiles : kAttentionRows;
  const int blocks = (frames_ + attention_rows - 1) / attention_rows;
  for (std::size_t i = 0; i < layers.size() && !base::Cancelled(cancel); ++i) {
    pool_.ParallelFor(heads_ * blocks, 1, [&](std::ptrdiff_t first, std::ptrdiff_t last, int w) {
      for (auto task = static_cast<int>(first); task < last; ++task) {
        if (base::Cancelled(cancel)) return;
        const int begin = task % blocks * attention_rows;
        Attend(task / blocks, begin, std::min(begin + attention_rows, frames_),
               workers_[static_cast<std::size_t>(w)]);
      }
    });
    ForRows(frames_, cancel, [&](int begin, int end, Worker& worker) {
      FinishLayer(layers[i], begin, end, worker);
      if (i + 1 < layers.size()) {
        ProjectQkv(layers[i + 1], begin, end, worker);
      } else {
        FinalNorm(begin, end);
      }
    });
    if (probe_ != nullptr) {
      probe_(probe_context_, "block", static_cast<int>(i), x_.data(), frames_, n_);
    }
  }
  if (base::Cancelled(cancel)) return Status(StatusCode::kCancelled, "cancelled");
  if (state->cross_value_scales(0, 0) != nullptr) CentreKeys();
  ForRows(frames_, cancel, [&](int begin, int end, Worker& worker) {
    CrossKeysAndValues(state, begin, end, worker);
  });
  if (base::Cancelled(cancel)) return Status(StatusCode::kCancelled, "cancelled");
  return Status();
}

}  // namespace wt::whisper

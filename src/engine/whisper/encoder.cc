#include "engine/whisper/encoder.h"

#include <algorithm>

#include "base/check.h"

namespace wt::whisper {
namespace {

constexpr int kHeadSize = 64;
constexpr int kMelFrames = 3000;  // 30 s of 10 ms
// Attention rows per task: 48 x 1500 scores are 281 KiB, which leaves room in L2 for keys.
constexpr int kAttentionRows = 48;

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
  qkv_ = tensor::Buffer<float>(frames * n * 3);
  attended_ = tensor::Buffer<float>(frames * n);
  hidden_ = tensor::Buffer<float>(frames * n);
  const kernels::PackedType type = net_.logits().type;
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

template <typename Body>
void Encoder::ForRows(int rows, const base::CancelFlag* cancel, const Body& body) {
  const int block = RowsPerTask(rows, pool_.threads(), kernels_.tile_rows);
  pool_.ParallelFor((rows + block - 1) / block, 1,
                    [&](std::ptrdiff_t first, std::ptrdiff_t last, int worker) {
                      for (auto task = static_cast<int>(first); task < last; ++task) {
                        if (base::Cancelled(cancel)) return;
                        body(task * block, std::min((task + 1) * block, rows),
                             workers_[static_cast<std::size_t>(worker)]);
                      }
                    });
}

void Encoder::Gemm(const Linear& linear, const float* a, std::ptrdiff_t lda, float* c,
                   std::ptrdiff_t ldc, kernels::Epilogue epilogue, int begin, int end,
                   Worker& worker) {
  const kernels::GemmArgs args = {.a = a,
                                  .lda = lda,
                                  .w = &linear.w,
                                  .bias = linear.bias,
                                  .scale = 1.0f,
                                  .c = c,
                                  .ldc = ldc,
                                  .epilogue = epilogue};
  auto* a16 = worker.a16.Get(static_cast<std::size_t>(end - begin) *
                             static_cast<std::size_t>(linear.w.padded_k()));
  kernels_.gemm(args, {begin, end}, {0, linear.w.panels()}, a16);
}

void Encoder::Convolutions(std::span<const float> mel) {
  const int mels = net_.dims().n_mels;
  for (int m = 0; m < mels; ++m) {
    const float* row = mel.data() + static_cast<std::ptrdiff_t>(m) * kMelFrames;
    float* column = mel_rows_.data() + mels + m;
    for (int t = 0; t < kMelFrames; ++t) column[static_cast<std::ptrdiff_t>(t) * mels] = row[t];
  }
  const auto epilogue = probe_ != nullptr ? kernels::Epilogue::kStore : kernels::Epilogue::kGelu;
  float* conv1 = conv1_rows_.data() + n_;
  ForRows(kMelFrames, nullptr, [&](int begin, int end, Worker& worker) {
    Gemm(net_.conv1(), mel_rows_.data(), mels, conv1, n_, epilogue, begin, end, worker);
  });
  if (probe_ != nullptr) {
    probe_(probe_context_, "conv1", 0, conv1, kMelFrames, n_);
    kernels_.gelu(conv1, static_cast<std::size_t>(kMelFrames) * static_cast<std::size_t>(n_));
  }
  ForRows(frames_, nullptr, [&](int begin, int end, Worker& worker) {
    Gemm(net_.conv2(), conv1_rows_.data(), 2 * n_, x_.data(), n_, epilogue, begin, end, worker);
  });
  const auto count = static_cast<std::size_t>(frames_) * static_cast<std::size_t>(n_);
  if (probe_ != nullptr) {
    probe_(probe_context_, "conv2", 0, x_.data(), frames_, n_);
    kernels_.gelu(x_.data(), count);
  }
  kernels_.add(x_.data(), net_.encoder_positions(), count);
}

void Encoder::ProjectQkv(const EncoderLayer& layer, int begin, int end, Worker& worker) {
  const std::ptrdiff_t n = n_;
  float* normed = worker.normed.Get(static_cast<std::size_t>((end - begin) * n));
  kernels_.layer_norm(x_.data() + begin * n, n, layer.attention_norm.gamma,
                      layer.attention_norm.beta, end - begin, n_, normed, n);
  Gemm(layer.qkv, normed, n, qkv_.data() + begin * 3 * n, 3 * n, kernels::Epilogue::kStore, 0,
       end - begin, worker);
}

void Encoder::PackKeysAndValues() {
  pool_.ParallelFor(2 * heads_, 1, [&](std::ptrdiff_t first, std::ptrdiff_t last, int) {
    for (auto task = static_cast<int>(first); task < last; ++task) {
      const int head = task / 2;
      const float* source = qkv_.data() + n_ * (1 + task % 2) + head * kHeadSize;
      const auto& shape = (task % 2 == 0 ? keys_ : values_)[static_cast<std::size_t>(head)];
      auto* data = const_cast<std::byte*>(shape.data);
      if (task % 2 == 0) {
        kernels_.pack(source, 3 * n_, 0, frames_, shape, data);
      } else {
        kernels_.pack_transposed(source, 3 * n_, shape, data);
      }
    }
  });
}

void Encoder::Attend(int head, int begin, int end, Worker& worker) {
  const auto& keys = keys_[static_cast<std::size_t>(head)];
  const auto& values = values_[static_cast<std::size_t>(head)];
  const int rows = end - begin;
  float* scores =
      worker.scores.Get(static_cast<std::size_t>(rows) * static_cast<std::size_t>(frames_));
  auto* a16 =
      worker.a16.Get(static_cast<std::size_t>(rows) * static_cast<std::size_t>(values.padded_k()));
  kernels::GemmArgs args;
  args.a = qkv_.data() + static_cast<std::ptrdiff_t>(begin) * 3 * n_ + head * kHeadSize;
  args.lda = 3 * n_;
  args.w = &keys;
  args.c = scores;
  args.ldc = frames_;
  kernels_.gemm(args, {0, rows}, {0, keys.panels()}, a16);
  kernels_.softmax(scores, frames_, rows, frames_);
  args.a = scores;
  args.lda = frames_;
  args.w = &values;
  args.c = attended_.data() + static_cast<std::ptrdiff_t>(begin) * n_ + head * kHeadSize;
  args.ldc = n_;
  kernels_.gemm(args, {0, rows}, {0, values.panels()}, a16);
}

void Encoder::FinishLayer(const EncoderLayer& layer, int begin, int end, Worker& worker) {
  const std::ptrdiff_t n = n_;
  Gemm(layer.attention_out, attended_.data(), n, x_.data(), n, kernels::Epilogue::kAdd, begin, end,
       worker);
  const int rows = end - begin;
  float* normed = worker.normed.Get(static_cast<std::size_t>(rows * n));
  kernels_.layer_norm(x_.data() + begin * n, n, layer.mlp_norm.gamma, layer.mlp_norm.beta, rows, n_,
                      normed, n);
  float* hidden = worker.hidden.Get(static_cast<std::size_t>(rows * 4 * n));
  Gemm(layer.mlp_up, normed, n, hidden, 4 * n, kernels::Epilogue::kGelu, 0, rows, worker);
  Gemm(layer.mlp_down, hidden, 4 * n, x_.data() + begin * n, n, kernels::Epilogue::kAdd, 0, rows,
       worker);
}

void Encoder::CrossKeysAndValues(WindowState* state, const base::CancelFlag* cancel) {
  for (int i = 0; i < net_.dims().n_text_layer && !base::Cancelled(cancel); ++i) {
    const Linear& kv = net_.decoder()[static_cast<std::size_t>(i)].cross_kv;
    ForRows(frames_, cancel, [&](int begin, int end, Worker& worker) {
      Gemm(kv, hidden_.data(), n_, qkv_.data(), 2 * n_, kernels::Epilogue::kStore, begin, end,
           worker);
    });
    pool_.ParallelFor(2 * heads_, 1, [&](std::ptrdiff_t first, std::ptrdiff_t last, int) {
      for (auto task = static_cast<int>(first); task < last; ++task) {
        const int head = task / 2;
        if (task % 2 == 0) {
          kernels_.pack(qkv_.data() + head * kHeadSize, 2 * n_, 0, frames_,
                        state->cross_key(i, head), state->cross_key_data(i, head));
        } else {
          kernels_.pack_transposed(qkv_.data() + n_ + head * kHeadSize, 2 * n_,
                                   state->cross_value(i, head), state->cross_value_data(i, head));
        }
      }
    });
  }
}

Status Encoder::Encode(std::span<const float> mel, const base::CancelFlag* cancel,
                       WindowState* state) {
  WT_CHECK(mel.size() == static_cast<std::size_t>(net_.dims().n_mels) * kMelFrames);
  Convolutions(mel);
  const int blocks = (frames_ + kAttentionRows - 1) / kAttentionRows;
  const auto layers = static_cast<int>(net_.encoder().size());
  for (int i = 0; i < layers && !base::Cancelled(cancel); ++i) {
    const EncoderLayer& layer = net_.encoder()[static_cast<std::size_t>(i)];
    ForRows(frames_, cancel,
            [&](int begin, int end, Worker& w) { ProjectQkv(layer, begin, end, w); });
    PackKeysAndValues();
    pool_.ParallelFor(heads_ * blocks, 1, [&](std::ptrdiff_t first, std::ptrdiff_t last, int w) {
      for (auto task = static_cast<int>(first); task < last; ++task) {
        if (base::Cancelled(cancel)) return;
        const int begin = task % blocks * kAttentionRows;
        Attend(task / blocks, begin, std::min(begin + kAttentionRows, frames_),
               workers_[static_cast<std::size_t>(w)]);
      }
    });
    ForRows(frames_, cancel,
            [&](int begin, int end, Worker& w) { FinishLayer(layer, begin, end, w); });
    if (probe_ != nullptr) probe_(probe_context_, "block", i, x_.data(), frames_, n_);
  }
  ForRows(frames_, cancel, [&](int begin, int end, Worker&) {
    const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(begin) * n_;
    kernels_.layer_norm(x_.data() + at, n_, net_.encoder_norm().gamma, net_.encoder_norm().beta,
                        end - begin, n_, hidden_.data() + at, n_);
  });
  CrossKeysAndValues(state, cancel);
  if (base::Cancelled(cancel)) return Status(StatusCode::kCancelled, "cancelled");
  return Status();
}

}  // namespace wt::whisper

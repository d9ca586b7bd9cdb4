#include "engine/whisper/decoder.h"

#include <algorithm>
#include <cstring>

#include "base/check.h"

namespace wt::whisper {
namespace {

constexpr int kHeadSize = 64;
// Text ends here in the English vocabulary (one token later in the others); then come the end
// token, languages, tasks and timestamps.
constexpr TokenId kTextTokens = 50256;

// First and one-past-last row of each window in a batch.
std::vector<std::pair<int, int>> WindowRuns(std::span<const DecoderRow> rows) {
  std::vector<std::pair<int, int>> runs;
  for (int i = 0; i < static_cast<int>(rows.size()); ++i) {
    const WindowState* window = rows[static_cast<std::size_t>(i)].window;
    if (runs.empty() || rows[static_cast<std::size_t>(runs.back().first)].window != window) {
      runs.emplace_back(i, i);
    }
    runs.back().second = i + 1;
  }
  return runs;
}

}  // namespace

Decoder::Decoder(const PackedNetwork& network, platform::ThreadPool& pool)
    : net_(network),
      pool_(pool),
      kernels_(network.kernels()),
      n_(network.dims().n_text_state),
      heads_(network.dims().n_text_head),
      workers_(static_cast<std::size_t>(pool.threads())) {
  if (network.near_logits().data != nullptr) {
    screen_.emplace(kernels_, network.logits(), network.near_logits(), kTextTokens, pool);
  }
}

void Decoder::Grow(int rows) {
  rows_ = rows;
  if (rows <= rows_capacity_) return;
  rows_capacity_ = rows;
  const auto floats = static_cast<std::size_t>(rows) * static_cast<std::size_t>(n_);
  x_ = tensor::Buffer<float>::Uninitialized(floats);
  normed_ = tensor::Buffer<float>::Uninitialized(floats);
  qkv_ = tensor::Buffer<float>::Uninitialized(floats * 3);
  attended_ = tensor::Buffer<float>::Uninitialized(floats);
  hidden_ = tensor::Buffer<float>::Uninitialized(floats * 4);
  picked_ = tensor::Buffer<float>::Uninitialized(floats);
}

void Decoder::Gemm(const kernels::PackedMatrix& w, const float* bias, const float* a, float* c,
                   std::ptrdiff_t ldc, kernels::Epilogue epilogue, int rows) {
  const kernels::GemmArgs args = {.a = a,
                                  .lda = w.k,
                                  .a8 = quantized_.Prepare(kernels_, w, a, w.k, rows, true),
                                  .w = &w,
                                  .bias = bias,
                                  .scale = 1.0f,
                                  .c = c,
                                  .ldc = ldc,
                                  .epilogue = epilogue};
  // Four tasks per worker: the share of one that is held up is picked up by the others.
  const int panels = w.panels();
  const int chunk = std::max(1, panels / (pool_.threads() * 4));
  pool_.ParallelFor(panels, chunk, [&](std::ptrdiff_t begin, std::ptrdiff_t end, int worker) {
    auto* a16 = workers_[static_cast<std::size_t>(worker)].a16.Get(
        static_cast<std::size_t>(rows) * static_cast<std::size_t>(w.padded_k()));
    kernels_.gemm(args, {0, rows}, {static_cast<int>(begin), static_cast<int>(end)}, a16);
  });
}

void Decoder::Embed(std::span<const DecoderRow> rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    float* x = x_.data() + static_cast<std::ptrdiff_t>(i) * n_;
    net_.Embedding(rows[i].token, x);
    kernels_.add(x, net_.decoder_positions() + static_cast<std::ptrdiff_t>(rows[i].position) * n_,
                 static_cast<std::size_t>(n_));
  }
}

void Decoder::Normalize(const Norm& norm) {
  kernels_.layer_norm(x_.data(), n_, norm.gamma, norm.beta, rows_, n_, normed_.data(), n_);
}

void Decoder::SelfAttention(const DecoderLayer& layer, int index,
                            std::span<const DecoderRow> rows) {
  Normalize(layer.attention_norm);
  Gemm(layer.qkv.w, layer.qkv.bias, normed_.data(), qkv_.data(), 3 * n_, kernels::Epilogue::kStore,
       rows_);
  const std::size_t bytes = static_cast<std::size_t>(n_) * sizeof(float);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const float* qkv = qkv_.data() + static_cast<std::ptrdiff_t>(i) * 3 * n_;
    std::memcpy(rows[i].window->key(index, rows[i].position, rows[i].slot), qkv + n_, bytes);
    std::memcpy(rows[i].window->value(index, rows[i].position, rows[i].slot), qkv + 2 * n_, bytes);
  }
  // A head of all of a window's rows together: hypotheses share most of their keys and values,
  // which then come from the first cache for all rows but one (100 positions: 51 KB).
  const auto runs = WindowRuns(rows);
  const auto tasks = static_cast<std::ptrdiff_t>(runs.size()) * heads_;
  pool_.ParallelFor(tasks, 1, [&](std::ptrdiff_t first, std::ptrdiff_t last, int worker) {
    for (auto task = first; task < last; ++task) {
      const auto [begin, end] = runs[static_cast<std::size_t>(task / heads_)];
      const std::ptrdiff_t at = task % heads_ * kHeadSize;
      for (std::ptrdiff_t row = begin; row < end; ++row) {
        const DecoderRow& r = rows[static_cast<std::size_t>(row)];
        float* scores = workers_[static_cast<std::size_t>(worker)].scores.Get(
            static_cast<std::size_t>(r.position + 1));
        kernels_.cached_attention(qkv_.data() + row * 3 * n_ + at, r.window->key(index, 0, 0) + at,
                                  r.window->value(index, 0, 0) + at, r.window->offsets(r.table_row),
                                  r.position + 1, 1, scores, attended_.data() + row * n_ + at);
      }
    }
  });
  Gemm(layer.attention_out.w, layer.attention_out.bias, attended_.data(), x_.data(), n_,
       kernels::Epilogue::kAdd, rows_);
}

// Where the probabilities of rows from `begin` go, or null. A head is captured once at most.
float* Decoder::CapturedAt(AttentionCapture* capture, int layer, int head, int begin) const {
  if (capture == nullptr) return nullptr;
  for (std::size_t i = 0; i < capture->heads.size(); ++i) {
    if (capture->heads[i] != model::AlignmentHead(layer, head)) continue;
    return capture->weights.data() +
           (static_cast<std::ptrdiff_t>(i) * rows_ + begin) * net_.dims().n_audio_ctx;
  }
  return nullptr;
}

void Decoder::CrossAttention(const DecoderLayer& layer, int index, std::span<const DecoderRow> rows,
                             AttentionCapture* capture) {
  Normalize(layer.cross_norm);
  Gemm(layer.cross_q.w, layer.cross_q.bias, normed_.data(), qkv_.data(), n_,
       kernels::Epilogue::kStore, rows_);
  const auto runs = WindowRuns(rows);
  const int frames = net_.dims().n_audio_ctx;
  const auto tasks = static_cast<std::ptrdiff_t>(runs.size()) * heads_;
  pool_.ParallelFor(tasks, 1, [&](std::ptrdiff_t first, std::ptrdiff_t last, int worker) {
    for (auto task = first; task < last; ++task) {
      const auto [begin, end] = runs[static_cast<std::size_t>(task / heads_)];
      const auto head = static_cast<int>(task % heads_);
      WindowState* window = rows[static_cast<std::size_t>(begin)].window;
      const auto& keys = window->cross_key(index, head);
      const auto& values = window->cross_value(index, head);
      const int count = end - begin;
      Worker& w = workers_[static_cast<std::size_t>(worker)];
      kernels::AttentionArgs args;
      args.q = qkv_.data() + static_cast<std::ptrdiff_t>(begin) * n_ + head * kHeadSize;
      args.ldq = n_;
      args.rows = count;
      args.keys = &keys;
      args.values = &values;
      args.value_scales = window->cross_value_scales(index, head);
      args.out = attended_.data() + static_cast<std::ptrdiff_t>(begin) * n_ + head * kHeadSize;
      args.ldo = n_;
      args.probabilities = CapturedAt(capture, index, head, begin);
      kernels_.attention(
          args, w.scores.Get(kernels::AttentionFloats(count, frames)),
          w.a16.Get(static_cast<std::size_t>(count) * static_cast<std::size_t>(values.padded_k())));
    }
  });
  Gemm(layer.cross_out.w, layer.cross_out.bias, attended_.data(), x_.data(), n_,
       kernels::Epilogue::kAdd, rows_);
}

void Decoder::Mlp(const DecoderLayer& layer) {
  Normalize(layer.mlp_norm);
  Gemm(layer.mlp_up.w, layer.mlp_up.bias, normed_.data(), hidden_.data(), 4 * n_,
       kernels::Epilogue::kGelu, rows_);
  Gemm(layer.mlp_down.w, layer.mlp_down.bias, hidden_.data(), x_.data(), n_,
       kernels::Epilogue::kAdd, rows_);
}

void Decoder::Evaluate(std::span<const DecoderRow> rows, AttentionCapture* capture,
                       const base::CancelFlag* cancel) {
  WT_CHECK(!rows.empty());
  Grow(static_cast<int>(rows.size()));
  if (capture != nullptr) {
    capture->weights.assign(
        capture->heads.size() * rows.size() * static_cast<std::size_t>(net_.dims().n_audio_ctx),
        0.0f);
  }
  Embed(rows);
  for (int i = 0; i < net_.dims().n_text_layer && !base::Cancelled(cancel); ++i) {
    const DecoderLayer& layer = net_.decoder()[static_cast<std::size_t>(i)];
    SelfAttention(layer, i, rows);
    CrossAttention(layer, i, rows, capture);
    Mlp(layer);
  }
  Normalize(net_.decoder_norm());
}

void Decoder::Pick(std::span<const int> which) {
  WT_CHECK(which.size() <= static_cast<std::size_t>(rows_));
  for (std::size_t i = 0; i < which.size(); ++i) {
    std::memcpy(picked_.data() + static_cast<std::ptrdiff_t>(i) * n_,
                normed_.data() + static_cast<std::ptrdiff_t>(which[i]) * n_,
                static_cast<std::size_t>(n_) * sizeof(float));
  }
}

void Decoder::Logits(std::span<const int> which, float* out) {
  Pick(which);
  Gemm(net_.logits(), nullptr, picked_.data(), out, net_.dims().n_vocab, kernels::Epilogue::kStore,
       static_cast<int>(which.size()));
}

void Decoder::StepLogits(std::span<const int> which, float* out) {
  if (!screen_) {
    Logits(which, out);
    return;
  }
  Pick(which);
  const auto count = static_cast<int>(which.size());
  const kernels::PackedMatrix& w = net_.logits();
  screen_->Compute(*near_rows_.Prepare(kernels_, w, picked_.data(), n_, count),
                   *quantized_.Prepare(kernels_, w, picked_.data(), n_, count, true), count, out);
}

}  // namespace wt::whisper

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

// The rows of each window in a batch.
std::vector<kernels::Range> WindowRuns(std::span<const DecoderRow> rows) {
  std::vector<kernels::Range> runs;
  for (int i = 0; i < static_cast<int>(rows.size()); ++i) {
    const WindowState* window = rows[static_cast<std::size_t>(i)].window;
    if (runs.empty() || rows[static_cast<std::size_t>(runs.back().begin)].window != window) {
      runs.push_back({i, i});
    }
    runs.back().end = i + 1;
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
  WT_CHECK(kHeadSize % kernels_.panel == 0);
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

kernels::GemmArgs Decoder::Product(const kernels::PackedMatrix& w, const float* bias,
                                   const float* a, float* c, std::ptrdiff_t ldc,
                                   kernels::Epilogue epilogue, int rows) {
  return {.a = a,
          .lda = w.k,
          .a8 = quantized_.Prepare(kernels_, w, a, w.k, rows),
          .w = &w,
          .bias = bias,
          .scale = 1.0f,
          .c = c,
          .ldc = ldc,
          .epilogue = epilogue};
}

void Decoder::Multiply(const kernels::GemmArgs& product, kernels::Range panels, int rows,
                       int worker) {
  auto* a16 = workers_[static_cast<std::size_t>(worker)].a16.Get(
      static_cast<std::size_t>(rows) * static_cast<std::size_t>(product.w->padded_k()));
  kernels_.gemm(product, {0, rows}, panels, a16);
}

void Decoder::Gemm(const kernels::PackedMatrix& w, const float* bias, const float* a, float* c,
                   std::ptrdiff_t ldc, kernels::Epilogue epilogue, int rows) {
  MultiplyAll(Product(w, bias, a, c, ldc, epilogue, rows), rows);
}

void Decoder::MultiplyAll(const kernels::GemmArgs& product, int rows) {
  // Four tasks per worker: the share of one that is held up is picked up by the others.
  const int panels = product.w->panels();
  const int chunk = std::max(1, panels / (pool_.threads() * 4));
  pool_.ParallelFor(panels, chunk, [&](std::ptrdiff_t begin, std::ptrdiff_t end, int worker) {
    Multiply(product, {static_cast<int>(begin), static_cast<int>(end)}, rows, worker);
  });
}

// Columns of the head with this number, as panels.
kernels::Range Decoder::HeadPanels(int head) const {
  const int per_head = kHeadSize / kernels_.panel;
  return {head * per_head, (head + 1) * per_head};
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

// A head of all of a window's rows together: hypotheses share most of their keys and values, which
// then come from the first cache for all rows but one (100 positions: 51 KB).
void Decoder::AttendToText(int layer, int head, std::span<const DecoderRow> rows,
                           kernels::Range run, Worker& worker) {
  const std::ptrdiff_t at = head * kHeadSize;
  constexpr std::size_t kBytes = kHeadSize * sizeof(float);
  for (std::ptrdiff_t row = run.begin; row < run.end; ++row) {
    const DecoderRow& r = rows[static_cast<std::size_t>(row)];
    const float* qkv = qkv_.data() + row * 3 * n_ + at;
    std::memcpy(r.window->key(layer, head, r.position, r.slot), qkv + n_, kBytes);
    std::memcpy(r.window->value(layer, head, r.position, r.slot), qkv + 2 * n_, kBytes);
  }
  for (std::ptrdiff_t row = run.begin; row < run.end; ++row) {
    const DecoderRow& r = rows[static_cast<std::size_t>(row)];
    float* scores = worker.scores.Get(static_cast<std::size_t>(r.position + 1));
    kernels_.cached_attention(qkv_.data() + row * 3 * n_ + at, r.window->key(layer, head, 0, 0),
                              r.window->value(layer, head, 0, 0), r.window->offsets(r.table_row),
                              r.position + 1, 1, scores, attended_.data() + row * n_ + at);
  }
}

void Decoder::SelfAttention(const DecoderLayer& layer, int index,
                            std::span<const DecoderRow> rows) {
  Normalize(layer.attention_norm);
  const kernels::GemmArgs qkv = Product(layer.qkv.w, layer.qkv.bias, normed_.data(), qkv_.data(),
                                        3 * n_, kernels::Epilogue::kStore, rows_);
  const auto runs = WindowRuns(rows);
  // The rows of one window wait once for each other, not twice. With more windows a head's weights
  // would be read for each.
  const bool one_window = runs.size() == 1;
  if (!one_window) MultiplyAll(qkv, rows_);
  const auto tasks = static_cast<std::ptrdiff_t>(runs.size()) * heads_;
  pool_.ParallelFor(tasks, 1, [&](std::ptrdiff_t first, std::ptrdiff_t last, int worker) {
    for (auto task = first; task < last; ++task) {
      const auto head = static_cast<int>(task % heads_);
      for (int part = 0; one_window && part < 3; ++part) {
        Multiply(qkv, HeadPanels(part * heads_ + head), rows_, worker);
      }
      AttendToText(index, head, rows, runs[static_cast<std::size_t>(task / heads_)],
                   workers_[static_cast<std::size_t>(worker)]);
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

void Decoder::AttendToAudio(int layer, int head, std::span<const DecoderRow> rows,
                            kernels::Range run, AttentionCapture* capture, Worker& worker) {
  WindowState* window = rows[static_cast<std::size_t>(run.begin)].window;
  const auto& keys = window->cross_key(layer, head);
  const auto& values = window->cross_value(layer, head);
  const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(run.begin) * n_ + head * kHeadSize;
  kernels::AttentionArgs args;
  args.q = qkv_.data() + at;
  args.ldq = n_;
  args.rows = run.end - run.begin;
  args.keys = &keys;
  args.values = &values;
  args.value_scales = window->cross_value_scales(layer, head);
  args.out = attended_.data() + at;
  args.ldo = n_;
  args.probabilities = CapturedAt(capture, layer, head, run.begin);
  kernels_.attention(
      args, worker.scores.Get(kernels::AttentionFloats(args.rows, net_.dims().n_audio_ctx)),
      worker.a16.Get(static_cast<std::size_t>(args.rows) *
                     static_cast<std::size_t>(values.padded_k())));
}

void Decoder::CrossAttention(const DecoderLayer& layer, int index, std::span<const DecoderRow> rows,
                             AttentionCapture* capture) {
  Normalize(layer.cross_norm);
  const kernels::GemmArgs queries = Product(layer.cross_q.w, layer.cross_q.bias, normed_.data(),
                                            qkv_.data(), n_, kernels::Epilogue::kStore, rows_);
  const auto runs = WindowRuns(rows);
  const bool one_window = runs.size() == 1;  // As in SelfAttention.
  if (!one_window) MultiplyAll(queries, rows_);
  const auto tasks = static_cast<std::ptrdiff_t>(runs.size()) * heads_;
  pool_.ParallelFor(tasks, 1, [&](std::ptrdiff_t first, std::ptrdiff_t last, int worker) {
    for (auto task = first; task < last; ++task) {
      const auto head = static_cast<int>(task % heads_);
      if (one_window) Multiply(queries, HeadPanels(head), rows_, worker);
      AttendToAudio(index, head, rows, runs[static_cast<std::size_t>(task / heads_)], capture,
                    workers_[static_cast<std::size_t>(worker)]);
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
  const auto rows = static_cast<int>(which.size());
  const int tokens = net_.dims().n_vocab;
  auto epilogue = kernels::Epilogue::kStore;
  if (net_.near_logits().data != nullptr) {
    Gemm(net_.near_logits(), nullptr, picked_.data(), out, tokens, epilogue, rows);
    epilogue = kernels::Epilogue::kAdd;  // What these leave.
  }
  Gemm(net_.logits(), nullptr, picked_.data(), out, tokens, epilogue, rows);
}

void Decoder::StepLogits(std::span<const int> which, float* out) {
  if (!screen_) {
    Logits(which, out);
    return;
  }
  Pick(which);
  const auto count = static_cast<int>(which.size());
  screen_->Compute(*quantized_.Prepare(kernels_, net_.logits(), picked_.data(), n_, count), count,
                   out);
}

}  // namespace wt::whisper

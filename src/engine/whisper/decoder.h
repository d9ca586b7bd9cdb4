// The text decoder: tokens of many hypotheses, of many windows, in one evaluation.
//
// After openai-whisper model.py, TextDecoder, with caches. A batch is a list of rows; a row is one
// new token at one position of one hypothesis. All rows share each product with the weights, so
// the weights are read once. A row's result does not depend on the other rows, on their order or on
// the number of threads. One evaluation at a time per object.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "engine/tensor/buffer.h"
#include "engine/whisper/logit_screen.h"
#include "engine/whisper/packed_network.h"
#include "engine/whisper/scratch.h"
#include "engine/whisper/window_state.h"
#include "platform/thread_pool.h"

namespace wt::whisper {

/// One token to evaluate. Rows of one window follow each other.
struct DecoderRow {
  WindowState* window = nullptr;
  TokenId token = 0;
  int position = 0;
  /// Where this token's key and value go (window->AppendPrefix/AppendStep was called).
  int slot = 0;
  /// The hypothesis whose positions 0 .. position are attended to.
  int table_row = 0;
};

/// Copies cross-attention probabilities of chosen (layer, head) pairs, each named once, while
/// evaluating.
struct AttentionCapture {
  std::vector<model::AlignmentHead> heads;
  /// Written: [head][row][1500].
  std::vector<float> weights;
};

class Decoder {
 public:
  /// `network` and `pool` must outlive the decoder.
  Decoder(const PackedNetwork& network, platform::ThreadPool& pool);

  /// Evaluates `rows`; writes the final hidden state (after the last norm) of each to hidden().
  /// REQUIRES: rows of one window are adjacent, in order of position within a hypothesis.
  /// `cancel` may be null and is checked before every layer; what is written is then worthless.
  void Evaluate(std::span<const DecoderRow> rows, AttentionCapture* capture = nullptr,
                const base::CancelFlag* cancel = nullptr);

  /// Logits of the evaluation's rows `which`: which.size() x n_vocab into `out`. REQUIRES: not more
  /// than the evaluation had.
  void Logits(std::span<const int> which, float* out);

  /// The same for choosing the next tokens: where weights are int8, tokens far behind the best of
  /// their row have near values only (LogitScreen).
  void StepLogits(std::span<const int> which, float* out);

  /// Rows evaluated x n_text_state.
  const float* hidden() const { return normed_.data(); }

 private:
  struct Worker {
    Scratch<float> scores;
    Scratch<std::uint16_t> a16;
  };

  void Embed(std::span<const DecoderRow> rows);
  void SelfAttention(const DecoderLayer& layer, int index, std::span<const DecoderRow> rows);
  void CrossAttention(const DecoderLayer& layer, int index, std::span<const DecoderRow> rows,
                      AttentionCapture* capture);
  void AttendToText(int layer, int head, std::span<const DecoderRow> rows, kernels::Range run,
                    Worker& worker);
  void AttendToAudio(int layer, int head, std::span<const DecoderRow> rows, kernels::Range run,
                     AttentionCapture* capture, Worker& worker);
  float* CapturedAt(AttentionCapture* capture, int layer, int head, int begin) const;
  void Mlp(const DecoderLayer& layer);
  void Normalize(const Norm& norm);
  /// A product with its rows made ready: valid until the next one.
  kernels::GemmArgs Product(const kernels::PackedMatrix& w, const float* bias, const float* a,
                            float* c, std::ptrdiff_t ldc, kernels::Epilogue epilogue, int rows);
  kernels::Range HeadPanels(int head) const;
  void Multiply(const kernels::GemmArgs& product, kernels::Range panels, int rows, int worker);
  void MultiplyAll(const kernels::GemmArgs& product, int rows);
  void Gemm(const kernels::PackedMatrix& w, const float* bias, const float* a, float* c,
            std::ptrdiff_t ldc, kernels::Epilogue epilogue, int rows);
  void Grow(int rows);
  void Pick(std::span<const int> which);

  const PackedNetwork& net_;
  platform::ThreadPool& pool_;
  const kernels::KernelSet& kernels_;
  int n_, heads_;
  int rows_ = 0;
  int rows_capacity_ = 0;
  std::vector<Worker> workers_;
  QuantizedRows quantized_;
  std::optional<LogitScreen> screen_;
  tensor::Buffer<float> x_, normed_, qkv_, attended_, hidden_, picked_;
};

}  // namespace wt::whisper

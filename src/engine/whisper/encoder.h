// The audio encoder: log-mel window -> hidden states -> cross-attention keys and values.
//
// After openai-whisper model.py, AudioEncoder, and the key and value projections of every decoder
// layer's cross attention. Work is split into row blocks over the pool; each layer has two barriers
// (before and after attention): a row block passes through all that comes between two attentions
// in one go. The sums do not depend on the split. One Encode at a time per object.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "engine/tensor/buffer.h"
#include "engine/whisper/packed_network.h"
#include "engine/whisper/scratch.h"
#include "engine/whisper/window_state.h"
#include "platform/thread_pool.h"

namespace wt::whisper {

class Encoder {
 public:
  /// `network` and `pool` must outlive the encoder.
  Encoder(const PackedNetwork& network, platform::ThreadPool& pool);

  /// `mel` is n_mels x 3000, row-major, normalised. Fills the cross attention of `state`.
  /// kCancelled when `cancel` is set before the end; the state is then unusable.
  Status Encode(std::span<const float> mel, const base::CancelFlag* cancel, WindowState* state);

  /// The hidden states of the last Encode, after the last norm: 1500 x n_audio_state.
  std::span<const float> hidden() const { return hidden_.span(); }

  /// Raw outputs of a stage, for tests: called with "conv1", "conv2" (before GELU), "block0" ...
  using Probe = void (*)(void* context, const char* stage, int layer, const float* data, int rows,
                         int columns);
  void SetProbe(Probe probe, void* context) {
    probe_ = probe;
    probe_context_ = context;
  }

 private:
  struct Worker {
    Scratch<float> normed, hidden, scores;
    Scratch<std::uint16_t> a16;
    QuantizedRows quantized;
  };

  void Convolutions(std::span<const float> mel);
  void ProjectQkv(const EncoderLayer& layer, int begin, int end, Worker& worker);
  void FinishLayer(const EncoderLayer& layer, int begin, int end, Worker& worker);
  void Attend(int head, int begin, int end, Worker& worker);
  void FinalNorm(int begin, int end);
  void CentreKeys();
  void CrossKeysAndValues(WindowState* state, int begin, int end, Worker& worker);
  void Multiply(const Linear& linear, const float* a, std::ptrdiff_t lda,
                const kernels::Int8Rows* quantized, float* c, std::ptrdiff_t ldc,
                kernels::Epilogue epilogue, int rows, Worker& worker);
  void Gemm(const Linear& linear, const float* a, std::ptrdiff_t lda, float* c, std::ptrdiff_t ldc,
            kernels::Epilogue epilogue, int rows, Worker& worker);
  int RowBlock(int rows) const;
  template <typename Body>
  void ForRows(int rows, const base::CancelFlag* cancel, const Body& body);

  const PackedNetwork& net_;
  platform::ThreadPool& pool_;
  const kernels::KernelSet& kernels_;
  int frames_, n_, heads_;
  std::vector<Worker> workers_;
  tensor::Buffer<float> mel_rows_;    // [1 + 3000 + 1][n_mels]: time-major with zero borders.
  tensor::Buffer<float> conv1_rows_;  // [1 + 3000][n]: zero row in front.
  tensor::Buffer<float> x_;           // [1500][n]: residual stream.
  tensor::Buffer<float> queries_;     // [1500][n]
  tensor::Buffer<float> attended_;    // [1500][n]
  tensor::Buffer<float> hidden_;      // [1500][n]
  std::vector<float> centred_bias_;   // [text layer][2n], for keys that are bytes.
  tensor::Buffer<std::byte> packed_kv_;
  std::vector<kernels::PackedMatrix> keys_, values_;  // Per head.
  Probe probe_ = nullptr;
  void* probe_context_ = nullptr;
};

}  // namespace wt::whisper

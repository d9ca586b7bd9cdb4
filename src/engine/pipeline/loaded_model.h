// A model ready to work: packed weights, tokenizer, voice activity network, and the evaluation
// buffers that the scheduler uses. The immutable part is thread-safe; of runtime() the encoder
// belongs to the pool's task, all else to the scheduler thread.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/diarize/diarizer.h"
#include "engine/features/log_mel.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/vad/vad.h"
#include "engine/whisper/decoder.h"
#include "engine/whisper/encoder.h"
#include "engine/whisper/packed_network.h"
#include "platform/thread_pool.h"
#include "whisper_transcriber/engine.h"

namespace wt::pipeline {

/// Encoder, decoder and their buffers, over one thread pool.
struct ModelRuntime {
  ModelRuntime(const whisper::PackedNetwork& network, platform::ThreadPool& pool)
      : encoder(network, pool), decoder(network, pool) {}
  whisper::Encoder encoder;
  whisper::Decoder decoder;
  whisper::Scratch<float> logits;
};

class LoadedModel final : public Model {
 public:
  /// kNotFound, kDataCorrupt, kUnsupported as Engine::LoadModel.
  static Result<std::shared_ptr<const LoadedModel>> Load(const ModelOptions& options,
                                                         const kernels::KernelSet& kernels,
                                                         platform::ThreadPool& pool);

  const ModelInfo& info() const override { return info_; }
  const whisper::PackedNetwork& network() const { return *network_; }
  const model::Dims& dims() const { return network_->dims(); }
  const tokenizer::Tokenizer& tokenizer() const { return *tokenizer_; }
  const features::LogMel& log_mel() const { return *log_mel_; }
  const vad::Network* vad_network() const { return vad_.get(); }
  /// The networks that tell speakers apart: read at the first call that succeeds.
  /// kFailedPrecondition when they are not installed, kDataCorrupt.
  Result<std::shared_ptr<const diarize::SpeakerModel>> Speakers() const;
  const std::vector<model::AlignmentHead>& alignment_heads() const { return alignment_heads_; }
  /// Identity of the weights, for checkpoints.
  const std::string& identity() const { return identity_; }
  /// The encoder: the scheduler's task of the pool only. All else: its thread only.
  ModelRuntime& runtime() const { return *runtime_; }

 private:
  LoadedModel() = default;

  ModelInfo info_;
  std::shared_ptr<const whisper::PackedNetwork> network_;
  std::shared_ptr<const tokenizer::Tokenizer> tokenizer_;
  std::unique_ptr<const features::LogMel> log_mel_;
  std::shared_ptr<const vad::Network> vad_;
  std::vector<model::AlignmentHead> alignment_heads_;
  std::string identity_;
  std::string speaker_dir_;
  const kernels::KernelSet* kernels_ = nullptr;
  mutable std::mutex speakers_mutex_;
  // Shared with the tasks that use it. Guarded by speakers_mutex_.
  mutable std::shared_ptr<const diarize::SpeakerModel> speakers_;
  std::unique_ptr<ModelRuntime> runtime_;
};

}  // namespace wt::pipeline

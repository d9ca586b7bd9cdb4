// Where somebody speaks: a probability for every 32 ms, and spans made from them.
//
// NetworkVad is the Silero network (reference/vad/README.md) in our own forward pass; EnergyVad is
// what is used when its weights are absent. Both are pull-free: feed samples in any portions.
// Detectors hold a stream's state: one thread at a time. Networks are immutable and shared.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <vector>

#include "whisper_transcriber/options.h"
#include "whisper_transcriber/status.h"
#include "whisper_transcriber/transcript.h"

namespace wt::kernels {
struct KernelSet;
}

namespace wt::vad {

inline constexpr int kStepSamples = 512;  // 32 ms at 16 kHz: one probability.

class Detector {
 public:
  virtual ~Detector() = default;
  /// Takes any number of samples (16 kHz mono); appends a probability for each full step. NaN and
  /// infinity count as 0. How the samples are portioned does not matter to the result.
  virtual void Feed(std::span<const float> samples, std::vector<float>* probabilities) = 0;
  /// The rest, filled up with zeros. The detector is then at its start again.
  virtual void Finish(std::vector<float>* probabilities) = 0;
  virtual VadMethod method() const = 0;
};

/// Weights of the network. Immutable: thread-safe.
class Network {
 public:
  virtual ~Network() = default;
  /// Reads a safetensors file's bytes; kDataCorrupt or kUnsupported naming tensor and reason.
  /// Copies what it needs. Uses the best kernels of this processor.
  static Result<std::shared_ptr<const Network>> Read(std::span<const std::byte> safetensors);
  static Result<std::shared_ptr<const Network>> Read(std::span<const std::byte> safetensors,
                                                     const kernels::KernelSet& kernels);
  virtual std::unique_ptr<Detector> NewDetector() const = 0;
};

/// Adaptive energy threshold; no weights. A fallback with limits: it cannot tell speech from music
/// or other sounds that change, hears nothing within 6 dB of steady noise or below -60 dBFS, and
/// takes the onset of loud noise for speech until it has lasted 3 s. Looks 1 s ahead: probabilities
/// come 31 steps late, the last ones with Finish.
std::unique_ptr<Detector> NewEnergyDetector();

/// [begin, end) in samples.
struct SpeechSpan {
  SampleIndex begin = 0;
  SampleIndex end = 0;
  bool operator==(const SpeechSpan&) const = default;
};

/// The rules 1-5 of reference/vad/README.md. `samples` is the length of the audio.
std::vector<SpeechSpan> SpeechSpans(std::span<const float> probabilities, SampleIndex samples,
                                    const VadOptions& options);

}  // namespace wt::vad

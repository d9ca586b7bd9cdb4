// Who speaks when in a recording: both networks over its audio, then the recipe
// (reference/speaker/README.md, section 3).
//
// The audio is read once, in portions of 12 s; per hour of recording 9 MB of activity and voice
// vectors are kept. The networks' work goes through `compute`, in pieces of some 0.1 s, so that
// other recordings get their turn; the rest is done by the calling thread. The result does not
// depend on the number of threads. SpeakerModel is immutable and shared.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "engine/diarize/networks/segmentation.h"
#include "engine/diarize/networks/voice.h"
#include "engine/diarize/recipe/turns.h"
#include "engine/kernels/kernels.h"
#include "engine/vad/vad.h"
#include "platform/thread_pool.h"
#include "whisper_transcriber/engine.h"

namespace wt::diarize {

/// Memory that a recording in work takes beside what grows with its length: the scratches of both
/// networks, 39 and 48 MB.
inline constexpr std::int64_t kWorkingBytes = 96LL << 20;

/// The files of the model `speaker` in its directory.
inline constexpr const char* kSegmentationFile = "segmentation.safetensors";
inline constexpr const char* kVoiceFile = "campplus.safetensors";

class SpeakerModel {
 public:
  /// kFailedPrecondition where a file is missing, with the way to get it; kDataCorrupt naming file,
  /// tensor and reason.
  static Result<std::shared_ptr<const SpeakerModel>> Load(const std::string& directory,
                                                          const kernels::KernelSet& kernels);

  const SegmentationNetwork& segmentation() const { return *segmentation_; }
  const VoiceNetwork& voice() const { return *voice_; }
  const kernels::KernelSet& kernels() const { return *kernels_; }

 private:
  SpeakerModel() = default;
  std::shared_ptr<const SegmentationNetwork> segmentation_;  // Shared: immutable weights.
  std::shared_ptr<const VoiceNetwork> voice_;                // As above.
  const kernels::KernelSet* kernels_ = nullptr;
};

/// A piece of work for the compute threads; the pool may be null.
using Work = std::function<Status(platform::ThreadPool*)>;

struct DiarizeInput {
  AudioSource* source = nullptr;
  /// All samples of the source.
  SampleIndex samples = 0;
  DiarizationOptions options;
  /// At the start of a stream.
  std::unique_ptr<vad::Detector> detector;
  /// Runs the work and returns what it returns.
  std::function<Status(const Work&)> compute;
  const base::CancelFlag* cancel = nullptr;
  /// Told how many samples are done; may be empty.
  std::function<void(SampleIndex)> progress = {};
};

struct Diarization {
  /// In order of start.
  std::vector<Turn> turns;
  /// Voices with a turn.
  int speakers = 0;
  /// The number asked for is not the one that the evidence speaks for.
  bool forced = false;
};

/// kCancelled; errors of the source.
Result<Diarization> Diarize(const SpeakerModel& model, DiarizeInput input);

}  // namespace wt::diarize

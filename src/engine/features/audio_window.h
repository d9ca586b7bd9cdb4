// Log-mel windows of a recording of any length in bounded memory.
//
// The reference computes one spectrogram of the whole file and the 30 s of zeros that it appends
// (openai-whisper transcribe.py and audio.py), and normalises it by its maximum. MelStream gives
// the same values, bit for bit, from two passes over an AudioSource: FirstPass finds length and
// maximum, then Window computes the frames asked for. Besides the source's own memory it holds 4
// MiB of samples and 2 MiB of scratch. One thread at a time; source and LogMel must outlive it.
//
//   MelStream stream(source, log_mel);
//   WT_ASSIGN(const Totals totals, stream.FirstPass({.on_samples = feed_vad, .cancel = &flag}));
//   WT_TRY(stream.Window(seek, kWindowFrames, BeyondContent::kZeros, mel));
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/cancel.h"
#include "base/limits.h"
#include "engine/features/log_mel.h"
#include "engine/features/sample_ring.h"
#include "platform/thread_pool.h"
#include "whisper_transcriber/engine.h"
#include "whisper_transcriber/status.h"

namespace wt::features {

/// A position in frames of 10 ms.
using FrameIndex = std::int64_t;

struct FirstPassOptions {
  /// Told all samples in order, in blocks of at most 10 s. May be empty.
  std::function<void(std::span<const float>)> on_samples = {};
  /// Checked before every block. May be null.
  const base::CancelFlag* cancel = nullptr;
  /// Shares out the frames of a block. May be null.
  platform::ThreadPool* pool = nullptr;
  SampleIndex samples_max = base::kAudioSamplesMax;
};

/// What the first pass finds out.
struct Totals {
  SampleIndex samples = 0;
  /// Largest raw log-mel value of the file and the 30 s of zeros after it.
  float log_mel_max = kLogFloor;
};

/// What stands in a window where the recording has ended.
enum class BeyondContent : std::uint8_t {
  /// 0.0, as transcribe() fills up a window.
  kZeros,
  /// The appended silence, as its language detection hears it. 30 s of it; 0.0 after that.
  kSilence,
};

class MelStream {
 public:
  /// The source must be at its start.
  MelStream(AudioSource& source, const LogMel& log_mel);

  /// Reads the whole source once. kCancelled; kResourceExhausted for more samples than allowed
  /// (known at once where the source claims a length); errors of the source.
  Result<Totals> FirstPass(const FirstPassOptions& options);

  /// Instead of FirstPass when its result is known from before (a checkpoint).
  void Resume(const Totals& totals);

  /// Normalised log-mel of `frames` frames from `first` on: out[mel * kWindowFrames + frame].
  /// Frames from content_frames() on are filled as `beyond` says; those after `frames` are 0.0.
  /// REQUIRES: FirstPass or Resume; first >= 0; 0 <= frames <= kWindowFrames;
  /// out.size() == n_mels * kWindowFrames.
  Status Window(FrameIndex first, int frames, BeyondContent beyond, std::span<float> out);

  /// Samples from `begin` on, zeros beyond the end. REQUIRES: FirstPass or Resume; begin >= 0.
  Status Samples(SampleIndex begin, std::span<float> out);

  /// Frames that belong to the file: whole hops of 160 samples, a rest is not counted.
  FrameIndex content_frames() const { return totals_.samples / kHopSamples; }
  const Totals& totals() const { return totals_; }

 private:
  Status Gather(FrameIndex first, int frames);
  float BlockMax(int frames, platform::ThreadPool* pool);
  Status MaxUpTo(FrameIndex end, platform::ThreadPool* pool, FrameIndex* next, float* maximum);
  Result<std::size_t> ReadBlock(const FirstPassOptions& options);

  const LogMel& log_mel_;
  SampleRing ring_;
  Totals totals_;
  std::vector<float> samples_;  // Around the frames being computed, borders filled in.
  std::vector<float> scratch_;  // Frames of the first pass, of which only the maximum counts.
};

}  // namespace wt::features

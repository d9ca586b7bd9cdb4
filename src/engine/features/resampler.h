// Resamples a mono stream of any rate to 16 kHz.
//
// A polyphase windowed sinc (Crochiere and Rabiner, Multirate Digital Signal Processing, ch. 4):
// Kaiser window, pass band to 0.91 of the lower Nyquist frequency, 100 dB down from 1.0 of it on.
// The ratio is an exact fraction, so long recordings do not drift. Output sample n belongs to input
// time n / 16000 s: there is no delay to correct. n input samples give ceil(n * 16000 / rate)
// output samples. At 16 kHz samples pass through unchanged. Holds a stream's state: one thread.
//
//   WT_ASSIGN(Resampler resampler, Resampler::Create(44'100));
//   resampler.Feed(block, &out); ... resampler.Finish(&out);
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::features {

class Resampler {
 public:
  /// kInvalidArgument when the rate is outside 1,000 .. 768,000 Hz.
  static Result<Resampler> Create(int rate_in);

  /// Appends what can be computed so far. How the input is portioned does not matter to the output.
  /// NaN and infinity count as 0.
  void Feed(std::span<const float> samples, std::vector<float>* out);
  /// The rest, as if silence followed. The resampler is then at its start again.
  void Finish(std::vector<float>* out);

 private:
  explicit Resampler(int rate_in);
  void MakeBank(double cutoff);
  void Append(std::span<const float> samples);
  void Produce(std::vector<float>* out);
  float OutputAt(const float* samples) const;
  void Restart();

  // Input samples per output sample, in lowest terms: step_ / phases_.
  std::int64_t step_ = 1;
  std::int64_t phases_ = 1;
  // Filter taps on each side of an output sample, and for one phase (a multiple of 32).
  std::size_t half_taps_ = 0;
  std::size_t taps_ = 0;
  // bank_phases_ + 1 filters of taps_ values. Either one for each phase, or fewer with values in
  // between interpolated.
  std::size_t bank_phases_ = 0;
  bool interpolated_ = false;
  std::vector<float> bank_;
  float (*dot_)(const float* a, const float* b, std::size_t count) = nullptr;

  // held_[0] is the input sample half_taps_ - 1 before the next output's position rounded down.
  std::vector<float> held_;
  std::int64_t phase_ = 0;     // The position's fraction, in 1 / phases_.
  std::int64_t fed_ = 0;       // Input samples since the start.
  std::int64_t produced_ = 0;  // Output samples since the start.
};

}  // namespace wt::features

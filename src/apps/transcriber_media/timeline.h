// Where decoded frames lie in time: silence in front of late ones, nothing twice.
//
// Pure arithmetic over the timestamps that a container claims. The position counts what was given
// out, so that rounding in timestamps (milliseconds in Matroska) never adds up. Numbered rules:
//  1. A first frame later than the origin gets silence in front; one before it loses its beginning.
//  2. A hole of more than 50 ms is filled with silence, a repetition of more than 50 ms is dropped,
//     as far as the rules of the container allow.
//  3. Steps beyond kGapMaxS or back by more than kOverlapMaxS are a break of the clock, not time
//     that passed: the audio goes on without silence, and later times count from there.
// Thread-compatible.
#pragma once

#include <cstdint>
#include <optional>

#include "apps/transcriber_media/container.h"

namespace wt::apps::transcriber_media {

class Timeline {
 public:
  /// Jitter of timestamps stays below two frames of 20 ms; what is longer is heard as a hole.
  static constexpr double kToleranceS = 0.050;
  static constexpr double kLeadMaxS = 3'600.0;
  static constexpr double kGapMaxS = 3'600.0;
  static constexpr double kOverlapMaxS = 10.0;

  explicit Timeline(const ClockRules& rules) : rules_(rules) {}

  struct Placement {
    /// Samples of silence to put before the frame.
    std::int64_t silence = 0;
    /// Samples to drop from the frame's beginning.
    std::int64_t drop = 0;
  };
  /// For a frame of `samples` at `rate` Hz, which claims to start at `start_s`. `samples` and
  /// `rate` are positive.
  Placement Place(std::optional<double> start_s, std::int64_t samples, int rate);
  /// True before the first frame.
  bool at_start() const { return !base_s_ && position_s_ == 0.0; }

 private:
  double Offset(double start_s);

  ClockRules rules_;
  /// Claimed time of position 0, once known.
  std::optional<double> base_s_;
  /// Seconds given out.
  double position_s_ = 0.0;
};

}  // namespace wt::apps::transcriber_media

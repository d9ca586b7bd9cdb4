// Who speaks when, from voices and activity (reference/speaker/README.md, section 3, steps 6 and
// 7). Pure functions: thread-safe.
#pragma once

#include <span>
#include <vector>

#include "base/cancel.h"
#include "engine/diarize/networks/voice.h"
#include "engine/diarize/recipe/activity.h"

namespace wt::diarize {

/// Windows of 1.5 s begin every second.
inline constexpr int kVoiceWindowSamples = 3 * kSampleRate / 2;
inline constexpr int kVoiceHopSamples = kSampleRate;

/// A voice window: its vector (of length 1), and the share of its frames that are active.
struct VoiceWindow {
  VoiceVector vector;
  float active = 0;
};

/// A stretch in which one speaker speaks; speakers are numbered in the order in which they begin.
struct Turn {
  double start_s = 0;
  double end_s = 0;
  int speaker = 0;
};

struct TurnInput {
  std::span<const VoiceVector> centroids;
  /// Window i begins at i * kVoiceHopSamples. Those near no active frame may be empty.
  std::span<const VoiceWindow> windows;
  const std::vector<bool>* active = nullptr;
  std::span<const float> overlap;
  double duration_s = 0;
  const base::CancelFlag* cancel = nullptr;
};

/// Turns in order of start. kCancelled.
Result<std::vector<Turn>> FindTurns(const TurnInput& input);

/// Finds the turn of a word. Holds the turns by reference: they must outlive it.
class TurnIndex {
 public:
  /// `turns` in order of start.
  explicit TurnIndex(std::span<const Turn> turns);
  /// The turn that contains the middle of the stretch, else the nearest; where two contain it, the
  /// one whose own middle is nearer (step 9). Null without turns.
  const Turn* At(double start_s, double end_s) const;

 private:
  std::span<const Turn> turns_;
  /// The latest end among turns 0 .. i: before it there is no need to look further back.
  std::vector<double> latest_ends_;
};

}  // namespace wt::diarize

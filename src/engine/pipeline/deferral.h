// Less urgent work waits while somebody more urgent is served.
//
// An encode, or a pass of another network, holds the compute threads for as long as some eighty
// decoder steps, so a short request in whose midst it begins takes twice its time. Between two jobs
// of a task (encode, decode, align) its driver needs a moment to hand in the next one; a class is
// therefore being served while one of it decodes and for kHandover after its last job ended. One
// thread at a time; the caller gives the time.
#pragma once

#include <chrono>
#include <optional>

#include "whisper_transcriber/options.h"

namespace wt::pipeline {

class Deferral {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  /// The log-mel of a window takes a driver up to 2 ms, and on a busy machine it waits to be run.
  static constexpr std::chrono::milliseconds kHandover{10};
  /// Asked so often in a row, which is once a decoder step, the less urgent get one turn. With base
  /// on two processors 64 steps take 80 to 130 ms and an encode 90: of the time that urgent encodes
  /// leave they have two fifths at least.
  static constexpr int kTurnsMax = 64;

  /// A job of this class ended.
  void Served(PriorityClass priority, TimePoint now);

  /// Whether work of this class may begin; `decoding` is the most urgent class that decodes.
  bool MayBegin(PriorityClass priority, std::optional<PriorityClass> decoding, TimePoint now);

  /// When a refusal that nothing decoding caused ends.
  TimePoint until() const { return until_; }

 private:
  PriorityClass served_ = PriorityClass::kBatch;
  TimePoint until_;
  int refused_ = 0;
};

}  // namespace wt::pipeline

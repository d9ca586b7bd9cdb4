// The most recent samples of an AudioSource, so that reading on and short ways back cost no seek.
//
// Holds the last 131 s that were read (8 MiB), whatever the length of the audio. Reading forward
// appends; a position further ahead than 30 s, or behind what is held, calls AudioSource::Seek.
// One thread at a time; the source is not owned and must outlive the ring.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "whisper_transcriber/engine.h"
#include "whisper_transcriber/status.h"

namespace wt::features {

class SampleRing {
 public:
  /// 2^21 samples: four windows of 30 s and some.
  static constexpr std::size_t kCapacity = std::size_t{1} << 21;

  explicit SampleRing(AudioSource& source);

  /// Reads on from the end of what is held, at most `count` <= kCapacity samples. Returns how many
  /// came; fewer only at the end of the audio. Errors are the source's, or kInternal when it claims
  /// more samples than it was asked for.
  Result<std::size_t> ReadOn(std::size_t count);

  /// The samples from `begin` on. kDataCorrupt when the audio ends before out.size() of them.
  Status Read(SampleIndex begin, std::span<float> out);

  /// Makes `position` the next one that ReadOn reads. Nothing happens when it is already.
  Status MoveEndTo(SampleIndex position);

  /// The length that the source claims, if it does.
  std::optional<SampleIndex> claimed_length() const { return source_.length(); }

 private:
  void CopyHeld(SampleIndex begin, std::span<float> out) const;

  AudioSource& source_;
  std::vector<float> ring_;  // Sample i is at i % kCapacity.
  // [begin_, end_) is held; end_ is also the source's position, unless an error left that unknown.
  SampleIndex begin_ = 0;
  SampleIndex end_ = 0;
  bool positioned_ = true;
};

}  // namespace wt::features

#include "engine/features/sample_ring.h"

#include <algorithm>

#include "base/check.h"
#include "base/status_macros.h"

namespace wt::features {
namespace {

// Up to this far ahead reading is taken to be cheaper than a seek: a decoder that seeks has to
// start from an earlier packet.
constexpr SampleIndex kReadAheadMax = 30 * kSampleRate;
// Samples asked for at a time: 1 s.
constexpr std::size_t kBlock = kSampleRate;

}  // namespace

SampleRing::SampleRing(AudioSource& source) : source_(source), ring_(kCapacity) {}

Result<std::size_t> SampleRing::ReadOn(std::size_t count) {
  WT_CHECK(count <= kCapacity);
  std::size_t done = 0;
  while (done < count) {
    // Up to the place where the ring starts again.
    const std::size_t at = static_cast<std::size_t>(end_) % kCapacity;
    const std::size_t wanted = std::min(count - done, kCapacity - at);
    // What will be overwritten is given up before, so that an error leaves no wrong samples.
    begin_ = std::max(
        begin_, end_ + static_cast<SampleIndex>(wanted) - static_cast<SampleIndex>(kCapacity));
    positioned_ = false;
    WT_ASSIGN(const std::size_t read, source_.Read(std::span(ring_).subspan(at, wanted)));
    if (read > wanted) {
      return Status(StatusCode::kInternal, "the audio source returned more samples than asked for");
    }
    positioned_ = true;
    if (read == 0) break;
    end_ += static_cast<SampleIndex>(read);
    done += read;
  }
  return done;
}

void SampleRing::CopyHeld(SampleIndex begin, std::span<float> out) const {
  while (!out.empty()) {
    const std::size_t at = static_cast<std::size_t>(begin) % kCapacity;
    const std::size_t count = std::min(out.size(), kCapacity - at);
    std::copy_n(ring_.begin() + static_cast<std::ptrdiff_t>(at), count, out.begin());
    begin += static_cast<SampleIndex>(count);
    out = out.subspan(count);
  }
}

Status SampleRing::MoveEndTo(SampleIndex position) {
  if (positioned_ && position == end_) return {};
  positioned_ = false;
  begin_ = end_ = position;
  WT_TRY(source_.Seek(position));
  positioned_ = true;
  return {};
}

Status SampleRing::Read(SampleIndex begin, std::span<float> out) {
  WT_CHECK(begin >= 0);
  const bool near = positioned_ && begin >= begin_ && begin <= end_ + kReadAheadMax;
  if (!near) WT_TRY(MoveEndTo(begin));
  while (!out.empty()) {
    if (begin < end_) {
      const auto held = static_cast<std::size_t>(end_ - begin);
      const std::size_t count = std::min(held, out.size());
      CopyHeld(begin, out.first(count));
      begin += static_cast<SampleIndex>(count);
      out = out.subspan(count);
      continue;
    }
    const auto missing = static_cast<std::size_t>(begin - end_) + out.size();
    WT_ASSIGN(const std::size_t read, ReadOn(std::min(missing, kBlock)));
    if (read == 0) {
      return Status(StatusCode::kDataCorrupt,
                    "the audio ended earlier than when it was read before");
    }
  }
  return {};
}

}  // namespace wt::features

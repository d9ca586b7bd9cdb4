#include "media/wav_source.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"

namespace wt::media {
namespace {

constexpr std::size_t kRawBytes = 64 << 10;

}  // namespace

WavSource::WavSource(std::unique_ptr<RandomInput> input, const WavLayout& layout, int channel)
    : input_(std::move(input)),
      layout_(layout),
      channel_(layout.channels == 1 ? 0 : channel),
      mixdown_(layout.channels, layout.rate, channel_) {}

Result<std::size_t> WavSource::Read(std::span<float> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    if (mixed_taken_ == mixed_.size()) {
      WT_TRY(Fill());
      if (mixed_.empty()) break;
      continue;
    }
    const std::size_t there = mixed_.size() - mixed_taken_;
    // A forward seek passes over what lies before its target.
    if (position_ < target_) {
      const std::size_t skipped =
          static_cast<std::size_t>(std::min<std::int64_t>(target_ - position_, there));
      mixed_taken_ += skipped;
      position_ += static_cast<std::int64_t>(skipped);
      continue;
    }
    const std::size_t count = std::min(there, out.size() - done);
    std::copy_n(mixed_.begin() + static_cast<std::ptrdiff_t>(mixed_taken_), count,
                out.begin() + static_cast<std::ptrdiff_t>(done));
    mixed_taken_ += count;
    position_ += static_cast<std::int64_t>(count);
    done += count;
  }
  target_ = position_;
  return done;
}

Status WavSource::Seek(SampleIndex position) {
  if (position < 0) {
    return Status(StatusCode::kInvalidArgument, "a position in the audio is not negative");
  }
  target_ = std::min<std::int64_t>(position, layout_.frames);
  if (channel_ >= 0) {
    Restart(target_);
  } else if (target_ < position_) {
    Restart(0);
  }
  return Status();
}

void WavSource::Restart(std::int64_t frame) {
  mixdown_ = Mixdown(layout_.channels, layout_.rate, channel_);
  mixed_.clear();
  mixed_taken_ = 0;
  next_frame_ = frame;
  position_ = frame;
}

Status WavSource::Fill() {
  mixed_.clear();
  mixed_taken_ = 0;
  const std::size_t sample_bytes = PcmBytes(layout_.type);
  const std::size_t frame_bytes = sample_bytes * static_cast<std::size_t>(layout_.channels);
  while (mixed_.empty()) {
    const std::int64_t frames_max = static_cast<std::int64_t>(kRawBytes / frame_bytes);
    const std::int64_t wanted = std::min(frames_max, layout_.frames - next_frame_);
    raw_.resize(static_cast<std::size_t>(wanted) * frame_bytes);
    const std::int64_t offset =
        layout_.data_offset + next_frame_ * static_cast<std::int64_t>(frame_bytes);
    WT_ASSIGN(const std::size_t bytes, input_->ReadAt(offset, raw_));
    const std::size_t frames = bytes / frame_bytes;
    if (frames == 0) {
      mixdown_.Finish(&mixed_);
      return Status();
    }
    frames_.resize(frames * static_cast<std::size_t>(layout_.channels));
    for (std::size_t i = 0; i < frames_.size(); ++i) {
      frames_[i] = PcmToFloat(raw_.data() + i * sample_bytes, layout_.type);
    }
    next_frame_ += static_cast<std::int64_t>(frames);
    mixdown_.Push(frames_, &mixed_);
  }
  return Status();
}

}  // namespace wt::media

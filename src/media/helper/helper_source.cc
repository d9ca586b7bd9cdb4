#include "media/helper/helper_source.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"

namespace wt::media {
namespace {

// 60 s: two windows of the model. 3.8 MB.
constexpr std::int64_t kHistorySamples = 60 * kStreamRate;
constexpr std::int64_t kPieceSamples = 16'384;

}  // namespace

HelperSource::HelperSource(platform::FileDescriptor input, HelperCommand command,
                           std::int64_t samples_max)
    : input_(std::move(input)), command_(std::move(command)), samples_max_(samples_max) {
  command_.input = input_.get();
}

Result<std::unique_ptr<HelperSource>> HelperSource::Open(platform::FileDescriptor input,
                                                         HelperCommand command,
                                                         std::int64_t samples_max) {
  std::unique_ptr<HelperSource> source(
      new HelperSource(std::move(input), std::move(command), samples_max));
  WT_TRY(source->Restart());
  source->history_.resize(kHistorySamples);
  return source;
}

Status HelperSource::Restart() {
  stream_.reset();
  WT_ASSIGN(stream_, HelperStream::Start(command_, StreamKind::kPcm, samples_max_));
  decoded_ = 0;
  return Status();
}

Status HelperSource::Advance() {
  const std::int64_t start = decoded_ % kHistorySamples;
  // A piece that ends where the ring does.
  const std::int64_t count = std::min(kPieceSamples, kHistorySamples - start);
  WT_ASSIGN(const std::size_t read,
            stream_->Read(std::span(history_).subspan(static_cast<std::size_t>(start),
                                                      static_cast<std::size_t>(count))));
  decoded_ += static_cast<std::int64_t>(read);
  if (static_cast<std::int64_t>(read) < count) length_ = decoded_;
  return Status();
}

Result<std::size_t> HelperSource::Read(std::span<float> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    if (length_ && position_ >= *length_) break;
    if (position_ >= decoded_) {
      WT_TRY(Advance());
      continue;
    }
    const std::int64_t start = position_ % kHistorySamples;
    const std::int64_t count = std::min({static_cast<std::int64_t>(out.size() - done),
                                         decoded_ - position_, kHistorySamples - start});
    std::copy_n(history_.begin() + start, count, out.begin() + static_cast<std::ptrdiff_t>(done));
    position_ += count;
    done += static_cast<std::size_t>(count);
  }
  return done;
}

Status HelperSource::Seek(SampleIndex position) {
  if (position < 0) {
    return Status(StatusCode::kInvalidArgument, "a position in the audio is not negative");
  }
  position_ = position;
  if (position < decoded_ - kHistorySamples) return Restart();
  return Status();
}

}  // namespace wt::media

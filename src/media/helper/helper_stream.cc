#include "media/helper/helper_stream.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"

namespace wt::media {
namespace {

constexpr std::size_t kReadBytes = 256 << 10;

Status EndedEarly() {
  return Status(StatusCode::kInternal,
                "the audio decoder ended in the middle of its answer; reinstall the program");
}

}  // namespace

HelperStream::HelperStream(std::unique_ptr<HelperRun> run, StreamKind kind, std::int64_t values_max)
    : run_(std::move(run)), parser_(kind, values_max), raw_(kReadBytes) {}

Result<std::unique_ptr<HelperStream>> HelperStream::Start(const HelperCommand& command,
                                                          StreamKind kind,
                                                          std::int64_t values_max) {
  WT_ASSIGN(std::unique_ptr<HelperRun> run, HelperRun::Start(command));
  std::unique_ptr<HelperStream> stream(new HelperStream(std::move(run), kind, values_max));
  while (!stream->parser_.has_header()) WT_TRY(stream->Pump());
  return stream;
}

Result<std::size_t> HelperStream::Read(std::span<float> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    if (values_taken_ == values_.size()) {
      if (ended_) break;
      WT_TRY(Pump());
      continue;
    }
    const std::size_t count = std::min(out.size() - done, values_.size() - values_taken_);
    std::copy_n(values_.begin() + static_cast<std::ptrdiff_t>(values_taken_), count,
                out.begin() + static_cast<std::ptrdiff_t>(done));
    values_taken_ += count;
    done += count;
  }
  return done;
}

Status HelperStream::Pump() {
  WT_ASSIGN(const std::size_t count, run_->Read(raw_));
  ended_ = count == 0;
  if (ended_) return parser_.at_boundary() ? Status() : EndedEarly();
  values_.clear();
  values_taken_ = 0;
  return parser_.Push(std::span(raw_).first(count), &values_);
}

}  // namespace wt::media

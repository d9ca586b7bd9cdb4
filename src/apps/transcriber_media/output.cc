#include "apps/transcriber_media/output.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <string>

#include "base/status_macros.h"

namespace wt::apps::transcriber_media {
namespace {

constexpr int kMessages = 2;
// Values collected before they are written: 32 KiB.
constexpr std::size_t kValuesMax = 8'192;

}  // namespace

Status WriteAll(int descriptor, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return Status(StatusCode::kUnavailable, "the output cannot be written");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return Status();
}

Status WriteText(int descriptor, std::string_view text) {
  return WriteAll(descriptor, std::as_bytes(std::span(text)));
}

void ReportError(const Status& status) {
  // The detail goes first: the parent keeps it for its log.
  if (!status.detail().ForLog().empty()) ReportDetail(status.detail().ForLog());
  (void)WriteText(kMessages, media::EncodeErrorLine(status.code(), status.message()));
}

void ReportWarning(std::string_view text) {
  (void)WriteText(kMessages, media::EncodeWarningLine(text));
}

void ReportDetail(std::string_view text) {
  (void)WriteText(kMessages, "detail " + std::string(text) + "\n");
}

Status PcmSink::Begin(std::uint32_t lead_samples) {
  return WriteAll(descriptor_, media::EncodeStreamHeader({.lead_samples = lead_samples}));
}

Status PcmSink::Write(std::span<const float> samples) {
  return WriteAll(descriptor_, std::as_bytes(samples));
}

PeakSink::PeakSink(int descriptor, std::uint32_t bucket_samples)
    : descriptor_(descriptor), bucket_samples_(bucket_samples) {}

Status PeakSink::Begin(std::uint32_t lead_samples) {
  return WriteAll(descriptor_, media::EncodeStreamHeader({.kind = media::StreamKind::kPeaks,
                                                          .lead_samples = lead_samples,
                                                          .samples_per_item = bucket_samples_}));
}

Status PeakSink::Write(std::span<const float> samples) {
  for (const float sample : samples) {
    smallest_ = taken_ == 0 ? sample : std::min(smallest_, sample);
    largest_ = taken_ == 0 ? sample : std::max(largest_, sample);
    if (++taken_ == bucket_samples_) CloseBucket();
  }
  return values_.size() >= kValuesMax ? Flush() : Status();
}

void PeakSink::CloseBucket() {
  values_.push_back(smallest_);
  values_.push_back(largest_);
  taken_ = 0;
}

Status PeakSink::Finish() {
  if (taken_ > 0) CloseBucket();
  return Flush();
}

Status PeakSink::Flush() {
  WT_TRY(WriteAll(descriptor_, std::as_bytes(std::span(values_))));
  values_.clear();
  return Status();
}

}  // namespace wt::apps::transcriber_media

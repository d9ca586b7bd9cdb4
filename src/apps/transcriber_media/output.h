// What the program writes: values on descriptor 1, messages on descriptor 2. One thread.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "media/media_stream.h"
#include "whisper_transcriber/status.h"

namespace wt::apps::transcriber_media {

/// Writes all bytes to a descriptor; kUnavailable when nobody reads any more.
Status WriteAll(int descriptor, std::span<const std::byte> bytes);
Status WriteText(int descriptor, std::string_view text);

void ReportError(const Status& status);
void ReportWarning(std::string_view text);
/// A line that the parent puts into its log only.
void ReportDetail(std::string_view text);

/// Takes the audio: 16 kHz, mono.
class SampleSink {
 public:
  virtual ~SampleSink() = default;
  /// Called once, before everything else. `lead_samples` are part of what follows.
  virtual Status Begin(std::uint32_t lead_samples) = 0;
  virtual Status Write(std::span<const float> samples) = 0;
  virtual Status Finish() = 0;
};

/// The samples themselves.
class PcmSink : public SampleSink {
 public:
  explicit PcmSink(int descriptor) : descriptor_(descriptor) {}
  Status Begin(std::uint32_t lead_samples) override;
  Status Write(std::span<const float> samples) override;
  Status Finish() override { return Status(); }

 private:
  int descriptor_;
};

/// Smallest and largest sample of each bucket of `bucket_samples`.
class PeakSink : public SampleSink {
 public:
  PeakSink(int descriptor, std::uint32_t bucket_samples);
  Status Begin(std::uint32_t lead_samples) override;
  Status Write(std::span<const float> samples) override;
  Status Finish() override;

 private:
  Status Flush();
  void CloseBucket();

  int descriptor_;
  std::uint32_t bucket_samples_;
  std::uint32_t taken_ = 0;
  float smallest_ = 0.0F;
  float largest_ = 0.0F;
  std::vector<float> values_;
};

}  // namespace wt::apps::transcriber_media

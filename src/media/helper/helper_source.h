// An AudioSource over runs of transcriber-media.
//
// The last minute of samples is kept, so that small steps back cost nothing. A larger step back
// starts the decoder again and drops samples up to the target: seeking inside compressed files is
// not exact to the sample, decoding from the start is. One thread at a time; owns the input.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "media/helper/helper_stream.h"
#include "platform/file.h"
#include "whisper_transcriber/engine.h"

namespace wt::media {

class HelperSource : public AudioSource {
 public:
  /// Starts the first run. `command.input` is taken from `input`.
  static Result<std::unique_ptr<HelperSource>> Open(platform::FileDescriptor input,
                                                    HelperCommand command,
                                                    std::int64_t samples_max);

  Result<std::size_t> Read(std::span<float> out) override;
  Status Seek(SampleIndex position) override;
  /// Known once the end has been read.
  std::optional<SampleIndex> length() const override { return length_; }

 private:
  HelperSource(platform::FileDescriptor input, HelperCommand command, std::int64_t samples_max);
  Status Restart();
  /// Decodes the next piece into the history.
  Status Advance();

  platform::FileDescriptor input_;
  HelperCommand command_;
  std::int64_t samples_max_;
  std::unique_ptr<HelperStream> stream_;
  /// Ring of the samples [decoded_ - kept, decoded_), sample i at i % size.
  std::vector<float> history_;
  std::int64_t decoded_ = 0;
  std::int64_t position_ = 0;
  std::optional<SampleIndex> length_;
};

}  // namespace wt::media

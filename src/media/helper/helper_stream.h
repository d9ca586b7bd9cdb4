// The values that a run of transcriber-media writes. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "media/helper/helper_run.h"
#include "media/media_stream.h"
#include "whisper_transcriber/status.h"

namespace wt::media {

class HelperStream {
 public:
  /// Starts the child and waits for its header, so that an input that cannot be decoded is an error
  /// here. More than `values_max` values end the stream with kResourceExhausted.
  static Result<std::unique_ptr<HelperStream>> Start(const HelperCommand& command, StreamKind kind,
                                                     std::int64_t values_max);

  /// Fills `out`; fewer values only at the end.
  Result<std::size_t> Read(std::span<float> out);
  const StreamHeader& header() const { return parser_.header(); }

 private:
  HelperStream(std::unique_ptr<HelperRun> run, StreamKind kind, std::int64_t values_max);
  Status Pump();

  std::unique_ptr<HelperRun> run_;
  StreamParser parser_;
  std::vector<std::byte> raw_;
  std::vector<float> values_;
  std::size_t values_taken_ = 0;
  bool ended_ = false;
};

}  // namespace wt::media

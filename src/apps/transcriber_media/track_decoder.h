// The frames of one audio track, in order. Damaged packets are skipped and counted.
//
// Priming and padding (edit lists, LAME gapless data, Opus pre-skip) are removed by FFmpeg, which
// is told about them by the demuxers. Thread-compatible; borrows the container.
#pragma once

#include <cstdint>
#include <optional>

#include "apps/transcriber_media/container.h"
#include "apps/transcriber_media/frame_pcm.h"
#include "apps/transcriber_media/libav.h"
#include "whisper_transcriber/status.h"

namespace wt::apps::transcriber_media {

class TrackDecoder {
 public:
  /// `track` is an index into container->tracks(). kUnsupported for encrypted tracks and unknown
  /// codecs.
  static Result<TrackDecoder> Open(Container* container, std::size_t track);

  /// The next frame, valid until the next call; null at the end. kUnavailable when reading fails.
  Result<const AVFrame*> Next();
  /// The time that the last frame claims, in seconds of the container's clock.
  std::optional<double> frame_start_s() const;
  /// Whether the codec invents samples (MP3, AAC, Opus) or keeps them (PCM, FLAC).
  Fidelity fidelity() const;
  std::int64_t damaged_packets() const { return damaged_packets_; }

 private:
  TrackDecoder() = default;
  /// Gives the decoder the next packet of the track, or the end.
  Status Feed();

  Container* container_ = nullptr;
  const AVStream* stream_ = nullptr;
  CodecPointer codec_;
  PacketPointer packet_;
  FramePointer frame_;
  std::int64_t damaged_packets_ = 0;
  bool draining_ = false;
};

}  // namespace wt::apps::transcriber_media

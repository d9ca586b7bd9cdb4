// An opened media file: FFmpeg's demuxer over one descriptor that can only be read and sought.
//
// Only the demuxers and audio decoders named in allowed_codecs.h are used; nothing else is opened,
// whatever the file refers to. Thread-compatible; borrows the descriptor.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "apps/transcriber_media/libav.h"
#include "whisper_transcriber/status.h"

namespace wt::apps::transcriber_media {

/// How far the timestamps of a container are to be believed.
struct ClockRules {
  /// The container has a clock that its tracks share: a late start is silence.
  bool has_clock = false;
  /// The second that counts as 0.
  double origin_s = 0.0;
  /// Holes between frames are silence.
  bool fill_gaps = false;
  /// Frames that repeat a time already given out are dropped.
  bool drop_overlaps = false;
};

/// What Container::Open may spend on durations that the file does not state.
enum class Durations { kAsStated, kEstimated };

class Container {
 public:
  /// `hint` is an extension without its dot, or empty. kUnsupported when it is no media file,
  /// kDataCorrupt when it is one that cannot be read, kUnavailable when reading fails.
  static Result<std::unique_ptr<Container>> Open(int descriptor, const std::string& hint,
                                                 Durations durations = Durations::kAsStated);
  ~Container();
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  AVFormatContext* format() const { return format_; }
  /// Streams that hold audio, in the order of the file.
  const std::vector<AVStream*>& tracks() const { return tracks_; }
  /// Bytes from the start at which the file is being read.
  std::int64_t position() const { return position_; }
  bool has_video() const { return has_video_; }
  ClockRules clock() const;

 private:
  Container() = default;
  Status Probe(const std::string& hint, Durations durations);
  void FindTracks();
  static int ReadBytes(void* opaque, std::uint8_t* buffer, int size);
  static std::int64_t SeekTo(void* opaque, std::int64_t offset, int whence);

  int descriptor_ = -1;
  std::int64_t position_ = 0;
  std::int64_t size_ = 0;
  int read_error_ = 0;
  AVIOContext* io_ = nullptr;
  AVFormatContext* format_ = nullptr;
  std::vector<AVStream*> tracks_;
  bool has_video_ = false;
};

/// True when samples are enciphered (DRM), so that they cannot be decoded: as the track's header
/// says, or what comes with one packet.
bool IsEncrypted(const AVStream* track);
bool IsEncrypted(const AVPacket& packet);

}  // namespace wt::apps::transcriber_media

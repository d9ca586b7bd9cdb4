// What a media file holds, without decoding it: tracks, codecs, durations. And its waveform.
//
// Both run transcriber-media; everything it answers is checked. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "media/open_audio.h"
#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::media {

struct AudioTrack {
  std::string codec;
  int channels = 0;
  int sample_rate = 0;
  std::int64_t bit_rate = 0;
  /// ISO 639 as the file has it; empty when it says nothing.
  std::string language;
  std::string title;
  /// As stated by the file; guessed for some formats. Absent when unknown.
  std::optional<double> duration_s;
  std::optional<double> start_s;
  bool is_default = false;
  bool encrypted = false;
};

struct MediaInfo {
  /// FFmpeg's names of the container, e.g. "mov,mp4,m4a,3gp,3g2,mj2".
  std::string format;
  std::optional<double> duration_s;
  bool has_video = false;
  /// Their order is MediaOptions::track.
  std::vector<AudioTrack> tracks;
};

/// At most this many tracks are reported.
inline constexpr std::size_t kTracksReportedMax = 256;

/// Errors as OpenAudioFile; a file without an audio track is not an error here.
Result<MediaInfo> ProbeMedia(const std::string& path, const MediaOptions& options);

/// As above for an open descriptor, as OpenAudioDescriptor takes it.
Result<MediaInfo> ProbeMediaDescriptor(platform::FileDescriptor input, const std::string& name,
                                       const MediaOptions& options);

/// The answer of the program to `probe`. kInternal when it is not understood. For ProbeMedia, tests
/// and fuzzing.
Result<MediaInfo> ParseProbe(const std::string& json);

struct Peak {
  float smallest = 0.0F;
  float largest = 0.0F;
};

/// Smallest and largest sample of each run of `bucket_samples` (1 .. 57,600,000) samples at 16 kHz,
/// in one pass. kResourceExhausted beyond `peaks_max` of them.
Result<std::vector<Peak>> ReadPeaks(const std::string& path, const MediaOptions& options,
                                    std::int64_t bucket_samples, std::int64_t peaks_max);

/// As above for an open descriptor.
Result<std::vector<Peak>> ReadPeaksDescriptor(platform::FileDescriptor input,
                                              const std::string& name, const MediaOptions& options,
                                              std::int64_t bucket_samples, std::int64_t peaks_max);

}  // namespace wt::media

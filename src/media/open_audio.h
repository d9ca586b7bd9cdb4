// Opening recordings: any media file, or standard input, as an AudioSource (16 kHz, mono, float32).
//
// Plain PCM in a 16 kHz WAV file is read here, by code of our own. Everything else goes through the
// program transcriber-media, a sandboxed child process that gets nothing but the descriptor of the
// input (docs/formats/media-stream.md). The input is never held in memory as a whole.
//
//   auto source = wt::media::OpenAudioFile("talk.mp4", {.log = &log});
//   if (!source.ok()) return source.status();
//
// The functions are thread-safe; a source is used by one thread at a time. Destroying a source ends
// its child process. Errors say what is wrong with which input and what to do about it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/cancel.h"
#include "base/limits.h"
#include "base/log.h"
#include "platform/file.h"
#include "whisper_transcriber/engine.h"
#include "whisper_transcriber/status.h"

namespace wt::media {

/// Bytes of a pipe that are kept in a temporary file: 24 hours of 48 kHz 16-bit stereo have 16.6
/// GB.
inline constexpr std::int64_t kSpoolBytesMax = 17'000'000'000;

inline constexpr int kBestTrack = -1;
inline constexpr int kAllChannels = -1;

struct MediaLimits {
  /// Samples at 16 kHz; longer audio ends with kResourceExhausted.
  std::int64_t samples_max = base::kAudioSamplesMax;
  /// Bytes taken from an input that cannot seek.
  std::int64_t spool_bytes_max = kSpoolBytesMax;
  /// The decoder may produce nothing for this long; then it is ended with kDeadlineExceeded.
  std::chrono::milliseconds stall_max{30'000};
};

struct MediaOptions {
  /// The transcriber-media program. Empty: beside the running program, then in
  /// ../libexec/whisper-transcriber, then in the directories of `search_path`.
  std::string helper_path{};
  /// Directories separated by colons, such as the program's PATH.
  std::string search_path{};
  /// Where pipes are spooled, in a file that has no name.
  std::string temp_dir = "/tmp";
  /// Index among the audio tracks, from 0. kBestTrack: the default track or else the first, passing
  /// over tracks that are silent at their beginning while another one is not.
  int track = kBestTrack;
  /// Index of the one channel to hear, from 0. kAllChannels: mixed down (see mixdown.h).
  int channel = kAllChannels;
  base::LogSink* log = nullptr;
  /// Ends a blocking read with kCancelled when set. Must outlive the source.
  const base::CancelFlag* cancel = nullptr;
  MediaLimits limits{};
};

/// Opens `path`: a regular file, or a pipe, which is spooled first. Errors besides those of
/// opening: kInvalidArgument (a directory, empty, no such track or channel), kUnsupported (not a
/// media file, no audio track, encrypted, unknown codec), kDataCorrupt (damaged beyond use),
/// kFailedPrecondition (the transcriber-media program is missing), kDeadlineExceeded, kCancelled.
Result<std::unique_ptr<AudioSource>> OpenAudioFile(const std::string& path,
                                                   const MediaOptions& options);

/// As above for an open descriptor, such as standard input. A seekable one is used as it is, from
/// its beginning; another one is spooled. `name` is for messages; its extension tells raw codecs
/// (.gsm, .g722) apart and nothing else.
Result<std::unique_ptr<AudioSource>> OpenAudioDescriptor(platform::FileDescriptor input,
                                                         const std::string& name,
                                                         const MediaOptions& options);

}  // namespace wt::media

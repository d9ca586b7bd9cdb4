// Which audio track a person would hear. Thread-compatible.
#pragma once

#include <cstddef>
#include <string>

#include "whisper_transcriber/status.h"

namespace wt::apps::transcriber_media {

/// An index among the audio tracks. `wanted` >= 0 is checked and returned. Otherwise: the default
/// track (else the first) unless it is silent over its first minute and another one is not; at most
/// 8 tracks are listened to, in order, each over at most 256 MiB of the file. kUnsupported when
/// there is no audio track, kInvalidArgument for one that does not exist.
Result<std::size_t> ChooseTrack(int descriptor, const std::string& hint, int wanted);

}  // namespace wt::apps::transcriber_media

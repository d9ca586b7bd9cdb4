// Which audio track a person would hear. Thread-compatible.
#pragma once

#include <cstddef>
#include <string>

#include "apps/transcriber_media/container.h"
#include "whisper_transcriber/status.h"

namespace wt::apps::transcriber_media {

/// An index among the audio tracks of `container`, which is left as it is. `wanted` >= 0 is checked
/// and returned. Otherwise: the default track (else the first) unless it is silent over its first
/// minute and another one is not; at most 8 tracks are listened to, in order, each over at most
/// 64 MiB of the file. kUnsupported when there is no audio track, kInvalidArgument for one that
/// does not exist. `descriptor` and `hint` open the same file again for listening.
Result<std::size_t> ChooseTrack(const Container& container, int descriptor, const std::string& hint,
                                int wanted);

}  // namespace wt::apps::transcriber_media

// What every way of reading a media file begins with: a descriptor that can seek, and the command
// for the helper. Used by open_audio and probe_media. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "media/helper/helper_run.h"
#include "media/open_audio.h"
#include "platform/file.h"
#include "whisper_transcriber/status.h"

namespace wt::media {

struct MediaInput {
  platform::FileDescriptor descriptor;
  std::int64_t size = 0;
  std::string name;
};

/// Opens a path for reading; a directory is kInvalidArgument.
Result<platform::FileDescriptor> OpenMediaFile(const std::string& path);

/// Spools what cannot seek; an empty input is kInvalidArgument. Messages begin with `name`.
Result<MediaInput> PrepareInput(platform::FileDescriptor descriptor, const std::string& name,
                                const MediaOptions& options);

/// The command that runs the helper on `input` with `arguments` (verb first).
Result<HelperCommand> MakeHelperCommand(const MediaInput& input, const MediaOptions& options,
                                        std::vector<std::string> arguments);

}  // namespace wt::media

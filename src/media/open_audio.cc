#include "media/open_audio.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "media/helper/helper_path.h"
#include "media/helper/helper_source.h"
#include "media/media_input.h"
#include "media/media_kind.h"
#include "media/random_input.h"
#include "media/wav_layout.h"
#include "media/wav_source.h"

namespace wt::media {
namespace {

/// Owns its descriptor as well.
class OwnedFdInput : public FdInput {
 public:
  OwnedFdInput(platform::FileDescriptor fd, std::int64_t size, const std::string& name)
      : FdInput(fd.get(), size, name), fd_(std::move(fd)) {}

 private:
  platform::FileDescriptor fd_;
};

Result<std::unique_ptr<AudioSource>> OpenWav(MediaInput input, const WavLayout& layout,
                                             const MediaOptions& options) {
  if (options.track > 0) {
    return Status(StatusCode::kInvalidArgument, "a WAV file has one audio track, number 0");
  }
  if (options.channel >= layout.channels) {
    return Status(StatusCode::kInvalidArgument,
                  "there is no channel " + std::to_string(options.channel) + "; the file has " +
                      std::to_string(layout.channels) + ", counted from 0");
  }
  if (layout.frames > options.limits.samples_max) {
    return Status(StatusCode::kResourceExhausted, "the audio is longer than the limit of " +
                                                      std::to_string(options.limits.samples_max) +
                                                      " samples; cut it into parts");
  }
  return std::unique_ptr<AudioSource>(std::make_unique<WavSource>(
      std::make_unique<OwnedFdInput>(std::move(input.descriptor), input.size, input.name), layout,
      options.channel));
}

Result<std::unique_ptr<AudioSource>> OpenWithHelper(MediaInput input, const MediaOptions& options) {
  std::vector<std::string> arguments = {"decode", "--track=" + std::to_string(options.track),
                                        "--channel=" + std::to_string(options.channel)};
  WT_ASSIGN(HelperCommand command, MakeHelperCommand(input, options, std::move(arguments)));
  WT_ASSIGN(std::unique_ptr<HelperSource> source,
            HelperSource::Open(std::move(input.descriptor), std::move(command),
                               options.limits.samples_max));
  return std::unique_ptr<AudioSource>(std::move(source));
}

Result<std::unique_ptr<AudioSource>> OpenInput(MediaInput input, const MediaOptions& options) {
  FdInput bytes(input.descriptor.get(), input.size, input.name);
  WT_ASSIGN(const std::optional<WavLayout> layout, ReadWavLayout(bytes));
  if (layout && layout->rate == kStreamRate) return OpenWav(std::move(input), *layout, options);
  std::array<std::byte, 512> head{};
  WT_ASSIGN(const std::size_t head_bytes, bytes.ReadAt(0, head));
  Result<std::unique_ptr<AudioSource>> source = OpenWithHelper(std::move(input), options);
  if (source.ok()) return source;
  const std::string_view other = DescribeOtherContent(std::span(head).first(head_bytes));
  const StatusCode code = source.status().code();
  if (other.empty() || (code != StatusCode::kUnsupported && code != StatusCode::kDataCorrupt)) {
    return source;
  }
  return Status(StatusCode::kUnsupported,
                "is " + std::string(other) + ", not a recording; give an audio or video file",
                source.status().detail());
}

}  // namespace

Result<std::unique_ptr<AudioSource>> OpenAudioFile(const std::string& path,
                                                   const MediaOptions& options) {
  WT_ASSIGN(platform::FileDescriptor descriptor, OpenMediaFile(path));
  return OpenAudioDescriptor(std::move(descriptor), path, options);
}

Result<std::unique_ptr<AudioSource>> OpenAudioDescriptor(platform::FileDescriptor input,
                                                         const std::string& name,
                                                         const MediaOptions& options) {
  WT_ASSIGN(MediaInput prepared, PrepareInput(std::move(input), name, options));
  Result<std::unique_ptr<AudioSource>> source = OpenInput(std::move(prepared), options);
  if (!source.ok()) return source.status().WithContext(name);
  return source;
}

}  // namespace wt::media

#include "media/media_input.h"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <string_view>
#include <utility>

#include "base/status_macros.h"
#include "media/helper/helper_path.h"
#include "media/spool.h"

namespace wt::media {
namespace {

/// The extension when it is one of a raw codec, whose files nothing inside tells apart. All other
/// names are ignored: content decides.
std::string RawHint(const std::string& name) {
  constexpr std::array<std::string_view, 7> kRaw = {"gsm", "g722", "722", "g729",
                                                    "sln", "tco",  "rco"};
  const std::size_t dot = name.rfind('.');
  if (dot == std::string::npos) return {};
  std::string extension = name.substr(dot + 1);
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(kRaw.begin(), kRaw.end(), extension) == kRaw.end() ? std::string() : extension;
}

}  // namespace

Result<platform::FileDescriptor> OpenMediaFile(const std::string& path) {
  WT_ASSIGN(platform::FileDescriptor descriptor, platform::OpenForRead(path));
  struct stat info{};
  if (::fstat(descriptor.get(), &info) != 0) return platform::ErrnoStatus(errno, path);
  if (S_ISDIR(info.st_mode)) {
    return Status(StatusCode::kInvalidArgument, path + ": is a directory; name a file");
  }
  return descriptor;
}

Result<MediaInput> PrepareInput(platform::FileDescriptor descriptor, const std::string& name,
                                const MediaOptions& options) {
  struct stat info{};
  if (::fstat(descriptor.get(), &info) != 0) return platform::ErrnoStatus(errno, name);
  if (!S_ISREG(info.st_mode)) {
    WT_ASSIGN(descriptor, SpoolToFile(descriptor.get(), name, options.temp_dir,
                                      options.limits.spool_bytes_max, options.cancel));
    if (::fstat(descriptor.get(), &info) != 0) return platform::ErrnoStatus(errno, name);
  }
  if (info.st_size == 0) {
    return Status(StatusCode::kInvalidArgument,
                  name + ": is empty (0 bytes); record or copy it again");
  }
  return MediaInput{std::move(descriptor), static_cast<std::int64_t>(info.st_size), name};
}

Result<HelperCommand> MakeHelperCommand(const MediaInput& input, const MediaOptions& options,
                                        std::vector<std::string> arguments) {
  HelperCommand command;
  WT_ASSIGN(command.program, FindHelper(options.helper_path, options.search_path));
  command.arguments = std::move(arguments);
  const std::string hint = RawHint(input.name);
  if (!hint.empty()) command.arguments.push_back("--hint=" + hint);
  command.input = input.descriptor.get();
  command.stall_max = options.limits.stall_max;
  command.cancel = options.cancel;
  command.log = options.log;
  return command;
}

}  // namespace wt::media

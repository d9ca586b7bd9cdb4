#include "media/helper/helper_path.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

namespace wt::media {
namespace {

constexpr std::string_view kName = "transcriber-media";

std::vector<std::filesystem::path> Candidates(const std::string& search_path) {
  std::vector<std::filesystem::path> candidates;
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  if (!error) {
    candidates.push_back(self.parent_path() / kName);
    candidates.push_back(self.parent_path() / "../libexec/whisper-transcriber" / kName);
  }
  std::string_view rest = search_path;
  while (!rest.empty()) {
    const std::string_view directory = rest.substr(0, rest.find(':'));
    rest.remove_prefix(std::min(directory.size() + 1, rest.size()));
    // An empty or relative entry would mean the working directory, which anybody may have filled.
    if (directory.starts_with('/')) {
      candidates.push_back(std::filesystem::path(directory) / kName);
    }
  }
  return candidates;
}

}  // namespace

Result<std::string> FindHelper(const std::string& given, const std::string& search_path) {
  if (!given.empty()) {
    if (::access(given.c_str(), X_OK) == 0) return given;
    return Status(StatusCode::kFailedPrecondition,
                  given + ": cannot be executed; name the transcriber-media program");
  }
  for (const std::filesystem::path& path : Candidates(search_path)) {
    if (::access(path.c_str(), X_OK) == 0) return path.string();
  }
  return Status(StatusCode::kFailedPrecondition,
                "the program transcriber-media, which decodes this kind of file, is not installed "
                "beside this one; install it, or convert the file to a 16 kHz WAV file");
}

}  // namespace wt::media

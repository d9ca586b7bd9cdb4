#include "apps/transcriber/transcribe/checkpoint_file.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <span>
#include <utility>

#include "base/status_macros.h"
#include "platform/file.h"

namespace wt::transcriber {
namespace {

constexpr std::string_view kMagic = "WTCKPT 1\n";
// A day of speech with word times has 100,000 words of about 100 bytes each.
constexpr std::int64_t kBytesMax = 256LL << 20;

// The same bytes under the same name, unless somebody forged the time.
std::string IdentityOf(const std::string& input) {
  struct stat info{};
  if (::stat(input.c_str(), &info) != 0) return "none";
  return fmt::format("{} {}.{:09}", info.st_size, info.st_mtim.tv_sec, info.st_mtim.tv_nsec);
}

}  // namespace

CheckpointFile::CheckpointFile(std::string path, const std::string& input,
                               const TranscribeArguments& arguments)
    : path_(std::move(path)),
      header_(fmt::format("{}{} track {} channel {}\n", kMagic, IdentityOf(input), arguments.track,
                          arguments.channel)) {}

Result<std::optional<Checkpoint>> CheckpointFile::Load() const {
  const Result<std::string> text = platform::ReadWholeFile(path_, kBytesMax);
  if (text.status().code() == StatusCode::kNotFound) return std::optional<Checkpoint>();
  if (!text.ok()) return text.status();
  if (!text->starts_with(header_)) {
    const bool ours = text->starts_with(kMagic);
    return Status(StatusCode::kFailedPrecondition,
                  path_ + (ours ? ": is the checkpoint of another recording, or the recording has "
                                  "changed; remove it to start anew"
                                : ": is not a checkpoint; give --checkpoint another name"));
  }
  const std::span<const char> rest(text->data() + header_.size(), text->size() - header_.size());
  const std::span<const std::byte> bytes = std::as_bytes(rest);
  return std::optional(Checkpoint{{bytes.begin(), bytes.end()}});
}

Status CheckpointFile::Save(const Checkpoint& checkpoint) const {
  const std::span<const std::byte> head = std::as_bytes(std::span<const char>(header_));
  std::vector<std::byte> bytes(head.begin(), head.end());
  bytes.insert(bytes.end(), checkpoint.bytes.begin(), checkpoint.bytes.end());
  return platform::WriteFileAtomically(path_, bytes);
}

void CheckpointFile::Remove() const { ::unlink(path_.c_str()); }

}  // namespace wt::transcriber

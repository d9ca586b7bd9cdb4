#include "models/net/download.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "base/status_macros.h"
#include "platform/file.h"
#include "platform/sha256.h"

namespace wt::net {
namespace {

constexpr std::int64_t kDiskReserveBytes = 32LL << 20;
constexpr std::int64_t kEtagBytesMax = 1'024;
constexpr std::size_t kReadBytes = 1U << 20;
constexpr std::chrono::milliseconds kFirstWait{500};
constexpr std::chrono::milliseconds kLongestWait{15'000};

std::string PartPath(const DownloadRequest& request) { return request.path + ".part"; }
std::string EtagPath(const DownloadRequest& request) { return PartPath(request) + ".etag"; }

std::int64_t SizeOf(const std::string& path) {
  struct stat info{};
  return ::stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode)
             ? static_cast<std::int64_t>(info.st_size)
             : 0;
}

void RemovePart(const DownloadRequest& request) {
  ::unlink(PartPath(request).c_str());
  ::unlink(EtagPath(request).c_str());
}

Status WriteStatus(int error, const std::string& path) {
  if (error == ENOSPC || error == EDQUOT) {
    return Status(StatusCode::kResourceExhausted,
                  path +
                      ": the disk is full; free some space and run the same command again, it "
                      "goes on where it stopped");
  }
  return platform::ErrnoStatus(error, path);
}

/// What the status of an answer means for this download.
Status CheckAnswer(const HttpHead& head, const std::string& url) {
  const std::string text = url + ": the server answers " + std::to_string(head.status);
  if (head.status == 200 || head.status == 206) return Status();
  if (head.status == 404 || head.status == 410) return Status(StatusCode::kNotFound, text);
  if (head.status == 401 || head.status == 403) return Status(StatusCode::kPermissionDenied, text);
  const bool passing = head.status == 408 || head.status == 429 || head.status >= 500;
  return Status(passing ? StatusCode::kUnavailable : StatusCode::kFailedPrecondition, text);
}

/// Writes one attempt's bytes behind what is there.
class PartWriter : public HttpReceiver {
 public:
  PartWriter(const DownloadRequest& request, const DownloadOptions& options, std::int64_t offset)
      : request_(request), options_(options), offset_(offset) {}

  Status OnHead(const HttpHead& head) override {
    if (head.status == 416) {
      start_over_ = true;
      return Status(StatusCode::kAborted, request_.url + ": the part does not fit the file");
    }
    WT_TRY(CheckAnswer(head, request_.url));
    if (head.status == 206 && head.range_start != offset_) {
      start_over_ = true;
      return Status(StatusCode::kAborted, request_.url + ": the server sent another range");
    }
    if (head.status == 200) offset_ = 0;
    if (head.content_length >= 0) total_ = offset_ + head.content_length;
    WT_TRY(CheckTotal(total_));
    if (total_ > 0) {
      const std::string folder = std::filesystem::path(request_.path).parent_path().string();
      WT_TRY(CheckDiskSpace(folder, total_ - offset_));
    }
    return OpenPart(head);
  }

  Status OnBytes(std::span<const std::byte> bytes) override {
    const auto count = static_cast<std::int64_t>(bytes.size());
    WT_TRY(CheckTotal(offset_ + count));
    while (!bytes.empty()) {
      const ssize_t written = ::write(file_.get(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) return WriteStatus(errno, PartPath(request_));
      bytes = bytes.subspan(static_cast<std::size_t>(written));
      offset_ += written;
      brought_ += written;
    }
    if (options_.progress) options_.progress(offset_, request_.bytes > 0 ? request_.bytes : total_);
    return Status();
  }

  /// On disk, not only in the page cache: a part is trusted after a crash.
  Status Sync() {
    if (!file_.valid()) return Status();
    return ::fsync(file_.get()) == 0 ? Status() : WriteStatus(errno, PartPath(request_));
  }

  bool start_over() const { return start_over_; }
  std::int64_t brought() const { return brought_; }

 private:
  Status CheckTotal(std::int64_t total) {
    if (request_.bytes >= 0 && total > request_.bytes) {
      return Status(StatusCode::kDataCorrupt, request_.url + ": sends " + std::to_string(total) +
                                                  " bytes, expected " +
                                                  std::to_string(request_.bytes));
    }
    if (total > request_.bytes_max) {
      return Status(StatusCode::kResourceExhausted,
                    request_.url + ": sends " + std::to_string(total) + " bytes, the limit is " +
                        std::to_string(request_.bytes_max));
    }
    return Status();
  }

  Status OpenPart(const HttpHead& head) {
    const std::string part = PartPath(request_);
    file_ = platform::FileDescriptor(
        ::open(part.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644));
    if (!file_.valid()) return WriteStatus(errno, part);
    if (::ftruncate(file_.get(), offset_) != 0 || ::lseek(file_.get(), 0, SEEK_END) < 0) {
      return WriteStatus(errno, part);
    }
    if (head.status == 206) return Status();
    const std::string etag =
        static_cast<std::int64_t>(head.etag.size()) <= kEtagBytesMax ? head.etag : std::string();
    return platform::WriteFileAtomically(EtagPath(request_), std::as_bytes(std::span(etag)));
  }

  const DownloadRequest& request_;
  const DownloadOptions& options_;
  std::int64_t offset_;
  std::int64_t total_ = -1;
  std::int64_t brought_ = 0;
  bool start_over_ = false;
  platform::FileDescriptor file_;
};

/// A body without a stated length may end early unnoticed by libcurl; the next attempt goes on.
Status CheckNotShort(const DownloadRequest& request) {
  const std::int64_t bytes = SizeOf(PartPath(request));
  if (bytes >= request.bytes) return Status();
  return Status(StatusCode::kUnavailable, request.url + ": ended after " + std::to_string(bytes) +
                                              " of " + std::to_string(request.bytes) + " bytes");
}

struct Attempt {
  Status status;
  std::int64_t brought = 0;
};

Attempt TryOnce(const DownloadRequest& request, const DownloadOptions& options) {
  HttpRequest get;
  get.url = request.url;
  get.offset = SizeOf(PartPath(request));
  if (get.offset > 0) {
    Result<std::string> etag = platform::ReadWholeFile(EtagPath(request), kEtagBytesMax);
    if (etag.ok()) get.if_range = std::move(etag).value();
  }
  if (request.bytes > 0 && get.offset == request.bytes) return {};  // Only the checksum is missing.
  PartWriter writer(request, options, get.offset);
  Status status = HttpGet(get, options.http, &writer);
  const Status synced = writer.Sync();
  if (status.ok()) status = synced;
  if (status.ok()) status = CheckNotShort(request);
  if (writer.start_over()) RemovePart(request);
  return {std::move(status), writer.brought()};
}

bool WorthAnotherTry(const Status& status) {
  return status.code() == StatusCode::kUnavailable || status.code() == StatusCode::kAborted;
}

/// Attempts until the part is complete or it makes no sense to go on.
Status FetchPart(const DownloadRequest& request, const DownloadOptions& options) {
  int fruitless = 0;
  std::chrono::milliseconds pause = kFirstWait;
  Status status;
  for (int attempt = 0; attempt < options.attempts_max; ++attempt) {
    if (attempt > 0 && options.wait && !options.wait(pause)) {
      return Status(StatusCode::kCancelled, "cancelled");
    }
    Attempt made = TryOnce(request, options);
    if (made.status.ok()) return Status();
    status = std::move(made.status);
    if (!WorthAnotherTry(status)) return status;
    if (made.brought > 0) {
      fruitless = 0;
      pause = kFirstWait;
    } else {
      pause = std::min(pause * 2, kLongestWait);
      if (++fruitless >= options.fruitless_attempts_max) return status;
    }
  }
  return status;
}

/// Ok when the part is the file that was asked for. A wrong part is removed.
Status CheckPart(const DownloadRequest& request, const DownloadOptions& options) {
  WT_ASSIGN(const std::string digest, FileSha256(PartPath(request), options.http.cancel));
  if (digest == request.sha256) return Status();
  RemovePart(request);
  return Status(StatusCode::kDataCorrupt,
                request.url + ": the SHA-256 is " + digest + ", expected " + request.sha256);
}

}  // namespace

Status CheckDiskSpace(const std::string& directory, std::int64_t bytes) {
  struct statvfs info{};
  if (::statvfs(directory.c_str(), &info) != 0) return platform::ErrnoStatus(errno, directory);
  const auto available = static_cast<unsigned __int128>(info.f_bavail) * info.f_frsize;
  if (available >= static_cast<unsigned __int128>(bytes) + kDiskReserveBytes) return Status();
  constexpr std::int64_t kMiB = 1 << 20;
  return Status(StatusCode::kResourceExhausted,
                directory + ": " + std::to_string((bytes + kDiskReserveBytes) / kMiB + 1) +
                    " MiB of disk space are needed, " +
                    std::to_string(static_cast<std::int64_t>(available / kMiB)) +
                    " MiB are free; free some, or choose another directory with --model-dir");
}

Result<std::string> FileSha256(const std::string& path, const base::CancelFlag* cancel) {
  WT_ASSIGN(const platform::FileDescriptor file, platform::OpenForRead(path));
  platform::Sha256 hash;
  std::vector<std::byte> portion(kReadBytes);
  while (true) {
    if (base::Cancelled(cancel)) return Status(StatusCode::kCancelled, "cancelled");
    const ssize_t count = ::read(file.get(), portion.data(), portion.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return platform::ErrnoStatus(errno, path);
    if (count == 0) return hash.Finish();
    hash.Update(std::span(portion).first(static_cast<std::size_t>(count)));
  }
}

Status Download(const DownloadRequest& request, const DownloadOptions& options) {
  if (const Result<std::string> have = FileSha256(request.path, options.http.cancel);
      have.ok() && *have == request.sha256) {
    return Status();
  }
  // A part of another file, or one that an earlier version wrote, shows only at the end: then the
  // whole is fetched once more from the start.
  const bool continued = SizeOf(PartPath(request)) > 0;
  if (request.bytes > 0 && SizeOf(PartPath(request)) > request.bytes) RemovePart(request);
  Status status;
  for (int round = 0; round < (continued ? 2 : 1); ++round) {
    WT_TRY(FetchPart(request, options));
    status = CheckPart(request, options);
    if (status.code() != StatusCode::kDataCorrupt) break;
  }
  WT_TRY(status);
  if (::rename(PartPath(request).c_str(), request.path.c_str()) != 0) {
    return platform::ErrnoStatus(errno, request.path);
  }
  ::unlink(EtagPath(request).c_str());
  return Status();
}

}  // namespace wt::net

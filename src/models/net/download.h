// Downloads one file of known SHA-256, goes on where an earlier attempt stopped, and lets it appear
// under its name only when it is complete and right.
//
// Bytes collect in PATH.part; PATH.part.etag holds the server's entity tag. A part may be continued
// from another address: what counts is the checksum. States of one download:
//   1. no part: ask for the whole (200).
//   2. a part of n bytes: ask from n on (Range, If-Range). 206 from n: append. 200: start over,
//      the server knows no ranges or the file changed. 416: the part is too long, start over.
//   3. complete: the checksum decides between the final name and being thrown away.
// One process at a time works on a path (the caller holds a lock). Thread-compatible.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

#include "models/net/http.h"
#include "whisper_transcriber/status.h"

namespace wt::net {

/// Bytes that are there, and in all (-1 while unknown).
using ProgressFunction = std::function<void(std::int64_t done, std::int64_t total)>;

struct DownloadRequest {
  std::string url;
  /// Where the file appears.
  std::string path;
  /// 64 hex digits.
  std::string sha256;
  /// Exact, or -1 when unknown.
  std::int64_t bytes = -1;
  /// More than this is refused, before it is fetched where the server says so.
  std::int64_t bytes_max = 0;
};

struct DownloadOptions {
  HttpOptions http;
  /// Attempts in a row that bring no byte before it gives up.
  int fruitless_attempts_max = 3;
  /// Attempts in all.
  int attempts_max = 50;
  /// Waits between attempts; false when the wait was cut short by cancellation. Null: no waiting.
  std::function<bool(std::chrono::milliseconds)> wait;
  ProgressFunction progress;
};

/// kNotFound (404, 410), kDataCorrupt (wrong checksum or length, also after starting over),
/// kResourceExhausted (disk full, too large), kUnavailable (network, server), kCancelled. The part
/// is kept where going on makes sense. Does nothing when the file is there and right.
Status Download(const DownloadRequest& request, const DownloadOptions& options);

/// kResourceExhausted, with the numbers, when `directory` has fewer than `bytes` + 32 MiB free.
Status CheckDiskSpace(const std::string& directory, std::int64_t bytes);

/// SHA-256 of a file, read in portions; kCancelled when the flag is set.
Result<std::string> FileSha256(const std::string& path, const base::CancelFlag* cancel = nullptr);

}  // namespace wt::net

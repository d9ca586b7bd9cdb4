// Why an upload was refused: a closed list with the slug, number and HTTP status of each, beside
// the Status that explains it. Values: thread-compatible.
//
//   Outcome<Session> session = uploads.Create(owner, upload);
//   if (!session.ok()) return Reply(InfoOf(session.failure().error), session.failure().status);
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "whisper_transcriber/status.h"

namespace wt::uploads {

enum class UploadError : std::uint8_t {
  kEmptyFile,
  kTooSmall,
  kUnsupportedMedia,
  kFileTooLarge,
  kStorageFull,
  kQuotaExceeded,
  /// Content differs from the digest that the client declared.
  kHashMismatch,
  /// The body ended early, was too slow or malformed.
  kTransferBroken,
  kBadRequest,
  kChunkIndex,
  kChunkLength,
  /// The chunk is stored with other content.
  kChunkConflict,
  kNotFound,
  /// Cancelled, completed, or being assembled.
  kWrongState,
  kExpired,
  kTooManySessions,
  /// tus: the offset is not where the upload stands.
  kOffsetConflict,
  /// tus: the checksum of the body is another.
  kChecksumMismatch,
  /// A newer request has taken the upload over.
  kTakenOver,
  /// A passing fault of storage or database: retry.
  kUnavailable,
  kInternal,
};

struct UploadErrorInfo {
  /// "FILE_TOO_LARGE", stable.
  std::string_view slug;
  /// 40001 and so on; 0: the error has no number of its own.
  int number = 0;
  int http_status = 500;
};
UploadErrorInfo InfoOf(UploadError error);
/// Back from the slug, for errors that were stored. kInternal when it is unknown.
UploadError ErrorOfSlug(std::string_view slug);

struct Failure {
  UploadError error;
  Status status;
};

/// The failure that a port's error is to the client: disk full, not found, unavailable.
Failure FailureOf(const Status& status);
Failure MakeFailure(UploadError error, std::string message);

/// A value, or a Failure. Works with WT_ASSIGN, also where ports give Result.
template <typename T>
class [[nodiscard]] Outcome {
 public:
  Outcome(T value) : value_(std::move(value)) {}                  // NOLINT
  Outcome(Failure failure) : failure_(std::move(failure)) {}      // NOLINT
  Outcome(const Status& status) : failure_(FailureOf(status)) {}  // NOLINT

  bool ok() const { return value_.has_value(); }
  /// REQUIRES: !ok().
  const Failure& failure() const { return *failure_; }
  /// For WT_ASSIGN, which hands it up. REQUIRES: !ok().
  Failure status() const { return *failure_; }

  /// REQUIRES: ok().
  T& value() & { return *value_; }
  const T& value() const& { return *value_; }
  T&& value() && { return std::move(*value_); }
  T& operator*() { return *value_; }
  const T& operator*() const { return *value_; }
  T* operator->() { return &*value_; }
  const T* operator->() const { return &*value_; }

 private:
  std::optional<T> value_;
  std::optional<Failure> failure_;
};

}  // namespace wt::uploads

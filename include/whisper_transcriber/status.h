// Errors as values: Status and Result<T>.
//
// A Status is an instruction to the caller: its code says what to do next. It carries two texts of
// two types. The public message may be shown to whoever sent the input. The InternalDetail is for
// logs only; it has no conversion to a string type, so it cannot be put into a reply by accident.
// An ok Status holds no memory. Status and Result are values: thread-compatible.
//
//   Result<Model> model = ReadModel(path);
//   if (!model.ok()) return model.status();
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace wt {

/// What the caller should do. Neighbours are compared where they are easily confused.
enum class StatusCode : std::uint8_t {
  kOk = 0,
  /// The caller asked to stop. Do not retry, do not report as an error.
  kCancelled,
  /// The request is wrong whatever the state of the system. The user must change it.
  kInvalidArgument,
  /// The request is right, but not in this state (compare kInvalidArgument). Change the state
  /// first.
  kFailedPrecondition,
  /// The named thing does not exist. Name another one or create it.
  kNotFound,
  /// What should be created is there already.
  kAlreadyExists,
  /// The caller is known and may not do this. Do not retry.
  kPermissionDenied,
  /// A limit is reached (memory, disk, quota). Retry later, or the operator must raise the limit.
  kResourceExhausted,
  /// Input bytes are damaged or lie about themselves. Do not retry with the same bytes.
  kDataCorrupt,
  /// The input is well formed but this build cannot handle it. Do not retry.
  kUnsupported,
  /// A passing fault (network, busy device). Retry the same call, with a delay.
  kUnavailable,
  /// The time given ran out. Retry with more time, or give up.
  kDeadlineExceeded,
  /// Somebody else changed the thing meanwhile. Retry the larger unit of work.
  kAborted,
  /// A fault of this program. Report it; retrying rarely helps.
  kInternal,
};

/// The code's stable name in snake case, e.g. "invalid_argument". Used in JSON and logs.
std::string_view StatusCodeName(StatusCode code);

/// Text for the log only. Deliberately not convertible to a string; see ForLog().
class InternalDetail {
 public:
  InternalDetail() = default;
  explicit InternalDetail(std::string text) : text_(std::move(text)) {}
  /// For log writers. Never put the result into a reply to a client.
  const std::string& ForLog() const { return text_; }

 private:
  std::string text_;
};

class [[nodiscard]] Status {
 public:
  /// Success.
  Status() = default;
  /// `code` must not be kOk. `message` is shown to users: cause, consequence, next step.
  Status(StatusCode code, std::string message, InternalDetail detail = {});

  bool ok() const { return rep_ == nullptr; }
  StatusCode code() const { return rep_ ? rep_->code : StatusCode::kOk; }
  /// Safe to show to the client. Empty when ok.
  const std::string& message() const;
  const InternalDetail& detail() const;

  /// The same code and detail, with "context: " put before the message. Ok stays ok.
  Status WithContext(std::string_view context) const;

 private:
  struct Rep {
    StatusCode code;
    std::string message;
    InternalDetail detail;
  };
  std::shared_ptr<const Rep> rep_;  // Shared because it is immutable and statuses are copied.
};

/// A value, or the reason why there is none (then status() is never ok).
template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}         // NOLINT
  Result(Status status) : state_(std::in_place_index<1>, std::move(status)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  /// Ok when there is a value.
  Status status() const { return ok() ? Status() : std::get<1>(state_); }

  /// REQUIRES: ok().
  T& value() & { return std::get<0>(state_); }
  const T& value() const& { return std::get<0>(state_); }
  T&& value() && { return std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

 private:
  std::variant<T, Status> state_;
};

}  // namespace wt

// The tus 1.0.0 resumable upload protocol (tus.io) as pure functions: header fields in, decision or
// reply out. Extensions: creation, creation-with-upload, expiration, checksum, termination.
//
// The REST layer maps routes and moves bytes; everything that the protocol says about fields,
// versions, offsets and status codes is here. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "service/uploads/failure.h"
#include "service/uploads/tus/checksum.h"

namespace wt::uploads {

/// The first value of a header field, by name without case.
using HeaderLookup = std::function<std::optional<std::string_view>(std::string_view name)>;

struct TusReply {
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;
  /// Plain text for people; empty: no body.
  std::string body;
};

template <typename T>
using TusDecision = std::variant<T, TusReply>;

struct TusLimits {
  std::int64_t bytes_max = 2'147'483'648;
};

struct TusCreation {
  std::int64_t length = 0;
  /// Upload-Metadata, decoded; keys are unique.
  std::vector<std::pair<std::string, std::string>> metadata;
  /// The request carries the first bytes (creation-with-upload).
  bool has_content = false;
  std::optional<std::int64_t> content_length;
  std::optional<DeclaredChecksum> checksum;

  /// The value of a metadata key, or empty.
  std::string Meta(std::string_view key) const;
};

struct TusPatch {
  std::int64_t offset = 0;
  std::optional<std::int64_t> content_length;
  std::optional<DeclaredChecksum> checksum;
};

/// Where an upload stands, as far as the protocol shows it.
struct TusState {
  std::int64_t offset = 0;
  std::int64_t length = 0;
  base::UnixMillis expires_at = 0;
  /// As the client sent it, to be given back by HEAD; may be empty.
  std::string metadata;
};

/// The method that counts: X-HTTP-Method-Override replaces POST's.
std::string TusMethod(std::string_view method, const HeaderLookup& header);

/// OPTIONS: what this server can do.
TusReply TusCapabilities(const TusLimits& limits);
/// POST.
TusDecision<TusCreation> DecideTusCreation(const HeaderLookup& header, const TusLimits& limits);
/// PATCH; offset against state is Uploads::Append's to check, under the upload's lock.
TusDecision<TusPatch> DecideTusPatch(const HeaderLookup& header);
/// HEAD and DELETE: a reply when the version is wrong.
std::optional<TusReply> RefuseTusVersion(const HeaderLookup& header);

TusReply ReplyTusCreated(const std::string& location, const TusState& state);
TusReply ReplyTusHead(const TusState& state);
TusReply ReplyTusPatched(const TusState& state);
TusReply ReplyTusTerminated();
TusReply ReplyTusFailure(const Failure& failure);

/// "key base64,key base64": keys unique, without spaces and commas, ASCII; empty when malformed.
/// At most 64 pairs, 16 KiB in all.
std::optional<std::vector<std::pair<std::string, std::string>>> ParseTusMetadata(
    std::string_view text);

/// RFC 9110 date, as Upload-Expires has it: "Sat, 21 Nov 2026 09:30:00 GMT". Years 1970 to 9999.
std::string HttpDate(base::UnixMillis time);

}  // namespace wt::uploads

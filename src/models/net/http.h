// One GET over HTTP(S) by libcurl, handed on as it arrives.
//
// Only https is spoken; plain http is for this machine (localhost, 127.0.0.1, [::1]) unless it is
// allowed. Certificates are checked. Redirects are followed a few times and never from https to
// http. Proxies are taken from the environment by libcurl itself (https_proxy, no_proxy). There is
// no limit on the whole time, but a connection must be made in time and data must keep coming.
// Stateless: thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/cancel.h"
#include "whisper_transcriber/status.h"

namespace wt::net {

struct HttpOptions {
  /// Plain http to other machines too. Content is pinned by checksum; this gives away what is asked
  /// for.
  bool allow_plain_http = false;
  int connect_timeout_ms = 10'000;
  /// Fewer than 1,000 bytes a second for this long: given up.
  int stall_timeout_s = 30;
  int redirects_max = 5;
  const base::CancelFlag* cancel = nullptr;
};

struct HttpRequest {
  std::string url;
  /// First byte wanted. 0 asks for the whole.
  std::int64_t offset = 0;
  /// With an offset: the entity tag that the bytes before it belonged to, or empty.
  std::string if_range;
};

/// The final answer's status line and headers.
struct HttpHead {
  int status = 0;
  /// Of this body; -1 when the server does not say.
  std::int64_t content_length = -1;
  /// First byte by Content-Range; -1 without one.
  std::int64_t range_start = -1;
  /// A strong entity tag; empty without one.
  std::string etag;
};

class HttpReceiver {
 public:
  virtual ~HttpReceiver() = default;
  /// Once, before any bytes, for the final answer (not for redirects). An error ends the transfer.
  virtual Status OnHead(const HttpHead& head) = 0;
  virtual Status OnBytes(std::span<const std::byte> bytes) = 0;
};

/// Ok when an answer of any status arrived completely. kUnavailable for network faults (worth
/// another try), kInvalidArgument for an address that may not be used, kCancelled, or the
/// receiver's error.
Status HttpGet(const HttpRequest& request, const HttpOptions& options, HttpReceiver* receiver);

/// Reads one header line ("Name: value") of an answer into `head`. For HttpGet; apart for tests.
void ParseHeaderLine(std::string_view line, HttpHead* head);

/// kInvalidArgument when `url` is no http(s) address, or plain http to another machine and that is
/// not allowed.
Status CheckUrl(const std::string& url, bool allow_plain_http);

}  // namespace wt::net

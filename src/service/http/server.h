// The HTTP/1.1 server: sockets, parser, limits, time-outs, TLS. It knows no routes and no users.
//
// A few reactor threads move bytes; handlers run on a bounded pool. When the pool and its queue are
// full, further requests get 503. Strict where others are smuggled through: exactly one Host,
// Transfer-Encoding exactly "chunked", one Content-Length, no folded lines, no bare line feeds.
// Start, Stop and the getters are thread-safe.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/log.h"
#include "service/http/message.h"
#include "whisper_transcriber/status.h"

namespace wt::http {

struct TlsOptions {
  /// PEM files; both empty: no TLS.
  std::string certificate_file;
  std::string key_file;
  /// "1.2" or "1.3".
  std::string version_min = "1.2";
};

struct ServerLimits {
  std::size_t header_bytes_max = 32 << 10;
  int headers_max = 100;
  std::size_t target_bytes_max = 8 << 10;
  /// Handlers set the limit of their route (content/body_limit.h); this one is nobody's need.
  std::int64_t body_bytes_max = 64LL << 30;
  int connections_max = 10'000;
  /// Requests waiting for a handler thread; more are refused with 503. About a second of work on
  /// two processors: a burst of thousands who connect again at once is served, and no request waits
  /// for longer than a client would.
  int queue_max = 8'192;
  std::size_t stream_pending_max = 1 << 20;
  /// From the connection, or the first byte of a later request, to the end of the head.
  std::chrono::milliseconds head_timeout{10'000};
  /// Between a response and the first byte of the next request.
  std::chrono::milliseconds idle_timeout{10'000};
  /// A body must bring this many bytes in each window of time.
  std::int64_t body_rate_min_bytes = 1'024;
  std::chrono::milliseconds body_rate_window{30'000};
  /// A client that takes nothing for this long is cut off.
  std::chrono::milliseconds write_timeout{30'000};
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  /// 0: any free port.
  int port = 0;
  int reactor_threads = 1;
  int handler_threads = 16;
  ServerLimits limits;
  TlsOptions tls;
  /// Text replies of at least this size are compressed for clients that accept it. 0: none.
  std::size_t compress_bytes_min = 1'024;
  base::LogSink* log = nullptr;
};

struct ServerStats {
  std::int64_t connections = 0;
  std::int64_t connections_refused = 0;
  std::int64_t requests = 0;
  std::int64_t requests_refused = 0;
  std::int64_t web_sockets = 0;
  std::int64_t streams = 0;
  /// That handlers threw, since the start.
  std::int64_t exceptions = 0;
  /// Of the TLS certificate in use, in seconds since 1970; 0: none, or unknown.
  std::int64_t certificate_ends_at = 0;
};

class Server {
 public:
  virtual ~Server() = default;
  /// Binds and listens; `handler` must outlive the server. kInvalidArgument (bad address or
  /// certificate), kUnavailable (address in use), with cause and next step.
  static Result<std::unique_ptr<Server>> Start(const ServerOptions& options, Handler* handler);

  virtual int port() const = 0;
  virtual ServerStats stats() const = 0;
  /// Reads certificate and key again; on failure the old ones stay.
  virtual Status ReloadTls() = 0;
  /// Stops accepting, lets requests in progress finish until `grace` is over, closes WebSockets
  /// with 1001 and streams at once, then ends all threads. Idempotent.
  virtual void Stop(std::chrono::milliseconds grace) = 0;
};

}  // namespace wt::http

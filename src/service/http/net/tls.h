// TLS for accepted connections: certificate and key from PEM files, read again on demand.
//
// OpenSSL works on the non-blocking socket itself instead of on memory buffers, so that an idle
// connection holds no record buffers (SSL_MODE_RELEASE_BUFFERS). Accept() and Reload() are
// thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>

#include "service/http/net/transport.h"
#include "service/http/server.h"
#include "whisper_transcriber/status.h"

struct ssl_ctx_st;

namespace wt::http {

class TlsContext {
 public:
  /// kInvalidArgument: a file is missing or damaged, or the key is not the certificate's.
  static Result<std::unique_ptr<TlsContext>> Load(const TlsOptions& options);

  /// Connections made before keep what they began with. On failure nothing changes.
  Status Reload();
  /// When the certificate ends, in seconds since 1970; 0: unknown.
  std::int64_t ends_at() const;
  /// The handshake happens with the first reads. Null when memory is short.
  std::unique_ptr<Transport> Accept(Socket socket);

 private:
  explicit TlsContext(TlsOptions options) : options_(std::move(options)) {}

  const TlsOptions options_;
  mutable std::mutex mutex_;
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace wt::http

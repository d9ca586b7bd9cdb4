#include "service/http/net/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <time.h>

#include <algorithm>
#include <climits>

#include "base/status_macros.h"

namespace wt::http {
namespace {

/// The reason of the last failure in this thread, for people.
std::string LastReason() {
  const unsigned long code = ERR_get_error();
  const char* const text = ERR_reason_error_string(code);
  ERR_clear_error();
  return text != nullptr ? text : "unknown reason";
}

Status BadFile(const std::string& file, std::string_view what) {
  return Status(StatusCode::kInvalidArgument, "The TLS " + std::string(what) + " '" + file +
                                                  "' cannot be used (" + LastReason() +
                                                  "). Give a readable PEM file.");
}

// HTTP/1.1 is all there is; a client that offers only other protocols is told so in the handshake.
constexpr unsigned char kProtocols[] = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int ChooseProtocol(SSL*, const unsigned char** out, unsigned char* out_length,
                   const unsigned char* offered, unsigned int offered_length, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, out_length, kProtocols, sizeof(kProtocols), offered,
                            offered_length) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

Result<std::shared_ptr<SSL_CTX>> MakeContext(const TlsOptions& options) {
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (context == nullptr) return Status(StatusCode::kInternal, "TLS is not available.");
  if (options.version_min != "1.2" && options.version_min != "1.3") {
    return Status(StatusCode::kInvalidArgument,
                  "The lowest TLS version must be 1.2 or 1.3, not '" + options.version_min + "'.");
  }
  SSL_CTX_set_min_proto_version(context.get(),
                                options.version_min == "1.3" ? TLS1_3_VERSION : TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  // Tickets resume sessions; a cache here would only keep memory.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context.get(), ChooseProtocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context.get(), options.certificate_file.c_str()) != 1) {
    return BadFile(options.certificate_file, "certificate");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), options.key_file.c_str(), SSL_FILETYPE_PEM) != 1) {
    return BadFile(options.key_file, "key");
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) return BadFile(options.key_file, "key");
  return context;
}

class TlsTransport final : public Transport {
 public:
  TlsTransport(Socket socket, SSL* ssl) : Transport(std::move(socket)), ssl_(ssl, SSL_free) {}

  IoResult Read(std::span<std::byte> out) override {
    ERR_clear_error();
    const int size = static_cast<int>(std::min<std::size_t>(out.size(), INT_MAX));
    return Translate(SSL_read(ssl_.get(), out.data(), size));
  }

  IoResult Write(std::span<const std::byte> bytes, WriteHint) override {
    ERR_clear_error();
    const int size = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
    return Translate(SSL_write(ssl_.get(), bytes.data(), size));
  }

  bool buffered() const override { return SSL_has_pending(ssl_.get()) == 1; }
  bool secure() const override { return true; }

  void ShutdownWrite() override {
    ERR_clear_error();
    if (SSL_is_init_finished(ssl_.get()) == 1) SSL_shutdown(ssl_.get());
    boost::system::error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
  }

 private:
  IoResult Translate(int result) {
    if (result > 0) return {IoState::kDone, static_cast<std::size_t>(result)};
    switch (SSL_get_error(ssl_.get(), result)) {
      case SSL_ERROR_WANT_READ: return {IoState::kWantRead, 0};
      case SSL_ERROR_WANT_WRITE: return {IoState::kWantWrite, 0};
      case SSL_ERROR_ZERO_RETURN: return {IoState::kEnd, 0};
      default: ERR_clear_error(); return {IoState::kFailed, 0};
    }
  }

  std::unique_ptr<SSL, decltype(&SSL_free)> ssl_;
};

}  // namespace

Result<std::unique_ptr<TlsContext>> TlsContext::Load(const TlsOptions& options) {
  std::unique_ptr<TlsContext> tls(new TlsContext(options));
  WT_TRY(tls->Reload());
  return tls;
}

Status TlsContext::Reload() {
  WT_ASSIGN(std::shared_ptr<SSL_CTX> fresh, MakeContext(options_));
  const std::lock_guard lock(mutex_);
  context_ = std::move(fresh);
  return Status();
}

std::int64_t TlsContext::ends_at() const {
  const std::lock_guard lock(mutex_);
  const X509* const certificate = SSL_CTX_get0_certificate(context_.get());
  tm end{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &end) != 1) {
    return 0;
  }
  return ::timegm(&end);
}

std::unique_ptr<Transport> TlsContext::Accept(Socket socket) {
  SSL* ssl = nullptr;
  {
    const std::lock_guard lock(mutex_);
    ssl = SSL_new(context_.get());
  }
  if (ssl == nullptr) return nullptr;
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  SSL_set_fd(ssl, socket.native_handle());
  SSL_set_accept_state(ssl);
  return std::make_unique<TlsTransport>(std::move(socket), ssl);
}

}  // namespace wt::http

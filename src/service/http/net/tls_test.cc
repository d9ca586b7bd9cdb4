// TLS with certificates made on the spot: versions, files, reload, large bodies.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <cstdio>
#include <filesystem>

#include "service/http/net/http_test_util.h"

namespace wt::http {
namespace {

using testing::HasSubstr;

template <typename T, void (*Free)(T*)>
using Owned = std::unique_ptr<T, std::integral_constant<decltype(Free), Free>>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;

/// A key and a certificate of its own, written as PEM.
void WriteCertificate(const std::string& name, const std::string& folder) {
  const Key key(EVP_EC_gen("P-256"));
  const Owned<X509, X509_free> certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3'600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_issuer_name(certificate.get(), subject);
  X509_set_pubkey(certificate.get(), key.get());
  ASSERT_GT(X509_sign(certificate.get(), key.get(), EVP_sha256()), 0);
  std::FILE* file = std::fopen((folder + "/cert.pem").c_str(), "w");
  PEM_write_X509(file, certificate.get());
  std::fclose(file);
  file = std::fopen((folder + "/key.pem").c_str(), "w");
  PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  std::fclose(file);
}

class TlsClient {
 public:
  TlsClient(int port, int version_max)
      : socket_(port), context_(SSL_CTX_new(TLS_client_method())), ssl_(SSL_new(context_.get())) {
    SSL_set_max_proto_version(ssl_.get(), version_max);
    SSL_set_min_proto_version(ssl_.get(), TLS1_VERSION);
    SSL_set_fd(ssl_.get(), socket_.fd());
    ERR_clear_error();
    connected_ = SSL_connect(ssl_.get()) == 1;
  }
  bool connected() const { return connected_; }
  std::string Version() const { return SSL_get_version(ssl_.get()); }
  std::string Subject() const {
    const Owned<X509, X509_free> certificate(SSL_get1_peer_certificate(ssl_.get()));
    char name[256] = "";
    X509_NAME_get_text_by_NID(X509_get_subject_name(certificate.get()), NID_commonName, name,
                              sizeof(name));
    return name;
  }
  void Send(std::string_view bytes) {
    SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()));
  }
  /// All up to the server's goodbye.
  std::string ReadToEnd() {
    std::string all;
    char piece[65536];
    for (int n = 0; (n = SSL_read(ssl_.get(), piece, sizeof(piece))) > 0;) {
      all.append(piece, static_cast<std::size_t>(n));
    }
    return all;
  }

 private:
  TestClient socket_;
  Owned<SSL_CTX, SSL_CTX_free> context_;
  Owned<SSL, SSL_free> ssl_;
  bool connected_ = false;
};

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    char name[] = "/tmp/http-tls-XXXXXX";
    folder_ = ::mkdtemp(name);
    WriteCertificate("first", folder_);
    server_.options.tls = {folder_ + "/cert.pem", folder_ + "/key.pem", "1.2"};
  }
  ~TlsTest() override { std::filesystem::remove_all(folder_); }

  TestServer server_;
  std::string folder_;
};

constexpr std::string_view kLastHello =
    "GET /hello HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

TEST_F(TlsTest, BothVersionsAreServedAndOlderOnesNot) {
  const int port = server_.Start();
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    TlsClient client(port, version);
    ASSERT_TRUE(client.connected());
    EXPECT_EQ(client.Subject(), "first");
    client.Send(kLastHello);
    EXPECT_THAT(client.ReadToEnd(), testing::EndsWith("\r\n\r\nhello"));
  }
  EXPECT_FALSE(TlsClient(port, TLS1_1_VERSION).connected());
  // Certificates of these tests hold for a day or so; alerts go by this number.
  EXPECT_GT(server_.server->stats().certificate_ends_at, ::time(nullptr));
}

TEST_F(TlsTest, TheLowestVersionCanBeRaised) {
  server_.options.tls.version_min = "1.3";
  const int port = server_.Start();
  EXPECT_FALSE(TlsClient(port, TLS1_2_VERSION).connected());
  EXPECT_EQ(TlsClient(port, TLS1_3_VERSION).Version(), "TLSv1.3");
}

TEST_F(TlsTest, LargeBodiesGoBothWays) {
  server_.handler.On("/file", [&](Request& request) {
    EXPECT_TRUE(request.secure);
    std::vector<std::byte> piece(100'000);
    std::string text;
    while (true) {
      const auto count = request.body->Read(piece);
      if (!count.ok() || *count == 0) break;
      text.append(reinterpret_cast<const char*>(piece.data()), *count);
    }
    char name[] = "/tmp/http-tls-file-XXXXXX";
    platform::FileDescriptor file(::mkstemp(name));
    ::unlink(name);
    EXPECT_EQ(::write(file.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
    Response response;
    response.body = FileBody{std::move(file), 1, static_cast<std::int64_t>(text.size()) - 1};
    return response;
  });
  TlsClient client(server_.Start(), TLS1_3_VERSION);
  const std::string body = std::string(1'000'000, 'a') + std::string(1'000'000, 'b');
  client.Send(
      "POST /file HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: 2000000\r\n\r\n" +
      body);
  EXPECT_THAT(client.ReadToEnd(), testing::EndsWith("\r\n\r\n" + body.substr(1)));
}

TEST_F(TlsTest, ReloadTakesNewFilesAndKeepsTheOldOnesWhenTheyAreBad) {
  const int port = server_.Start();
  WriteCertificate("second", folder_);
  ASSERT_TRUE(server_.server->ReloadTls().ok());
  EXPECT_EQ(TlsClient(port, TLS1_3_VERSION).Subject(), "second");
  std::filesystem::resize_file(folder_ + "/key.pem", 10);
  EXPECT_EQ(server_.server->ReloadTls().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(TlsClient(port, TLS1_3_VERSION).Subject(), "second");
}

TEST_F(TlsTest, FilesThatDoNotServeAreExplained) {
  const auto message = [&](const TlsOptions& tls) {
    ServerOptions options;
    options.tls = tls;
    const auto server = Server::Start(options, &server_.handler);
    EXPECT_EQ(server.status().code(), StatusCode::kInvalidArgument);
    return server.status().message();
  };
  const std::string cert = folder_ + "/cert.pem";
  const std::string key = folder_ + "/key.pem";
  EXPECT_THAT(message({folder_ + "/none.pem", key, "1.2"}), HasSubstr("none.pem"));
  EXPECT_THAT(message({cert, "", "1.2"}), HasSubstr("key"));
  EXPECT_THAT(message({key, key, "1.2"}), HasSubstr("certificate"));
  EXPECT_THAT(message({cert, key, "1.1"}), HasSubstr("1.1"));
  std::filesystem::copy(key, folder_ + "/old.pem");
  WriteCertificate("other", folder_);
  EXPECT_THAT(message({cert, folder_ + "/old.pem", "1.2"}), HasSubstr("old.pem"));
}

TEST_F(TlsTest, PlainTextOnATlsPortIsClosed) {
  TestClient client(server_.Start());
  client.Send(kLastHello);
  EXPECT_THAT(client.ReadToEnd(), testing::Not(HasSubstr("200")));
}

TEST_F(TlsTest, ASilentHandshakeIsClosed) {
  server_.options.limits.head_timeout = std::chrono::milliseconds(40);
  TestClient client(server_.Start());
  client.Send("\x16\x03");
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(TlsTest, WebSocketsRunOverTls) {
  class Greeter final : public WebSocketHandler {
   public:
    void OnOpen(std::shared_ptr<WebSocketSession> session) override {
      session->SendText("hello");
      session->Close(1000, "");
    }
    void OnText(std::string_view) override {}
    void OnBinary(std::string_view) override {}
    void OnClose(int) override {}
  };
  server_.handler.On("/ws", [](Request&) {
    WebSocketUpgrade upgrade;
    upgrade.handler = std::make_shared<Greeter>();
    Response response;
    response.body = std::move(upgrade);
    return response;
  });
  TlsClient client(server_.Start(), TLS1_3_VERSION);
  // The goodbye of the client is sent ahead.
  client.Send(
      "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
  client.Send(std::string_view("\x88\x82\0\0\0\0\x03\xe8", 8));
  const std::string all = client.ReadToEnd();
  EXPECT_THAT(all, HasSubstr("101 Switching"));
  EXPECT_THAT(all, HasSubstr(std::string_view("\x88\x02\x03\xe8", 4)));
}

}  // namespace
}  // namespace wt::http

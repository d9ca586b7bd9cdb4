// WebSocket frames through a server of our own: whatever comes, every session ends exactly once.
//
// One server for all inputs; each input is one connection that sends the handshake and then the
// bytes, ends its half, and reads until the server has ended the other.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/utf8.h"
#include "service/http/server.h"

namespace {

using namespace wt::http;

constexpr std::string_view kHandshake =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

class Echo final : public WebSocketHandler {
 public:
  void OnOpen(std::shared_ptr<WebSocketSession> session) override { session_ = std::move(session); }
  void OnText(std::string_view text) override {
    WT_CHECK(wt::base::IsValidUtf8(text));
    WT_CHECK(text.size() <= 1'000 && !ended_);
    session_->SendText(text);
  }
  void OnBinary(std::string_view bytes) override {
    WT_CHECK(bytes.size() <= 1'000 && !ended_);
    session_->SendBinary(bytes);
  }
  void OnClose(int code) override {
    WT_CHECK(code >= 1000 && code <= 4999 && !ended_);
    ended_ = true;
    session_ = nullptr;
  }

 private:
  std::shared_ptr<WebSocketSession> session_;
  bool ended_ = false;
};

class EchoServer final : public Handler {
 public:
  EchoServer() {
    ServerOptions options;
    options.handler_threads = 1;
    server_ = Server::Start(options, this).value();
  }
  int port() const { return server_->port(); }
  Response Handle(Request&) override {
    WebSocketUpgrade upgrade;
    upgrade.handler = std::make_shared<Echo>();
    upgrade.message_bytes_max = 1'000;
    Response response;
    response.body = std::move(upgrade);
    return response;
  }
  Response HandleError(int status, std::string_view) override { return Response::Text(status, {}); }

 private:
  std::unique_ptr<Server> server_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static EchoServer server;
  const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(server.port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  WT_CHECK(::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0);
  std::string bytes(kHandshake);
  bytes.append(reinterpret_cast<const char*>(data), size);
  if (::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) ::shutdown(fd, SHUT_WR);
  char piece[4096];
  bool open = true;
  while (open) {
    pollfd entry{fd, POLLIN, 0};
    const int ready = ::poll(&entry, 1, 20'000);
    // The fuzzer's own clock rings now and then (-timeout).
    if (ready < 0 && errno == EINTR) continue;
    WT_CHECK(ready == 1);
    open = ::recv(fd, piece, sizeof(piece), MSG_DONTWAIT) > 0;
  }
  ::close(fd);
  return 0;
}

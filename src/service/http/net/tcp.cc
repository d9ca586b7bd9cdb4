#include <poll.h>
#include <sys/sendfile.h>
#include <sys/socket.h>

#include <cerrno>

#include "service/http/net/transport.h"

namespace wt::http {
namespace {

IoResult FromErrno(IoState want) {
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {want, 0};
  return {IoState::kFailed, 0};
}

class TcpTransport final : public Transport {
 public:
  explicit TcpTransport(Socket socket) : Transport(std::move(socket)) {}

  IoResult Read(std::span<std::byte> out) override {
    const ssize_t n = ::recv(socket_.native_handle(), out.data(), out.size(), 0);
    if (n < 0) return FromErrno(IoState::kWantRead);
    if (n == 0) return {IoState::kEnd, 0};
    return {IoState::kDone, static_cast<std::size_t>(n)};
  }

  IoResult Write(std::span<const std::byte> bytes, WriteHint hint) override {
    const int flags = MSG_NOSIGNAL | (hint == WriteHint::kMore ? MSG_MORE : 0);
    const ssize_t n = ::send(socket_.native_handle(), bytes.data(), bytes.size(), flags);
    if (n < 0) return FromErrno(IoState::kWantWrite);
    return {IoState::kDone, static_cast<std::size_t>(n)};
  }

  bool buffered() const override { return false; }
  bool secure() const override { return false; }
  void ShutdownWrite() override { ::shutdown(socket_.native_handle(), SHUT_WR); }
};

}  // namespace

IoResult Transport::SendFile(int file, std::int64_t offset, std::size_t length) {
  off_t at = offset;
  // A closed connection raises SIGPIPE here; the reactor's thread has it blocked.
  const ssize_t n = ::sendfile(socket_.native_handle(), file, &at, length);
  if (n < 0) return FromErrno(IoState::kWantWrite);
  if (n == 0) return {IoState::kEnd, 0};
  return {IoState::kDone, static_cast<std::size_t>(n)};
}

bool Transport::PeerClosed() {
  pollfd entry{socket_.native_handle(), POLLRDHUP, 0};
  if (::poll(&entry, 1, 0) <= 0) return false;
  return (entry.revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
}

void Transport::Close() {
  boost::system::error_code ignored;
  socket_.close(ignored);
  slot_ = nullptr;
}

std::unique_ptr<Transport> MakeTcpTransport(Socket socket) {
  boost::system::error_code ignored;
  socket.non_blocking(true, ignored);
  socket.set_option(boost::asio::ip::tcp::no_delay(true), ignored);
  return std::make_unique<TcpTransport>(std::move(socket));
}

std::string RemoteAddress(const Socket& socket) {
  boost::system::error_code error;
  boost::asio::ip::address address = socket.remote_endpoint(error).address();
  if (error) return {};
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    address = boost::asio::ip::make_address_v4(boost::asio::ip::v4_mapped, address.to_v6());
  }
  return address.to_string();
}

}  // namespace wt::http

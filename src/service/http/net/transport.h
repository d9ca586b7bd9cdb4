// A connected socket that never blocks, plain or under TLS, and waits for it to become ready.
//
// Readiness style: call Read or Write first, and wait for what the result asks for. A plain read
// may want a write under TLS and the other way round. Errors are not told apart: whatever went
// wrong, the connection is over. Used by its reactor's thread only.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

namespace wt::http {

using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

enum class IoState : std::uint8_t { kDone, kWantRead, kWantWrite, kEnd, kFailed };

struct IoResult {
  IoState state = IoState::kFailed;
  std::size_t bytes = 0;
};

/// kMore: further bytes follow at once, so that the kernel may wait and fill its segments.
enum class WriteHint : std::uint8_t { kLast, kMore };

class Transport {
 public:
  explicit Transport(Socket socket) : socket_(std::move(socket)) {}
  virtual ~Transport() = default;
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  virtual IoResult Read(std::span<std::byte> out) = 0;
  virtual IoResult Write(std::span<const std::byte> bytes, WriteHint hint) = 0;
  /// Bytes that have left the socket but were not read yet: waiting would not show them.
  virtual bool buffered() const = 0;
  virtual bool secure() const = 0;
  /// Tells the other end that nothing more will come.
  virtual void ShutdownWrite() = 0;
  /// REQUIRES: !secure().
  IoResult SendFile(int file, std::int64_t offset, std::size_t length);

  /// True once the other end has sent its end or a reset; unread bytes do not hide it.
  bool PeerClosed();
  void Close();

  /// Calls `f(error_code)` from the loop, never from within.
  template <typename F>
  void Wait(IoState want, F f) {
    socket_.async_wait(want == IoState::kWantWrite ? Socket::wait_write : Socket::wait_read,
                       std::move(f));
  }
  /// Something that lives exactly as long as this: the place that the connection takes.
  void set_slot(std::shared_ptr<void> slot) { slot_ = std::move(slot); }
  Socket::executor_type executor() { return socket_.get_executor(); }

 protected:
  Socket socket_;

 private:
  std::shared_ptr<void> slot_;
};

/// Makes the socket ready for use: non-blocking, no delay.
std::unique_ptr<Transport> MakeTcpTransport(Socket socket);

/// The other end as text, without port. IPv4 addresses mapped into IPv6 are written as IPv4.
std::string RemoteAddress(const Socket& socket);

}  // namespace wt::http

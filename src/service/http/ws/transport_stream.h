// A Transport as the stream that Beast's WebSocket reads and writes: one type for TCP and TLS, so
// that the WebSocket is compiled once.
//
// Used by the reactor's thread. At most one read and one write at a time, as Beast promises.
#pragma once

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/role.hpp>

#include "service/http/net/transport.h"

namespace wt::http {

class TransportStream {
 public:
  using executor_type = Socket::executor_type;
  using Signature = void(boost::system::error_code, std::size_t);
  using Done = boost::asio::any_completion_handler<Signature>;

  /// `early` came with the request and is read first.
  TransportStream(std::unique_ptr<Transport> transport, std::string early)
      : transport_(std::move(transport)), early_(std::move(early)) {}

  executor_type get_executor() { return transport_->executor(); }
  Transport& transport() { return *transport_; }
  /// When bytes last came, or could last be written.
  std::chrono::steady_clock::time_point last_read() const { return last_read_; }
  std::chrono::steady_clock::time_point last_write() const { return last_write_; }

  template <typename Buffers, typename Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return boost::asio::async_initiate<Token, Signature>(
        [this](auto done, boost::asio::mutable_buffer out) { Read(Done(std::move(done)), out); },
        token, First(buffers));
  }

  template <typename Buffers, typename Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    // A frame's head and content in one piece: two would be two packets.
    staged_.resize(std::min(boost::asio::buffer_size(buffers), kStagedMax));
    boost::asio::buffer_copy(boost::asio::buffer(staged_), buffers);
    return boost::asio::async_initiate<Token, Signature>(
        [this](auto done) { Write(Done(std::move(done))); }, token);
  }

 private:
  static constexpr std::size_t kStagedMax = 16 << 10;

  template <typename Buffers>
  static boost::asio::mutable_buffer First(const Buffers& buffers) {
    for (auto it = boost::asio::buffer_sequence_begin(buffers);
         it != boost::asio::buffer_sequence_end(buffers); ++it) {
      const boost::asio::mutable_buffer buffer = *it;
      if (buffer.size() > 0) return buffer;
    }
    return {};
  }

  void Read(Done done, boost::asio::mutable_buffer out);
  void Write(Done done);
  /// Calls `done` from the loop, never from within.
  void Finish(Done done, boost::system::error_code error, std::size_t bytes);

  std::unique_ptr<Transport> transport_;
  std::string early_;
  std::string staged_;
  std::chrono::steady_clock::time_point last_read_ = std::chrono::steady_clock::now();
  std::chrono::steady_clock::time_point last_write_ = last_read_;
};

/// Found by Beast when its own time-outs end a connection; they are off here.
inline void beast_close_socket(TransportStream& stream) { stream.transport().Close(); }

/// Found by Beast when both sides have said goodbye.
template <typename Handler>
void async_teardown(boost::beast::role_type, TransportStream& stream, Handler&& handler) {
  stream.transport().ShutdownWrite();
  boost::asio::post(stream.get_executor(), [h = std::forward<Handler>(handler)]() mutable {
    h(boost::system::error_code());
  });
}

}  // namespace wt::http

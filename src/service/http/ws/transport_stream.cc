#include "service/http/ws/transport_stream.h"

#include <algorithm>
#include <cstring>

#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>

namespace wt::http {

void TransportStream::Finish(Done done, boost::system::error_code error, std::size_t bytes) {
  boost::asio::post(get_executor(),
                    [d = std::move(done), error, bytes]() mutable { std::move(d)(error, bytes); });
}

void TransportStream::Read(Done done, boost::asio::mutable_buffer out) {
  if (out.size() == 0) return Finish(std::move(done), {}, 0);
  if (!early_.empty()) {
    const std::size_t take = std::min(early_.size(), out.size());
    std::memcpy(out.data(), early_.data(), take);
    early_.erase(0, take);
    return Finish(std::move(done), {}, take);
  }
  const IoResult result = transport_->Read({static_cast<std::byte*>(out.data()), out.size()});
  switch (result.state) {
    case IoState::kDone:
      last_read_ = std::chrono::steady_clock::now();
      return Finish(std::move(done), {}, result.bytes);
    case IoState::kWantRead:
    case IoState::kWantWrite:
      return transport_->Wait(
          result.state, [this, d = std::move(done), out](boost::system::error_code error) mutable {
            if (error) return std::move(d)(error, 0);
            Read(std::move(d), out);
          });
    case IoState::kEnd: return Finish(std::move(done), boost::asio::error::eof, 0);
    case IoState::kFailed: return Finish(std::move(done), boost::asio::error::connection_reset, 0);
  }
}

void TransportStream::Write(Done done) {
  if (staged_.empty()) return Finish(std::move(done), {}, 0);
  const IoResult result = transport_->Write(std::as_bytes(std::span(staged_)), WriteHint::kLast);
  switch (result.state) {
    case IoState::kDone:
      last_write_ = std::chrono::steady_clock::now();
      return Finish(std::move(done), {}, result.bytes);
    case IoState::kWantRead:
    case IoState::kWantWrite:
      return transport_->Wait(result.state,
                              [this, d = std::move(done)](boost::system::error_code error) mutable {
                                if (error) return std::move(d)(error, 0);
                                Write(std::move(d));
                              });
    case IoState::kEnd:
    case IoState::kFailed: return Finish(std::move(done), boost::asio::error::connection_reset, 0);
  }
}

}  // namespace wt::http

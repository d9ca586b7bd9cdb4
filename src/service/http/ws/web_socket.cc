// The only file that compiles Beast's WebSocket.
//
// One read and one write are outstanding at most. A message is handed to the handler on a pool
// thread, and the next one is read when the handler has returned: a client that sends faster than
// it is served fills its own socket. Messages to the client wait in a queue with a maximum.
#include "service/http/ws/web_socket.h"

#include <deque>
#include <mutex>
#include <optional>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "base/utf8.h"
#include "service/http/text.h"
#include "service/http/ws/transport_stream.h"

namespace wt::http {
namespace {

namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using ErrorCode = boost::system::error_code;

// A control frame has room for 125 bytes, 2 of them the code (RFC 6455, section 5.5).
constexpr std::size_t kReasonBytesMax = 123;
// The other end's part of the closing handshake.
constexpr std::chrono::milliseconds kCloseTimeout{5'000};
// After a large message the buffer is given back.
constexpr std::size_t kKeptBufferBytes = 16 << 10;
// The last code that applications may use among themselves.
constexpr int kCloseCodeMax = 4'999;
constexpr int kPingsMax = 2;

bool MaySend(int code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

/// At most `bytes_max` bytes, ending with a whole character.
std::string_view Shorten(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return text;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end);
}

/// The code of a close frame; `otherwise` when there was none.
int TheirCode(const websocket::close_reason& reason, int otherwise) {
  if (reason.code == websocket::close_code::none) return otherwise;
  // Beast takes codes that RFC 6455 (7.4.2) has no range for; a handler is spared them.
  return reason.code > kCloseCodeMax ? 1002 : static_cast<int>(reason.code);
}

/// What OnClose() is told after a failed read.
int CodeOf(const ErrorCode& error, const websocket::close_reason& reason) {
  if (error == websocket::error::closed) return TheirCode(reason, 1005);
  if (error == websocket::error::message_too_big) return 1009;
  if (error == websocket::error::bad_frame_payload) return 1007;
  if (error == websocket::condition::protocol_violation) return 1002;
  return 1006;
}

class WebSocketImpl final : public WebSocketSession,
                            public Tracked,
                            public std::enable_shared_from_this<WebSocketImpl> {
 public:
  WebSocketImpl(std::shared_ptr<ServerCore> core, Reactor* reactor, WebSocketStart start)
      : core_(std::move(core)),
        reactor_(reactor->shared_from_this()),
        upgrade_(std::move(start.upgrade)),
        response_headers_(std::move(start.response_headers)),
        ws_(TransportStream(std::move(start.transport), std::move(start.early))) {}

  void Start(const Headers& request_headers);

  // WebSocketSession, any thread.
  bool SendText(std::string_view text) override { return Send(text, true); }
  bool SendBinary(std::string_view bytes) override { return Send(bytes, false); }
  void Close(int code, std::string_view reason) override;
  bool closed() const override;

  // Tracked.
  void OnTick(TimePoint now) override;
  void OnStop() override { Close(1001, "The server stops."); }
  void Abort() override { End(1006); }

 private:
  struct Message {
    std::string bytes;
    bool text = true;
  };

  bool Send(std::string_view bytes, bool text);
  void RequestCloseLocked(int code, std::string_view reason);
  void WakeLocked();
  void OnAccepted(const ErrorCode& error);
  void ReadNext();
  void OnRead(const ErrorCode& error);
  void Pump();
  void OnWritten(const ErrorCode& error);
  void BeginClose();
  void End(int code);
  /// Runs `f` on a pool thread, then OnClose() or the next read.
  void RunCallback(std::function<void(WebSocketHandler&)> f);
  void TellClosed(int code);

  const std::shared_ptr<ServerCore> core_;
  const std::shared_ptr<Reactor> reactor_;
  WebSocketUpgrade upgrade_;
  Headers response_headers_;

  // The reactor's thread.
  websocket::stream<TransportStream, false> ws_;
  beast::flat_buffer buffer_;
  bool open_ = false;
  bool reading_ = false;
  bool writing_ = false;
  Message in_flight_;
  bool close_started_ = false;
  TimePoint close_deadline_ = TimePoint::max();
  bool pinging_ = false;
  int pings_unanswered_ = 0;
  TimePoint last_heard_ = std::chrono::steady_clock::now();
  TimePoint write_began_{};

  mutable std::mutex mutex_;
  std::deque<Message> queue_;
  std::size_t pending_bytes_ = 0;
  bool woken_ = false;
  /// What Close() asked for; later calls do not count.
  std::optional<websocket::close_reason> close_wanted_;
  bool callback_running_ = false;
  std::optional<int> ended_;
};

void WebSocketImpl::Start(const Headers& request_headers) {
  reactor_->Track(shared_from_this());
  core_->web_sockets.fetch_add(1, std::memory_order_relaxed);
  beast::http::request<beast::http::empty_body> request(beast::http::verb::get, "/", 11);
  for (const char* const name : {"Host", "Sec-WebSocket-Key", "Sec-WebSocket-Version"}) {
    const auto value = request_headers.Find(name).value_or("");
    request.set(name, beast::string_view(value.data(), value.size()));
  }
  request.set(beast::http::field::upgrade, "websocket");
  request.set(beast::http::field::connection, "upgrade");
  ws_.read_message_max(upgrade_.message_bytes_max);
  ws_.auto_fragment(false);
  ws_.set_option(websocket::stream_base::decorator([this](websocket::response_type& response) {
    for (const auto& [name, value] : response_headers_.fields()) {
      if (!IsToken(name) || !IsFieldValue(value)) continue;
      response.insert(beast::string_view(name.data(), name.size()),
                      beast::string_view(value.data(), value.size()));
    }
    response.erase(beast::http::field::server);
    if (IsToken(upgrade_.subprotocol)) {
      response.set(beast::http::field::sec_websocket_protocol, upgrade_.subprotocol);
    }
  }));
  close_deadline_ = reactor_->now() + core_->options.limits.write_timeout;
  ws_.async_accept(
      request, [self = shared_from_this()](const ErrorCode& error) { self->OnAccepted(error); });
}

void WebSocketImpl::OnAccepted(const ErrorCode& error) {
  if (error) return End(1006);
  open_ = true;
  close_deadline_ = TimePoint::max();
  RunCallback([self = shared_from_this()](WebSocketHandler& handler) { handler.OnOpen(self); });
  Pump();
}

void WebSocketImpl::RunCallback(std::function<void(WebSocketHandler&)> f) {
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    callback_running_ = true;
  }
  core_->pool.Post([self = shared_from_this(), f = std::move(f)] {
    try {
      f(*self->upgrade_.handler);
    } catch (...) {
      ++self->core_->exceptions;
      base::Log(self->core_->options.log, base::LogLevel::kError,
                "http: a WebSocket handler threw");
      self->Close(1011, "");
    }
    std::optional<int> ended;
    {
      const std::lock_guard lock(self->mutex_);
      self->callback_running_ = false;
      ended = self->ended_;
    }
    if (ended) return self->TellClosed(*ended);
    self->reactor_->Post([self] { self->ReadNext(); });
  });
}

void WebSocketImpl::TellClosed(int code) {
  // A handler usually keeps its session: letting go of it here is what ends both.
  const std::shared_ptr<WebSocketHandler> handler = std::exchange(upgrade_.handler, nullptr);
  try {
    handler->OnClose(code);
  } catch (...) {
    ++core_->exceptions;
    base::Log(core_->options.log, base::LogLevel::kError, "http: a WebSocket handler threw");
  }
}

void WebSocketImpl::ReadNext() {
  if (!open_ || reading_) return;
  reading_ = true;
  ws_.async_read(buffer_, [self = shared_from_this()](const ErrorCode& error, std::size_t) {
    self->OnRead(error);
  });
}

void WebSocketImpl::OnRead(const ErrorCode& error) {
  reading_ = false;
  if (!open_) return;
  if (error) return End(CodeOf(error, ws_.reason()));
  std::string message(static_cast<const char*>(buffer_.cdata().data()), buffer_.size());
  buffer_.consume(buffer_.size());
  if (buffer_.capacity() > kKeptBufferBytes) buffer_.shrink_to_fit();
  const bool text = ws_.got_text();
  // Beast does not look at the end of a message whose last fragment is empty.
  if (text && !base::IsValidUtf8(message)) return Close(1007, "");
  RunCallback([message = std::move(message), text](WebSocketHandler& handler) {
    text ? handler.OnText(message) : handler.OnBinary(message);
  });
}

bool WebSocketImpl::Send(std::string_view bytes, bool text) {
  const std::lock_guard lock(mutex_);
  if (ended_ || close_wanted_) return false;
  if (bytes.size() > upgrade_.pending_max - std::min(pending_bytes_, upgrade_.pending_max)) {
    queue_.clear();
    RequestCloseLocked(1013, "Too slow.");
    return false;
  }
  pending_bytes_ += bytes.size();
  queue_.push_back({std::string(bytes), text});
  WakeLocked();
  return true;
}

void WebSocketImpl::Close(int code, std::string_view reason) {
  const std::lock_guard lock(mutex_);
  if (!ended_ && !close_wanted_) RequestCloseLocked(code, reason);
}

void WebSocketImpl::RequestCloseLocked(int code, std::string_view reason) {
  const std::string_view shown =
      Shorten(base::IsValidUtf8(reason) ? reason : std::string_view(), kReasonBytesMax);
  close_wanted_ =
      websocket::close_reason(static_cast<websocket::close_code>(MaySend(code) ? code : 1011),
                              beast::string_view(shown.data(), shown.size()));
  WakeLocked();
}

void WebSocketImpl::WakeLocked() {
  if (std::exchange(woken_, true)) return;
  reactor_->Post([self = shared_from_this()] {
    {
      const std::lock_guard guard(self->mutex_);
      self->woken_ = false;
    }
    self->Pump();
  });
}

bool WebSocketImpl::closed() const {
  const std::lock_guard lock(mutex_);
  return ended_.has_value() || close_wanted_.has_value();
}

void WebSocketImpl::Pump() {
  bool close_now = false;
  {
    const std::lock_guard lock(mutex_);
    if (close_wanted_ && close_deadline_ == TimePoint::max()) {
      close_deadline_ = reactor_->now() + kCloseTimeout;
    }
    if (!open_ || writing_ || close_started_) return;
    if (!queue_.empty()) {
      in_flight_ = std::move(queue_.front());
      queue_.pop_front();
    } else if (close_wanted_) {
      close_now = true;
    } else {
      return;
    }
  }
  if (close_now) return BeginClose();
  writing_ = true;
  write_began_ = reactor_->now();
  ws_.text(in_flight_.text);
  ws_.async_write(
      boost::asio::buffer(in_flight_.bytes),
      [self = shared_from_this()](const ErrorCode& error, std::size_t) { self->OnWritten(error); });
}

void WebSocketImpl::OnWritten(const ErrorCode& error) {
  writing_ = false;
  {
    const std::lock_guard lock(mutex_);
    pending_bytes_ -= std::min(pending_bytes_, in_flight_.bytes.size());
  }
  in_flight_ = {};
  // The read in progress learns why, and ends the session.
  if (error && reading_) return;
  if (error) return End(1006);
  Pump();
}

void WebSocketImpl::BeginClose() {
  close_started_ = true;
  websocket::close_reason reason;
  {
    const std::lock_guard lock(mutex_);
    reason = *close_wanted_;
  }
  ws_.async_close(reason, [self = shared_from_this(), reason](const ErrorCode& error) {
    self->End(error ? 1006 : TheirCode(self->ws_.reason(), static_cast<int>(reason.code)));
  });
}

void WebSocketImpl::OnTick(TimePoint now) {
  if (now >= close_deadline_) return End(1006);
  if (!open_) return;
  const TransportStream& stream = ws_.next_layer();
  if (writing_ && now - stream.last_write() > core_->options.limits.write_timeout &&
      now - write_began_ > core_->options.limits.write_timeout) {
    return End(1006);
  }
  if (stream.last_read() > last_heard_) {
    last_heard_ = stream.last_read();
    pings_unanswered_ = 0;
  }
  // While a handler works nobody reads, so an answer could not be heard.
  if (!reading_ || pinging_ || close_started_) return;
  if (now - last_heard_ < upgrade_.ping_interval * (pings_unanswered_ + 1)) return;
  if (pings_unanswered_ == kPingsMax) return End(1006);
  ++pings_unanswered_;
  pinging_ = true;
  ws_.async_ping({}, [self = shared_from_this()](const ErrorCode&) { self->pinging_ = false; });
}

void WebSocketImpl::End(int code) {
  const auto self = shared_from_this();
  bool tell = false;
  {
    const std::lock_guard lock(mutex_);
    if (ended_) return;
    ended_ = code;
    queue_.clear();
    tell = open_ && !callback_running_;
  }
  const bool was_open = std::exchange(open_, false);
  close_deadline_ = TimePoint::max();
  ws_.next_layer().transport().Close();
  core_->web_sockets.fetch_sub(1, std::memory_order_relaxed);
  if (was_open && tell) core_->pool.Post([self, code] { self->TellClosed(code); });
  reactor_->Untrack(this);
}

}  // namespace

void StartWebSocket(std::shared_ptr<ServerCore> core, Reactor* reactor, WebSocketStart start) {
  const Headers request_headers = std::move(start.request_headers);
  std::make_shared<WebSocketImpl>(std::move(core), reactor, std::move(start))
      ->Start(request_headers);
}

}  // namespace wt::http

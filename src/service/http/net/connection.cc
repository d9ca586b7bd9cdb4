#include "service/http/net/connection.h"

#include <utility>

namespace wt::http {
namespace {

// A body up to this size is read before a handler is taken, from its own buffer.
constexpr std::size_t kPrefetchBytesMax = 32 << 10;
// RFC 9112, section 2.2: at least one empty line before a request line is to be ignored.
constexpr int kEmptyLinesMax = 4;
// After the last response: time for the other end to read it before a reset could destroy it.
constexpr std::chrono::milliseconds kLingerTimeout{2'000};

}  // namespace

Connection::Connection(ServerCore* core, Reactor* reactor, std::unique_ptr<Transport> transport,
                       std::string remote_address)
    : core_(core),
      reactor_(reactor),
      transport_(std::move(transport)),
      remote_address_(std::move(remote_address)) {}

Connection::~Connection() = default;

void Connection::Start() {
  reactor_->Track(shared_from_this());
  SetDeadline(core_->options.limits.head_timeout);
  AwaitInput();
}

void Connection::SetDeadline(std::chrono::milliseconds from_now) {
  deadline_ = reactor_->now() + from_now;
}

void Connection::WaitThen(IoState want, void (Connection::*step)()) {
  transport_->Wait(want, [self = shared_from_this(), step](const boost::system::error_code&) {
    if (self->state_ != State::kClosed) (self.get()->*step)();
  });
}

void Connection::AwaitInput() {
  if (transport_->buffered()) return ReadInput();
  if (buffer_.lent() && buffer_.size() == 0) reactor_->buffers().Give(&buffer_);
  WaitThen(IoState::kWantRead, &Connection::ReadInput);
}

void Connection::ReadInput() {
  // A wait may end after the state it was for.
  if (state_ > State::kPrefetch) return;
  if (!buffer_.lent()) buffer_ = reactor_->buffers().Take();
  const IoResult result = transport_->Read(buffer_.Space());
  switch (result.state) {
    case IoState::kDone: buffer_.Commit(result.bytes); return UseInput();
    case IoState::kWantRead:
    case IoState::kWantWrite:
      if (buffer_.size() == 0) reactor_->buffers().Give(&buffer_);
      return WaitThen(result.state, &Connection::ReadInput);
    case IoState::kEnd:
    case IoState::kFailed: return OnInputEnd();
  }
}

void Connection::OnInputEnd() {
  if (state_ == State::kPrefetch) return Refuse(400, "The body ended early.");
  Close();
}

void Connection::UseInput() {
  if (state_ == State::kPrefetch) return UsePrefetch();
  UseHead();
}

bool Connection::SkipEmptyLines() {
  while (scanned_ == 0 && buffer_.view().starts_with("\r\n") && empty_lines_ < kEmptyLinesMax) {
    buffer_.Consume(2);
    ++empty_lines_;
  }
  return buffer_.size() > 0;
}

void Connection::UseHead() {
  const ServerLimits& limits = core_->options.limits;
  if (state_ == State::kIdle && buffer_.size() > 0) {
    state_ = State::kHead;
    SetDeadline(limits.head_timeout);
  }
  if (!SkipEmptyLines()) return AwaitInput();
  const HeadScan scan = ScanHead(buffer_.view(), limits, &scanned_);
  if (scan.error) return Refuse(scan.error->status, scan.error->reason);
  if (scan.length == 0) return AwaitInput();
  auto parsed = ParseHead(buffer_.view().substr(0, scan.length), limits);
  buffer_.Consume(scan.length);
  scanned_ = 0;
  empty_lines_ = 0;
  if (const auto* error = std::get_if<RequestError>(&parsed)) {
    return Refuse(error->status, error->reason);
  }
  BeginRequest(std::get<RequestHead>(std::move(parsed)));
}

void Connection::BeginRequest(RequestHead head) {
  const ServerLimits& limits = core_->options.limits;
  head_ = std::move(head);
  keep_alive_ = head_.keep_alive;
  decoder_ = head_.chunked ? BodyDecoder::Chunked(limits.body_bytes_max)
                           : BodyDecoder::Sized(head_.content_length);
  body_failed_ = false;
  rate_bytes_ = 0;
  rate_left_ = limits.body_rate_window;
  continue_owed_ = head_.expects_continue && buffer_.size() == 0;
  if (decoder_.done()) return Dispatch(true);
  // Whoever waits for "100 Continue" is told by the handler's first read.
  if (continue_owed_) return Dispatch(false);
  state_ = State::kPrefetch;
  StartRateWindow();
  UsePrefetch();
}

void Connection::UsePrefetch() {
  const std::size_t before = prefetched_.size();
  prefetched_.resize(before + buffer_.size());
  const BodyDecoder::Progress progress = decoder_.Decode(
      buffer_.view(), std::as_writable_bytes(std::span(prefetched_)).subspan(before));
  prefetched_.resize(before + progress.produced);
  buffer_.Consume(progress.consumed);
  CountRate(progress.consumed);
  if (decoder_.error()) return Refuse(decoder_.error()->status, decoder_.error()->reason);
  if (decoder_.done()) return Dispatch(true);
  if (prefetched_.size() >= kPrefetchBytesMax) return Dispatch(false);
  AwaitInput();
}

void Connection::Dispatch(bool body_is_whole) {
  state_ = State::kHandling;
  deadline_ = TimePoint::max();
  auto exchange = std::make_shared<Exchange>();
  const auto length =
      head_.chunked ? std::nullopt : std::optional<std::int64_t>(head_.content_length);
  exchange->body = std::make_unique<RequestBody>(
      length, std::exchange(prefetched_, {}), body_is_whole, &core_->pool,
      body_is_whole ? nullptr : std::static_pointer_cast<BodyPuller>(shared_from_this()));
  Request& request = exchange->request;
  request.method = head_.method;
  request.path = std::move(head_.path);
  request.query = std::move(head_.query);
  request.raw_query = std::move(head_.raw_query);
  request.headers = std::move(head_.headers);
  request.body = exchange->body.get();
  request.peer = exchange->peer;
  request.remote_address = remote_address_;
  request.secure = transport_->secure();
  exchange_ = std::move(exchange);
  if (buffer_.lent() && buffer_.size() == 0) reactor_->buffers().Give(&buffer_);
  core_->requests.fetch_add(1, std::memory_order_relaxed);
  const auto run = [self = shared_from_this(), e = exchange_] { self->RunHandler(e); };
  if (core_->pool.TryPost(run)) return;
  Refuse(503, "The server is busy.");
}

void Connection::Refuse(int status, std::string_view reason) {
  core_->requests_refused.fetch_add(1, std::memory_order_relaxed);
  exchange_.reset();
  prefetched_ = {};
  head_ = RequestHead{};
  keep_alive_ = false;
  BeginResponse(MakeError(status, reason));
}

Response Connection::MakeError(int status, std::string_view reason) {
  try {
    return core_->handler->HandleError(status, reason);
  } catch (...) {
    return Response::Text(status, {});
  }
}

void Connection::OnTick(TimePoint now) {
  if (state_ == State::kClosed) return;
  if (now >= deadline_) return OnDeadline();
  if (state_ == State::kHandling && decoder_.done() && !exchange_->peer->gone() &&
      transport_->PeerClosed()) {
    exchange_->peer->MarkGone();
  } else if (state_ == State::kWriting && sink_ != nullptr) {
    TickStream(now);
  }
}

void Connection::OnDeadline() {
  deadline_ = TimePoint::max();
  switch (state_) {
    case State::kHead:
      if (buffer_.size() == 0) return Close();
      return Refuse(408, "The head of the request came too slowly.");
    case State::kPrefetch: return Refuse(408, "The body came too slowly.");
    case State::kHandling:
      if (pulling_) {
        FinishPull(Status(StatusCode::kDeadlineExceeded,
                          "The body came too slowly and was given up. Send it again."));
      }
      return;
    case State::kIdle:
    case State::kWriting:
    case State::kLingering: return Close();
    case State::kClosed: return;
  }
}

void Connection::OnStop() {
  switch (state_) {
    case State::kIdle:
    case State::kHead:
    case State::kLingering: return Close();
    case State::kPrefetch:
    case State::kHandling:
    case State::kWriting:
      keep_alive_ = false;
      if (sink_ != nullptr) sink_->Close();
      return;
    case State::kClosed: return;
  }
}

void Connection::Abort() { Close(); }

void Connection::Close() {
  if (state_ == State::kClosed) return;
  const auto self = shared_from_this();
  state_ = State::kClosed;
  deadline_ = TimePoint::max();
  if (transport_ != nullptr) transport_->Close();
  if (pulling_) {
    FinishPull(Status(StatusCode::kCancelled, "The connection was closed before the body ended."));
  }
  if (exchange_ != nullptr) exchange_->peer->MarkGone();
  DropSink();
  reactor_->buffers().Give(&buffer_);
  transport_ = nullptr;
  exchange_ = nullptr;
  reactor_->Untrack(this);
}

void Connection::BeginLingering() {
  state_ = State::kLingering;
  SetDeadline(kLingerTimeout);
  transport_->ShutdownWrite();
  Linger();
}

void Connection::Linger() {
  if (state_ != State::kLingering) return;
  if (!buffer_.lent()) buffer_ = reactor_->buffers().Take();
  buffer_.Consume(buffer_.size());
  const IoResult result = transport_->Read(buffer_.Space());
  if (result.state == IoState::kEnd || result.state == IoState::kFailed) return Close();
  // One read a turn, so that a client that goes on sending at full speed does not hold the thread.
  WaitThen(result.state == IoState::kDone ? IoState::kWantRead : result.state, &Connection::Linger);
}

}  // namespace wt::http

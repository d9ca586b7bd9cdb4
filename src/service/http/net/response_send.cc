// The response on its way to the client: head, then text, file, pieces of a reader, or a stream.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "service/http/content/compression.h"
#include "service/http/net/connection.h"
#include "service/http/syntax/response_head.h"
#include "service/http/ws/handshake.h"
#include "service/http/ws/web_socket.h"

namespace wt::http {
namespace {

// Short bodies travel in one piece with the head.
constexpr std::size_t kInlineBytesMax = 16 << 10;
constexpr std::size_t kReaderPieceBytes = 256 << 10;
// Larger pieces do not go faster, and other connections wait for each.
constexpr std::int64_t kFilePieceBytes = 1 << 20;

ReaderBody ReadFromFile(FileBody body) {
  auto file = std::make_shared<FileBody>(std::move(body));
  ReaderBody reader;
  reader.length = file->length;
  reader.read = [file](std::span<std::byte> out) -> Result<std::size_t> {
    const auto wanted = std::min<std::int64_t>(file->length, static_cast<std::int64_t>(out.size()));
    const ssize_t n =
        ::pread(file->file.get(), out.data(), static_cast<std::size_t>(wanted), file->offset);
    if (n < 0) return Status(StatusCode::kUnavailable, "A file could not be read.");
    file->offset += n;
    file->length -= n;
    return static_cast<std::size_t>(n);
  };
  return reader;
}

struct Piece {
  std::string bytes;
  bool failed = false;
};

Piece ReadPiece(const ReaderBody& reader, std::size_t bytes_max) {
  Piece piece;
  piece.bytes.resize(bytes_max);
  try {
    const auto count = reader.read(std::as_writable_bytes(std::span(piece.bytes)));
    piece.failed = !count.ok() || *count > bytes_max;
    piece.bytes.resize(piece.failed ? 0 : *count);
  } catch (...) {
    piece.failed = true;
  }
  return piece;
}

}  // namespace

void Connection::RunHandler(const std::shared_ptr<Exchange>& exchange) {
  Response response;
  try {
    response = core_->handler->Handle(exchange->request);
    CompressResponse(exchange->request, core_->options.compress_bytes_min, &response);
  } catch (const std::exception& e) {
    ++core_->exceptions;
    base::Log(core_->options.log, base::LogLevel::kError,
              fmt::format("http: a handler threw: {}", e.what()));
    response = Response::Text(500, {});
  } catch (...) {
    ++core_->exceptions;
    base::Log(core_->options.log, base::LogLevel::kError, "http: a handler threw");
    response = Response::Text(500, {});
  }
  exchange->body->Detach();
  reactor_->Post([self = shared_from_this(), r = std::move(response)]() mutable {
    self->OnResponse(std::move(r));
  });
}

void Connection::OnResponse(Response response) {
  if (state_ != State::kHandling) return;
  if (std::holds_alternative<WebSocketUpgrade>(response.body)) {
    return Upgrade(std::move(response));
  }
  BeginResponse(std::move(response));
}

void Connection::BeginResponse(Response response) {
  state_ = State::kWriting;
  const std::optional<std::int64_t> length = BodyLength(response);
  const bool has_body = StatusHasBody(response.status);
  // What was not read of a body would be taken for the next request.
  if (!decoder_.done() || body_failed_ || core_->stopping) keep_alive_ = false;
  chunked_out_ = has_body && !length && head_.http11;
  if (has_body && !length && !head_.http11) keep_alive_ = false;
  HeadFacts facts;
  facts.http11 = head_.http11;
  facts.keep_alive = keep_alive_;
  facts.date_line = reactor_->DateLine();
  facts.length = length;
  out_ = FormatResponseHead(response, facts);
  out_sent_ = 0;
  sending_ = Sending::kNothing;
  body_ended_ = false;
  length_known_ = length.has_value();
  body_left_ = length.value_or(0);
  if (has_body && head_.method != Method::kHead) PrepareBody(&response);
  SetDeadline(core_->options.limits.write_timeout);
  WriteMore();
}

void Connection::PrepareBody(Response* response) {
  if (auto* file = std::get_if<FileBody>(&response->body); file && transport_->secure()) {
    ReaderBody reader = ReadFromFile(std::move(*file));
    response->body = std::move(reader);
  }
  if (auto* text = std::get_if<std::string>(&response->body)) {
    if (text->size() <= kInlineBytesMax) {
      out_ += *text;
    } else {
      text_ = std::move(*text);
    }
  } else if (auto* file = std::get_if<FileBody>(&response->body)) {
    sending_ = Sending::kFile;
    file_ = std::move(*file);
  } else if (auto* reader = std::get_if<ReaderBody>(&response->body)) {
    sending_ = Sending::kReader;
    reader_ = std::make_shared<ReaderBody>(std::move(*reader));
    body_ended_ = length_known_ && body_left_ == 0;
  } else if (auto* stream = std::get_if<StreamBody>(&response->body)) {
    sending_ = Sending::kStream;
    stream_ = std::move(*stream);
  }
}

void Connection::OnWritable() {
  waiting_to_write_ = false;
  WriteMore();
}

void Connection::WriteMore() {
  if (state_ != State::kWriting || waiting_to_write_) return;
  while (FlushOut()) {
    if (body_ended_) return FinishResponse();
    if (!NextPiece()) return;
  }
}

bool Connection::Flush(const std::string& bytes, std::size_t* sent, WriteHint hint) {
  while (*sent < bytes.size()) {
    const IoResult result = transport_->Write(std::as_bytes(std::span(bytes)).subspan(*sent), hint);
    if (result.state == IoState::kDone) {
      *sent += result.bytes;
      SetDeadline(core_->options.limits.write_timeout);
      continue;
    }
    if (result.state == IoState::kFailed || result.state == IoState::kEnd) {
      Close();
    } else {
      waiting_to_write_ = true;
      WaitThen(result.state, &Connection::OnWritable);
    }
    return false;
  }
  return true;
}

bool Connection::FlushOut() {
  const bool more = !text_.empty() || (sending_ == Sending::kFile && body_left_ > 0);
  if (!Flush(out_, &out_sent_, more ? WriteHint::kMore : WriteHint::kLast)) return false;
  if (!Flush(text_, &text_sent_, WriteHint::kLast)) return false;
  out_.clear();
  out_sent_ = 0;
  text_ = {};
  text_sent_ = 0;
  return true;
}

bool Connection::NextPiece() {
  switch (sending_) {
    case Sending::kNothing: body_ended_ = true; return true;
    case Sending::kFile: return SendFilePiece();
    case Sending::kReader: FetchReaderPiece(); return false;
    case Sending::kStream: return TakeStreamPiece();
  }
  return false;
}

bool Connection::SendFilePiece() {
  if (body_left_ == 0) {
    body_ended_ = true;
    return true;
  }
  const IoResult result =
      transport_->SendFile(file_.file.get(), file_.offset,
                           static_cast<std::size_t>(std::min(body_left_, kFilePieceBytes)));
  switch (result.state) {
    case IoState::kDone:
      file_.offset += static_cast<std::int64_t>(result.bytes);
      body_left_ -= static_cast<std::int64_t>(result.bytes);
      SetDeadline(core_->options.limits.write_timeout);
      reactor_->Post([self = shared_from_this()] { self->WriteMore(); });
      return false;
    case IoState::kWantRead:
    case IoState::kWantWrite:
      waiting_to_write_ = true;
      WaitThen(result.state, &Connection::OnWritable);
      return false;
    // A file that has become shorter than was promised cannot be made good.
    case IoState::kEnd:
    case IoState::kFailed: Close(); return false;
  }
  return false;
}

void Connection::FetchReaderPiece() {
  deadline_ = TimePoint::max();
  std::size_t bytes = kReaderPieceBytes;
  if (length_known_ && body_left_ < static_cast<std::int64_t>(bytes)) {
    bytes = static_cast<std::size_t>(body_left_);
  }
  core_->pool.Post([self = shared_from_this(), reader = reader_, bytes] {
    Piece piece = ReadPiece(*reader, bytes);
    self->reactor_->Post([self, p = std::move(piece)]() mutable {
      self->OnReaderPiece(std::move(p.bytes), p.failed);
    });
  });
}

void Connection::OnReaderPiece(std::string piece, bool failed) {
  if (state_ != State::kWriting) return;
  if (failed || (piece.empty() && length_known_)) return Close();
  body_left_ -= static_cast<std::int64_t>(piece.size());
  body_ended_ = piece.empty() || (length_known_ && body_left_ == 0);
  SetDeadline(core_->options.limits.write_timeout);
  AppendFramed(std::move(piece));
  WriteMore();
}

void Connection::AppendFramed(std::string bytes) {
  if (chunked_out_ && !bytes.empty()) {
    out_ = fmt::format("{:x}\r\n", bytes.size());
    bytes += "\r\n";
  }
  if (chunked_out_ && body_ended_) bytes += "0\r\n\r\n";
  text_ = std::move(bytes);
}

bool Connection::TakeStreamPiece() {
  if (sink_ == nullptr) {
    StartStream();
    return false;
  }
  StreamSink::Taken taken = sink_->Take();
  if (taken.overrun) {
    Close();
    return false;
  }
  if (taken.bytes.empty() && !taken.last) {
    deadline_ = TimePoint::max();
    return false;
  }
  body_ended_ = taken.last;
  stream_written_ = reactor_->now();
  SetDeadline(core_->options.limits.write_timeout);
  AppendFramed(std::move(taken.bytes));
  return true;
}

void Connection::StartStream() {
  stream_written_ = reactor_->now();
  deadline_ = TimePoint::max();
  core_->streams.fetch_add(1, std::memory_order_relaxed);
  sink_ = std::make_shared<StreamSink>(
      core_->options.limits.stream_pending_max,
      [reactor = reactor_->shared_from_this(), weak = weak_from_this()] {
        // A sink may outlive its server; the reactor is kept for it and the connection is not.
        if (const auto self = weak.lock()) {
          reactor->Post([self] { self->OnSinkWake(); });
        }
      });
  core_->pool.Post([start = std::exchange(stream_.start, nullptr), sink = sink_] {
    try {
      start(sink);
    } catch (...) {
      sink->Close();
    }
  });
  if (core_->stopping) sink_->Close();
}

void Connection::OnSinkWake() {
  if (state_ != State::kWriting || sink_ == nullptr) return;
  if (sink_->overrun()) return Close();
  WriteMore();
}

void Connection::TickStream(TimePoint now) {
  if (transport_->PeerClosed()) return Close();
  // The wake of an overrun may have come before the head was sent; nothing wakes again.
  if (sink_ != nullptr && sink_->overrun()) return Close();
  if (stream_.keep_alive.empty() || waiting_to_write_) return;
  if (now - stream_written_ < stream_.keep_alive_interval) return;
  sink_->Write(stream_.keep_alive);
}

void Connection::DropSink() {
  if (sink_ == nullptr) return;
  std::exchange(sink_, nullptr)->Break();
  core_->streams.fetch_sub(1, std::memory_order_relaxed);
}

void Connection::FinishResponse() {
  DropSink();
  reader_ = nullptr;
  file_ = {};
  exchange_ = nullptr;
  if (out_.capacity() > 4096) out_ = {};
  if (!keep_alive_ || core_->stopping) return BeginLingering();
  state_ = State::kIdle;
  SetDeadline(core_->options.limits.idle_timeout);
  if (buffer_.size() > 0) return UseInput();
  AwaitInput();
}

void Connection::Upgrade(Response response) {
  std::optional<RequestError> refusal = CheckHandshake(exchange_->request);
  if (!refusal && !decoder_.done()) refusal = RequestError{400, "An upgrade has no body."};
  if (!refusal && core_->stopping) refusal = RequestError{503, "The server stops."};
  if (refusal) {
    Response answer = MakeError(refusal->status, refusal->reason);
    if (refusal->status == 426) {
      answer.headers.Set("Upgrade", "websocket");
      answer.headers.Set("Sec-WebSocket-Version", "13");
    }
    return BeginResponse(std::move(answer));
  }
  WebSocketStart start;
  start.transport = std::move(transport_);
  start.early = buffer_.view();
  start.request_headers = std::move(exchange_->request.headers);
  start.response_headers = std::move(response.headers);
  start.upgrade = std::get<WebSocketUpgrade>(std::move(response.body));
  StartWebSocket(core_->shared_from_this(), reactor_, std::move(start));
  // The client is not gone; it has only left this class.
  exchange_ = nullptr;
  Close();
}

}  // namespace wt::http

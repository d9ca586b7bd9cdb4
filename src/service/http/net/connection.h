// One HTTP/1.x connection: a state machine on its reactor's thread.
//
//   idle -> head -> (prefetch) -> handling -> writing -> idle | lingering -> closed
//
// A body is handed to the handler's thread on demand: it asks with PostPull() and blocks until
// FinishPull(). A small body is read before a handler is taken (prefetch), so that a slow client
// costs a buffer, not a thread. While a handler works nobody reads the socket; the tick looks for
// the other end's close, which unread bytes do not hide.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "service/http/net/buffer_pool.h"
#include "service/http/net/core.h"
#include "service/http/net/exchange.h"
#include "service/http/net/stream_sink.h"
#include "service/http/net/transport.h"
#include "service/http/syntax/http1.h"

namespace wt::http {

class Connection final : public Tracked,
                         public BodyPuller,
                         public std::enable_shared_from_this<Connection> {
 public:
  Connection(ServerCore* core, Reactor* reactor, std::unique_ptr<Transport> transport,
             std::string remote_address);
  ~Connection() override;

  /// Tracks itself and begins to read.
  void Start();

  void OnTick(TimePoint now) override;
  void OnStop() override;
  void Abort() override;

  /// From a pool thread.
  void PostPull(RequestBody* body, std::span<std::byte> out) override;

 private:
  enum class State : std::uint8_t {
    kIdle,
    kHead,
    kPrefetch,
    kHandling,
    kWriting,
    kLingering,
    kClosed,
  };
  enum class Sending : std::uint8_t { kNothing, kFile, kReader, kStream };

  // connection.cc: reading heads, time, the end.
  void AwaitInput();
  void ReadInput();
  void OnInputEnd();
  void UseInput();
  bool SkipEmptyLines();
  void UseHead();
  void BeginRequest(RequestHead head);
  void UsePrefetch();
  void Dispatch(bool body_is_whole);
  void Refuse(int status, std::string_view reason);
  Response MakeError(int status, std::string_view reason);
  void Close();
  void BeginLingering();
  void Linger();
  /// After `want` is ready: `step`, unless closed meanwhile.
  void WaitThen(IoState want, void (Connection::*step)());
  void SetDeadline(std::chrono::milliseconds from_now);
  void OnDeadline();

  // request_pull.cc: the body on its way to the handler.
  void ContinuePull();
  bool SendContinue();
  /// False: waiting or finished.
  bool PullOnce();
  void FinishPull(Result<std::size_t> result);
  void StartRateWindow();
  void CountRate(std::size_t bytes);

  // response_send.cc
  void RunHandler(const std::shared_ptr<Exchange>& exchange);
  void OnResponse(Response response);
  void BeginResponse(Response response);
  void PrepareBody(Response* response);
  void OnWritable();
  void WriteMore();
  // These return false when they wait or the connection has ended.
  bool Flush(const std::string& bytes, std::size_t* sent, WriteHint hint);
  bool FlushOut();
  bool NextPiece();
  bool SendFilePiece();
  void FetchReaderPiece();
  void OnReaderPiece(std::string piece, bool failed);
  bool TakeStreamPiece();
  /// Puts `bytes` into the line to be sent, and the end of the body when body_ended_ says so.
  void AppendFramed(std::string bytes);
  void FinishResponse();
  void StartStream();
  void OnSinkWake();
  void TickStream(TimePoint now);
  void DropSink();
  void Upgrade(Response response);

  ServerCore* const core_;
  Reactor* const reactor_;
  std::unique_ptr<Transport> transport_;
  const std::string remote_address_;

  State state_ = State::kHead;
  bool keep_alive_ = true;
  int empty_lines_ = 0;
  std::size_t scanned_ = 0;
  ReadBuffer buffer_;
  TimePoint deadline_ = TimePoint::max();

  // The request.
  RequestHead head_;
  BodyDecoder decoder_ = BodyDecoder::Sized(0);
  std::string prefetched_;
  std::shared_ptr<Exchange> exchange_;
  bool continue_owed_ = false;
  std::string continue_out_;
  bool pulling_ = false;
  /// Its Read() waits for the answer while pulling_.
  RequestBody* pull_body_ = nullptr;
  std::span<std::byte> pull_out_;
  std::size_t pull_filled_ = 0;
  bool body_failed_ = false;
  std::int64_t rate_bytes_ = 0;
  std::chrono::steady_clock::duration rate_left_{};
  TimePoint rate_started_{};

  // The response.
  Sending sending_ = Sending::kNothing;
  bool chunked_out_ = false;
  std::string out_;
  std::size_t out_sent_ = 0;
  std::string text_;
  std::size_t text_sent_ = 0;
  FileBody file_;
  std::shared_ptr<ReaderBody> reader_;
  /// Bytes that the head has promised and that were not sent yet; unused without a length.
  std::int64_t body_left_ = 0;
  bool length_known_ = false;
  bool body_ended_ = false;
  bool waiting_to_write_ = false;
  StreamBody stream_;
  TimePoint stream_written_{};
  std::shared_ptr<StreamSink> sink_;
};

}  // namespace wt::http

// A request and its response, as handlers see them: no sockets, no third-party types.
//
// Handlers are plain blocking functions on a bounded pool. A Request is used by one thread; the
// body is pulled from it piece by piece, so its size is the handler's choice. What outlives the
// handler (event streams, WebSockets) is handed back in the Response as an object.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "platform/file.h"
#include "service/http/websocket.h"
#include "whisper_transcriber/status.h"

namespace wt::http {

enum class Method : std::uint8_t { kGet, kHead, kPost, kPut, kPatch, kDelete, kOptions };
std::string_view MethodName(Method method);
/// Case-sensitive, as RFC 9110 has it. Empty for methods that no route may have.
std::optional<Method> ParseMethod(std::string_view text);

/// Header fields in the order they came. Names compare without case.
class Headers {
 public:
  /// The first value; empty when there is none.
  std::optional<std::string_view> Find(std::string_view name) const;
  std::vector<std::string_view> FindAll(std::string_view name) const;
  void Add(std::string name, std::string value);
  /// Replaces all of that name.
  void Set(std::string name, std::string value);
  void Remove(std::string_view name);
  const std::vector<std::pair<std::string, std::string>>& fields() const { return fields_; }

 private:
  std::vector<std::pair<std::string, std::string>> fields_;
};

/// The body of a request as it arrives. Chunked coding is undone. Reading sends "100 Continue"
/// first when the client waits for it.
class BodySource {
 public:
  virtual ~BodySource() = default;
  /// Bytes written to `out`; 0 at the end. kDataCorrupt (malformed chunk, closed early),
  /// kDeadlineExceeded (slower than the server's minimum rate), kCancelled (server stops).
  virtual Result<std::size_t> Read(std::span<std::byte> out) = 0;
  /// Content-Length, or empty for a chunked body. 0 when there is no body.
  virtual std::optional<std::int64_t> length() const = 0;
};

/// The connection, for handlers that work long. Thread-safe.
class Peer {
 public:
  virtual ~Peer() = default;
  /// True once the client has gone away.
  virtual bool gone() const = 0;
  /// Calls `f` once when the client goes away, from another thread that must not be blocked; at
  /// once when it has. A client that ends its half of the connection counts as gone. Replaces
  /// an earlier function; an empty one unsets it and waits for a call in progress.
  virtual void OnGone(std::function<void()> f) = 0;
};

struct Request {
  Method method = Method::kGet;
  /// The target's path as sent, percent-encoded, dot segments already refused. Begins with '/'.
  std::string path;
  /// Decoded pairs in order, repeated names kept.
  std::vector<std::pair<std::string, std::string>> query;
  /// The query as sent, without '?'. May hold secrets of old clients: never log it.
  std::string raw_query;
  Headers headers;
  /// Never null.
  BodySource* body = nullptr;
  /// Never null.
  std::shared_ptr<Peer> peer;
  /// Address of the other end of the socket, without port: "127.0.0.1", "::1".
  std::string remote_address;
  /// TLS on this listener.
  bool secure = false;

  std::optional<std::string_view> QueryValue(std::string_view name) const;
};

/// Bytes that go on after the handler has returned: event streams and progressive text. Pushed from
/// any thread; never blocks. Thread-safe.
class ByteSink {
 public:
  virtual ~ByteSink() = default;
  /// False when the client is gone, or so slow that more than the server's `stream_pending_max`
  /// bytes wait; the stream is then closed.
  virtual bool Write(std::string_view bytes) = 0;
  /// Ends the body.
  virtual void Close() = 0;
  virtual bool closed() const = 0;
  /// Calls `f` once when the client goes away or Close() was called; at once when it has.
  virtual void OnClosed(std::function<void()> f) = 0;
};

/// Part of a file, sent by the kernel where possible.
struct FileBody {
  platform::FileDescriptor file;
  std::int64_t offset = 0;
  std::int64_t length = 0;
};

/// Bytes pulled on a pool thread in pieces while they are sent: decrypted or generated content.
struct ReaderBody {
  /// Fills `out`, returns the bytes; 0 at the end. A failure closes the connection without an end.
  std::function<Result<std::size_t>(std::span<std::byte> out)> read;
  /// Absent: chunked.
  std::optional<std::int64_t> length;
};

struct StreamBody {
  /// Called once the head has been sent.
  std::function<void(std::shared_ptr<ByteSink>)> start;
  /// Sent whenever nothing else was for `keep_alive_interval`, so that nobody between takes the
  /// connection for dead. Empty: nothing.
  std::string keep_alive;
  std::chrono::milliseconds keep_alive_interval{15'000};
};

struct Response {
  int status = 200;
  /// Content-Length, Transfer-Encoding, Connection and Date are the server's.
  Headers headers;
  std::variant<std::string, FileBody, ReaderBody, StreamBody, WebSocketUpgrade> body;

  static Response Text(int status, std::string text,
                       std::string_view content_type = "text/plain; charset=utf-8");
};

class Handler {
 public:
  virtual ~Handler() = default;
  /// Called on a pool thread. Must not throw; an exception becomes an empty 500.
  virtual Response Handle(Request& request) = 0;
  /// The body of an error found before a request could be made (400, 405, 408, 413, 414, 417, 426,
  /// 431, 501, 503, 505). Called on a reactor's thread: must not block.
  virtual Response HandleError(int status, std::string_view reason) = 0;
};

}  // namespace wt::http

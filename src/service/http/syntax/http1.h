// The syntax of HTTP/1.x requests, without sockets: where a head ends, what it says, chunked
// bodies.
//
// Stricter than RFC 9112 has to be, because what two readers take differently can be smuggled past
// one of them: no bare line feeds, no folded lines, exactly one Host, Transfer-Encoding exactly
// "chunked", one Content-Length of digits. Beast's parser reads what the scan has let through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "service/http/message.h"
#include "service/http/server.h"

namespace wt::http {

// "OPTIONS ", " HTTP/1.1" and the scheme and authority of an absolute form.
inline constexpr std::size_t kRequestLineExtraBytes = 300;

/// Why a request is refused before any handler sees it. `reason` may be shown.
struct RequestError {
  int status = 400;
  std::string_view reason;
};

/// Where the head in `bytes` ends.
struct HeadScan {
  /// Bytes of the head with its empty line; 0: not complete yet.
  std::size_t length = 0;
  std::optional<RequestError> error;
};
/// `*resume` is where the previous call stopped; 0 at first.
HeadScan ScanHead(std::string_view bytes, const ServerLimits& limits, std::size_t* resume);

struct RequestHead {
  Method method = Method::kGet;
  std::string path;
  std::string raw_query;
  std::vector<std::pair<std::string, std::string>> query;
  Headers headers;
  bool http11 = true;
  bool keep_alive = true;
  bool expects_continue = false;
  bool chunked = false;
  /// 0 without a body; unused when chunked.
  std::int64_t content_length = 0;
};

/// `head` is what ScanHead() found.
std::variant<RequestHead, RequestError> ParseHead(std::string_view head,
                                                  const ServerLimits& limits);

/// Undoes the framing of a body: a number of bytes, or chunks.
class BodyDecoder {
 public:
  static BodyDecoder Sized(std::int64_t length);
  static BodyDecoder Chunked(std::int64_t bytes_max);

  struct Progress {
    std::size_t consumed = 0;
    std::size_t produced = 0;
  };
  /// Takes all of `in` unless the body ends, `out` is full or the body is malformed.
  Progress Decode(std::string_view in, std::span<std::byte> out);

  bool done() const { return state_ == State::kDone; }
  /// Set: malformed, or too large (413).
  const std::optional<RequestError>& error() const { return error_; }
  /// Content bytes that follow without framing between: may be read past this object, which is told
  /// by TookData().
  std::int64_t data_remaining() const { return state_ == State::kData ? remaining_ : 0; }
  void TookData(std::int64_t bytes);

 private:
  enum class State : std::uint8_t {
    kSize,
    kExtension,
    kSizeEnd,
    kData,
    kDataCr,
    kDataLf,
    kTrailer,
    kTrailerEnd,
    kDone,
  };
  void Step(char c);
  void StepSize(char c);
  void StepTrailer(char c);
  void Fail(int status, std::string_view reason);

  State state_ = State::kSize;
  bool chunked_ = false;
  std::int64_t remaining_ = 0;
  /// What the chunks may still bring.
  std::int64_t budget_ = 0;
  int digits_ = 0;
  /// Bytes of the extension of this chunk, or of all trailer lines.
  int line_bytes_ = 0;
  int trailer_line_bytes_ = 0;
  std::optional<RequestError> error_;
};

}  // namespace wt::http

// The parser of request heads and bodies: any bytes, and the same answer however they were cut.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/check.h"
#include "base/utf8.h"
#include "service/http/syntax/http1.h"
#include "service/http/text.h"
#include "service/http/url.h"

namespace {

using namespace wt::http;

HeadScan Scan(std::string_view bytes, const ServerLimits& limits, std::size_t step) {
  std::size_t resume = 0;
  for (std::size_t length = 0;; length += step) {
    const std::size_t now = std::min(length, bytes.size());
    const HeadScan scan = ScanHead(bytes.substr(0, now), limits, &resume);
    WT_CHECK(resume <= now);
    if (scan.error || scan.length > 0 || now == bytes.size()) return scan;
  }
}

void CheckHead(const RequestHead& head) {
  WT_CHECK(head.path.starts_with('/'));
  WT_CHECK(NormalizePath(head.path).value() == head.path);
  WT_CHECK(!head.chunked || head.content_length == 0);
  WT_CHECK(head.content_length >= 0);
  WT_CHECK(!head.http11 || head.headers.FindAll("Host").size() == 1);
  WT_CHECK(head.headers.FindAll("Content-Length").size() <= 1);
  for (const auto& [name, value] : head.headers.fields()) {
    WT_CHECK(IsToken(name) && IsFieldValue(value));
  }
  for (const auto& [name, value] : head.query) {
    WT_CHECK(wt::base::IsValidUtf8(name) && wt::base::IsValidUtf8(value));
  }
}

struct Decoded {
  std::string content;
  std::size_t consumed = 0;
  int status = 0;
  bool done = false;
};

Decoded Decode(BodyDecoder decoder, std::string_view bytes, std::size_t step, std::size_t room) {
  Decoded decoded;
  std::string piece(room, '\0');
  while (decoded.consumed < bytes.size() && !decoder.done() && !decoder.error()) {
    const auto progress = decoder.Decode(bytes.substr(decoded.consumed, step),
                                         std::as_writable_bytes(std::span(piece)));
    WT_CHECK(progress.consumed > 0);
    decoded.consumed += progress.consumed;
    decoded.content.append(piece, 0, progress.produced);
  }
  decoded.done = decoder.done();
  decoded.status = decoder.error() ? decoder.error()->status : 0;
  return decoded;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  ServerLimits limits;
  limits.header_bytes_max = 4'096;
  limits.target_bytes_max = 1'024;
  limits.body_bytes_max = 1'000'000;
  const HeadScan whole = Scan(bytes, limits, bytes.size() + 1);
  const HeadScan sliced = Scan(bytes, limits, 1);
  WT_CHECK(whole.length == sliced.length || sliced.error || whole.error);
  if (whole.error || whole.length == 0) return 0;
  const auto parsed = ParseHead(bytes.substr(0, whole.length), limits);
  if (std::holds_alternative<RequestError>(parsed)) return 0;
  const auto& head = std::get<RequestHead>(parsed);
  CheckHead(head);
  const BodyDecoder decoder =
      head.chunked ? BodyDecoder::Chunked(1'000'000) : BodyDecoder::Sized(head.content_length);
  const std::string_view body = bytes.substr(whole.length);
  const Decoded a = Decode(decoder, body, body.size() + 1, 65'536);
  const Decoded b = Decode(decoder, body, 1, 1);
  const Decoded c = Decode(decoder, body, 3, 2);
  WT_CHECK(a.content == b.content && a.content == c.content);
  WT_CHECK(a.consumed == b.consumed && a.consumed == c.consumed);
  WT_CHECK(a.status == b.status && a.done == b.done && a.done == c.done);
  return 0;
}

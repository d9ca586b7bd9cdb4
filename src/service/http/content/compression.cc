#include "service/http/content/compression.h"

#include <zlib.h>

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "service/http/text.h"

namespace wt::http {
namespace {

/// Thousandths of "q=0.5"; 1,000 without a weight, empty when malformed.
std::optional<int> Weight(std::string_view parameters) {
  const std::string_view text = TrimSpace(parameters);
  if (text.empty()) return 1'000;
  if (text.size() < 3 || (text[0] != 'q' && text[0] != 'Q') || text[1] != '=') return std::nullopt;
  const std::string_view value = text.substr(2);
  if (value.size() > 5 || (value[0] != '0' && value[0] != '1')) return std::nullopt;
  int thousandths = (value[0] - '0') * 1'000;
  if (value.size() > 1) {
    if (value[1] != '.') return std::nullopt;
    int unit = 100;
    for (const char c : value.substr(2)) {
      if (c < '0' || c > '9') return std::nullopt;
      thousandths += (c - '0') * unit;
      unit /= 10;
    }
  }
  return thousandths > 1'000 ? std::nullopt : std::optional<int>(thousandths);
}

void AddVary(Headers* headers) {
  const auto vary = headers->Find("Vary");
  if (!vary) return headers->Set("Vary", "Accept-Encoding");
  if (ListHas(*vary, "Accept-Encoding") || *vary == "*") return;
  headers->Set("Vary", std::string(*vary) + ", Accept-Encoding");
}

}  // namespace

bool AcceptsGzip(const Headers& headers) {
  std::optional<int> gzip;
  std::optional<int> any;
  int identity = 1;  // As is, when nothing is said, is the least welcome that is still allowed.
  for (const std::string_view value : headers.FindAll("Accept-Encoding")) {
    for (const std::string_view element : SplitList(value)) {
      const std::size_t semicolon = std::min(element.find(';'), element.size());
      const std::string_view coding = TrimSpace(element.substr(0, semicolon));
      const auto weight = Weight(element.substr(std::min(semicolon + 1, element.size())));
      if (!weight) continue;
      if (EqualsIgnoreCase(coding, "gzip") || EqualsIgnoreCase(coding, "x-gzip")) gzip = weight;
      if (coding == "*") any = weight;
      if (EqualsIgnoreCase(coding, "identity")) identity = *weight;
    }
  }
  const int preference = gzip.value_or(any.value_or(0));
  return preference > 0 && preference >= identity;
}

bool IsCompressibleType(std::string_view content_type) {
  const std::string_view type = TrimSpace(content_type.substr(0, content_type.find(';')));
  if (EqualsIgnoreCase(type, "text/event-stream")) return false;
  if (EqualsIgnoreCase(type.substr(0, 5), "text/")) return true;
  for (const std::string_view known :
       {"application/json", "application/javascript", "application/xml", "application/x-subrip",
        "application/manifest+json", "application/problem+json", "application/yaml",
        "image/svg+xml"}) {
    if (EqualsIgnoreCase(type, known)) return true;
  }
  return type.ends_with("+json") || type.ends_with("+xml");
}

std::string Gzip(std::string_view bytes) {
  z_stream stream{};
  // 15 + 16: the largest window, with a gzip header. Level 5 costs half of level 6 for 1 % more
  // bytes of JSON.
  WT_CHECK(deflateInit2(&stream, 5, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) == Z_OK);
  std::string out;
  out.resize(deflateBound(&stream, bytes.size()));
  // zlib counts in 32 bits, so a large body goes in and out by pieces.
  constexpr std::size_t kPieceMax = 1 << 30;
  std::size_t taken = 0;
  std::size_t made = 0;
  int result = Z_OK;
  while (result != Z_STREAM_END) {
    const std::size_t piece = std::min(kPieceMax, bytes.size() - taken);
    const std::size_t room = std::min(kPieceMax, out.size() - made);
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + taken));
    stream.avail_in = static_cast<uInt>(piece);
    stream.next_out = reinterpret_cast<Bytef*>(out.data() + made);
    stream.avail_out = static_cast<uInt>(room);
    result = deflate(&stream, taken + piece == bytes.size() ? Z_FINISH : Z_NO_FLUSH);
    WT_CHECK(result == Z_OK || result == Z_STREAM_END);
    taken += piece - stream.avail_in;
    made += room - stream.avail_out;
  }
  deflateEnd(&stream);
  out.resize(made);
  return out;
}

void CompressResponse(const Request& request, std::size_t bytes_min, Response* response) {
  auto* const body = std::get_if<std::string>(&response->body);
  if (bytes_min == 0 || body == nullptr || body->size() < bytes_min) return;
  const int status = response->status;
  if (status < 200 || status == 204 || status == 206 || (status >= 300 && status < 400)) return;
  Headers& headers = response->headers;
  if (headers.Find("Content-Encoding") ||
      !IsCompressibleType(headers.Find("Content-Type").value_or("")))
    return;
  if (const auto cache = headers.Find("Cache-Control"); cache && ListHas(*cache, "no-transform")) {
    return;
  }
  AddVary(&headers);
  if (!AcceptsGzip(request.headers)) return;
  *body = Gzip(*body);
  headers.Set("Content-Encoding", "gzip");
  if (const auto tag = headers.Find("ETag"); tag && !tag->starts_with("W/")) {
    headers.Set("ETag", "W/" + std::string(*tag));
  }
}

}  // namespace wt::http

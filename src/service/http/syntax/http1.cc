#include "service/http/syntax/http1.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>

#include "service/http/text.h"
#include "service/http/url.h"

namespace wt::http {
namespace {

namespace beast = boost::beast;

/// Collects what Beast's parser finds. Copies, because the read buffer is used again.
class HeadParser final : public beast::http::basic_parser<true> {
 public:
  std::string method;
  std::string target;
  int version = 11;
  Headers fields;

 private:
  using View = beast::string_view;
  using Error = beast::error_code;

  static std::string_view Std(View text) { return {text.data(), text.size()}; }

  void on_request_impl(beast::http::verb, View method_text, View target_text, int version_number,
                       Error&) override {
    method = Std(method_text);
    target = Std(target_text);
    version = version_number;
  }
  void on_response_impl(int, View, int, Error&) override {}
  void on_field_impl(beast::http::field, View name, View value, Error&) override {
    fields.Add(std::string(Std(name)), std::string(Std(value)));
  }
  void on_header_impl(Error&) override {}
  void on_body_init_impl(const boost::optional<std::uint64_t>&, Error&) override {}
  std::size_t on_body_impl(View body, Error&) override { return body.size(); }
  void on_chunk_header_impl(std::uint64_t, View, Error&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, View body, Error&) override { return body.size(); }
  void on_finish_impl(Error&) override {}
};

using Refusal = std::optional<RequestError>;

RequestError Bad(std::string_view reason) { return {400, reason}; }

/// The request line tells a client of another protocol from a broken one.
bool SpeaksOtherVersion(std::string_view head) {
  const std::string_view line = head.substr(0, head.find('\r'));
  const std::size_t at = line.rfind(" HTTP/");
  if (at == std::string_view::npos) return false;
  const std::string_view version = line.substr(at + 6);
  return version.size() == 3 && version[1] == '.' && version != "1.1" && version != "1.0" &&
         version[0] >= '0' && version[0] <= '9' && version[2] >= '0' && version[2] <= '9';
}

Refusal CheckTransferEncoding(const std::vector<std::string_view>& values, bool http11,
                              RequestHead* head) {
  if (values.empty()) return std::nullopt;
  if (!http11) return Bad("Transfer-Encoding needs HTTP/1.1.");
  if (head->headers.Find("Content-Length")) {
    return Bad("Content-Length and Transfer-Encoding exclude each other.");
  }
  std::vector<std::string_view> codings;
  for (const std::string_view value : values) {
    for (const std::string_view coding : SplitList(value)) codings.push_back(coding);
  }
  if (codings.empty()) return Bad("Transfer-Encoding is empty.");
  for (const std::string_view coding : codings) {
    constexpr std::string_view kKnown[] = {"chunked", "gzip",     "x-gzip",
                                           "deflate", "compress", "x-compress"};
    if (std::none_of(std::begin(kKnown), std::end(kKnown),
                     [&](std::string_view known) { return EqualsIgnoreCase(known, coding); })) {
      return RequestError{501, "This transfer coding is not known."};
    }
  }
  if (!EqualsIgnoreCase(codings.back(), "chunked")) {
    return Bad("The last transfer coding must be chunked.");
  }
  for (std::size_t i = 0; i + 1 < codings.size(); ++i) {
    if (EqualsIgnoreCase(codings[i], "chunked")) return Bad("Chunked may be applied once only.");
  }
  if (codings.size() > 1) return RequestError{501, "Only the transfer coding chunked is served."};
  head->chunked = true;
  return std::nullopt;
}

Refusal CheckFraming(bool http11, const ServerLimits& limits, RequestHead* head) {
  if (auto refusal =
          CheckTransferEncoding(head->headers.FindAll("Transfer-Encoding"), http11, head)) {
    return refusal;
  }
  const std::vector<std::string_view> lengths = head->headers.FindAll("Content-Length");
  if (lengths.size() > 1) return Bad("There is more than one Content-Length.");
  if (lengths.empty()) return std::nullopt;
  const std::optional<std::int64_t> length = ParseDigits(lengths.front());
  if (!length) return Bad("Content-Length is not a number.");
  if (*length > limits.body_bytes_max) return RequestError{413, "The body is too large."};
  head->content_length = *length;
  return std::nullopt;
}

/// Origin form, or absolute form, whose authority replaces Host (RFC 9112, section 3.2.2).
Refusal TakeTarget(std::string_view target, RequestHead* head) {
  if (target == "*") {
    if (head->method != Method::kOptions) return Bad("The target '*' is for OPTIONS only.");
    target = "/";
  }
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!EqualsIgnoreCase(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    if (end == 0 || target.substr(0, end).find('@') != std::string_view::npos) {
      return Bad("The target names no host.");
    }
    head->headers.Set("Host", std::string(target.substr(0, end)));
    target.remove_prefix(end);
    break;
  }
  const std::size_t mark = std::min(target.find('?'), target.size());
  const std::string_view path = target.substr(0, mark);
  auto normal = NormalizePath(path.empty() ? "/" : path);
  if (!normal.ok()) return Bad("The target's path is malformed.");
  head->path = *std::move(normal);
  head->raw_query = target.substr(std::min(mark + 1, target.size()));
  if (head->raw_query.find('#') != std::string::npos) return Bad("The target has a fragment.");
  auto query = ParseForm(head->raw_query);
  if (!query.ok()) return Bad("The target's query is malformed.");
  head->query = *std::move(query);
  return std::nullopt;
}

bool IsHost(std::string_view host) {
  return std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           std::string_view("-._~:[]%!$&'()*+,;=").find(c) != std::string_view::npos;
  });
}

Refusal CheckHost(bool http11, const Headers& headers) {
  const std::vector<std::string_view> hosts = headers.FindAll("Host");
  if (hosts.size() > 1) return Bad("There is more than one Host.");
  if (hosts.empty()) {
    if (http11) return Bad("There is no Host.");
    return std::nullopt;
  }
  if (!IsHost(hosts.front())) return Bad("Host is malformed.");
  return std::nullopt;
}

/// What Connection and Expect ask for.
Refusal TakeOptions(bool http11, RequestHead* head) {
  bool close = false;
  bool keep = false;
  for (const std::string_view value : head->headers.FindAll("Connection")) {
    close = close || ListHas(value, "close");
    keep = keep || ListHas(value, "keep-alive");
  }
  head->http11 = http11;
  head->keep_alive = !close && (http11 || keep);
  if (const auto expect = head->headers.Find("Expect"); expect && http11) {
    if (!EqualsIgnoreCase(*expect, "100-continue")) {
      return RequestError{417, "Only the expectation 100-continue is known."};
    }
    head->expects_continue = head->chunked || head->content_length > 0;
  }
  return std::nullopt;
}

RequestError FromBeast(const beast::error_code& error, std::string_view head) {
  if (error == beast::http::error::bad_version && SpeaksOtherVersion(head)) {
    return {505, "Only HTTP/1.0 and HTTP/1.1 are served."};
  }
  return Bad("The request is malformed.");
}

}  // namespace

HeadScan ScanHead(std::string_view bytes, const ServerLimits& limits, std::size_t* resume) {
  const auto bad = [](RequestError error) { return HeadScan{0, error}; };
  std::size_t line = *resume;  // Start of a line, always.
  while (true) {
    const std::size_t feed = bytes.find('\n', line);
    const std::string_view text = bytes.substr(line, std::min(feed, bytes.size()) - line);
    if (feed == std::string_view::npos) {
      if (line == 0 && text.size() > limits.target_bytes_max + kRequestLineExtraBytes) {
        return bad({414, "The request target is too long."});
      }
      if (bytes.size() >= limits.header_bytes_max) return bad({431, "The head is too large."});
      *resume = line;
      return HeadScan{};
    }
    if (feed >= limits.header_bytes_max) {
      return line == 0 ? bad({414, "The request target is too long."})
                       : bad({431, "The head is too large."});
    }
    if (!text.ends_with('\r')) return bad(Bad("Lines must end with CR LF."));
    const std::string_view content = text.substr(0, text.size() - 1);
    if (content.find('\r') != std::string_view::npos) return bad(Bad("There is a stray CR."));
    if (content.find('\0') != std::string_view::npos) return bad(Bad("There is a zero byte."));
    if (line == 0 && content.size() > limits.target_bytes_max + kRequestLineExtraBytes) {
      return bad({414, "The request target is too long."});
    }
    if (content.empty()) return HeadScan{feed + 1, std::nullopt};
    if (content.front() == ' ' || content.front() == '\t') {
      return bad(Bad("Folded lines are not accepted."));
    }
    line = feed + 1;
  }
}

std::variant<RequestHead, RequestError> ParseHead(std::string_view head_bytes,
                                                  const ServerLimits& limits) {
  HeadParser parser;
  parser.header_limit(std::numeric_limits<std::uint32_t>::max());
  parser.body_limit(boost::none);
  parser.skip(true);
  beast::error_code error;
  parser.put(boost::asio::buffer(head_bytes.data(), head_bytes.size()), error);
  if (error) return FromBeast(error, head_bytes);
  if (!parser.is_header_done()) return Bad("The request is malformed.");
  RequestHead head;
  const std::optional<Method> method = ParseMethod(parser.method);
  if (!method) return RequestError{405, "No path here has that method."};
  head.method = *method;
  if (parser.target.size() > limits.target_bytes_max) {
    return RequestError{414, "The request target is too long."};
  }
  head.headers = std::move(parser.fields);
  if (head.headers.fields().size() > static_cast<std::size_t>(limits.headers_max)) {
    return RequestError{431, "There are too many header fields."};
  }
  const bool http11 = parser.version == 11;
  if (auto refusal = CheckHost(http11, head.headers)) return *refusal;
  if (auto refusal = CheckFraming(http11, limits, &head)) return *refusal;
  if (auto refusal = TakeTarget(parser.target, &head)) return *refusal;
  if (auto refusal = TakeOptions(http11, &head)) return *refusal;
  return head;
}

}  // namespace wt::http

#include "service/http/syntax/response_head.h"

#include <fmt/format.h>

#include <algorithm>

#include "service/http/text.h"

namespace wt::http {
namespace {

struct Phrase {
  int status;
  std::string_view text;
};

constexpr Phrase kPhrases[] = {
    {100, "Continue"},
    {101, "Switching Protocols"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {460, "Checksum Mismatch"},
    {499, "Client Closed Request"},
    {500, "Internal Server Error"},
    {501,
     "Not "
     "Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
};

bool IsServersOwn(std::string_view name) {
  constexpr std::string_view kOwn[] = {"Content-Length", "Transfer-Encoding", "Connection", "Date",
                                       "Keep-Alive"};
  return std::any_of(std::begin(kOwn), std::end(kOwn),
                     [&](std::string_view own) { return EqualsIgnoreCase(own, name); });
}

}  // namespace

std::string_view ReasonPhrase(int status) {
  const auto phrase = std::find_if(std::begin(kPhrases), std::end(kPhrases),
                                   [&](const Phrase& p) { return p.status == status; });
  return phrase == std::end(kPhrases) ? "Status" : phrase->text;
}

bool StatusHasBody(int status) { return status >= 200 && status != 204 && status != 304; }

std::string FormatResponseHead(const Response& response, const HeadFacts& facts) {
  std::string head;
  head.reserve(512);
  head += fmt::format("HTTP/1.1 {} {}\r\n", response.status, ReasonPhrase(response.status));
  for (const auto& [name, value] : response.headers.fields()) {
    if (IsServersOwn(name) || !IsToken(name) || !IsFieldValue(value)) continue;
    head.append(name).append(": ").append(value).append("\r\n");
  }
  head.append(facts.date_line);
  if (StatusHasBody(response.status)) {
    if (facts.length) {
      head += fmt::format("Content-Length: {}\r\n", *facts.length);
    } else if (facts.http11) {
      head += "Transfer-Encoding: chunked\r\n";
    }
  }
  if (!facts.keep_alive) {
    head += "Connection: close\r\n";
  } else if (!facts.http11) {
    head += "Connection: keep-alive\r\n";
  }
  head += "\r\n";
  return head;
}

std::optional<std::int64_t> BodyLength(const Response& response) {
  if (const auto* text = std::get_if<std::string>(&response.body)) {
    return static_cast<std::int64_t>(text->size());
  }
  if (const auto* file = std::get_if<FileBody>(&response.body)) return file->length;
  if (const auto* reader = std::get_if<ReaderBody>(&response.body)) return reader->length;
  return std::nullopt;
}

}  // namespace wt::http

#include "service/http/content/sse.h"

#include <fmt/format.h>

#include <algorithm>

namespace wt::http {
namespace {

std::string OneLine(std::string_view text) {
  std::string line(text);
  std::erase_if(line, [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
  return line;
}

}  // namespace

std::string FormatEvent(const ServerEvent& event) {
  std::string out;
  if (!event.id.empty()) out += "id: " + OneLine(event.id) + "\n";
  if (!event.event.empty()) out += "event: " + OneLine(event.event) + "\n";
  if (event.retry_millis) out += fmt::format("retry: {}\n", *event.retry_millis);
  std::string_view rest = event.data;
  while (true) {
    // CR LF, LF and CR alone end a line for the reader, so each line is sent as its own field.
    const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
    out.append("data: ").append(rest.substr(0, end)).append("\n");
    if (end == rest.size()) break;
    rest.remove_prefix(end + (rest.substr(end, 2) == "\r\n" ? 2 : 1));
  }
  return out + "\n";
}

std::string LastEventId(const Request& request) {
  // Pages that open a stream again by themselves cannot set a header field.
  const std::string_view asked = request.QueryValue("last_event_id").value_or("");
  return std::string(request.headers.Find("Last-Event-ID").value_or(asked));
}

Response EventStream(std::function<void(std::shared_ptr<ByteSink>)> start) {
  Response response;
  response.headers.Set("Content-Type", "text/event-stream");
  response.headers.Set("Cache-Control", "no-store");
  response.headers.Set("X-Accel-Buffering", "no");
  StreamBody body;
  body.start = std::move(start);
  body.keep_alive = ": keep-alive\n\n";
  response.body = std::move(body);
  return response;
}

}  // namespace wt::http

#include "service/http/ws/handshake.h"

#include <algorithm>

#include "service/http/text.h"

namespace wt::http {
namespace {

bool AnyHas(const Headers& headers, std::string_view name, std::string_view element) {
  const auto values = headers.FindAll(name);
  return std::any_of(values.begin(), values.end(),
                     [&](std::string_view value) { return ListHas(value, element); });
}

/// 16 bytes in base64 are 22 characters and two signs of padding.
bool IsKey(std::string_view key) {
  return key.size() == 24 && key.ends_with("==") &&
         std::all_of(key.begin(), key.begin() + 22, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '+' || c == '/';
         });
}

}  // namespace

std::optional<RequestError> CheckHandshake(const Request& request) {
  const Headers& headers = request.headers;
  if (request.method != Method::kGet || !AnyHas(headers, "Upgrade", "websocket") ||
      !AnyHas(headers, "Connection", "upgrade")) {
    return RequestError{426, "This address speaks WebSocket. Connect with a WebSocket client."};
  }
  if (headers.FindAll("Sec-WebSocket-Version") != std::vector<std::string_view>{"13"}) {
    return RequestError{426, "Only version 13 of WebSocket is served."};
  }
  const auto keys = headers.FindAll("Sec-WebSocket-Key");
  if (keys.size() != 1 || !IsKey(keys.front())) {
    return RequestError{400, "Sec-WebSocket-Key is malformed."};
  }
  return std::nullopt;
}

}  // namespace wt::http

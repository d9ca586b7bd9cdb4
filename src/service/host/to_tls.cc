#include "service/host/to_tls.h"

#include "service/api/host_names.h"

namespace wt::host {
namespace {

// As they came: the router's form of a path is decoded, and a decoded one may end the field.
std::string Target(const http::Request& request) {
  std::string target;
  constexpr std::string_view kPlain = "-._~!$&'()*+,;=:@/";
  constexpr char kHex[] = "0123456789ABCDEF";
  for (const char c : request.path) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (letter || kPlain.find(c) != std::string_view::npos) {
      target += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    target += '%';
    target += kHex[byte >> 4U];
    target += kHex[byte & 15U];
  }
  if (!request.raw_query.empty()) target += "?" + request.raw_query;
  return target;
}

}  // namespace

http::Response ToTls::Handle(http::Request& request) {
  const std::string_view field = request.headers.Find("Host").value_or("");
  const std::string name = api::HostName(field);
  if (name.empty() || !api::IsAllowedHost(allowed_hosts_, field)) {
    return HandleError(400, "This server does not answer under that host name.");
  }
  std::string location = "https://";
  location += name.find(':') == std::string::npos ? name : "[" + name + "]";
  if (tls_port_ != 443) location += ":" + std::to_string(tls_port_);
  // 308 keeps the method and the body (RFC 9110, section 15.4.9).
  http::Response response = http::Response::Text(308, "This server is reached by https.\n");
  response.headers.Set("Location", location + Target(request));
  response.headers.Set("Cache-Control", "no-store");
  return response;
}

http::Response ToTls::HandleError(int status, std::string_view reason) {
  return http::Response::Text(status, std::string(reason) + "\n");
}

}  // namespace wt::host

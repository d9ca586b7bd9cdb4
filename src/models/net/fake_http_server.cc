#include "models/net/fake_http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cstdint>
#include <cstdlib>
#include <utility>

#include "base/check.h"

namespace wt::net {
namespace {

FakeRequest ParseRequest(const std::string& text) {
  FakeRequest request;
  const std::size_t first_space = text.find(' ');
  request.path = text.substr(first_space + 1, text.find(' ', first_space + 1) - first_space - 1);
  std::size_t at = text.find("\r\n") + 2;
  while (at < text.size()) {
    const std::size_t end = text.find("\r\n", at);
    const std::size_t colon = text.find(':', at);
    if (end == std::string::npos || colon == std::string::npos || colon > end) break;
    std::string name = text.substr(at, colon - at);
    for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    request.headers[name] = text.substr(colon + 2, end - colon - 2);
    at = end + 2;
  }
  return request;
}

}  // namespace

std::size_t FakeRequest::RangeStart() const {
  const std::string range = Header("range");
  return range.starts_with("bytes=") ? std::strtoull(range.c_str() + 6, nullptr, 10) : 0;
}

FakeHttpServer::FakeHttpServer(Answer answer)
    : answer_(std::move(answer)),
      listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      stop_(::eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof(address);
  WT_CHECK(::bind(listener_.get(), generic, size) == 0);
  WT_CHECK(::listen(listener_.get(), 8) == 0);
  WT_CHECK(::getsockname(listener_.get(), generic, &size) == 0);
  port_ = ntohs(address.sin_port);
  thread_ = std::thread([this] { Run(); });
}

FakeHttpServer::~FakeHttpServer() {
  const std::uint64_t one = 1;
  WT_CHECK(::write(stop_.get(), &one, sizeof(one)) == sizeof(one));
  thread_.join();
}

std::string FakeHttpServer::Url(std::string_view path) const {
  return "http://127.0.0.1:" + std::to_string(port_) + std::string(path);
}

std::vector<FakeRequest> FakeHttpServer::requests() const {
  const std::scoped_lock lock(mutex_);
  return requests_;
}

void FakeHttpServer::Run() {
  while (true) {
    std::array<pollfd, 2> waiting = {pollfd{listener_.get(), POLLIN, 0},
                                     pollfd{stop_.get(), POLLIN, 0}};
    ::poll(waiting.data(), waiting.size(), -1);
    if (waiting[1].revents != 0) return;
    const platform::FileDescriptor connection(::accept(listener_.get(), nullptr, nullptr));
    if (connection.valid()) Serve(connection.get());
  }
}

void FakeHttpServer::Serve(int connection) {
  std::string text;
  std::array<char, 4'096> buffer{};
  while (text.find("\r\n\r\n") == std::string::npos) {
    const ssize_t count = ::recv(connection, buffer.data(), buffer.size(), 0);
    if (count <= 0) return;
    text.append(buffer.data(), static_cast<std::size_t>(count));
  }
  FakeRequest request = ParseRequest(text);
  {
    const std::scoped_lock lock(mutex_);
    requests_.push_back(request);
  }
  const std::string answer = answer_(request);
  for (std::size_t sent = 0; sent < answer.size();) {
    const ssize_t count =
        ::send(connection, answer.data() + sent, answer.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) return;
    sent += static_cast<std::size_t>(count);
  }
}

std::string HttpAnswer(std::string_view status, std::string_view body, std::string_view headers) {
  return "HTTP/1.1 " + std::string(status) +
         "\r\nConnection: close\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

std::string RangedAnswer(const FakeRequest& request, std::string_view file, std::string_view etag) {
  const std::string tag = etag.empty() ? "" : "ETag: " + std::string(etag) + "\r\n";
  const std::size_t start = request.RangeStart();
  const std::string condition = request.Header("if-range");
  if (start == 0 || (!condition.empty() && condition != etag)) {
    return HttpAnswer("200 OK", file, tag);
  }
  if (start >= file.size()) {
    return HttpAnswer("416 Range Not Satisfiable", "",
                      "Content-Range: bytes */" + std::to_string(file.size()) + "\r\n");
  }
  return HttpAnswer("206 Partial Content", file.substr(start),
                    tag + "Content-Range: bytes " + std::to_string(start) + "-" +
                        std::to_string(file.size() - 1) + "/" + std::to_string(file.size()) +
                        "\r\n");
}

}  // namespace wt::net

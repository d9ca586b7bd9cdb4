// For tests: a server whose handler is a function per path, and a client of raw bytes.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "service/http/server.h"

namespace wt::http {

/// Generous: a machine under load must not fail a test.
inline constexpr int kPatienceMillis = 20'000;

/// Waits for something that another thread does.
class Event {
 public:
  void Set() {
    const std::lock_guard lock(mutex_);
    set_ = true;
    changed_.notify_all();
  }
  [[nodiscard]] bool Wait() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::milliseconds(kPatienceMillis),
                             [&] { return set_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;
};

class TestHandler final : public Handler {
 public:
  using Function = std::function<Response(Request&)>;
  TestHandler() {
    On("/hello", [](Request&) { return Response::Text(200, "hello"); });
    On("/echo", [](Request& request) {
      std::string text;
      std::byte piece[1000];
      while (true) {
        const auto count = request.body->Read(piece);
        if (!count.ok())
          return Response::Text(499, std::string(StatusCodeName(count.status().code())));
        if (*count == 0) return Response::Text(201, text);
        text.append(reinterpret_cast<const char*>(piece), *count);
      }
    });
    On("/target", [](Request& request) {
      std::string text = request.path + "\n" + std::string(*request.headers.Find("host"));
      for (const auto& [name, value] : request.query) text += "\n" + name + "=" + value;
      return Response::Text(200, text);
    });
  }
  void On(std::string path, Function f) { functions_[std::move(path)] = std::move(f); }

  Response Handle(Request& request) override {
    const auto found = functions_.find(request.path);
    if (found != functions_.end()) return found->second(request);
    return functions_.at("/target")(request);
  }
  Response HandleError(int status, std::string_view reason) override {
    return Response::Text(status, std::string(reason));
  }

 private:
  std::map<std::string, Function, std::less<>> functions_;
};

struct Reply {
  int status = 0;
  std::string head;
  std::string body;
};

/// A socket of raw bytes that never waits for ever.
class TestClient {
 public:
  explicit TestClient(int port, int receive_buffer = 0) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
    if (receive_buffer > 0) {
      ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof(receive_buffer));
    }
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
  }
  ~TestClient() { Close(); }
  TestClient(const TestClient&) = delete;
  TestClient& operator=(const TestClient&) = delete;

  bool connected() const { return connected_; }
  int fd() const { return fd_; }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  /// Closes with a reset instead of an end.
  void Reset() {
    const linger now{1, 0};
    ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    Close();
  }
  bool Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (n <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  void EndSending() { ::shutdown(fd_, SHUT_WR); }

  /// False at the end of the connection, and when nothing comes.
  bool Fill() {
    pollfd entry{fd_, POLLIN, 0};
    if (::poll(&entry, 1, kPatienceMillis) <= 0) {
      timed_out_ = true;
      return false;
    }
    char piece[65536];
    const ssize_t n = ::recv(fd_, piece, sizeof(piece), 0);
    if (n <= 0) return false;
    received_.append(piece, static_cast<std::size_t>(n));
    return true;
  }
  /// All up to the end of the connection.
  std::string ReadToEnd() {
    while (Fill()) {
    }
    EXPECT_FALSE(timed_out_) << "the server kept the connection open";
    return std::exchange(received_, {});
  }
  /// True when the server ends the connection without another byte.
  bool AtEnd() { return received_.empty() && !Fill() && !timed_out_; }
  bool WaitFor(std::string_view text) {
    while (received_.find(text) == std::string::npos) {
      if (!Fill()) return false;
    }
    return true;
  }
  std::string Take(std::size_t bytes) {
    while (received_.size() < bytes && Fill()) {
    }
    std::string taken = received_.substr(0, bytes);
    received_.erase(0, taken.size());
    return taken;
  }
  const std::string& received() const { return received_; }

  enum class Body { kYes, kNone };
  /// The next response with its body; status 0 when the connection ended before.
  Reply Read(Body body = Body::kYes) {
    Reply reply;
    if (!WaitFor("\r\n\r\n")) return reply;
    reply.head = Take(received_.find("\r\n\r\n") + 4);
    reply.status = std::atoi(reply.head.c_str() + 9);
    if (body == Body::kNone || reply.status < 200 || reply.status == 204 || reply.status == 304) {
      return reply;
    }
    if (reply.head.find("Transfer-Encoding: chunked") != std::string::npos) {
      while (true) {
        if (!WaitFor("\r\n")) return Reply{};
        const std::size_t size = std::strtoul(received_.c_str(), nullptr, 16);
        Take(received_.find("\r\n") + 2);
        reply.body += Take(size);
        Take(2);
        if (size == 0) return reply;
      }
    }
    const std::size_t at = reply.head.find("Content-Length: ");
    if (at != std::string::npos) {
      reply.body = Take(std::strtoul(reply.head.c_str() + at + 16, nullptr, 10));
    }
    return reply;
  }
  Reply Get(const std::string& path, const std::string& more = "") {
    Send("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n");
    return Read();
  }

 private:
  int fd_ = -1;
  bool connected_ = false;
  bool timed_out_ = false;
  std::string received_;
};

class TestServer {
 public:
  TestServer() { options.handler_threads = 4; }
  ~TestServer() {
    if (server != nullptr) server->Stop(std::chrono::milliseconds(0));
  }
  int Start() {
    auto started = Server::Start(options, &handler);
    EXPECT_TRUE(started.ok()) << started.status().message();
    server = std::move(started).value();
    return server->port();
  }

  ServerOptions options;
  TestHandler handler;
  std::unique_ptr<Server> server;
};

/// Waits until `condition` holds; polls, because nobody signals it.
template <typename F>
bool Eventually(F condition) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::milliseconds(kPatienceMillis);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    ::poll(nullptr, 0, 2);
  }
  return true;
}

}  // namespace wt::http

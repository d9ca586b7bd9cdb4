// A tiny HTTP server on the loopback address and a free port, for tests of downloads.
//
// Each request is answered by the function given, with raw bytes, so that a test can say anything a
// broken server says: wrong lengths, dropped connections, ignored ranges. One connection at a time,
// closed after each answer. Start and stop on one thread; the function runs on the server's.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "platform/file.h"

namespace wt::net {

struct FakeRequest {
  std::string path;
  /// Names in lower case.
  std::map<std::string, std::string> headers;

  std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? std::string() : found->second;
  }
  /// The first byte of "Range: bytes=N-", or 0.
  std::size_t RangeStart() const;
};

class FakeHttpServer {
 public:
  /// Returns the whole answer, status line first. The connection is closed after it.
  using Answer = std::function<std::string(const FakeRequest&)>;

  explicit FakeHttpServer(Answer answer);
  ~FakeHttpServer();
  FakeHttpServer(const FakeHttpServer&) = delete;
  FakeHttpServer& operator=(const FakeHttpServer&) = delete;

  /// "http://127.0.0.1:PORT" + path.
  std::string Url(std::string_view path) const;
  /// All requests so far.
  std::vector<FakeRequest> requests() const;

 private:
  void Run();
  void Serve(int connection);

  Answer answer_;
  platform::FileDescriptor listener_;
  platform::FileDescriptor stop_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<FakeRequest> requests_;
  std::thread thread_;
};

/// "HTTP/1.1 STATUS" with Content-Length and the extra header lines (each ending in CRLF).
std::string HttpAnswer(std::string_view status, std::string_view body,
                       std::string_view headers = {});

/// What a good server says to a request for `file`: 200, or 206 from the range's start.
std::string RangedAnswer(const FakeRequest& request, std::string_view file, std::string_view etag);

}  // namespace wt::net

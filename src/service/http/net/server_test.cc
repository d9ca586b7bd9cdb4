#include "service/http/server.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <thread>

#include "service/http/content/range.h"
#include "service/http/net/http_test_util.h"

namespace wt::http {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

class ServerTest : public testing::Test {
 protected:
  int Start() { return server_.Start(); }
  TestServer server_;
};

platform::FileDescriptor TemporaryFile(const std::string& content) {
  char name[] = "/tmp/http-test-XXXXXX";
  platform::FileDescriptor file(::mkstemp(name));
  ::unlink(name);
  EXPECT_EQ(::write(file.get(), content.data(), content.size()),
            static_cast<ssize_t>(content.size()))
      << std::strerror(errno);
  return file;
}

std::string Pattern(std::size_t bytes) {
  std::string text(bytes, '\0');
  for (std::size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(i * 7 + i / 251);
  return text;
}

TEST_F(ServerTest, KeepAliveServesManyRequestsOnOneConnection) {
  TestClient client(Start());
  for (int i = 0; i < 50; ++i) {
    const Reply reply = client.Get("/hello");
    ASSERT_EQ(reply.status, 200);
    ASSERT_EQ(reply.body, "hello");
  }
  EXPECT_EQ(server_.server->stats().connections, 1);
  EXPECT_EQ(server_.server->stats().requests, 50);
}

TEST_F(ServerTest, PipelinedRequestsAreAnsweredInOrder) {
  TestClient client(Start());
  std::string requests;
  for (int i = 0; i < 200; ++i) {
    requests +=
        "POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n" + std::to_string(100 + i);
  }
  client.Send(requests);
  for (int i = 0; i < 200; ++i) ASSERT_EQ(client.Read().body, std::to_string(100 + i));
}

TEST_F(ServerTest, HeadHasTheHeadOfGetAndNoBody) {
  TestClient client(Start());
  client.Send("HEAD /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  const Reply reply = client.Read(TestClient::Body::kNone);
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.head, HasSubstr("Content-Length: 5\r\n"));
  EXPECT_EQ(client.Get("/hello").body, "hello");
}

TEST_F(ServerTest, OptionsReachesTheHandler) {
  server_.handler.On("/o", [](Request& request) {
    return Response::Text(200, std::string(MethodName(request.method)));
  });
  TestClient client(Start());
  client.Send("OPTIONS /o HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_EQ(client.Read().body, "OPTIONS");
}

TEST_F(ServerTest, Http10ClosesUnlessAskedToKeep) {
  const int port = Start();
  TestClient once(port);
  once.Send("GET /hello HTTP/1.0\r\n\r\n");
  EXPECT_EQ(once.Read().body, "hello");
  EXPECT_TRUE(once.AtEnd());
  TestClient keep(port);
  for (int i = 0; i < 2; ++i) {
    keep.Send("GET /hello HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
    EXPECT_THAT(keep.Read().head, HasSubstr("Connection: keep-alive"));
  }
}

TEST_F(ServerTest, AHandlerThatThrowsGivesAnEmpty500) {
  server_.handler.On("/throw", [](Request&) -> Response { throw std::runtime_error("secret"); });
  TestClient client(Start());
  const Reply reply = client.Get("/throw");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.body, "");
  EXPECT_EQ(client.Get("/hello").status, 200);
  EXPECT_EQ(server_.server->stats().exceptions, 1) << "for the metrics";
}

TEST_F(ServerTest, AFieldThatWouldWriteAnotherOneIsLeftOut) {
  server_.handler.On("/split", [](Request&) {
    Response response = Response::Text(200, "x");
    response.headers.Add("Location", "/a\r\nSet-Cookie: b=c");
    response.headers.Add("Bad Name", "x");
    response.headers.Add("Content-Length", "99");
    return response;
  });
  TestClient client(Start());
  const Reply reply = client.Get("/split");
  EXPECT_THAT(reply.head, Not(HasSubstr("Set-Cookie")));
  EXPECT_THAT(reply.head, Not(HasSubstr("Bad Name")));
  EXPECT_EQ(reply.body, "x");
}

TEST_F(ServerTest, ChunkedBodiesOfAnyCutArriveWhole) {
  TestClient client(Start());
  const std::string body = Pattern(100'000);
  for (const std::size_t cut : {std::size_t{1'000}, std::size_t{65'536}, std::size_t{99'999}}) {
    client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n");
    for (std::size_t at = 0; at < body.size(); at += cut) {
      const std::string piece = body.substr(at, cut);
      char size[32];
      std::snprintf(size, sizeof(size), "%zx;ext=1\r\n", piece.size());
      client.Send(size + piece + "\r\n");
    }
    client.Send("0\r\nTrailer: x\r\n\r\n");
    const Reply reply = client.Read();
    ASSERT_EQ(reply.status, 201);
    ASSERT_TRUE(reply.body == body);
  }
}

TEST_F(ServerTest, ContinueIsSentByTheFirstRead) {
  TestClient client(Start());
  client.Send(
      "POST /echo HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(client.Read().status, 100);
  client.Send("abc");
  EXPECT_EQ(client.Read().body, "abc");
  EXPECT_EQ(client.Get("/hello").status, 200);
}

TEST_F(ServerTest, ARefusedExpectationGetsNoContinueAndCloses) {
  TestClient client(Start());
  client.Send(
      "POST /hello HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  const Reply reply = client.Read();
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.head, HasSubstr("Connection: close"));
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(ServerTest, ALargeBodyThatNobodyReadsDoesNotHideTheAnswer) {
  TestClient client(Start());
  client.Send("POST /hello HTTP/1.1\r\nHost: a\r\nContent-Length: 4000000\r\n\r\n");
  client.Send(std::string(4'000'000, 'x'));
  EXPECT_EQ(client.Read().body, "hello");
  EXPECT_TRUE(client.AtEnd());
}

std::int64_t ResidentBytes() {
  std::ifstream statm("/proc/self/statm");
  std::int64_t total = 0;
  std::int64_t resident = 0;
  statm >> total >> resident;
  return resident * ::sysconf(_SC_PAGESIZE);
}

TEST_F(ServerTest, ALargeUploadNeedsNoMemory) {
  constexpr std::int64_t kBytes = 192 << 20;
  std::atomic<std::int64_t> resident_max{0};
  server_.handler.On("/up", [&](Request& request) {
    std::vector<std::byte> piece(256 << 10);
    std::int64_t total = 0;
    for (int i = 0;; ++i) {
      const auto count = request.body->Read(piece);
      if (!count.ok() || *count == 0) return Response::Text(200, std::to_string(total));
      total += static_cast<std::int64_t>(*count);
      if (i % 64 == 0) resident_max = std::max<std::int64_t>(resident_max, ResidentBytes());
    }
  });
  TestClient client(Start());
  const std::string piece(1 << 20, 'x');
  ASSERT_EQ(client.Get("/hello").status, 200);
  const std::int64_t before = ResidentBytes();
  client.Send("POST /up HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(kBytes) +
              "\r\n\r\n");
  for (std::int64_t sent = 0; sent < kBytes; sent += 1 << 20) client.Send(piece);
  EXPECT_EQ(client.Read().body, std::to_string(kBytes));
  EXPECT_LT(resident_max - before, 16 << 20);
}

TEST_F(ServerTest, FilesAndTheirRangesAreSent) {
  const std::string content = Pattern(3'000'000);
  server_.handler.On("/file", [&](Request& request) {
    Response response;
    Validators validators;
    validators.etag = "\"1\"";
    const ReplyPlan plan = PlanReply(request, validators, 3'000'000, &response.headers);
    response.status = plan.status;
    response.body = FileBody{TemporaryFile(content), plan.offset, plan.length};
    return response;
  });
  TestClient client(Start());
  EXPECT_TRUE(client.Get("/file").body == content);
  const Reply part = client.Get("/file", "Range: bytes=1000000-1999999\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_THAT(part.head, HasSubstr("Content-Range: bytes 1000000-1999999/3000000\r\n"));
  EXPECT_TRUE(part.body == content.substr(1'000'000, 1'000'000));
  const Reply same = client.Get("/file", "If-None-Match: \"1\"\r\n");
  EXPECT_EQ(same.status, 304);
  EXPECT_THAT(same.head, Not(HasSubstr("Content-Length")));
  EXPECT_EQ(client.Get("/file", "Range: bytes=3000000-\r\n").status, 416);
}

TEST_F(ServerTest, AFileThatBecameShorterEndsTheConnection) {
  server_.handler.On("/file", [&](Request&) {
    Response response;
    response.body = FileBody{TemporaryFile("12345"), 0, 10};
    return response;
  });
  TestClient client(Start());
  client.Send("GET /file HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), testing::EndsWith("\r\n\r\n12345"));
}

Response Generated(std::int64_t bytes, std::optional<std::int64_t> length) {
  Response response;
  ReaderBody body;
  body.length = length;
  body.read = [left = bytes](std::span<std::byte> out) mutable -> Result<std::size_t> {
    const auto count = std::min<std::int64_t>(left, static_cast<std::int64_t>(out.size()));
    std::fill_n(out.begin(), count, std::byte{'g'});
    left -= count;
    return static_cast<std::size_t>(count);
  };
  response.body = std::move(body);
  return response;
}

TEST_F(ServerTest, GeneratedBodiesAreSentWithAndWithoutLength) {
  server_.handler.On("/sized", [](Request&) { return Generated(1'000'000, 1'000'000); });
  server_.handler.On("/chunked", [](Request&) { return Generated(1'000'000, std::nullopt); });
  server_.handler.On("/empty", [](Request&) { return Generated(0, std::nullopt); });
  server_.handler.On("/short", [](Request&) { return Generated(10, 20); });
  const int port = Start();
  TestClient client(port);
  EXPECT_TRUE(client.Get("/sized").body == std::string(1'000'000, 'g'));
  EXPECT_TRUE(client.Get("/chunked").body == std::string(1'000'000, 'g'));
  EXPECT_EQ(client.Get("/empty").body, "");
  EXPECT_EQ(client.Get("/hello").status, 200);
  client.Send("GET /short HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), testing::EndsWith("\r\n\r\ngggggggggg"));
  TestClient old(port);
  old.Send("GET /chunked HTTP/1.0\r\n\r\n");
  const std::string all = old.ReadToEnd();
  EXPECT_THAT(all, Not(HasSubstr("chunked")));
  EXPECT_THAT(all, testing::EndsWith("\r\n\r\n" + std::string(1'000'000, 'g')));
}

TEST_F(ServerTest, TextRepliesAreCompressedWhenAccepted) {
  server_.handler.On("/text",
                     [](Request&) { return Response::Text(200, std::string(5'000, 't')); });
  TestClient client(Start());
  const Reply packed = client.Get("/text", "Accept-Encoding: br, gzip;q=0.9\r\n");
  EXPECT_THAT(packed.head, HasSubstr("Content-Encoding: gzip"));
  EXPECT_LT(packed.body.size(), 200U);
  const Reply plain = client.Get("/text");
  EXPECT_THAT(plain.head, HasSubstr("Vary: Accept-Encoding"));
  EXPECT_EQ(plain.body.size(), 5'000U);
}

// Slow clients, with time-outs shortened.

class SlowClientTest : public ServerTest {
 protected:
  SlowClientTest() {
    ServerLimits& limits = server_.options.limits;
    limits.head_timeout = milliseconds(60);
    limits.idle_timeout = milliseconds(60);
    limits.body_rate_window = milliseconds(60);
    limits.write_timeout = milliseconds(60);
  }
};

TEST_F(SlowClientTest, ASlowHeadGets408) {
  TestClient client(Start());
  client.Send("GET /hello HTT");
  EXPECT_EQ(client.Read().status, 408);
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(SlowClientTest, ASilentConnectionIsClosedWithoutAWord) {
  const int port = Start();
  TestClient fresh(port);
  EXPECT_TRUE(fresh.AtEnd());
  TestClient used(port);
  EXPECT_EQ(used.Get("/hello").status, 200);
  EXPECT_TRUE(used.AtEnd());
}

TEST_F(SlowClientTest, ASlowSmallBodyGets408WithoutAHandler) {
  std::atomic<int> called{0};
  server_.handler.On("/count", [&](Request&) {
    ++called;
    return Response::Text(200, "");
  });
  TestClient client(Start());
  client.Send("POST /count HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\nabc");
  EXPECT_EQ(client.Read().status, 408);
  EXPECT_EQ(called, 0);
}

TEST_F(SlowClientTest, ASlowLargeBodyIsADeadlineForTheHandler) {
  TestClient client(Start());
  client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" +
              std::string(100'000, 'x'));
  const Reply reply = client.Read();
  EXPECT_EQ(reply.status, 499);
  EXPECT_EQ(reply.body, "deadline_exceeded");
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(SlowClientTest, ABodyAboveTheLowestRateMayTakeItsTime) {
  server_.options.limits.body_rate_min_bytes = 1;
  TestClient client(Start());
  const int bytes = 12;
  client.Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(bytes) +
              "\r\n\r\n");
  // Twelve bytes 20 ms apart: four windows in all, each of which brings some.
  for (int i = 0; i < bytes; ++i) {
    ::poll(nullptr, 0, 20);
    client.Send("x");
  }
  EXPECT_EQ(client.Read().status, 201);
}

TEST_F(SlowClientTest, AReaderThatTakesNothingIsCutOff) {
  Event done;
  server_.handler.On("/big", [&](Request& request) {
    request.peer->OnGone([&] { done.Set(); });
    return Response::Text(200, std::string(20'000'000, 'b'));
  });
  TestClient client(Start(), 4'096);
  client.Send("GET /big HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(done.Wait());
  EXPECT_LT(client.ReadToEnd().size(), 20'000'000U);
}

TEST_F(ServerTest, AFileReaderThatTakesNothingIsCutOff) {
  server_.options.limits.write_timeout = milliseconds(60);
  const std::string content = Pattern(20'000'000);
  Event handled;
  server_.handler.On("/file", [&](Request&) {
    Response response;
    response.body = FileBody{TemporaryFile(content), 0, 20'000'000};
    handled.Set();
    return response;
  });
  TestClient client(Start(), 4'096);
  client.Send("GET /file HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(handled.Wait());
  EXPECT_TRUE(Eventually([&] { return server_.server->stats().connections == 0; }));
}

// Many slow uploads hold no handler threads that others need.
TEST_F(ServerTest, SlowUploadsDoNotHoldTheOthersUp) {
  server_.options.handler_threads = 2;
  const int port = Start();
  std::vector<std::unique_ptr<TestClient>> slow;
  for (int i = 0; i < 20; ++i) {
    slow.push_back(std::make_unique<TestClient>(port));
    slow.back()->Send("POST /echo HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\n" +
                      std::string(50'000, 'x'));
  }
  TestClient quick(port);
  EXPECT_EQ(quick.Get("/hello").status, 200);
  for (const auto& client : slow) {
    client->Send(std::string(50'000, 'x'));
    EXPECT_EQ(client->Read().status, 201);
  }
}

// The other end goes away.

TEST_F(ServerTest, AClientThatLeavesIsNoticedWhileTheHandlerWorks) {
  Event working;
  Event gone;
  server_.handler.On("/work", [&](Request& request) {
    request.peer->OnGone([&] { gone.Set(); });
    working.Set();
    EXPECT_TRUE(gone.Wait());
    EXPECT_TRUE(request.peer->gone());
    request.peer->OnGone(nullptr);
    return Response::Text(200, "");
  });
  const int port = Start();
  TestClient client(port);
  // Pipelined bytes behind the request must not hide the end.
  client.Send("GET /work HTTP/1.1\r\nHost: a\r\n\r\nGET /hel");
  ASSERT_TRUE(working.Wait());
  client.Close();
  EXPECT_TRUE(gone.Wait());
  EXPECT_TRUE(Eventually([&] { return server_.server->stats().connections == 0; }));
}

TEST_F(ServerTest, AResetInTheBodyIsCorruptDataForTheHandler) {
  Event done;
  StatusCode code = StatusCode::kOk;
  server_.handler.On("/body", [&](Request& request) {
    std::vector<std::byte> piece(1 << 20);
    while (code == StatusCode::kOk) {
      const auto count = request.body->Read(piece);
      if (!count.ok()) code = count.status().code();
    }
    done.Set();
    return Response::Text(200, "");
  });
  TestClient client(Start());
  client.Send("POST /body HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" +
              std::string(100'000, 'x'));
  client.Reset();
  ASSERT_TRUE(done.Wait());
  EXPECT_EQ(code, StatusCode::kDataCorrupt);
}

// Limits of the server.

TEST_F(ServerTest, AFullQueueAnswers503) {
  server_.options.handler_threads = 1;
  server_.options.limits.queue_max = 1;
  Event working;
  Event go_on;
  server_.handler.On("/work", [&](Request&) {
    working.Set();
    EXPECT_TRUE(go_on.Wait());
    return Response::Text(200, "");
  });
  const int port = Start();
  TestClient first(port);
  first.Send("GET /work HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(working.Wait());
  TestClient second(port);
  second.Send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(Eventually([&] { return server_.server->stats().requests == 2; }));
  TestClient third(port);
  EXPECT_EQ(third.Get("/hello").status, 503);
  EXPECT_TRUE(third.AtEnd());
  go_on.Set();
  EXPECT_EQ(first.Read().status, 200);
  EXPECT_EQ(second.Read().status, 200);
}

TEST_F(ServerTest, ConnectionsBeyondTheLimitAreTurnedAway) {
  server_.options.limits.connections_max = 2;
  const int port = Start();
  TestClient first(port);
  TestClient second(port);
  ASSERT_EQ(first.Get("/hello").status, 200);
  ASSERT_EQ(second.Get("/hello").status, 200);
  TestClient third(port);
  EXPECT_EQ(third.Read().status, 503);
  EXPECT_TRUE(third.AtEnd());
  EXPECT_EQ(server_.server->stats().connections_refused, 1);
  first.Close();
  ASSERT_TRUE(Eventually([&] { return server_.server->stats().connections == 1; }));
  TestClient fourth(port);
  EXPECT_EQ(fourth.Get("/hello").status, 200);
}

// Starting and stopping.

TEST_F(ServerTest, StopLetsRequestsInProgressFinish) {
  Event working;
  Event go_on;
  server_.handler.On("/work", [&](Request&) {
    working.Set();
    EXPECT_TRUE(go_on.Wait());
    return Response::Text(200, "done");
  });
  const int port = Start();
  TestClient idle(port);
  ASSERT_EQ(idle.Get("/hello").status, 200);
  TestClient busy(port);
  busy.Send("GET /work HTTP/1.1\r\nHost: a\r\n\r\n");
  ASSERT_TRUE(working.Wait());
  std::thread stopper([&] { server_.server->Stop(milliseconds(kPatienceMillis)); });
  EXPECT_TRUE(idle.AtEnd());
  go_on.Set();
  const Reply reply = busy.Read();
  EXPECT_EQ(reply.body, "done");
  EXPECT_THAT(reply.head, HasSubstr("Connection: close"));
  busy.Close();
  stopper.join();
  TestClient late(port);
  EXPECT_FALSE(late.connected());
}

TEST_F(ServerTest, StopCancelsWhatOutlastsTheGrace) {
  Event working;
  StatusCode code = StatusCode::kOk;
  server_.handler.On("/work", [&](Request& request) {
    working.Set();
    std::vector<std::byte> piece(1 << 20);
    while (code == StatusCode::kOk) {
      const auto count = request.body->Read(piece);
      if (!count.ok()) code = count.status().code();
    }
    return Response::Text(200, "");
  });
  TestClient client(Start());
  client.Send("POST /work HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n" +
              std::string(100'000, 'x'));
  ASSERT_TRUE(working.Wait());
  server_.server->Stop(milliseconds(10));
  EXPECT_EQ(code, StatusCode::kCancelled);
  server_.server->Stop(milliseconds(10));
}

TEST_F(ServerTest, AnAddressInUseIsExplained) {
  const int port = Start();
  ServerOptions options;
  options.port = port;
  const auto second = Server::Start(options, &server_.handler);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.status().code(), StatusCode::kUnavailable);
  EXPECT_THAT(second.status().message(), HasSubstr(std::to_string(port)));
  options.address = "nowhere";
  EXPECT_EQ(Server::Start(options, &server_.handler).status().code(), StatusCode::kInvalidArgument);
}

TEST(ServerStressTest, TenThreadsStartUseAndStopServers) {
  std::vector<std::thread> threads;
  std::atomic<int> answered{0};
  for (int t = 0; t < 10; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 50; ++round) {
        TestServer server;
        server.options.handler_threads = 1;
        server.options.reactor_threads = 1 + (t & 1);
        TestClient client(server.Start());
        if (round % 3 == 0) {
          answered += client.Get("/hello").status == 200 ? 1 : 0;
        } else if (round % 3 == 1) {
          client.Send("GET /hello HTTP/1.1\r\nHost: a\r\n\r\n");
        }
        server.server->Stop(milliseconds(round % 2 == 0 ? 0 : 100));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 10 * 17);
}

TEST_F(ServerTest, SeveralReactorsShareTheConnections) {
  server_.options.reactor_threads = 3;
  const int port = Start();
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 9; ++i) clients.push_back(std::make_unique<TestClient>(port));
  for (const auto& client : clients) EXPECT_EQ(client->Get("/hello").body, "hello");
}

}  // namespace
}  // namespace wt::http

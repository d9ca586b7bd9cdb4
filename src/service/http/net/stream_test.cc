// Event streams over sockets: slow clients, clients that leave, signs of life.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "service/http/content/sse.h"
#include "service/http/net/http_test_util.h"

namespace wt::http {
namespace {

using testing::HasSubstr;

class StreamTest : public testing::Test {
 protected:
  StreamTest() {
    server_.handler.On("/events", [this](Request&) {
      return EventStream([this](std::shared_ptr<ByteSink> sink) {
        sink->OnClosed([this] { closed_.Set(); });
        sink_ = std::move(sink);
        started_.Set();
      });
    });
  }
  void Open(TestClient* client) {
    client->Send("GET /events HTTP/1.1\r\nHost: a\r\n\r\n");
    ASSERT_TRUE(client->WaitFor("\r\n\r\n"));
    ASSERT_TRUE(started_.Wait());
  }

  TestServer server_;
  Event started_;
  Event closed_;
  std::shared_ptr<ByteSink> sink_;
};

TEST_F(StreamTest, EventsArriveAsTheyAreWrittenAndTheStreamEnds) {
  TestClient client(server_.Start());
  Open(&client);
  EXPECT_THAT(client.received(), HasSubstr("text/event-stream"));
  EXPECT_EQ(server_.server->stats().streams, 1);
  ServerEvent event;
  event.id = "7";
  event.data = "a\nb";
  EXPECT_TRUE(sink_->Write(FormatEvent(event)));
  EXPECT_TRUE(client.WaitFor("id: 7\ndata: a\ndata: b\n\n"));
  sink_->Close();
  EXPECT_TRUE(closed_.Wait());
  EXPECT_TRUE(client.WaitFor("0\r\n\r\n"));
  EXPECT_FALSE(sink_->Write("late"));
  EXPECT_TRUE(Eventually([&] { return server_.server->stats().streams == 0; }));
  // The connection is good for the next request.
  client.Take(client.received().size());
  EXPECT_EQ(client.Get("/hello").body, "hello");
}

TEST_F(StreamTest, ManyThreadsMayWrite) {
  TestClient client(server_.Start());
  Open(&client);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) sink_->Write("data: 0123456789\n\n");
    });
  }
  for (std::thread& thread : threads) thread.join();
  sink_->Close();
  ASSERT_TRUE(client.WaitFor("\r\n0\r\n\r\n"));
  std::size_t events = 0;
  for (std::size_t at = 0; (at = client.received().find("data: ", at)) != std::string::npos; ++at) {
    ++events;
  }
  // A chunk's head may fall into an event, but never between "data:" and its space.
  EXPECT_EQ(events, 2'000U);
}

TEST_F(StreamTest, AClientThatLeavesClosesTheSink) {
  TestClient client(server_.Start());
  Open(&client);
  client.Close();
  EXPECT_TRUE(closed_.Wait());
  EXPECT_TRUE(sink_->closed());
  EXPECT_FALSE(sink_->Write("x"));
}

TEST_F(StreamTest, AClientThatNeverReadsIsDropped) {
  server_.options.limits.stream_pending_max = 100'000;
  TestClient client(server_.Start(), 4'096);
  Open(&client);
  const std::string piece(10'000, 'x');
  // Socket buffers hold some megabytes; beyond them the sink's own maximum ends it.
  bool open = true;
  for (int i = 0; i < 100'000 && open; ++i) open = sink_->Write(piece);
  EXPECT_FALSE(open);
  EXPECT_TRUE(closed_.Wait());
  EXPECT_TRUE(Eventually([&] { return server_.server->stats().connections == 0; }));
}

TEST_F(StreamTest, AQuietStreamShowsSignsOfLife) {
  server_.handler.On("/quiet", [](Request&) {
    Response response = EventStream([](std::shared_ptr<ByteSink>) {});
    std::get<StreamBody>(response.body).keep_alive_interval = std::chrono::milliseconds(1);
    return response;
  });
  TestClient client(server_.Start());
  client.Send("GET /quiet HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_TRUE(client.WaitFor(": keep-alive\n\n"));
}

TEST_F(StreamTest, StopEndsStreamsAtOnce) {
  TestClient client(server_.Start());
  Open(&client);
  std::thread stopper([&] { server_.server->Stop(std::chrono::milliseconds(kPatienceMillis)); });
  EXPECT_TRUE(closed_.Wait());
  EXPECT_THAT(client.ReadToEnd(), testing::EndsWith("0\r\n\r\n"));
  client.Close();
  stopper.join();
  EXPECT_FALSE(sink_->Write("after the end of the server"));
}

}  // namespace
}  // namespace wt::http

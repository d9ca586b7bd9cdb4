#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <sstream>
#include <thread>

#include <nlohmann/json.hpp>

#include "service/api/events/job_socket.h"
#include "service/api/events/topics.h"
#include "service/api/rest/result_routes.h"
#include "service/api/testing/account_world.h"
#include "service/api/testing/fake_job_store.h"
#include "service/api/testing/fake_session.h"
#include "service/blob/memory_store.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;
using testing::AccountWorld;
using testing::FakeSession;
using testing::FakeSink;
using ::testing::HasSubstr;
using testing::kAnnsPassword;
using testing::kRootsPassword;
using ::testing::Not;

constexpr const char* kJob = "018f0000-0000-7000-8000-000000000001";
constexpr const char* kBobs = "018f0000-0000-7000-8000-000000000002";

class SystemSocketTest : public ::testing::Test {
 protected:
  SystemSocketTest()
      : guard_({.sockets_max = 5, .per_user_max = 3, .own_thread = false}, &world_.api.clock) {
    JobEventHub::Options options;
    options.poll_interval = std::chrono::milliseconds(5);
    hub_ = std::make_unique<JobEventHub>(&jobs_, options, nullptr);
    SocketRouteParts parts;
    parts.adapter = world_.adapter.get();
    parts.guard = &guard_;
    parts.hub = hub_.get();
    parts.jobs = &jobs_;
    parts.clock = &world_.api.clock;
    parts.system.log = &log_;
    parts.system.announcements = &announcements_;
    parts.system.status = [this]() -> Result<nlohmann::ordered_json> {
      ++asked_;
      return nlohmann::ordered_json{{"jobs", {{"total_jobs", 7}}}};
    };
    parts.system.metrics = [] { return std::string("whisper_build_info 1\n"); };
    parts.audit = world_.audit;
    AddSocketRoutes(parts, &world_.api.routes);
    ResultRouteParts results;
    results.jobs = &jobs_;
    results.blobs = &blobs_;
    results.events = hub_.get();
    results.streams = {world_.adapter.get(), &guard_, &world_.api.clock};
    results.clock = &world_.api.clock;
    EXPECT_TRUE(AddResultSchemas(&world_.api.routes.schemas()).ok());
    AddResultRoutes(results, &world_.api.routes);
    root_ = world_.Open("root", kRootsPassword).access_token;
    ann_ = world_.Open("ann", kAnnsPassword).access_token;
    Put(kJob, world_.ann.id, jobs::JobState::kRunning);
    Put(kBobs, world_.bob.id, jobs::JobState::kRunning);
  }
  ~SystemSocketTest() override { hub_->Stop(); }

  void Put(const char* id, const std::string& owner, jobs::JobState state) {
    jobs::Job job;
    job.id = id;
    job.owner = owner;
    job.state = state;
    jobs_.Put(job);
  }
  struct Client {
    std::shared_ptr<http::WebSocketHandler> handler;
    std::shared_ptr<FakeSession> session;

    void Say(const json& message) const { handler->OnText(message.dump()); }
    json Last() const {
      const std::vector<json> messages = session->messages();
      return messages.empty() ? json() : messages.back();
    }
    std::vector<json> OfType(const std::string& type) const {
      std::vector<json> found;
      for (const json& message : session->messages()) {
        if (message["type"] == type) found.push_back(message);
      }
      return found;
    }
  };
  Client Open(const std::string& path, const std::string& token) {
    world_.Use(token);
    world_.api.headers.Set("Upgrade", "websocket");
    world_.api.headers.Set("Connection", "Upgrade");
    http::Response response = world_.api.Send(Method::kGet, path);
    EXPECT_EQ(response.status, 101) << path;
    Client client;
    client.handler = std::get<http::WebSocketUpgrade>(response.body).handler;
    client.session = std::make_shared<FakeSession>();
    client.handler->OnOpen(client.session);
    return client;
  }
  /// The sink of an event stream, or null and the status in last_status_.
  std::shared_ptr<FakeSink> Stream(const std::string& path, const std::string& token,
                                   const testing::ApiHarness::Query& query = {}) {
    world_.Use(token);
    http::Response response = world_.api.Send(Method::kGet, path, query);
    last_status_ = response.status;
    last_retry_ = std::string(response.headers.Find("Retry-After").value_or(""));
    auto* body = std::get_if<http::StreamBody>(&response.body);
    if (body == nullptr) return nullptr;
    auto sink = std::make_shared<FakeSink>();
    body->start(sink);
    return sink;
  }
  void Pass(int seconds) {
    for (int i = 0; i < seconds; ++i) {
      world_.api.clock.Advance(1'000);
      guard_.Tick();
    }
  }

  AccountWorld world_;
  testing::FakeJobStore jobs_;
  blob::MemoryBlobStore blobs_{&world_.api.clock};
  observe::LogTail log_;
  Announcements announcements_;
  SocketGuard guard_;
  std::unique_ptr<JobEventHub> hub_;
  std::string root_;
  std::string ann_;
  int asked_ = 0;
  int last_status_ = 0;
  std::string last_retry_;
};

TEST_F(SystemSocketTest, TheSystemLogIsForAdministratorsOnly) {
  log_.Add(R"({"message":"before"})");
  const Client admin = Open("/ws/logs/system", root_);
  const Client user = Open("/ws/logs/system", ann_);
  EXPECT_EQ(user.session->code(), 4403);
  EXPECT_TRUE(user.session->messages().empty());
  log_.Add(R"({"message":"after"})");
  Pass(1);
  const std::vector<json> lines = admin.OfType("log");
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_EQ(lines[0]["record"]["message"], "before");
  EXPECT_EQ(lines[1]["record"]["message"], "after");
  EXPECT_EQ(lines[1]["seq"], 2);
  // An administrator's key without that right is none.
  auth::NewKey wanted;
  wanted.name = "reader";
  wanted.scopes = {"read"};
  const auto key = world_.keys->Create(world_.root.id, wanted, auth::Granter::kAdmin);
  ASSERT_TRUE(key.ok());
  EXPECT_EQ(Open("/ws/logs/system", key->secret).session->code(), 4403);
}

TEST_F(SystemSocketTest, TheSystemLogIsAnEventStreamToo) {
  for (int i = 1; i <= 3; ++i) log_.Add(R"({"message":"line )" + std::to_string(i) + "\"}");
  EXPECT_EQ(Stream("/admin/logs/events", ann_), nullptr);
  EXPECT_EQ(last_status_, 403);
  const auto all = Stream("/admin/logs/events", root_);
  ASSERT_NE(all, nullptr);
  EXPECT_THAT(all->text(), HasSubstr("event: log\n"));
  EXPECT_THAT(all->text(), HasSubstr("line 1"));
  const auto rest = Stream("/admin/logs/events", root_, {{"last_event_id", "2"}});
  EXPECT_THAT(rest->text(), Not(HasSubstr("line 2")));
  EXPECT_THAT(rest->text(), HasSubstr("id: 3\n"));
  log_.Add(R"({"message":"line 4"})");
  Pass(1);
  EXPECT_THAT(rest->text(), HasSubstr("line 4"));
  // One that was seen before the server started again.
  EXPECT_THAT(Stream("/admin/logs/events", root_, {{"last_event_id", "999"}})->text(),
              HasSubstr("line 1"));
}

TEST_F(SystemSocketTest, MonitoringTellsTheStateEveryHalfMinute) {
  const Client admin = Open("/ws/admin/monitoring", root_);
  ASSERT_EQ(admin.OfType("system_status").size(), 1U);
  EXPECT_EQ(admin.OfType("system_status")[0]["data"]["jobs"]["total_jobs"], 7);
  Pass(29);
  EXPECT_EQ(admin.OfType("system_status").size(), 1U);
  Pass(2);
  EXPECT_EQ(admin.OfType("system_status").size(), 2U);
  EXPECT_EQ(asked_, 2);
  for (const char* path : {"/ws/admin/monitoring", "/ws/performance", "/ws/status"}) {
    const Client user = Open(path, ann_);
    EXPECT_EQ(user.session->code(), 4403) << path;
    user.handler->OnClose(4403);
  }
}

TEST_F(SystemSocketTest, MonitoringTakesCommands) {
  const Client admin = Open("/ws/admin/monitoring", root_);
  admin.Say({{"type", "get_metrics"}});
  EXPECT_EQ(admin.Last()["text"], "whisper_build_info 1\n");
  admin.Say({{"type", "command"}, {"command", "get_connections"}});
  EXPECT_EQ(admin.Last()["type"], "connections");
  EXPECT_EQ(admin.Last()["open"], 1);
  EXPECT_EQ(admin.Last()["messages_received"], 2);
  admin.Say({{"type", "shut_down"}});
  EXPECT_EQ(admin.Last()["type"], "error");
}

TEST_F(SystemSocketTest, AnnouncementsReachWhoeverIsSignedIn) {
  const Client admin = Open("/ws/admin/monitoring", root_);
  const Client user = Open("/ws/system/broadcasts", ann_);
  EXPECT_EQ(Open("/ws/system/broadcasts", "wrong").session->code(), 4401);
  admin.Say({{"type", "broadcast"}, {"message", "Down at <b>8</b> & back at 9"}});
  EXPECT_EQ(admin.Last()["type"], "broadcast_sent");
  Pass(1);
  ASSERT_EQ(user.OfType("broadcast").size(), 1U);
  EXPECT_EQ(user.OfType("broadcast")[0]["message"], "Down at <b>8</b> & back at 9");
  ASSERT_FALSE(world_.events.empty());
  EXPECT_EQ(world_.events.back().action, "broadcast");
  for (const std::string& bad : {std::string(), std::string(1'001, 'x'), std::string("a\nb")}) {
    admin.Say({{"type", "broadcast"}, {"message", bad}});
    EXPECT_EQ(admin.Last()["code"], "INVALID_MESSAGE");
  }
  user.Say({{"type", "broadcast"}, {"message", "from a user"}});
  EXPECT_EQ(user.Last()["type"], "error");
  Pass(1);
  EXPECT_EQ(user.OfType("broadcast").size(), 1U);
}

TEST_F(SystemSocketTest, ForeignTopicsAreRefusedLikeMissingOnes) {
  const Client client = Open("/ws/user/notifications", ann_);
  json first;
  for (const std::string& topic :
       {std::string("job:") + kBobs, std::string("log:") + kBobs,
        std::string("job:018f0000-0000-7000-8000-000000000009"), std::string("job:x"),
        std::string("system_log"), std::string("system_status"), std::string("nonsense")}) {
    client.Say({{"type", "subscribe"}, {"topic", topic}});
    json answer = client.Last();
    EXPECT_EQ(answer["topic"], topic);
    answer.erase("topic");
    if (first.is_null()) first = answer;
    EXPECT_EQ(answer, first) << topic;
    EXPECT_EQ(answer["code"], "TOPIC_NOT_FOUND");
  }
  client.Say({{"type", "subscribe"}, {"topic", 5}});
  EXPECT_EQ(client.Last()["type"], "error");
  client.Say({{"type", "subscribe"}, {"topic", std::string(3'000, 'x')}});
  EXPECT_EQ(client.Last()["topic"].get<std::string>().size(), 64U);
}

TEST_F(SystemSocketTest, TopicsAreWatchedUntilUnsubscribed) {
  const Client client = Open("/ws/user/notifications", ann_);
  const std::string topic = std::string("job:") + kJob;
  client.Say({{"type", "subscribe"}, {"topic", topic}});
  ASSERT_EQ(client.OfType("subscribed").size(), 1U);
  EXPECT_EQ(client.OfType("job_status")[0]["status"], "processing");
  client.Say({{"type", "subscribe"}, {"topic", "broadcasts"}});
  ASSERT_TRUE(announcements_.Add("hello", 0).ok());
  Pass(1);
  EXPECT_EQ(client.OfType("broadcast").size(), 1U);
  client.Say({{"type", "unsubscribe"}, {"topic", "broadcasts"}});
  ASSERT_TRUE(announcements_.Add("not heard", 0).ok());
  Pass(1);
  EXPECT_EQ(client.OfType("broadcast").size(), 1U);
  // The job ends, the socket goes on.
  jobs_.Append(kJob, "segment", R"({"text":"hello"})");
  Put(kJob, world_.ann.id, jobs::JobState::kSucceeded);
  hub_->JobChanged(kJob);
  while (client.OfType("topic_ended").empty()) std::this_thread::yield();
  EXPECT_EQ(client.OfType("segment").size(), 1U);
  EXPECT_EQ(client.session->code(), 0);
}

TEST_F(SystemSocketTest, ASocketWatchesSoManyTopics) {
  const Client client = Open("/ws/user/notifications", ann_);
  for (std::size_t i = 0; i <= Topics::kTopicsMax; ++i) {
    std::string id = kJob;
    id.replace(id.size() - 2, 2, std::to_string(10 + i));
    Put(id.c_str(), world_.ann.id, jobs::JobState::kRunning);
    client.Say({{"type", "subscribe"}, {"topic", "job:" + id}});
  }
  EXPECT_EQ(client.Last()["code"], "TOO_MANY_TOPICS");
  EXPECT_EQ(client.OfType("subscribed").size(), Topics::kTopicsMax);
}

TEST_F(SystemSocketTest, EventStreamsAreCountedByUserAndInAll) {
  const std::string path = std::string("/jobs/") + kJob + "/events";
  std::vector<std::shared_ptr<FakeSink>> streams;
  for (int i = 0; i < 3; ++i) streams.push_back(Stream(path, ann_));
  ASSERT_NE(streams[2], nullptr);
  EXPECT_EQ(Stream(path, ann_), nullptr);
  EXPECT_EQ(last_status_, 429);
  EXPECT_EQ(last_retry_, "10");
  streams[0]->Close();  // The client went away.
  EXPECT_NE(streams[0] = Stream(path, ann_), nullptr) << "its place was free again";
  const Client first = Open("/ws/system/broadcasts", root_);
  const Client second = Open("/ws/system/broadcasts", root_);
  EXPECT_EQ(Stream("/admin/logs/events", root_), nullptr) << "five in all, sockets among them";
  EXPECT_EQ(last_status_, 503);
}

TEST_F(SystemSocketTest, AStreamEndsWithItsCredentials) {
  const auto stream = Stream(std::string("/jobs/") + kJob + "/events", ann_);
  ASSERT_NE(stream, nullptr);
  Pass(5);
  EXPECT_FALSE(stream->closed());
  ASSERT_TRUE(world_.sessions->RevokeAll(world_.ann.id).ok());
  Pass(5);
  EXPECT_TRUE(stream->closed());
  EXPECT_EQ(guard_.numbers().open, 0U);
}

TEST_F(SystemSocketTest, StreamsEndWhenTheServerStops) {
  const auto stream = Stream("/admin/logs/events", root_);
  ASSERT_NE(stream, nullptr);
  guard_.Stop();
  EXPECT_TRUE(stream->closed());
  EXPECT_EQ(Stream("/admin/logs/events", root_), nullptr);
}

TEST_F(SystemSocketTest, TheSameEventsComeByStreamSocketAndPolling) {
  jobs_.Append(kJob, "status", R"({"status":"processing","run":1})");
  jobs_.Append(kJob, "segment", R"({"text":"hello","start":0})");
  Put(kJob, world_.ann.id, jobs::JobState::kSucceeded);
  const auto stream = Stream(std::string("/jobs/") + kJob + "/events", ann_);
  const Client socket = Open(std::string("/ws/jobs/") + kJob, ann_);
  ASSERT_TRUE(socket.session->WaitForClose());
  while (!stream->closed()) std::this_thread::yield();
  std::vector<json> streamed;
  std::istringstream lines(stream->text());
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("data: ") && line != "data: {}") {
      streamed.push_back(json::parse(line.substr(6)));
    }
  }
  EXPECT_EQ(streamed, socket.session->messages());
  ASSERT_EQ(streamed.size(), 3U);
  EXPECT_EQ(streamed[2]["text"], "hello");
  EXPECT_EQ(streamed[0]["status"], "completed");
  // From where it stopped.
  const auto rest =
      Stream(std::string("/jobs/") + kJob + "/events", ann_, {{"last_event_id", "1"}});
  while (!rest->closed()) std::this_thread::yield();
  EXPECT_THAT(rest->text(), Not(HasSubstr("id: 1\n")));
  EXPECT_THAT(rest->text(), HasSubstr("id: 2\n"));
}

}  // namespace
}  // namespace wt::api

#include "service/api/events/job_socket.h"

#include <gtest/gtest.h>

#include <memory>

#include <nlohmann/json.hpp>

#include "service/api/testing/account_world.h"
#include "service/api/testing/fake_job_store.h"
#include "service/api/testing/fake_session.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;
using testing::AccountWorld;
using testing::FakeSession;
using testing::kAnnsPassword;
using testing::kRootsPassword;

constexpr const char* kJob = "018f0000-0000-7000-8000-000000000001";
constexpr const char* kMissing = "018f0000-0000-7000-8000-000000000009";

/// One batch of ann's, whose numbers the test sets.
class OneBatch : public jobs::BatchStore {
 public:
  Result<jobs::BatchPage> ListBatches(const jobs::BatchFilter& filter) override {
    const std::lock_guard lock(mutex_);
    jobs::BatchPage page;
    if (filter.owner == batch_.owner) page.batches = {batch_};
    return page;
  }
  void Set(const std::string& owner, const jobs::BatchCounts& counts) {
    const std::lock_guard lock(mutex_);
    batch_.id = "batch";
    batch_.owner = owner;
    batch_.counts = counts;
    batch_.started_at = 1;
  }

  Result<jobs::Batch> CreateBatch(const jobs::NewBatch&, const jobs::BatchLimits&,
                                  const jobs::QueueLimits&) override {
    return Unused();
  }
  Result<jobs::Batch> GetBatch(const std::string&, const std::string&) override { return Unused(); }
  Result<jobs::Batch> StartBatch(const std::string&, const std::string&) override {
    return Unused();
  }
  Result<jobs::Batch> CancelBatch(const std::string&, const std::string&) override {
    return Unused();
  }
  Result<std::vector<std::string>> DeleteBatch(const std::string&, const std::string&) override {
    return Unused();
  }
  Result<jobs::BatchStats> Stats(const std::string&) override { return Unused(); }

 private:
  static Status Unused() { return Status(StatusCode::kInternal, "not part of these tests"); }
  std::mutex mutex_;
  jobs::Batch batch_;
};

class JobSocketTest : public ::testing::Test {
 protected:
  JobSocketTest()
      : guard_({.sockets_max = 5,
                .per_user_max = 2,
                .strangers_per_address_max = 3,
                .own_thread = false},
               &world_.api.clock) {
    hub_ = std::make_unique<JobEventHub>(&jobs_, HubOptions(), nullptr);
    SocketRouteParts parts;
    parts.adapter = world_.adapter.get();
    parts.guard = &guard_;
    parts.hub = hub_.get();
    parts.jobs = &jobs_;
    parts.clock = &world_.api.clock;
    parts.batches = &batches_;
    AddSocketRoutes(parts, &world_.api.routes);
    Put(jobs::JobState::kRunning);
    token_ = world_.Open("ann", kAnnsPassword).access_token;
    bobs_ = world_.Open("bob", "a password of bob's own").access_token;
  }
  ~JobSocketTest() override { hub_->Stop(); }

  static JobEventHub::Options HubOptions() {
    JobEventHub::Options options;
    options.poll_interval = std::chrono::milliseconds(5);
    return options;
  }
  void Put(jobs::JobState state) {
    jobs::Job job;
    job.id = kJob;
    job.owner = world_.ann.id;
    job.state = state;
    job.model = "base";
    jobs_.Put(job);
  }
  http::Response Handshake(const std::string& path, const testing::ApiHarness::Query& query = {}) {
    world_.api.headers.Set("Upgrade", "websocket");
    world_.api.headers.Set("Connection", "Upgrade");
    return world_.api.Send(Method::kGet, path, query);
  }
  struct Client {
    std::shared_ptr<http::WebSocketHandler> handler;
    std::shared_ptr<FakeSession> session;
  };
  Client Open(const std::string& path, const testing::ApiHarness::Query& query = {}) {
    http::Response response = Handshake(path, query);
    EXPECT_EQ(response.status, 101);
    Client client;
    client.handler = std::get<http::WebSocketUpgrade>(response.body).handler;
    client.session = std::make_shared<FakeSession>();
    client.handler->OnOpen(client.session);
    return client;
  }
  static std::string JobPath(const char* id = kJob) { return std::string("/ws/jobs/") + id; }
  static std::string Auth(const std::string& token) {
    return json{{"type", "auth"}, {"token", token}}.dump();
  }

  AccountWorld world_;
  testing::FakeJobStore jobs_;
  OneBatch batches_;
  SocketGuard guard_;
  std::unique_ptr<JobEventHub> hub_;
  std::string token_;
  std::string bobs_;
};

TEST_F(JobSocketTest, SnapshotEventsAndEnd) {
  jobs_.Append(kJob, "status", R"({"status":"processing"})");
  jobs_.Append(kJob, "segment", R"({"text":"hello"})");
  Put(jobs::JobState::kSucceeded);
  world_.Use(token_);
  const Client client = Open(JobPath());
  ASSERT_TRUE(client.session->WaitForClose());
  EXPECT_EQ(client.session->code(), 1000);
  const std::vector<json> messages = client.session->messages();
  ASSERT_EQ(messages.size(), 3u);
  EXPECT_EQ(messages[0]["type"], "job_status");
  EXPECT_EQ(messages[0]["job_id"], kJob);
  EXPECT_EQ(messages[1]["status"], "processing");
  EXPECT_EQ(messages[2]["text"], "hello");
}

TEST_F(JobSocketTest, TheLogSocketSaysTheLogAndNothingElse) {
  jobs_.Append(kJob, "status", R"({"status":"processing"})");
  jobs_.Append(kJob, "log", R"({"level":"info","message":"attempt 1 begins"})");
  jobs_.Append(kJob, "segment", R"({"text":"hello"})");
  Put(jobs::JobState::kSucceeded);
  const std::string path = std::string("/ws/logs/") + kJob;
  for (const std::string& token : {token_, world_.Open("root", kRootsPassword).access_token}) {
    world_.Use(token);
    const Client client = Open(path);
    ASSERT_TRUE(client.session->WaitForClose());
    EXPECT_EQ(client.session->code(), 1000);
    ASSERT_EQ(client.session->messages().size(), 1u);
    EXPECT_EQ(client.session->messages()[0]["message"], "attempt 1 begins");
    client.handler->OnClose(1000);
  }
  world_.Use(bobs_);
  const Client stranger = Open(path);
  EXPECT_EQ(stranger.session->code(), 4404);
  EXPECT_TRUE(stranger.session->messages().empty());
}

TEST_F(JobSocketTest, BatchesSayHowTheyGetOnWhenThatChanges) {
  batches_.Set(world_.ann.id, {.waiting = 4});
  world_.Use(token_);
  const Client client = Open("/ws/batch");
  world_.Use(bobs_);
  const Client stranger = Open("/ws/batch");
  std::vector<double> percents;
  for (int ended = 0; ended <= 4; ++ended) {
    batches_.Set(world_.ann.id, {.waiting = 4 - ended, .succeeded = ended});
    for (int look = 0; look < 2; ++look) {
      world_.api.clock.Advance(2'000);
      guard_.Tick();
    }
  }
  for (const json& message : client.session->messages()) {
    if (message["type"] == "batch_progress") percents.push_back(message["progress_percent"]);
  }
  EXPECT_EQ(percents, (std::vector<double>{0, 25, 50, 75, 100}));
  EXPECT_EQ(client.session->messages().back()["status"], "completed");
  ASSERT_EQ(stranger.session->messages().size(), 1u);
  EXPECT_EQ(stranger.session->messages()[0]["type"], "ready");
}

TEST_F(JobSocketTest, ForeignMissingAndMalformedJobsCloseAlike) {
  world_.Use(bobs_);
  for (const char* id : {kJob, kMissing, "nonsense"}) {
    const Client client = Open("/ws/progress/" + std::string(id));
    EXPECT_EQ(client.session->code(), 4404) << id;
    EXPECT_EQ(client.session->reason(), "job not found") << id;
    EXPECT_TRUE(client.session->messages().empty()) << id;
    client.handler->OnClose(4404);
  }
}

TEST_F(JobSocketTest, WithoutUpgradeTheAnswerIs426) {
  world_.Use(token_);
  const http::Response response = world_.api.Send(Method::kGet, JobPath());
  EXPECT_EQ(response.status, 426);
  EXPECT_EQ(response.headers.Find("Upgrade"), "websocket");
}

TEST_F(JobSocketTest, TheFirstMessageMayBringTheToken) {
  const Client client = Open(JobPath());
  EXPECT_TRUE(client.session->messages().empty());
  client.handler->OnText(Auth(token_));
  const auto messages = client.session->messages();
  ASSERT_GE(messages.size(), 2u);
  EXPECT_EQ(messages[0]["type"], "authenticated");
  EXPECT_EQ(messages[1]["type"], "job_status");
  client.handler->OnText(R"({"type":"ping"})");
  EXPECT_EQ(client.session->messages().back()["type"], "pong");
}

TEST_F(JobSocketTest, NothingIsToldToStrangers) {
  for (const std::string& text :
       {std::string(R"({"type":"ping"})"), std::string("{"), Auth("wrong"), Auth("wt_wrong"),
        std::string(R"({"type":"auth"})"), std::string(R"({"type":"auth","token":5})"),
        std::string("[]"), std::string(9'000, '[')}) {
    const Client client = Open(JobPath());
    client.handler->OnText(text);
    EXPECT_EQ(client.session->code(), 4401) << text.substr(0, 40);
    EXPECT_TRUE(client.session->messages().empty());
    client.handler->OnText(Auth(token_));
    EXPECT_TRUE(client.session->messages().empty()) << "it is over";
    client.handler->OnClose(4401);
  }
  world_.Use("wrong");
  EXPECT_EQ(Open(JobPath()).session->code(), 4401);
}

TEST_F(JobSocketTest, CredentialsAreDueWithinTenSeconds) {
  const Client client = Open(JobPath());
  world_.api.clock.Advance(9'000);
  guard_.Tick();
  EXPECT_EQ(client.session->code(), 0);
  world_.api.clock.Advance(1'500);
  guard_.Tick();
  EXPECT_EQ(client.session->code(), 4401);
}

TEST_F(JobSocketTest, ATicketOpensOneSocket) {
  auth::Principal principal;
  world_.Use(token_);
  principal = std::get<auth::Principal>(world_.adapter->AuthenticateToken(token_, "127.0.0.1"));
  const std::string ticket = *world_.authenticator->IssueTicket(principal);
  world_.Use("");
  EXPECT_EQ(Open(JobPath(), {{"ticket", ticket}}).session->messages()[0]["type"], "job_status");
  EXPECT_EQ(Open(JobPath(), {{"ticket", ticket}}).session->code(), 4401);
  EXPECT_EQ(Open(JobPath(), {{"token", token_}}).session->messages()[0]["type"], "job_status");
}

TEST_F(JobSocketTest, ACookieNeedsAnOriginOfOurs) {
  const auto with = [&](const char* origin) {
    world_.api.headers = {};
    world_.api.headers.Set("Host", "example.org");
    world_.api.headers.Set("Cookie", "auth_token=" + token_);
    if (origin != nullptr) world_.api.headers.Set("Origin", origin);
    return Handshake(JobPath()).status;
  };
  EXPECT_EQ(with("http://example.org"), 101);
  EXPECT_EQ(with("http://evil.example"), 403);
  EXPECT_EQ(with("null"), 403);
  EXPECT_EQ(with(nullptr), 403);
}

TEST_F(JobSocketTest, AnEndedSessionClosesWithinFiveSeconds) {
  world_.Use(token_);
  const Client client = Open(JobPath());
  for (int second = 0; second < 5; ++second) {
    world_.api.clock.Advance(1'000);
    guard_.Tick();
  }
  EXPECT_EQ(client.session->code(), 0);
  ASSERT_TRUE(world_.sessions->RevokeAll(world_.ann.id).ok());
  for (int second = 0; second < 5; ++second) {
    world_.api.clock.Advance(1'000);
    guard_.Tick();
  }
  EXPECT_EQ(client.session->code(), 4401);
}

TEST_F(JobSocketTest, SocketsAreCountedByUserAddressAndInAll) {
  world_.Use(token_);
  const Client first = Open(JobPath());
  const Client second = Open(JobPath());
  EXPECT_EQ(Open(JobPath()).session->code(), 1013);
  world_.Use("");
  std::vector<Client> strangers;
  for (int i = 0; i < 3; ++i) strangers.push_back(Open(JobPath()));
  EXPECT_EQ(strangers[2].session->code(), 0);
  EXPECT_EQ(Open(JobPath()).session->code(), 1013);
  world_.Use(bobs_);
  EXPECT_EQ(Open(JobPath()).session->code(), 1013) << "five in all";
  strangers[0].handler->OnText(Auth(token_));
  EXPECT_EQ(strangers[0].session->code(), 1013) << "the user's third";
  strangers[1].handler->OnClose(1006);
  first.handler->OnClose(1006);
  EXPECT_EQ(guard_.numbers().open, 3u);
  EXPECT_EQ(guard_.numbers().peak, 5u);
  world_.Use(token_);
  EXPECT_EQ(Open(JobPath()).session->code(), 0);
}

TEST_F(JobSocketTest, NonsenseIsAnsweredAndFloodsAreCutOff) {
  world_.Use(token_);
  const Client client = Open(JobPath());
  for (const char* text : {"{", "[1]", "5", R"({"type":7})", R"({"type":"subscribe"})", "\xff"}) {
    client.handler->OnText(text);
    EXPECT_EQ(client.session->messages().back()["type"], "error") << text;
  }
  EXPECT_EQ(client.session->code(), 0);
  for (int i = 0; i < 100; ++i) client.handler->OnText(R"({"type":"ping"})");
  EXPECT_EQ(client.session->code(), 1008);
  const Client other = Open(JobPath());
  other.handler->OnBinary("x");
  EXPECT_EQ(other.session->code(), 1003);
}

TEST_F(JobSocketTest, KeysNeedTheRightToReadJobs) {
  auth::NewKey wanted;
  wanted.name = "writer";
  wanted.scopes = {"jobs:create"};
  const auto key = world_.keys->Create(world_.ann.id, wanted, auth::Granter::kUser);
  world_.Use(key->secret);
  EXPECT_EQ(Open(JobPath()).session->code(), 4403);
}

TEST_F(JobSocketTest, NotificationsTellWhatChanged) {
  world_.Use(token_);
  const Client client = Open("/ws/user/notifications", {{"user_id", world_.bob.id}});
  ASSERT_EQ(client.session->messages().size(), 1u);
  Put(jobs::JobState::kSucceeded);
  jobs::Job foreign;
  foreign.id = kMissing;
  foreign.owner = world_.bob.id;
  jobs_.Put(foreign);
  for (int i = 0; i < 2; ++i) {
    world_.api.clock.Advance(6'000);
    guard_.Tick();
  }
  const auto messages = client.session->messages();
  ASSERT_EQ(messages.size(), 2u);
  EXPECT_EQ(messages[1]["event"], "job_ended");
  EXPECT_EQ(messages[1]["job_id"], kJob);
  EXPECT_EQ(messages[1]["status"], "completed");
}

TEST_F(JobSocketTest, AClosedConnectionIsLetGo) {
  world_.Use(token_);
  Client client = Open("/ws/user/notifications");
  const std::weak_ptr<FakeSession> session = client.session;
  client.handler->OnClose(1006);
  client.session = nullptr;
  EXPECT_TRUE(session.expired()) << "it and its handler hold each other";
}

TEST_F(JobSocketTest, StoppingSaysGoingAway) {
  world_.Use(token_);
  const Client client = Open(JobPath());
  guard_.Stop();
  EXPECT_EQ(client.session->code(), 1001);
  EXPECT_EQ(Open(JobPath()).session->code(), 1013);
}

}  // namespace
}  // namespace wt::api

#include "service/api/events/job_event_hub.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "service/api/events/job_stream.h"
#include "service/api/testing/fake_job_store.h"

namespace wt::api {
namespace {

using testing::FakeJobStore;

constexpr std::chrono::seconds kGenerous{20};

class Recorder : public JobEventSubscriber {
 public:
  explicit Recorder(int refuse_after = -1) : refuse_after_(refuse_after) {}
  bool OnEvent(const jobs::JobEvent& event) override {
    const std::lock_guard lock(mutex_);
    seen_.push_back(event.seq);
    changed_.notify_all();
    return refuse_after_ < 0 || static_cast<int>(seen_.size()) < refuse_after_;
  }
  bool OnIdle() override {
    const std::lock_guard lock(mutex_);
    ++idle_;
    changed_.notify_all();
    return true;
  }
  void OnEnd() override {
    const std::lock_guard lock(mutex_);
    ended_ = true;
    changed_.notify_all();
  }
  template <typename F>
  bool Wait(F ready) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, kGenerous, [&] { return ready(*this); });
  }
  std::vector<std::int64_t> seen_;
  int idle_ = 0;
  bool ended_ = false;

 private:
  const int refuse_after_;
  std::mutex mutex_;
  std::condition_variable changed_;
};

jobs::Job RunningJob() {
  jobs::Job job;
  job.id = "j";
  job.owner = "u";
  job.state = jobs::JobState::kRunning;
  return job;
}

JobEventHub::Options Fast() {
  JobEventHub::Options options;
  options.poll_interval = std::chrono::milliseconds(5);
  options.page = 2;  // So that several pages are needed.
  return options;
}

TEST(JobEventHubTest, DeliversEverythingAfterTheGivenEventInOrder) {
  FakeJobStore store;
  store.Put(RunningJob());
  for (int i = 0; i < 7; ++i) store.Append("j", "segment", "{}");
  JobEventHub hub(&store, Fast(), nullptr);
  const auto recorder = std::make_shared<Recorder>();
  hub.Subscribe("j", 2, recorder);
  ASSERT_TRUE(recorder->Wait([](const Recorder& r) { return r.seen_.size() == 5; }));
  EXPECT_EQ(recorder->seen_, (std::vector<std::int64_t>{3, 4, 5, 6, 7}));
}

TEST(JobEventHubTest, FindsWhatAnotherProcessWritesWithoutAHint) {
  FakeJobStore store;
  store.Put(RunningJob());
  JobEventHub hub(&store, Fast(), nullptr);
  const auto recorder = std::make_shared<Recorder>();
  hub.Subscribe("j", 0, recorder);
  store.Append("j", "segment", "{}");
  EXPECT_TRUE(recorder->Wait([](const Recorder& r) { return r.seen_.size() == 1; }));
}

// Method: after their first look the watchers of resting jobs cause one question per round for all
// of them, and none about their events.
TEST(JobEventHubTest, ThoseWhoWatchRestingJobsShareOneQuestion) {
  FakeJobStore store;
  JobEventHub hub(&store, Fast(), nullptr);
  std::vector<std::shared_ptr<Recorder>> recorders;
  for (const char* id : {"j", "k", "l"}) {
    jobs::Job job = RunningJob();
    job.id = id;
    store.Put(job);
    store.Append(id, "segment", "{}");
    for (int i = 0; i < 2; ++i) {
      recorders.push_back(std::make_shared<Recorder>());
      hub.Subscribe(id, 0, recorders.back());
    }
  }
  for (const auto& recorder : recorders) {
    ASSERT_TRUE(recorder->Wait([](const Recorder& r) { return r.seen_.size() == 1; }));
  }
  const auto wait_rounds = [&](int rounds) {
    const int from = store.event_heads_asked;
    while (store.event_heads_asked < from + rounds) std::this_thread::yield();
  };
  wait_rounds(3);
  const int asked = store.events_asked;
  wait_rounds(5);
  EXPECT_EQ(store.events_asked, asked);
  store.Append("k", "segment", "{}");
  EXPECT_TRUE(recorders[2]->Wait([](const Recorder& r) { return r.seen_.size() == 2; }));
  EXPECT_TRUE(recorders[3]->Wait([](const Recorder& r) { return r.seen_.size() == 2; }));
}

TEST(JobEventHubTest, AHintIsFasterThanThePoll) {
  FakeJobStore store;
  store.Put(RunningJob());
  JobEventHub::Options options = Fast();
  options.poll_interval = std::chrono::hours(1);
  JobEventHub hub(&store, options, nullptr);
  const auto recorder = std::make_shared<Recorder>();
  store.Append("j", "segment", "{}");
  hub.Subscribe("j", 0, recorder);
  ASSERT_TRUE(recorder->Wait([](const Recorder& r) { return r.seen_.size() == 1; }));
  store.Append("j", "segment", "{}");
  hub.JobChanged("j");
  EXPECT_TRUE(recorder->Wait([](const Recorder& r) { return r.seen_.size() == 2; }));
}

TEST(JobEventHubTest, EndsAfterTheLastEventOfATerminalJob) {
  FakeJobStore store;
  jobs::Job job = RunningJob();
  job.state = jobs::JobState::kSucceeded;
  store.Put(job);
  for (int i = 0; i < 3; ++i) store.Append("j", "segment", "{}");
  JobEventHub hub(&store, Fast(), nullptr);
  const auto recorder = std::make_shared<Recorder>();
  hub.Subscribe("j", 0, recorder);
  ASSERT_TRUE(recorder->Wait([](const Recorder& r) { return r.ended_; }));
  EXPECT_EQ(recorder->seen_.size(), 3U);
}

TEST(JobEventHubTest, AWatchBeyondTheEndLearnsOfEditsAndEndsWithTheJob) {
  FakeJobStore store;
  jobs::Job job = RunningJob();
  job.state = jobs::JobState::kSucceeded;
  store.Put(job);
  store.Append("j", "status", "{}");
  JobEventHub hub(&store, Fast(), nullptr);
  const auto recorder = std::make_shared<Recorder>();
  hub.Subscribe("j", 0, recorder, WatchUntil::kJobIsGone);
  ASSERT_TRUE(recorder->Wait([](const Recorder& r) { return r.seen_.size() == 1; }));
  store.Append("j", "document", R"({"revision":2})");
  ASSERT_TRUE(recorder->Wait([](const Recorder& r) { return r.seen_.size() == 2; }));
  EXPECT_FALSE(recorder->ended_);
  ASSERT_TRUE(store.Delete("j", "u").ok());
  EXPECT_TRUE(recorder->Wait([](const Recorder& r) { return r.ended_; }));
}

TEST(JobEventHubTest, EndsWhenTheJobIsDeletedAndWhenTheServerStops) {
  FakeJobStore store;
  store.Put(RunningJob());
  JobEventHub hub(&store, Fast(), nullptr);
  const auto missing = std::make_shared<Recorder>();
  hub.Subscribe("other", 0, missing);
  EXPECT_TRUE(missing->Wait([](const Recorder& r) { return r.ended_; }));
  const auto running = std::make_shared<Recorder>();
  hub.Subscribe("j", 0, running);
  hub.Stop();
  EXPECT_TRUE(running->ended_);
  const auto late = std::make_shared<Recorder>();
  hub.Subscribe("j", 0, late);
  EXPECT_TRUE(late->ended_);
  EXPECT_EQ(hub.subscriptions(), 0U);
}

TEST(JobEventHubTest, ForgetsASubscriberThatRefuses) {
  FakeJobStore store;
  store.Put(RunningJob());
  for (int i = 0; i < 7; ++i) store.Append("j", "segment", "{}");
  JobEventHub hub(&store, Fast(), nullptr);
  const auto refusing = std::make_shared<Recorder>(2);
  const auto other = std::make_shared<Recorder>();
  hub.Subscribe("j", 0, refusing);
  hub.Subscribe("j", 0, other);
  ASSERT_TRUE(other->Wait([](const Recorder& r) { return r.seen_.size() == 7; }));
  EXPECT_EQ(refusing->seen_.size(), 2U);
  EXPECT_EQ(hub.subscriptions(), 1U);
}

TEST(JobEventHubTest, KeepsQuietStreamsAlive) {
  FakeJobStore store;
  store.Put(RunningJob());
  JobEventHub::Options options = Fast();
  options.keep_alive = std::chrono::milliseconds(1);
  JobEventHub hub(&store, options, nullptr);
  const auto recorder = std::make_shared<Recorder>();
  hub.Subscribe("j", 0, recorder);
  EXPECT_TRUE(recorder->Wait([](const Recorder& r) { return r.idle_ >= 2; }));
}

TEST(JobStreamTest, MessagesCarryTheJobAndTheSequence) {
  const jobs::JobEvent event{7, "progress", R"({"progress":12.5,"type":"x"})", 0};
  const auto message = nlohmann::json::parse(EventMessage("j", event));
  EXPECT_EQ(message["type"], "job_status");
  EXPECT_EQ(message["seq"], 7);
  EXPECT_EQ(message["job_id"], "j");
  EXPECT_EQ(message["progress"], 12.5);
  EXPECT_EQ(message["timestamp"], "1970-01-01T00:00:00.000Z");
}

}  // namespace
}  // namespace wt::api

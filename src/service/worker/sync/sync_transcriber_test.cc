#include "service/worker/sync/sync_transcriber.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>

#include "service/worker/testing/worker_fixture.h"

namespace wt::worker {
namespace {

using testing::ShortWav;

class SyncTranscriberTest : public testing::WorkerFixture {
 protected:
  void Make(const std::function<void(SyncOptions*)>& change = {}) {
    SyncOptions options;
    options.media.helper_path = "/nonexistent/transcriber-media";
    if (change) change(&options);
    sync_ = std::make_unique<SyncTranscriber>(&engine_, models_.get(), options);
  }
  static SyncRequest MakeRequest(const std::string& principal = "me") {
    SyncRequest request;
    request.descriptor = *MemoryDescriptor(ShortWav());
    request.filename = "a.wav";
    request.options.model = "base";
    request.principal = principal;
    return request;
  }
  std::future<Result<Transcript>> Begin(const std::string& principal, std::stop_token stop = {}) {
    return std::async(std::launch::async, [this, principal, stop] {
      return sync_->Transcribe(MakeRequest(principal), stop);
    });
  }

  std::unique_ptr<SyncTranscriber> sync_;
};

TEST_F(SyncTranscriberTest, BytesBecomeATranscript) {
  Make();
  RunMailbox observer(1, 0);
  SyncRequest request = MakeRequest();
  request.observer = &observer;
  const Result<Transcript> transcript = sync_->Transcribe(std::move(request), {});
  ASSERT_TRUE(transcript.ok()) << transcript.status().message();
  EXPECT_EQ(transcript->text, " Window 0. Window 1. Window 2.");
  EXPECT_EQ(observer.Take().progress.segments, 3);
  EXPECT_EQ(engine_.submits()[0].priority, PriorityClass::kInteractive);
  EXPECT_EQ(engine_.submits()[0].principal, "me");
  EXPECT_EQ(sync_->active(), 0);
}

TEST_F(SyncTranscriberTest, DisconnectStopsTheWork) {
  Make();
  engine_.SetScript({.hold_at = 1});
  std::stop_source client;
  auto call = Begin("me", client.get_token());
  ASSERT_TRUE(engine_.WaitForHeld(1));
  client.request_stop();
  EXPECT_EQ(call.get().status().code(), StatusCode::kCancelled);
  EXPECT_EQ(engine_.cancelled(), 1);
  EXPECT_EQ(sync_->active(), 0);
}

TEST_F(SyncTranscriberTest, TimeLimitStopsTheWorkAndSaysSo) {
  Make([](SyncOptions* options) { options->timeout_ms = 30; });
  engine_.SetScript({.hold_at = 1});
  const Status status = sync_->Transcribe(MakeRequest(), {}).status();
  EXPECT_EQ(status.code(), StatusCode::kDeadlineExceeded) << status.message();
  EXPECT_EQ(sync_->active(), 0);
}

TEST_F(SyncTranscriberTest, TimeLimitCountsWaitingForTheModel) {
  Make([](SyncOptions* options) { options->timeout_ms = 30; });
  engine_.HoldLoads(true);
  EXPECT_EQ(sync_->Transcribe(MakeRequest(), {}).status().code(), StatusCode::kDeadlineExceeded);
  engine_.HoldLoads(false);
}

TEST_F(SyncTranscriberTest, TooManyAreRefusedAtOnce) {
  Make([](SyncOptions* options) {
    options->active_max = 1;
    options->waiting_max = 1;
  });
  engine_.SetScript({.hold_at = 0});
  auto first = Begin("a");
  ASSERT_TRUE(engine_.WaitForHeld(1));
  auto second = Begin("b");
  ASSERT_TRUE(Eventually([&] { return sync_->waiting() == 1; }));
  EXPECT_EQ(sync_->Transcribe(MakeRequest(), {}).status().code(), StatusCode::kResourceExhausted);
  engine_.Open();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(second.get().ok());
}

TEST_F(SyncTranscriberTest, WaitingEndsWithTheClient) {
  Make([](SyncOptions* options) { options->active_max = 1; });
  engine_.SetScript({.hold_at = 0});
  auto first = Begin("a");
  ASSERT_TRUE(engine_.WaitForHeld(1));
  std::stop_source client;
  auto second = Begin("b", client.get_token());
  ASSERT_TRUE(Eventually([&] { return sync_->waiting() == 1; }));
  client.request_stop();
  EXPECT_EQ(second.get().status().code(), StatusCode::kCancelled);
  engine_.Open();
  EXPECT_TRUE(first.get().ok());
}

TEST_F(SyncTranscriberTest, BadRequestsAreRefusedBeforeTheyWait) {
  Make([](SyncOptions* options) { options->active_max = 0; });
  SyncRequest unknown = MakeRequest();
  unknown.options.model = "nonsense";
  EXPECT_EQ(sync_->Transcribe(std::move(unknown), {}).status().code(), StatusCode::kNotFound);
  SyncRequest bad = MakeRequest();
  bad.options.request.decoding.beam_size = 99;
  EXPECT_EQ(sync_->Transcribe(std::move(bad), {}).status().code(), StatusCode::kInvalidArgument);
}

TEST_F(SyncTranscriberTest, EmptyRecordingIsTheClientsFault) {
  Make();
  SyncRequest request = MakeRequest();
  request.descriptor = *MemoryDescriptor("");
  const Status status = sync_->Transcribe(std::move(request), {}).status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_NE(status.message().find("a.wav"), std::string::npos);
  EXPECT_EQ(sync_->active(), 0);
}

TEST_F(SyncTranscriberTest, LanguagesAreTold) {
  Make();
  const auto languages = sync_->DetectLanguage(MakeRequest(), {});
  ASSERT_TRUE(languages.ok());
  EXPECT_EQ(languages->at(0).language, "en");
}

// Goal: a flood of one principal delays another one by one place at most. Method: one place; five
// of "flood" wait before one of "single"; the order of entering is noted.
TEST(FairGateTest, ThePrincipalWithTheFewestInsideIsNext) {
  FairGate gate(2, 100);
  const auto later = FairGate::Clock::now() + std::chrono::hours(1);
  Result<FairGate::Ticket> first = gate.Enter("flood", {}, later);
  Result<FairGate::Ticket> second = gate.Enter("flood", {}, later);
  ASSERT_TRUE(first.ok() && second.ok());
  std::mutex mutex;
  std::vector<std::string> order;
  std::vector<std::jthread> threads;
  const auto come = [&](const std::string& who) {
    const int before = gate.waiting();
    threads.emplace_back([&, who] {
      Result<FairGate::Ticket> ticket = gate.Enter(who, {}, later);
      ASSERT_TRUE(ticket.ok());
      const std::lock_guard lock(mutex);
      order.push_back(who);
    });
    while (gate.waiting() == before) std::this_thread::yield();
  };
  for (int i = 0; i < 5; ++i) come("flood");
  come("single");
  first->Leave();
  threads.back().join();
  {
    const std::lock_guard lock(mutex);
    EXPECT_EQ(order.front(), "single");
  }
  second->Leave();
  threads.pop_back();
  threads.clear();
  EXPECT_EQ(order.size(), 6U);
  EXPECT_EQ(gate.active(), 0);
}

}  // namespace
}  // namespace wt::worker

#include "service/worker/jobs/job_worker.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include <nlohmann/json.hpp>

#include "service/jobs/runner/shared_hints.h"
#include "service/worker/testing/worker_fixture.h"

namespace wt::worker {
namespace {

using jobs::FailureKind;
using jobs::JobState;
using nlohmann::json;
using testing::FakeScript;
using JobWorkerTest = testing::WorkerFixture;

constexpr const char* kThreeWindows = " Window 0. Window 1. Window 2.";

TEST_F(JobWorkerTest, RecordingBecomesATranscript) {
  StartWorker();
  const std::string id = Submit([](jobs::Job* job) { job->media.sample_rate = 44'100; });
  ASSERT_TRUE(EndsAs(id, "completed"));
  EXPECT_EQ(TextOf(id), kThreeWindows);
  const jobs::NewResult result = store_.Results(id)->at(0);
  EXPECT_EQ(result.text, "Window 0. Window 1. Window 2.");
  EXPECT_EQ(result.words, 6);
  EXPECT_EQ(result.detected_language, "en");
  EXPECT_EQ(result.duration_s, 90);
  EXPECT_TRUE(result.blob_key.starts_with("transcripts/owner/job-1-")) << result.blob_key;
  const json metadata = json::parse(result.metadata_json);
  EXPECT_EQ(metadata["sample_rate"], 44'100);
  EXPECT_EQ(metadata["words_per_minute"], 4.0);
  EXPECT_EQ(metadata["token_count"], 9);
  EXPECT_EQ(metadata["abstract"], "Window 0. Window 1. Window 2.");
  EXPECT_EQ(metadata["generated_at"], "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(engine_.submits()[0].principal, "owner");
  EXPECT_EQ(engine_.submits()[0].priority, PriorityClass::kBatch);
}

TEST_F(JobWorkerTest, EventsTellWhatHappens) {
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(EndsAs(id, "completed"));
  const std::vector<std::string> types = EventTypes(id);
  for (const char* type : {"status", "progress", "language", "segment", "log"}) {
    EXPECT_NE(std::count(types.begin(), types.end(), type), 0) << type;
  }
  EXPECT_EQ(std::count(types.begin(), types.end(), "segment"), 3);
  const std::vector<jobs::JobEvent> events = *store_.Events(id, 0, 1000);
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(events[i].seq, static_cast<std::int64_t>(i) + 1);
    EXPECT_TRUE(json::accept(events[i].data_json)) << events[i].data_json;
    if (events[i].type != "segment") continue;
    EXPECT_TRUE(json::parse(events[i].data_json)["text"].get<std::string>().starts_with(" Window"));
  }
}

TEST_F(JobWorkerTest, ProgressIsThatOfTheWork) {
  engine_.SetScript({.windows = 4, .hold_at = 2});
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(Eventually([&] { return Job(id).progress.seconds_done == 60; }));
  EXPECT_EQ(Job(id).progress.seconds_total, 120);
  EXPECT_EQ(Job(id).progress.stage, "transcribing");
  EXPECT_EQ(Job(id).progress.segments, 2);
  EXPECT_EQ(Job(id).detected_language, "en");
  EXPECT_EQ(StatusOf(id), "processing");
  engine_.Open();
  EXPECT_TRUE(EndsAs(id, "completed"));
}

// What operators see must be what happened: a name that nobody counts under would look like health.
TEST_F(JobWorkerTest, JobsAndModelsAreMeasured) {
  StartWorker();
  ASSERT_TRUE(EndsAs(Submit(), "completed"));
  ASSERT_TRUE(EndsAs(Submit(), "completed"));
  ASSERT_TRUE(EndsAs(Submit([](jobs::Job* job) { job->model = "tiny"; }), "failed_launch_error"));
  ASSERT_TRUE(Eventually([&] { return worker_->Snapshot().running.empty(); }));
  const std::string text = metrics_->Expose();
  for (const char* line :
       {"whisper_job_completions_total{status=\"completed\"} 2",
        "whisper_job_completions_total{status=\"failed_launch_error\"} 1",
        "whisper_worker_failures{status=\"failed_launch_error\"} 1",
        "whisper_job_duration_seconds_count 3", "whisper_job_wait_seconds_count 3",
        "whisper_audio_seconds_total 180", "whisper_job_real_time_factor_count 2",
        "whisper_model_cache_misses_total 1", "whisper_model_cache_hits_total 1",
        "whisper_model_load_seconds_count{model=\"base\"} 1",
        "whisper_model_inference_seconds_count{device=\"cpu\",model=\"base\"} 2"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
}

TEST_F(JobWorkerTest, RetriesAreCountedAndAreNoEnd) {
  blobs_.commit_failures = {Status(StatusCode::kResourceExhausted, "the disk is full")};
  StartWorker();
  ASSERT_TRUE(EndsAs(Submit(), "completed"));
  ASSERT_TRUE(Eventually([&] { return worker_->Snapshot().running.empty(); }));
  const std::string text = metrics_->Expose();
  EXPECT_NE(text.find("whisper_job_retries_total 1"), std::string::npos);
  EXPECT_NE(text.find("whisper_job_completions_total{status=\"completed\"} 1"), std::string::npos);
  EXPECT_EQ(text.find("whisper_worker_failures{"), std::string::npos);
}

// Goal: a job that a server took starts at once in a worker process. Method: the poll is an hour
// away, and the hint comes over the socket in the data directory.
TEST_F(JobWorkerTest, AHintOfAnotherProcessStartsTheJob) {
  options_.poll_ms = 3'600'000;
  const std::string wake = (directory_ / "wake").string();
  jobs::SharedHints server;
  jobs::SharedHints here;
  ASSERT_TRUE(server.Connect(wake).ok());
  ASSERT_TRUE(here.Connect(wake).ok());
  JobWorker worker(Ports(), options_);  // Not the fixture's, which hints at what it submits.
  const auto subscription = here.Subscribe([&](jobs::LocalHints::Kind kind, const std::string&) {
    if (kind == jobs::LocalHints::Kind::kAvailable) worker.JobAvailable();
  });
  ASSERT_TRUE(Eventually([&] { return worker.Snapshot().last_round_at != 0; }));
  const std::string id = Submit();
  EXPECT_EQ(StatusOf(id), "queued");
  server.JobAvailable();
  EXPECT_TRUE(EndsAs(id, "completed"));
  here.Disconnect();
}

// Goal: a hint is enough. Method: the poll is an hour away.
TEST_F(JobWorkerTest, CancelHintStopsTheWork) {
  options_.poll_ms = 3'600'000;
  engine_.SetScript({.hold_at = 1});
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(engine_.WaitForHeld(1));
  ASSERT_TRUE(store_.RequestCancel(id, "owner").ok());
  worker_->CancelRequested(id);
  EXPECT_TRUE(EndsAs(id, "cancelled"));
  EXPECT_EQ(engine_.cancelled(), 1);
  EXPECT_TRUE(blobs_.Keys("transcripts/").empty());
}

TEST_F(JobWorkerTest, CancelWithoutAHintIsFoundByThePoll) {
  engine_.SetScript({.hold_at = 1});
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(engine_.WaitForHeld(1));
  ASSERT_TRUE(store_.RequestCancel(id, "owner").ok());
  EXPECT_TRUE(EndsAs(id, "cancelled"));
}

TEST_F(JobWorkerTest, HintOfAJobThatIsNotToBeCancelledChangesNothing) {
  engine_.SetScript({.hold_at = 1});
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(engine_.WaitForHeld(1));
  worker_->CancelRequested(id);
  worker_->CancelRequested("another");
  engine_.Open();
  EXPECT_TRUE(EndsAs(id, "completed"));
}

// P3. The lease runs out while the engine works; the job is claimed again.
TEST_F(JobWorkerTest, LostLeaseIsDiscardedAndTheNextAttemptSucceeds) {
  engine_.SetScript({.hold_at = 2});
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(engine_.WaitForHeld(1));
  clock_.Advance(31'000);
  ASSERT_TRUE(store_.Rescue({.base_ms = 0}, 10).ok());
  worker_->JobAvailable();
  ASSERT_TRUE(Eventually([&] { return worker_->Snapshot().counters.discarded == 1; }));
  engine_.Open();
  ASSERT_TRUE(EndsAs(id, "completed"));
  EXPECT_EQ(Job(id).attempt, 2);
  EXPECT_EQ(store_.Results(id)->size(), 1U);
  EXPECT_EQ(blobs_.Keys("transcripts/").size(), 1U);
  EXPECT_EQ(TextOf(id), kThreeWindows);
}

// P3, P5. The lease is lost between the blob and its row.
TEST_F(JobWorkerTest, BlobOfARefusedCommitIsRemoved) {
  std::atomic<bool> once = true;
  std::string first_key;
  blobs_.on_commit = [&](const std::string& key) {
    if (!once.exchange(false)) return;
    first_key = key;
    clock_.Advance(31'000);
    EXPECT_EQ(store_.Rescue({.base_ms = 0}, 10)->size(), 1U);
  };
  options_.poll_ms = 3'600'000;  // The keeper does not look in between.
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(EndsAs(id, "completed"));
  EXPECT_EQ(worker_->Snapshot().counters.discarded, 1);
  EXPECT_EQ(blobs_.Keys("transcripts/"),
            std::vector<std::string>{store_.Results(id)->at(0).blob_key});
  EXPECT_NE(store_.Results(id)->at(0).blob_key, first_key);
}

// The commit happened and its answer was lost: the blob that the row names must stay.
TEST_F(JobWorkerTest, LostAnswerOfTheCommitLosesNothing) {
  store_.lost_answers = 1;
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(EndsAs(id, "completed"));
  ASSERT_TRUE(Eventually([&] { return worker_->Snapshot().running.empty(); }));
  EXPECT_EQ(worker_->Snapshot().counters.succeeded, 1);
  EXPECT_EQ(TextOf(id), kThreeWindows);
}

TEST_F(JobWorkerTest, ResultThatCannotBeWrittenIsTriedAgain) {
  const Status full(StatusCode::kResourceExhausted, "the disk is full");
  blobs_.commit_failures = {full};
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(EndsAs(id, "completed"));
  EXPECT_EQ(Job(id).attempt, 2);
  // The second attempt went on from the first one's last checkpoint.
  EXPECT_EQ(engine_.starts(), (std::vector<int>{0, 3}));
}

TEST_F(JobWorkerTest, MissingModelFailsWithTheWayToGetIt) {
  StartWorker();
  const std::string id = Submit([](jobs::Job* job) { job->model = "medium"; });
  ASSERT_TRUE(EndsAs(id, "failed_launch_error"));
  EXPECT_EQ(Job(id).error_code, "MODEL_NOT_AVAILABLE");
  EXPECT_NE(Job(id).error_message.find("models pull medium"), std::string::npos);
  EXPECT_EQ(Job(id).attempt, 1);
}

TEST_F(JobWorkerTest, DamagedModelFailsOnlyItsJob) {
  Install("tiny");
  engine_.FailLoads("tiny", Status(StatusCode::kDataCorrupt, "model.bin: cut off"));
  StartWorker();
  const std::string bad = Submit([](jobs::Job* job) { job->model = "tiny"; });
  const std::string good = Submit();
  EXPECT_TRUE(EndsAs(bad, "failed_launch_error"));
  EXPECT_EQ(Job(bad).error_code, "MODEL_DAMAGED");
  EXPECT_TRUE(EndsAs(good, "completed"));
}

TEST_F(JobWorkerTest, BadOptionsFailAtOnce) {
  StartWorker();
  const std::string id = Submit([](jobs::Job* job) { job->options_json = R"({"beam_size":99})"; });
  ASSERT_TRUE(EndsAs(id, "failed_launch_error"));
  EXPECT_EQ(Job(id).error_code, "OPTIONS_NOT_VALID");
  EXPECT_NE(Job(id).error_message.find("beam_size"), std::string::npos);
}

TEST_F(JobWorkerTest, RecordingThatIsGoneOrUnreadableFailsForGood) {
  StartWorker();
  worker_->SetSlots(0);
  const std::string gone = Submit();
  ASSERT_TRUE(blobs_.Delete("media/owner/1").ok());
  const std::string damaged = Submit();
  const std::string header = testing::ShortWav().substr(0, 30);
  blobs_.Put("media/owner/2", header);
  worker_->SetSlots(2);
  ASSERT_TRUE(EndsAs(gone, "failed_launch_error"));
  EXPECT_EQ(Job(gone).error_code, "MEDIA_MISSING");
  ASSERT_TRUE(EndsAs(damaged, "failed_whisper_error"));
  EXPECT_EQ(Job(damaged).error_code, "AUDIO_NOT_READABLE");
  EXPECT_NE(Job(damaged).error_message.find("talk.wav"), std::string::npos);
  EXPECT_EQ(Job(damaged).attempt, 1);
}

TEST_F(JobWorkerTest, PassingFaultIsTriedAgainFromTheCheckpoint) {
  engine_.SetScript(
      {.failure = Status(StatusCode::kResourceExhausted, "no memory"), .failure_at = 2});
  options_.run.retry.base_ms = 1'000;
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(Eventually([&] { return Job(id).state == JobState::kRetryWait; }));
  engine_.SetScript({});
  clock_.Advance(10'000);
  worker_->JobAvailable();
  ASSERT_TRUE(EndsAs(id, "completed"));
  EXPECT_EQ(engine_.starts(), (std::vector<int>{0, 2}));
  EXPECT_EQ(TextOf(id), kThreeWindows);
}

TEST_F(JobWorkerTest, CrashOfTheDecoderIsTriedOnceMore) {
  const Status crash(StatusCode::kDataCorrupt, "the audio decoder crashed",
                     InternalDetail("transcriber-media ended by signal 11"));
  engine_.SetScript({.failure = crash});
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(EndsAs(id, "failed_whisper_error"));
  EXPECT_EQ(Job(id).error_code, "AUDIO_DECODER_CRASHED");
  EXPECT_EQ(Job(id).attempt, 2);
}

TEST_F(JobWorkerTest, TimeLimitStopsTheWorkAndTheNextJobRuns) {
  options_.run.timeout_ms = 30;
  engine_.SetScript({.hold_at = 1});
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(EndsAs(id, "failed_timeout"));
  EXPECT_EQ(Job(id).error_code, "TRANSCRIPTION_TIMEOUT");
  EXPECT_EQ(engine_.cancelled(), 1);
  EXPECT_EQ(Job(id).attempt, 1);
}

// A job that was handed back goes on with the time that it has left, not with the whole of it.
TEST_F(JobWorkerTest, TimeLimitCountsOverAllClaims) {
  options_.run.timeout_ms = 3'600'000;
  engine_.SetScript({.hold_at = 1});
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(engine_.WaitForHeld(1));
  worker_->Stop(std::chrono::milliseconds(0));
  // As if the first claim had worked for all but 20 ms.
  jobs::ClaimOptions by_hand;
  by_hand.worker_id = "by hand";
  const auto claim = store_.ClaimNext(by_hand);
  ASSERT_TRUE(claim.ok() && *claim);
  SavedRun saved = DecodeSavedRun((*claim)->checkpoint);
  EXPECT_FALSE(saved.engine.empty());
  EXPECT_LT(saved.worked_ms, 60'000);
  saved.worked_ms = 3'600'000 - 20;
  ASSERT_TRUE(store_.SaveCheckpoint((*claim)->lease, EncodeSavedRun(saved), {}).ok());
  ASSERT_TRUE(store_.Release((*claim)->lease).ok());
  engine_.SetScript({.hold_at = 2});
  StartWorker();
  ASSERT_TRUE(EndsAs(id, "failed_timeout"));
}

TEST_F(JobWorkerTest, SavedRunsKeepTimeAndStateAndTakeOlderOnes) {
  const SavedRun saved = DecodeSavedRun(EncodeSavedRun({1'234'567'890'123, "state"}));
  EXPECT_EQ(saved.worked_ms, 1'234'567'890'123);
  EXPECT_EQ(saved.engine, "state");
  EXPECT_EQ(DecodeSavedRun("older state").engine, "older state");
  EXPECT_EQ(DecodeSavedRun("WTRUN1\nshort").worked_ms, 0);
  EXPECT_EQ(DecodeSavedRun("WTRUN1\n" + std::string(8, '\xff')).worked_ms, INT64_MAX);
}

TEST_F(JobWorkerTest, UnusableCheckpointMeansFromTheBeginning) {
  engine_.SetScript({.hold_at = 2});
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(engine_.WaitForHeld(1));
  worker_->Stop(std::chrono::milliseconds(0));
  ASSERT_EQ(Job(id).state, JobState::kQueued);
  engine_.SetScript({.refuse_checkpoint = true});
  StartWorker();
  ASSERT_TRUE(EndsAs(id, "completed"));
  EXPECT_EQ(engine_.starts(), (std::vector<int>{0, 0}));
}

// JOB-34. The job is handed back with its checkpoint and without a charge; another worker goes on
// where it stopped.
TEST_F(JobWorkerTest, StopHandsBackAndAnotherWorkerGoesOn) {
  options_.run.checkpoint_every_ms = 3'600'000;  // Only the orderly end stores the last one.
  engine_.SetScript({.windows = 4, .hold_at = 3});
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(engine_.WaitForHeld(1));
  worker_->Stop(std::chrono::milliseconds(0));
  EXPECT_EQ(Job(id).state, JobState::kQueued);
  EXPECT_EQ(Job(id).attempt, 0);
  EXPECT_EQ(worker_->Snapshot().counters.released, 1);
  engine_.SetScript({.windows = 4});
  StartWorker();
  ASSERT_TRUE(EndsAs(id, "completed"));
  EXPECT_EQ(engine_.starts(), (std::vector<int>{0, 3}));
  EXPECT_EQ(TextOf(id), " Window 0. Window 1. Window 2. Window 3.");
}

TEST_F(JobWorkerTest, StopWithGraceWaitsForTheEndOfAWindow) {
  engine_.SetScript({.windows = 4, .hold_at = 2});
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(engine_.WaitForHeld(1));
  std::jthread stopper([&] { worker_->Stop(std::chrono::hours(1)); });
  ASSERT_TRUE(Eventually([&] { return worker_->Snapshot().stopping; }));
  engine_.Open();
  stopper.join();
  // It either ended (its speed was known) or stopped at a window's end; never in between.
  if (Job(id).state == JobState::kSucceeded) {
    EXPECT_EQ(TextOf(id), " Window 0. Window 1. Window 2. Window 3.");
  } else {
    EXPECT_EQ(Job(id).state, JobState::kQueued);
    EXPECT_GE(Job(id).progress.seconds_done, 90);
  }
}

TEST_F(JobWorkerTest, StoppedWorkerClaimsNothing) {
  StartWorker();
  worker_->Stop(std::chrono::milliseconds(0));
  const std::string id = Submit();
  worker_->JobAvailable();
  EXPECT_EQ(Job(id).state, JobState::kQueued);
  EXPECT_EQ(worker_->Snapshot().counters.claimed, 0);
}

TEST_F(JobWorkerTest, SlotsFollowTheSetting) {
  engine_.SetScript({.hold_at = 0});
  options_.slots = 1;
  StartWorker();
  std::vector<std::string> ids;
  for (int i = 0; i < 4; ++i) ids.push_back(Submit());
  ASSERT_TRUE(engine_.WaitForHeld(1));
  EXPECT_EQ(worker_->Snapshot().running.size(), 1U);
  worker_->SetSlots(3);
  ASSERT_TRUE(engine_.WaitForHeld(3));
  EXPECT_EQ(worker_->Snapshot().running.size(), 3U);
  engine_.Open();
  for (const std::string& id : ids) EXPECT_TRUE(EndsAs(id, "completed"));
}

TEST_F(JobWorkerTest, StoreThatWasAwayIsAskedAgain) {
  store_.failing_claims = 3;
  StartWorker();
  const std::string id = Submit();
  ASSERT_TRUE(EndsAs(id, "completed"));
  EXPECT_EQ(worker_->Snapshot().counters.store_errors, 3);
}

// Goal: decision 15. Method: one place; a long job holds it, another owner's job waits.
TEST_F(JobWorkerTest, LongJobGivesItsPlaceAtTheEndOfAWindow) {
  options_.slots = 2;
  options_.yield_check_ms = 1;
  options_.yield = {.quantum_ms = 0, .patience_ms = 0};
  engine_.SetScript({.windows = 3, .hold_at = 1});
  StartWorker();
  const std::string first = Submit();
  const std::string second = Submit();
  ASSERT_TRUE(engine_.WaitForHeld(2));
  const std::string other = Submit([](jobs::Job* job) { job->owner = "stranger"; });
  ASSERT_TRUE(Eventually([&] { return worker_->Snapshot().counters.yields == 1; }));
  EXPECT_EQ(Job(other).state, JobState::kQueued) << "not before the end of a window";
  engine_.Open();
  for (const std::string& id : {first, second, other}) {
    EXPECT_TRUE(EndsAs(id, "completed"));
    EXPECT_EQ(TextOf(id), kThreeWindows) << id;
    EXPECT_EQ(Job(id).attempt, 1);
  }
  EXPECT_GE(worker_->Snapshot().counters.released, 1);
}

TEST_F(JobWorkerTest, StartingAndStoppingNeverLosesAJob) {
  std::vector<std::string> ids;
  for (int round = 0; round < 50; ++round) {
    StartWorker();
    ids.push_back(Submit());
    worker_->Stop(std::chrono::milliseconds(round % 3));
  }
  StartWorker();
  for (const std::string& id : ids) {
    EXPECT_TRUE(EndsAs(id, "completed"));
    EXPECT_EQ(store_.Results(id)->size(), 1U);
  }
}

TEST_F(JobWorkerTest, ManyThreadsMayStopAndHint) {
  StartWorker();
  std::vector<std::jthread> threads;
  for (int i = 0; i < 10; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 50; ++round) {
        worker_->JobAvailable();
        worker_->CancelRequested("nobody");
        worker_->SetSlots(round % 4);
        (void)worker_->Snapshot();
      }
      worker_->Stop(std::chrono::milliseconds(0));
    });
  }
  threads.clear();
  EXPECT_TRUE(worker_->Snapshot().running.empty());
}

}  // namespace
}  // namespace wt::worker

// A worker over fakes: store, blobs, engine, models in a directory of their own. Test code only.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "media/wav_test_bytes.h"
#include "service/jobs/testing/model_job_store.h"
#include "service/transcripts/transcript_store.h"
#include "service/worker/jobs/job_worker.h"
#include "service/worker/models/model_registry.h"
#include "service/worker/testing/fake_blob_store.h"
#include "service/worker/testing/fake_engine.h"

namespace wt::worker::testing {

/// A clock that tests move while threads read it.
class AtomicClock final : public base::Clock {
 public:
  base::UnixMillis Now() const override { return 1'700'000'000'000 + offset_.load(); }
  base::BootMillis Boot() const override { return 1'000'000 + offset_.load(); }
  const std::string& boot_id() const override { return boot_id_; }
  void Advance(std::int64_t millis) { offset_ += millis; }

 private:
  std::atomic<std::int64_t> offset_ = 0;
  std::string boot_id_ = "boot-1";
};

/// A store that can lose answers and be away.
class FaultyJobStore final : public jobs::testing::ModelJobStore {
 public:
  using ModelJobStore::ModelJobStore;

  /// Succeed() commits and says that it did not, so many times.
  std::atomic<int> lost_answers = 0;
  /// Claims fail, so many times.
  std::atomic<int> failing_claims = 0;
  std::atomic<int> checkpoints = 0;

  Status Succeed(const jobs::Lease& lease, const jobs::NewResult& result) override {
    const Status status = ModelJobStore::Succeed(lease, result);
    if (lost_answers > 0 && lost_answers-- > 0) {
      return Status(StatusCode::kUnavailable, "the connection was lost");
    }
    return status;
  }
  Result<std::optional<jobs::Claim>> ClaimNext(const jobs::ClaimOptions& options) override {
    if (failing_claims > 0 && failing_claims-- > 0) {
      return Status(StatusCode::kUnavailable, "the store is away");
    }
    return ModelJobStore::ClaimNext(options);
  }
  Status SaveCheckpoint(const jobs::Lease& lease, const std::string& checkpoint,
                        const jobs::JobProgress& progress) override {
    ++checkpoints;
    return ModelJobStore::SaveCheckpoint(lease, checkpoint, progress);
  }
};

/// A second of silence as a 16 kHz WAV file: read without the media helper.
inline std::string ShortWav() {
  media::WavBytes wav;
  wav.Riff().Format(1, 1, 16'000, 16).Data(32'000);
  std::string bytes(reinterpret_cast<const char*>(wav.bytes().data()), wav.bytes().size());
  return bytes + std::string(32'000, '\0');
}

class WorkerFixture : public ::testing::Test, public jobs::JobHints {
 protected:
  WorkerFixture() {
    static std::atomic<int> counter = 0;
    directory_ = std::filesystem::temp_directory_path() /
                 ("worker-" + std::to_string(::getpid()) + "-" + std::to_string(counter++));
    Install("base");
    ModelRegistryOptions models;
    models.names.directories = {directory_.string()};
    models.metrics = metrics_.get();
    models_ = std::make_unique<ModelRegistry>(&engine_, models);
    options_.worker_id = "worker-1";
    options_.poll_ms = 5;
    options_.run.progress_every_ms = 0;
    options_.run.checkpoint_every_ms = 0;
    options_.run.store_retry_ms = 1;
    options_.run.media.helper_path = "/nonexistent/transcriber-media";
    options_.run.retry.base_ms = 0;
  }
  ~WorkerFixture() override {
    engine_.Open();
    worker_.reset();
    models_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(directory_, ignored);
  }

  void Install(const std::string& name) {
    std::filesystem::create_directories(directory_);
    std::ofstream(directory_ / (name + ".pt")) << "weights";
  }

  WorkerPorts Ports() {
    return {.jobs = &store_,
            .blobs = &blobs_,
            .engine = &engine_,
            .models = models_.get(),
            .clock = &clock_,
            .hints = this,
            .metrics = metrics_.get()};
  }
  void StartWorker() { worker_ = std::make_unique<JobWorker>(Ports(), options_); }

  std::string Submit(const std::function<void(jobs::Job*)>& change = {}) {
    const std::string number = std::to_string(++jobs_made_);
    jobs::NewJob job;
    job.job.id = "job-" + number;
    job.job.owner = "owner";
    job.job.media.id = "media-" + number;
    job.job.media.blob_key = "media/owner/" + number;
    job.job.media.filename = "talk.wav";
    job.job.model = "base";
    if (change) change(&job.job);
    job.job.media.owner = job.job.owner;
    blobs_.Put(job.job.media.blob_key, ShortWav());
    EXPECT_TRUE(store_.Create(job, {}).ok());
    if (worker_ != nullptr) worker_->JobAvailable();
    return job.job.id;
  }
  jobs::Job Job(const std::string& id) { return *store_.Get(id, ""); }
  std::string StatusOf(const std::string& id) { return std::string(StatusSlug(Job(id))); }

  /// Waits for a condition; false after a time that no healthy run needs.
  bool Eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    std::unique_lock lock(changed_mutex_);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      changed_.wait_for(lock, std::chrono::milliseconds(2));
    }
    return true;
  }
  bool EndsAs(const std::string& id, const std::string& status) {
    const bool ended = Eventually([&] { return IsTerminal(Job(id).state); });
    EXPECT_EQ(StatusOf(id), status) << Job(id).error_code << ": " << Job(id).error_message;
    return ended;
  }
  std::vector<std::string> EventTypes(const std::string& id) {
    std::vector<std::string> types;
    const Result<std::vector<jobs::JobEvent>> events = store_.Events(id, 0, 1000);
    for (const jobs::JobEvent& event : *events) types.push_back(event.type);
    return types;
  }
  std::string TextOf(const std::string& id) {
    transcripts::TranscriptStore transcripts(&store_, &blobs_);
    const auto stored = transcripts.Load(Job(id));
    return stored.ok() ? stored->transcript.text : stored.status().message();
  }

  // From the worker.
  void JobAvailable() override {}
  void CancelRequested(const std::string&) override {}
  void JobChanged(const std::string&) override { changed_.notify_all(); }

  AtomicClock clock_;
  FaultyJobStore store_{&clock_};
  FakeBlobStore blobs_;
  FakeEngine engine_;
  std::filesystem::path directory_;
  WorkerOptions options_;
  std::unique_ptr<observe::Metrics> metrics_ = observe::Metrics::Create({}, &clock_);
  std::unique_ptr<ModelRegistry> models_;
  std::unique_ptr<JobWorker> worker_;
  int jobs_made_ = 0;
  std::mutex changed_mutex_;
  std::condition_variable changed_;
};

}  // namespace wt::worker::testing

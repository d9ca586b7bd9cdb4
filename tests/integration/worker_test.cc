// Goal: a stored recording becomes the transcript that the command line writes, also when its
// worker died half-way. Real weights and recordings; skipped without.
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>

#include "service/worker/testing/worker_fixture.h"
#include "tests/support/clips.h"
#include "tests/support/reference.h"

namespace wt::worker {
namespace {

using testing_support::BaseModelPath;
using testing_support::EnvironmentOr;
using testing_support::ModelsDir;
using testing_support::SpeechSamples;

std::string WavOf(const std::vector<float>& samples) {
  media::WavBytes wav;
  wav.Riff().Format(1, 1, 16'000, 16).Data(static_cast<std::uint32_t>(samples.size() * 2));
  for (const float sample : samples) wav.Number(static_cast<std::int16_t>(sample * 32768.0F));
  return {reinterpret_cast<const char*>(wav.bytes().data()), wav.bytes().size()};
}

class RealWorkerTest : public ::testing::Test {
 protected:
  // An engine and a worker as a process has them.
  struct Process {
    std::unique_ptr<Engine> engine;
    std::unique_ptr<ModelRegistry> models;
    std::unique_ptr<JobWorker> worker;
  };

  void SetUp() override { WT_NEEDS(BaseModelPath()); }

  std::unique_ptr<Process> StartProcess(ComputeType type = ComputeType::kAuto) {
    auto process = std::make_unique<Process>();
    process->engine = *Engine::Create({.threads = 2});
    ModelRegistryOptions models;
    models.names.directories = {ModelsDir()};
    models.compute_type = type;
    process->models = std::make_unique<ModelRegistry>(process->engine.get(), models);
    WorkerOptions options;
    options.worker_id = "worker";
    options.poll_ms = 20;
    options.run.checkpoint_every_ms = 0;
    process->worker = std::make_unique<JobWorker>(WorkerPorts{.jobs = &store_,
                                                              .blobs = &blobs_,
                                                              .engine = process->engine.get(),
                                                              .models = process->models.get(),
                                                              .clock = &clock_},
                                                  options);
    return process;
  }

  void Submit(const std::string& id, const std::string& wav, const std::string& options_json) {
    jobs::NewJob job;
    job.job.id = id;
    job.job.owner = "owner";
    job.job.media.id = "media-" + id;
    job.job.media.blob_key = "media/owner/" + id;
    job.job.media.filename = id + ".wav";
    job.job.model = "base";
    job.job.options_json = options_json;
    blobs_.Put(job.job.media.blob_key, wav);
    ASSERT_TRUE(store_.Create(job, {}).ok());
  }

  bool Eventually(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(5);
    while (!condition()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    return true;
  }

  std::string JsonOf(const std::string& id) {
    EXPECT_TRUE(Eventually([&] { return jobs::IsTerminal(store_.Get(id, "")->state); }));
    const jobs::Job job = *store_.Get(id, "");
    EXPECT_EQ(StatusSlug(job), "completed") << job.error_code << ": " << job.error_message;
    const auto json = transcripts::TranscriptStore(&store_, &blobs_).LoadJson(job);
    return json.ok() ? *json : "";
  }

  testing::AtomicClock clock_;
  testing::FaultyJobStore store_{&clock_};
  testing::FakeBlobStore blobs_;
};

TEST_F(RealWorkerTest, JobGivesTheBytesOfTheCommandLine) {
  const auto clip = SpeechSamples("en/fleurs-en-000.flac");
  if (!clip) GTEST_SKIP() << "ffmpeg or the recordings are not there";
  const std::string program = EnvironmentOr("WT_BIN_DIR", "bin") + "/transcriber";
  WT_NEEDS(program);
  const std::string wav = WavOf(*clip);
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / ("job-" + std::to_string(::getpid()) + ".wav");
  std::ofstream(file, std::ios::binary) << wav;
  const std::string command = program + " transcribe --model-dir '" + ModelsDir() +
                              "' --model base --output-format json " + file.string();
  std::string printed;
  std::FILE* pipe = ::popen(command.c_str(), "r");
  ASSERT_NE(pipe, nullptr);
  char block[4096];
  for (std::size_t n = 0; (n = std::fread(block, 1, sizeof(block), pipe)) > 0;) {
    printed.append(block, n);
  }
  ASSERT_EQ(::pclose(pipe), 0);
  std::filesystem::remove(file);
  while (printed.ends_with('\n')) printed.pop_back();

  const auto process = StartProcess();
  Submit("whole", wav, "");
  EXPECT_EQ(JsonOf("whole"), printed);
  EXPECT_GT(store_.Results("whole")->at(0).words, 5);
}

// P3, P6. Method: the worker is stopped as a kill would (nothing is handed back) after its first
// checkpoint; its lease runs out; another engine goes on. Compared with a run that was left alone.
TEST_F(RealWorkerTest, KilledJobGoesOnFromItsCheckpointToTheSameBytes) {
  auto clip = SpeechSamples("gaps/gaps-dev-1.flac");
  if (!clip) GTEST_SKIP() << "ffmpeg or the recordings are not there";
  // Twice as long and in float32, so that the job is still at work when it is killed.
  const std::vector<float> once = *clip;
  clip->insert(clip->end(), once.begin(), once.end());
  const std::string wav = WavOf(*clip);
  const std::string options =
      R"({"beam_size":1,"temperature":[0],"word_timestamps":true,"batch_size":1})";
  auto first = StartProcess(ComputeType::kFloat32);
  Submit("alone", wav, options);
  const std::string expected = JsonOf("alone");
  ASSERT_FALSE(expected.empty());
  const int checkpoints = store_.checkpoints;
  // Windows that end at the same moment may share one.
  ASSERT_GE(checkpoints, 2) << "the recording must have several windows";

  Submit("killed", wav, options);
  ASSERT_TRUE(Eventually([&] { return store_.checkpoints > checkpoints; }));
  first->worker->SetSlots(0);
  clock_.Advance(31'000);
  ASSERT_EQ(store_.Rescue({.base_ms = 0}, 10)->size(), 1U);
  ASSERT_TRUE(Eventually([&] { return first->worker->Snapshot().counters.discarded == 1; }));
  first->worker.reset();
  first.reset();

  const int before_second = store_.checkpoints;
  const auto second = StartProcess(ComputeType::kFloat32);
  EXPECT_EQ(JsonOf("killed"), expected);
  EXPECT_EQ(store_.Get("killed", "")->attempt, 2);
  EXPECT_LT(store_.checkpoints - before_second, checkpoints) << "windows were not done twice";
}

}  // namespace
}  // namespace wt::worker

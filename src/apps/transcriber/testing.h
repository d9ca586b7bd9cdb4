// Stand-ins for tests of the commands: a console that keeps what was written, shelves and an engine
// that need no files, and a directory that goes away.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "apps/transcriber/console.h"
#include "apps/transcriber/services.h"

namespace wt::transcriber::testing {

class FakeConsole final : public Console {
 public:
  Status Print(std::string_view text) override {
    if (!print_status.ok()) return print_status;
    output += text;
    return Status();
  }
  void PrintError(std::string_view text) override { error += text; }
  bool error_is_terminal() const override { return terminal; }
  int columns() const override { return 80; }
  bool colours() const override { return false; }
  bool output_colours() const override { return false; }

  std::string output;
  std::string error;
  Status print_status;
  bool terminal = false;
};

/// A directory of this test's own, removed with everything in it.
class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string path = ::testing::TempDir() + "/transcriber.XXXXXX";
    path_ = ::mkdtemp(path.data()) != nullptr ? path : std::string();
  }
  ~TemporaryDirectory() {
    std::error_code error;
    if (!path_.empty()) std::filesystem::remove_all(path_, error);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  std::string Path(const std::string& name) const { return path_ + "/" + name; }
  std::string Make(const std::string& name, const std::string& text = "x") const {
    std::ofstream(Path(name), std::ios::binary) << text;
    return Path(name);
  }
  std::string Read(const std::string& name) const {
    std::ifstream file(Path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  }
  std::vector<std::string> Names() const {
    std::vector<std::string> names;
    for (const auto& entry : std::filesystem::directory_iterator(path_)) {
      names.push_back(entry.path().filename().string());
    }
    std::sort(names.begin(), names.end());
    return names;
  }

 private:
  std::string path_;
};

class FakeShelf final : public ModelShelf {
 public:
  FakeShelf(std::string directory, std::vector<FoundModel> models, std::string vad)
      : directory_(std::move(directory)), models_(std::move(models)), vad_(std::move(vad)) {}

  const std::string& directory() const override { return directory_; }
  std::vector<FoundModel> List() const override { return models_; }
  std::optional<FoundModel> Find(std::string_view name) const override {
    for (const FoundModel& model : models_) {
      if (model.name == name) return model;
    }
    return std::nullopt;
  }
  std::string VadPath() const override { return vad_; }
  std::string SpeakerDir() const override { return speaker_dir; }

  std::string speaker_dir;

 private:
  std::string directory_;
  std::vector<FoundModel> models_;
  std::string vad_;
};

/// Audio whose "samples" do not matter; the fake engine knows it by name.
class FakeAudio final : public AudioSource {
 public:
  explicit FakeAudio(std::string name) : name_(std::move(name)) {}
  const std::string& name() const { return name_; }
  Result<std::size_t> Read(std::span<float>) override { return std::size_t{0}; }
  Status Seek(SampleIndex) override { return Status(); }
  std::optional<SampleIndex> length() const override { return 16'000; }

 private:
  std::string name_;
};

class FakeModel final : public Model {
 public:
  const ModelInfo& info() const override { return info_; }
  ModelInfo info_;
};

/// A task that is over when it is submitted, or waits to be cancelled.
class FakeTask final : public Task {
 public:
  explicit FakeTask(std::optional<Result<Transcript>> result) : result_(std::move(result)) {}
  void Cancel() override {
    const std::lock_guard lock(mutex_);
    if (!result_) result_.emplace(Status(StatusCode::kCancelled, "cancelled"));
    changed_.notify_all();
  }
  Result<Transcript> Wait() override {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return result_.has_value(); });
    return *result_;
  }
  bool done() const override {
    const std::lock_guard lock(mutex_);
    return result_.has_value();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Result<Transcript>> result_;
};

/// Transcribes a file to its name: one segment. Names with "bad" fail, with "endless" wait.
class FakeEngine final : public Engine {
 public:
  struct Log {
    std::mutex mutex;
    EngineOptions engine_options;
    ModelOptions model_options;
    std::vector<TranscriptionRequest> requests;
    std::vector<std::optional<Checkpoint>> resumed;
    /// Told after the first window.
    std::optional<Checkpoint> checkpoint;
    std::atomic<int> loads{0};
    std::function<void()> on_submit;
    bool multilingual = true;
    Status load_status;
    /// The recording that was measured.
    std::string measured;
  };

  explicit FakeEngine(Log* log) : log_(log) {}

  Result<std::shared_ptr<const Model>> LoadModel(const ModelOptions& options) override {
    ++log_->loads;
    log_->model_options = options;
    if (!log_->load_status.ok()) return log_->load_status;
    auto model = std::make_shared<FakeModel>();
    model->info_.name = options.name;
    model->info_.multilingual = log_->multilingual;
    return std::shared_ptr<const Model>(std::move(model));
  }

  Result<std::shared_ptr<Task>> Submit(std::shared_ptr<const Model>,
                                       std::unique_ptr<AudioSource> audio,
                                       const TranscriptionRequest& request, Observer* observer,
                                       const SubmitOptions& submit) override {
    const std::string name = static_cast<FakeAudio&>(*audio).name();
    {
      const std::lock_guard lock(log_->mutex);
      log_->requests.push_back(request);
      log_->resumed.push_back(submit.resume_from);
    }
    if (log_->checkpoint) observer->OnCheckpoint(*log_->checkpoint);
    if (log_->on_submit) log_->on_submit();
    if (name.find("bad") != std::string::npos) {
      return std::shared_ptr<Task>(
          std::make_shared<FakeTask>(Status(StatusCode::kDataCorrupt, "the audio is damaged")));
    }
    if (name.find("endless") != std::string::npos) {
      return std::shared_ptr<Task>(std::make_shared<FakeTask>(std::nullopt));
    }
    Transcript transcript = TranscriptOf(name);
    observer->OnLanguage({"en", 0.98});
    if (!submit.resume_from) {
      for (const Segment& segment : transcript.segments) observer->OnSegment(segment);
    }
    // As the engine does: after the text was told of.
    if (request.diarization.enabled) transcript.segments.front().speaker = "S1";
    transcript.speakers_forced = request.diarization.num_speakers > 1;
    observer->OnProgress({16'000, 16'000});
    return std::shared_ptr<Task>(std::make_shared<FakeTask>(std::move(transcript)));
  }

  Result<std::vector<LanguageProbability>> DetectLanguage(std::shared_ptr<const Model>,
                                                          std::unique_ptr<AudioSource>,
                                                          const LanguageOptions&) override {
    return std::vector<LanguageProbability>{{"en", 1.0}};
  }
  std::string instruction_set() const override { return "generic"; }
  int threads() const override { return 1; }

  static Transcript TranscriptOf(const std::string& name) {
    Transcript transcript;
    transcript.text = " " + name;
    transcript.language = "en";
    transcript.duration_s = 1;
    transcript.vad = VadMethod::kNetwork;
    Segment segment;
    segment.end_s = 1;
    segment.text = transcript.text;
    transcript.segments.push_back(segment);
    return transcript;
  }

 private:
  Log* log_;
};

/// Services over the fakes, with the model "base" installed unless `no_models`.
struct FakeServices {
  FakeServices() {
    services.create_engine =
        [this](const EngineOptions& options) -> Result<std::unique_ptr<Engine>> {
      log.engine_options = options;
      if (!engine_status.ok()) return engine_status;
      return std::unique_ptr<Engine>(std::make_unique<FakeEngine>(&log));
    };
    services.open_audio = [](const AudioInput& input) -> Result<std::unique_ptr<AudioSource>> {
      const std::string name = std::filesystem::path(input.path).filename().string();
      if (name.find("text") != std::string::npos) {
        return Status(StatusCode::kUnsupported, "not a media file");
      }
      return std::unique_ptr<AudioSource>(std::make_unique<FakeAudio>(name));
    };
    services.benchmark = [this](const EngineOptions& options, const ModelOptions& model,
                                std::unique_ptr<AudioSource> recording) -> Result<BenchmarkReport> {
      log.engine_options = options;
      log.model_options = model;
      log.measured = static_cast<FakeAudio&>(*recording).name();
      if (!engine_status.ok()) return engine_status;
      BenchmarkReport report;
      report.model = model.name;
      report.threads = options.threads;
      report.compute_type = ComputeType::kInt8;
      report.encoder_seconds = 0.125;
      report.peaks.int8_ops = 2e12;
      report.steps = {{.rows = 5,
                       .windows = 1,
                       .seconds = 0.002,
                       .cpu_seconds = 0.004,
                       .bytes = 40'000'000,
                       .read_rate = 20e9}};
      report.recording = {.audio_seconds = 60, .seconds = 2, .cpu_seconds = 3};
      return report;
    };
    services.open_sample = [] {
      return Result<std::unique_ptr<AudioSource>>(std::make_unique<FakeAudio>("the sample"));
    };
    services.model_shelves = [this](const std::vector<std::string>& given) {
      directories = given;
      ModelShelves shelves;
      shelves.published_names = {"tiny", "base", "small"};
      if (no_models) return shelves;
      auto shelf = std::make_unique<FakeShelf>(
          "/models", std::vector<FoundModel>{{"base", "/models/base"}}, "/models/vad");
      shelf->speaker_dir = speaker_dir;
      shelves.shelves.push_back(std::move(shelf));
      return shelves;
    };
  }

  FakeEngine::Log log;
  Status engine_status;
  bool no_models = false;
  /// Empty: the model "speaker" is not installed.
  std::string speaker_dir;
  std::vector<std::string> directories;
  Services services;
};

}  // namespace wt::transcriber::testing

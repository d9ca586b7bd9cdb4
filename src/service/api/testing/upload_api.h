// The API over uploads in memory: stores, a probe that believes WAV files, a model directory with
// one model, and jobs as the model of a job store. One thread at a time.
#pragma once

#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "service/api/rest/job_submitter.h"
#include "service/api/testing/api_harness.h"
#include "service/api/uploads/upload_jobs.h"
#include "service/jobs/testing/model_job_store.h"
#include "service/uploads/testing/upload_world.h"
#include "service/worker/models/model_names.h"

namespace wt::api::testing {

class CountedHints : public jobs::JobHints {
 public:
  void JobAvailable() override { ++available; }
  void CancelRequested(const std::string&) override { ++cancels; }
  void JobChanged(const std::string&) override { ++changes; }
  std::atomic<int> available = 0;
  std::atomic<int> cancels = 0;
  std::atomic<int> changes = 0;
};

/// A directory in which a model named "base" is installed.
class ModelDirectory {
 public:
  ModelDirectory() {
    static std::atomic<int> counter = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("api-" + std::to_string(::getpid()) + "-" + std::to_string(counter++));
    std::filesystem::create_directories(path_);
    std::ofstream(path_ / "base.pt") << "weights";
  }
  ~ModelDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  ModelDirectory(const ModelDirectory&) = delete;
  ModelDirectory& operator=(const ModelDirectory&) = delete;
  std::string path() const { return path_.string(); }
  /// As after `models pull speaker`.
  void AddSpeakerModel() {
    std::filesystem::create_directories(path_ / "speaker");
    std::ofstream(path_ / "speaker" / "segmentation.safetensors") << "weights";
    std::ofstream(path_ / "speaker" / "campplus.safetensors") << "weights";
  }
  worker::ModelNamesOptions names() const {
    worker::ModelNamesOptions options;
    options.directories = {path()};
    options.default_model = "base";
    return options;
  }

 private:
  std::filesystem::path path_;
};

struct UploadApi {
  explicit UploadApi(uploads::SessionLimits limits = {}) : world(limits) {}

  SubmitParts MakeSubmitParts() {
    SubmitParts parts;
    parts.jobs = &jobs;
    parts.hints = &hints;
    parts.intake = world.intake.get();
    parts.clock = &api.clock;
    return parts;
  }
  std::vector<jobs::Job> Jobs(const std::string& owner = "u1") {
    jobs::JobFilter filter;
    filter.owner = owner;
    return jobs.List(filter)->jobs;
  }

  ModelDirectory models;
  worker::ModelNames names{models.names()};
  ApiHarness api;
  uploads::testing::UploadWorld world;
  jobs::testing::ModelJobStore jobs{&api.clock};
  CountedHints hints;
  JobSubmitter submitter{MakeSubmitParts()};
  UploadJobs upload_jobs{world.uploads.get(), &submitter};
};

/// A part of a form: a file when `filename` is given.
struct FormPart {
  std::string name;
  std::string content;
  std::string filename = {};
};

inline constexpr char kFormType[] = "multipart/form-data; boundary=xYzZY";

inline std::string MakeForm(const std::vector<FormPart>& parts) {
  std::string body;
  for (const FormPart& part : parts) {
    body += "--xYzZY\r\nContent-Disposition: form-data; name=\"" + part.name + "\"";
    if (!part.filename.empty()) body += "; filename=\"" + part.filename + "\"";
    body += "\r\n\r\n" + part.content + "\r\n";
  }
  return body + "--xYzZY--\r\n";
}

}  // namespace wt::api::testing

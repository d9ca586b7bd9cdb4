// The job stores that the conformance suite runs over, each fresh, on a clock that the test moves.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/jobs/job_store.h"
#include "service/jobs/testing/model_job_store.h"
#include "service/store/sqlite/jobs/sqlite_job_store.h"
#include "service/store/sqlite/testing/temporary_folder.h"

namespace wt::conformance {

class StoreUnderTest {
 public:
  virtual ~StoreUnderTest() = default;
  virtual jobs::JobStore& store() = 0;
  /// Damage that the store can see by itself.
  virtual Status Check() { return Status(); }
};

class SqliteUnderTest : public StoreUnderTest {
 public:
  SqliteUnderTest(const base::Clock* clock, store::DatabaseOptions options)
      : database_(Open(std::move(options), folder_)), store_(database_.get(), clock) {}
  jobs::JobStore& store() override { return store_; }
  store::Database& database() { return *database_; }
  Status Check() override { return database_->CheckIntegrity(); }

 private:
  static std::unique_ptr<store::Database> Open(store::DatabaseOptions options,
                                               const store::testing::TemporaryFolder& folder) {
    options.path = folder.File("jobs.db");
    return store::testing::OpenMigrated(std::move(options));
  }

  store::testing::TemporaryFolder folder_;
  std::unique_ptr<store::Database> database_;
  store::SqliteJobStore store_;
};

class ModelUnderTest : public StoreUnderTest {
 public:
  explicit ModelUnderTest(const base::Clock* clock) : store_(clock) {}
  jobs::JobStore& store() override { return store_; }

 private:
  jobs::testing::ModelJobStore store_;
};

/// A page cache of four pages spills in the middle of transactions; a single reader shows who
/// holds one too long.
inline store::DatabaseOptions TinyOptions() {
  store::DatabaseOptions options;
  options.page_cache_kib = 16;
  options.readers_max = 1;
  return options;
}

enum class Kind { kSqlite, kSqliteTinyCache, kModel };

inline std::unique_ptr<StoreUnderTest> MakeStore(Kind kind, const base::Clock* clock) {
  switch (kind) {
    case Kind::kSqlite: return std::make_unique<SqliteUnderTest>(clock, store::DatabaseOptions());
    case Kind::kSqliteTinyCache: return std::make_unique<SqliteUnderTest>(clock, TinyOptions());
    case Kind::kModel: return std::make_unique<ModelUnderTest>(clock);
  }
  return nullptr;
}

inline std::string KindName(const ::testing::TestParamInfo<Kind>& info) {
  const char* const names[] = {"Sqlite", "SqliteTinyCache", "Model"};
  return names[static_cast<int>(info.param)];
}

/// A job with every field that a client can choose.
inline jobs::NewJob MakeJob(const std::string& id, const std::string& owner = "ann") {
  jobs::NewJob job;
  job.job.id = id;
  job.job.owner = owner;
  job.job.media.id = "media-" + id;
  job.job.media.owner = owner;
  job.job.media.blob_key = "media/" + owner + "/" + id;
  job.job.media.sha256 = std::string(64, 'a');
  job.job.media.bytes = 1'000;
  job.job.media.filename = id + ".wav";
  job.job.media.container = "wav";
  job.job.media.duration_s = 60;
  job.job.media.sample_rate = 16'000;
  job.job.media.channels = 1;
  job.job.model = "base";
  job.job.language = "en";
  job.job.options_json = R"({"beam_size":5})";
  job.job.request_id = "request-" + id;
  return job;
}

inline jobs::NewResult MakeResult(const std::string& id) {
  jobs::NewResult result;
  result.id = id;
  result.blob_key = "results/" + id;
  result.sha256 = std::string(64, 'b');
  result.bytes = 500;
  result.detected_language = "en";
  result.duration_s = 60;
  result.speech_s = 40;
  result.words = 2;
  result.text = "Hello world " + id;
  result.metadata_json = "{}";
  return result;
}

}  // namespace wt::conformance

// Throughput of the job store on a real disk: commits decide it, so the folder comes from TMPDIR.
#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>

#include "base/check.h"
#include "platform/system_clock.h"
#include "service/store/sqlite/jobs/sqlite_job_store.h"
#include "service/store/sqlite/migrations.h"

namespace wt::store {
namespace {

jobs::NewJob MakeJob(std::int64_t number, const std::string& owner) {
  jobs::NewJob job;
  job.job.id = "job-" + std::to_string(number);
  job.job.owner = owner;
  job.job.media.id = "media-" + job.job.id;
  job.job.media.owner = owner;
  job.job.media.blob_key = "media/" + job.job.id;
  job.job.media.filename = "recording.wav";
  job.job.media.bytes = 1'000;
  job.job.media.duration_s = 60;
  job.job.model = "base";
  return job;
}

/// A store with `jobs` finished jobs of one owner, made once.
class Fixture {
 public:
  Fixture() {
    std::string pattern = std::filesystem::temp_directory_path() / "wt-bench-XXXXXX";
    WT_CHECK(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
    DatabaseOptions options;
    options.path = folder_ / "jobs.db";
    database_ = std::move(Database::Open(options)).value();
    WT_CHECK(MigrateUp(*database_, EmbeddedMigrations(), clock_).ok());
    store_ = std::make_unique<SqliteJobStore>(database_.get(), &clock_);
  }
  ~Fixture() {
    store_.reset();
    database_.reset();
    std::filesystem::remove_all(folder_);
  }
  void Create(const std::string& owner) {
    WT_CHECK(store_
                 ->Create(MakeJob(created_++, owner),
                          {.queue_depth_max = 1 << 30, .active_per_owner_max = 1 << 30})
                 .ok());
  }
  /// Many rows in few commits.
  void Fill(int count) {
    Transaction tx = std::move(database_->BeginWrite()).value();
    for (int i = 0; i < count; ++i) {
      const std::string id = "old-" + std::to_string(i);
      WT_CHECK(tx->Execute("INSERT INTO media (id, owner, blob_key, sha256, bytes, filename,"
                           " container, duration_s, has_video, created_at)"
                           " VALUES (?1, 'ann', ?1, '', 1, ?1, 'wav', 60, 0, ?2)",
                           {id, i})
                   .ok());
      WT_CHECK(tx->Execute("INSERT INTO jobs (id, owner, media_id, state, priority, claim_rank,"
                           " model, language, options_json, attempts_max, run_boot_id, run_boot_ms,"
                           " run_began_at, request_id, created_at, updated_at, run_at, finished_at)"
                           " VALUES (?1, 'ann', ?1, 'cancelled', 'normal', 0, 'base', '', '{}', 3,"
                           " '', 0, 0, '', ?2, ?2, ?2, ?2)",
                           {id, i})
                   .ok());
    }
    WT_CHECK(tx.Commit().ok());
  }
  SqliteJobStore& store() { return *store_; }

 private:
  platform::SystemClock clock_;
  std::filesystem::path folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<SqliteJobStore> store_;
  std::int64_t created_ = 0;
};

void BM_Create(benchmark::State& state) {
  Fixture fixture;
  for (auto _ : state) fixture.Create("ann");
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_Create)->UseRealTime();

void BM_ClaimAndSucceed(benchmark::State& state) {
  Fixture fixture;
  for (int i = 0; i < 1'000; ++i) fixture.Create("owner-" + std::to_string(i % 10));
  std::int64_t number = 0;
  for (auto _ : state) {
    std::optional<jobs::Claim> claim =
        std::move(fixture.store().ClaimNext({.worker_id = "w"})).value();
    if (!claim) {
      state.PauseTiming();
      for (int i = 0; i < 500; ++i) fixture.Create("owner-" + std::to_string(i % 10));
      state.ResumeTiming();
      continue;
    }
    jobs::NewResult result;
    result.id = "r" + std::to_string(number++);
    result.blob_key = result.id;
    result.text.assign(1'000, 'x');
    WT_CHECK(fixture.store().Succeed(claim->lease, result).ok());
  }
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(BM_ClaimAndSucceed)->UseRealTime();

void BM_ListPageOf50(benchmark::State& state) {
  Fixture fixture;
  fixture.Fill(static_cast<int>(state.range(0)));
  jobs::JobFilter filter;
  filter.owner = "ann";
  filter.limit = 50;
  for (auto _ : state) {
    Result<jobs::JobPage> page = fixture.store().List(filter);
    WT_CHECK(page.ok() && page.value().jobs.size() == 50);
  }
}
BENCHMARK(BM_ListPageOf50)->Arg(1'000)->Arg(100'000)->Unit(benchmark::kMicrosecond);

void BM_ListStatusPage(benchmark::State& state) {
  Fixture fixture;
  fixture.Fill(100'000);
  jobs::JobFilter filter;
  filter.owner = "ann";
  filter.statuses = {"cancelled", "failed"};
  filter.limit = 50;
  for (auto _ : state) {
    Result<jobs::JobPage> page = fixture.store().List(filter);
    WT_CHECK(page.ok() && page.value().jobs.size() == 50);
  }
}
BENCHMARK(BM_ListStatusPage)->Unit(benchmark::kMicrosecond);

void BM_GetJob(benchmark::State& state) {
  Fixture fixture;
  fixture.Create("ann");
  for (auto _ : state) WT_CHECK(fixture.store().Get("job-0", "ann").ok());
}
BENCHMARK(BM_GetJob)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace wt::store

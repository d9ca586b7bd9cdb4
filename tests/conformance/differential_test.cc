// Goal: SQLite and the model agree on everything, not only on the cases that somebody thought of.
// Method: the same random calls to both, on the same clock; after each the answers and the jobs
// must be equal. A failure prints the seed.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "base/status_macros.h"
#include "tests/conformance/job_stores.h"

namespace wt::conformance {
namespace {

/// Everything about a job that clients can see, as text.
std::string Describe(const jobs::Job& job) {
  const auto time = [](const std::optional<base::UnixMillis>& t) { return t.value_or(-1); };
  return fmt::format(
      "{} {} {} fail={} code={} dead={} prio={} lang={}/{} stage={} done={} total={} cancel={} "
      "attempt={} rescues={} run={} worker={} lease={} result={} created={} updated={} run_at={} "
      "started={} finished={}",
      job.id, job.owner, JobStateName(job.state), FailureKindName(job.failure), job.error_code,
      job.dead_letter, PriorityName(job.priority), job.language, job.detected_language,
      job.progress.stage, job.progress.seconds_done, job.progress.seconds_total,
      job.cancel_requested, job.attempt, job.rescues, job.run, job.lease_owner,
      time(job.lease_expires_at), job.result_ref, job.created_at, job.updated_at, job.run_at,
      time(job.started_at), time(job.finished_at));
}

/// The two stores and what was said to both.
class Pair {
 public:
  explicit Pair(std::uint64_t seed)
      : sqlite_(&clock_, TinyOptions()), model_(&clock_), random_(seed) {}

  void Step();
  std::string CompareAll();

 private:
  struct Leases {
    jobs::Lease sqlite;
    jobs::Lease model;
  };
  jobs::JobStore& a() { return sqlite_.store(); }
  jobs::JobStore& b() { return model_.store(); }
  bool Chance(double p) { return random_.Uniform() < p; }
  std::string AnyJob() {
    return jobs_ == 0 ? "none" : fmt::format("job-{:03}", random_.Below(jobs_));
  }
  Leases AnyLease() {
    if (leases_.empty()) return {};
    return leases_[random_.Below(leases_.size())];
  }
  template <typename T>
  bool Same(const char* what, const T& x, const T& y) {
    const auto code = [](const auto& r) { return base::ToStatus(r).code(); };
    EXPECT_EQ(StatusCodeName(code(x)), StatusCodeName(code(y)))
        << what << ": " << base::ToStatus(x).detail().ForLog();
    return code(x) == StatusCode::kOk && code(y) == StatusCode::kOk;
  }
  void SameIds(const char* what, Result<std::vector<std::string>> x,
               Result<std::vector<std::string>> y) {
    if (!Same(what, x, y)) return;
    std::ranges::sort(*x);
    std::ranges::sort(*y);
    EXPECT_EQ(*x, *y) << what;
  }
  void Create();
  void Claim();
  void Work();
  void End();
  void Control();
  void Maintain();

  base::ManualClock clock_;
  SqliteUnderTest sqlite_;
  ModelUnderTest model_;
  base::Random random_;
  std::uint64_t jobs_ = 0;
  int results_ = 0;
  std::vector<Leases> leases_;
  // The cap is the base, so that both wait equally long whatever their jitter.
  const jobs::RetryPolicy policy_{.base_ms = 2'000, .max_ms = 2'000};
};

void Pair::Create() {
  const std::string owner = fmt::format("owner-{}", random_.Below(3));
  jobs::NewJob job = MakeJob(fmt::format("job-{:03}", jobs_), owner);
  job.job.priority = static_cast<jobs::Priority>(random_.Below(4));
  job.job.attempts_max = 1 + static_cast<int>(random_.Below(5));
  if (Chance(0.3)) {
    job.idempotency_key = fmt::format("key-{}", random_.Below(4));
    job.request_digest = fmt::format("digest-{}", random_.Below(2));
  }
  const jobs::QueueLimits limits{.queue_depth_max = 12, .active_per_owner_max = 6};
  const Result<jobs::Created> x = a().Create(job, limits);
  const Result<jobs::Created> y = b().Create(job, limits);
  if (!Same("create", x, y)) return;
  EXPECT_EQ(x.value().replayed, y.value().replayed);
  if (!x.value().replayed) ++jobs_;
}

void Pair::Claim() {
  jobs::ClaimOptions options{.worker_id = fmt::format("worker-{}", random_.Below(3)),
                             .lease_ms = 5'000};
  if (Chance(0.3)) options.running_per_owner_max = 1 + static_cast<int>(random_.Below(2));
  if (Chance(0.2)) options.running_max = 1 + static_cast<int>(random_.Below(4));
  const Result<std::optional<jobs::Claim>> x = a().ClaimNext(options);
  const Result<std::optional<jobs::Claim>> y = b().ClaimNext(options);
  if (!Same("claim", x, y)) return;
  ASSERT_EQ(x.value().has_value(), y.value().has_value()) << "claim";
  if (!x.value()) return;
  EXPECT_EQ(Describe(x.value()->job), Describe(y.value()->job));
  EXPECT_EQ(x.value()->checkpoint, y.value()->checkpoint);
  leases_.push_back({.sqlite = x.value()->lease, .model = y.value()->lease});
}

void Pair::Work() {
  const Leases lease = AnyLease();
  const jobs::JobProgress progress{.stage = Chance(0.2) ? "enriching" : "transcribing",
                                   .seconds_done = static_cast<double>(random_.Below(60)),
                                   .seconds_total = 60};
  switch (random_.Below(4)) {
    case 0: {
      const Result<jobs::Heartbeat> x = a().Renew(lease.sqlite, 5'000);
      const Result<jobs::Heartbeat> y = b().Renew(lease.model, 5'000);
      if (Same("renew", x, y)) {
        EXPECT_EQ(x.value().cancel_requested, y.value().cancel_requested);
      }
      return;
    }
    case 1:
      Same("progress", a().SaveProgress(lease.sqlite, progress),
           b().SaveProgress(lease.model, progress));
      return;
    case 2: {
      const std::string data = fmt::format("checkpoint-{}", random_.Below(100));
      Same("checkpoint", a().SaveCheckpoint(lease.sqlite, data, progress),
           b().SaveCheckpoint(lease.model, data, progress));
      return;
    }
    default: {
      const std::vector<jobs::JobEvent> events(random_.Below(3),
                                               {.type = "log", .data_json = "{}"});
      Same("events", a().AppendEvents(lease.sqlite, events), b().AppendEvents(lease.model, events));
    }
  }
}

void Pair::End() {
  const Leases lease = AnyLease();
  switch (random_.Below(4)) {
    case 0: {
      const jobs::NewResult result = MakeResult(fmt::format("result-{}", results_++));
      Same("succeed", a().Succeed(lease.sqlite, result), b().Succeed(lease.model, result));
      return;
    }
    case 1: {
      const bool transient = Chance(0.7);
      Same("fail",
           a().Fail(lease.sqlite, jobs::FailureKind::kWhisper, "C", "M", transient, policy_),
           b().Fail(lease.model, jobs::FailureKind::kWhisper, "C", "M", transient, policy_));
      return;
    }
    case 2: Same("release", a().Release(lease.sqlite), b().Release(lease.model)); return;
    default: Same("cancelled", a().FinishCancelled(lease.sqlite), b().FinishCancelled(lease.model));
  }
}

void Pair::Control() {
  const std::string id = AnyJob();
  switch (random_.Below(3)) {
    case 0: Same("cancel", a().RequestCancel(id, ""), b().RequestCancel(id, "")); return;
    case 1: {
      const auto from =
          Chance(0.5) ? jobs::RestartFrom::kBeginning : jobs::RestartFrom::kCheckpoint;
      Same("restart", a().Restart(id, "", from), b().Restart(id, "", from));
      return;
    }
    default: SameIds("delete", a().Delete(id, ""), b().Delete(id, ""));
  }
}

void Pair::Maintain() {
  switch (random_.Below(4)) {
    case 0:
    case 1: SameIds("rescue", a().Rescue(policy_, 100), b().Rescue(policy_, 100)); return;
    case 2: {
      const std::string worker = fmt::format("worker-{}", random_.Below(3));
      SameIds("rescue worker", a().RescueWorker(worker, policy_, 100),
              b().RescueWorker(worker, policy_, 100));
      return;
    }
    default: SameIds("expire", a().Expire(60'000, 100), b().Expire(60'000, 100));
  }
}

void Pair::Step() {
  clock_.Advance(static_cast<std::int64_t>(random_.Below(1'500)));
  if (Chance(0.02))
    clock_.StepWall(static_cast<std::int64_t>(random_.Below(7'200'000)) - 3'600'000);
  const double choice = random_.Uniform();
  if (choice < 0.2) {
    Create();
  } else if (choice < 0.45) {
    Claim();
  } else if (choice < 0.65) {
    Work();
  } else if (choice < 0.82) {
    End();
  } else if (choice < 0.92) {
    Control();
  } else {
    Maintain();
  }
}

std::string Pair::CompareAll() {
  jobs::JobFilter filter;
  filter.limit = jobs::kListLimitMax;
  const Result<jobs::JobPage> x = a().List(filter);
  const Result<jobs::JobPage> y = b().List(filter);
  if (!x.ok() || !y.ok()) return "no list";
  if (x.value().total != y.value().total) return "total";
  if (x.value().jobs.size() != y.value().jobs.size()) return "number of jobs";
  for (std::size_t i = 0; i < x.value().jobs.size(); ++i) {
    const jobs::Job& left = x.value().jobs[i];
    const jobs::Job& right = y.value().jobs[i];
    if (Describe(left) != Describe(right)) return Describe(left) + "\n" + Describe(right);
    if (*a().QueuePosition(left.id) != *b().QueuePosition(left.id)) return "position " + left.id;
    const Result<std::vector<jobs::JobEvent>> events = a().Events(left.id, 0, 1'000);
    const Result<std::vector<jobs::JobEvent>> others = b().Events(left.id, 0, 1'000);
    if (events.value().size() != others.value().size()) return "events of " + left.id;
    for (std::size_t e = 0; e < events.value().size(); ++e) {
      if (events.value()[e].data_json != others.value()[e].data_json)
        return events.value()[e].data_json + " and " + others.value()[e].data_json;
    }
    if (a().Results(left.id).value().size() != b().Results(left.id).value().size()) {
      return "results of " + left.id;
    }
  }
  if (*a().Counts("") != *b().Counts("")) return "counts";
  if (*a().NextDueIn() != *b().NextDueIn()) return "next due";
  return "";
}

TEST(DifferentialTest, SqliteAndTheModelAgreeOnRandomHistories) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    SCOPED_TRACE(fmt::format("seed {}", seed));
    Pair pair(seed);
    for (int step = 0; step < 400; ++step) {
      pair.Step();
      // Looking at everything costs more than the steps do.
      if (step % 5 == 0) ASSERT_EQ(pair.CompareAll(), "") << "after step " << step;
      ASSERT_FALSE(::testing::Test::HasFailure()) << "at step " << step;
    }
  }
}

}  // namespace
}  // namespace wt::conformance

#include "tests/conformance/crash_worker.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <unistd.h>

#include <memory>

#include "base/random.h"
#include "platform/system_clock.h"
#include "tests/conformance/job_stores.h"

namespace wt::conformance {
namespace {

[[noreturn]] void Die() {
  ::kill(::getpid(), SIGKILL);
  for (;;) ::pause();
}

class Load {
 public:
  Load(const std::string& path, const std::string& acknowledged, std::uint64_t seed,
       CrashPoint point, int nth)
      : random_(seed), seed_(seed), point_(point), left_(nth) {
    store::DatabaseOptions options;
    options.path = path;
    Result<std::unique_ptr<store::Database>> opened = store::Database::Open(options);
    if (!opened.ok()) Fault("open", opened.status());
    database_ = std::move(opened).value();
    const Result<int> steps = store::MigrateUp(*database_, store::EmbeddedMigrations(), clock_);
    if (!steps.ok()) Fault("migrate", steps.status());
    store_ = std::make_unique<store::SqliteJobStore>(database_.get(), &clock_);
    log_ = ::open(acknowledged.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  }

  [[noreturn]] void Run() {
    // What a process does first after a crash: the leases of its predecessor are void.
    const Result<std::vector<std::string>> rescued = store_->RescueWorker("worker", kRetry, 1'000);
    if (!rescued.ok()) Fault("rescue", rescued.status());
    for (;;) {
      Create();
      if (random_.Below(3) == 0) Create();
      Work();
      if (random_.Below(8) == 0) HalfAWrite();
    }
  }

 private:
  static constexpr jobs::RetryPolicy kRetry{.base_ms = 1, .max_ms = 2};

  /// Exit status 3 tells the parent that this was no kill.
  [[noreturn]] static void Fault(const char* what, const Status& status) {
    fmt::print(stderr, "{}: {} {}\n", what, status.message(), status.detail().ForLog());
    ::_exit(3);
  }

  void Pass(CrashPoint point) {
    if (point == point_ && --left_ == 0) Die();
  }

  void Create() {
    const std::string id = fmt::format("job-{}-{}", seed_, created_++);
    jobs::NewJob job = MakeJob(id);
    job.idempotency_key = id;
    Pass(CrashPoint::kBeforeCreate);
    const Result<jobs::Created> made = store_->Create(job, {.queue_depth_max = 1'000'000});
    if (!made.ok()) Fault("create", made.status());
    Pass(CrashPoint::kAfterCreate);
    const std::string line = id + "\n";
    if (::write(log_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) ::_exit(4);
  }

  void Work() {
    Result<std::optional<jobs::Claim>> claim = store_->ClaimNext({.worker_id = "worker"});
    if (!claim.ok()) Fault("claim", claim.status());
    if (!claim.value()) return;
    Pass(CrashPoint::kAfterClaim);
    const jobs::Lease& lease = claim.value()->lease;
    const Status saved =
        store_->SaveCheckpoint(lease, std::string(2'000, 'c'), {.stage = "transcribing"});
    if (!saved.ok()) Fault("checkpoint", saved);
    Pass(CrashPoint::kAfterCheckpoint);
    jobs::NewResult result = MakeResult(lease.token);
    result.text.assign(5'000, 't');
    Pass(CrashPoint::kBeforeSucceed);
    const Status ended = store_->Succeed(lease, result);
    if (!ended.ok()) Fault("succeed", ended);
    Pass(CrashPoint::kAfterSucceed);
    if (random_.Below(4) != 0) return;
    const Result<jobs::Job> again =
        store_->Restart(lease.job_id, "", jobs::RestartFrom::kBeginning);
    if (!again.ok()) Fault("restart", again.status());
    Pass(CrashPoint::kAfterRestart);
  }

  void HalfAWrite() {
    Result<store::Transaction> tx = database_->BeginWrite();
    if (!tx.ok()) Fault("begin", tx.status());
    const Result<std::int64_t> changed = (*tx)->Execute("UPDATE jobs SET options_json = 'half'");
    if (!changed.ok()) Fault("update", changed.status());
    Pass(CrashPoint::kInsideTransaction);
  }

  platform::SystemClock clock_;
  base::Random random_;
  const std::uint64_t seed_;
  const CrashPoint point_;
  int left_;
  int created_ = 0;
  int log_ = -1;
  std::unique_ptr<store::Database> database_;
  std::unique_ptr<store::SqliteJobStore> store_;
};

}  // namespace

void RunUntilKilled(const std::string& database, const std::string& acknowledged,
                    std::uint64_t seed, CrashPoint point, int nth) {
  Load(database, acknowledged, seed, point, nth).Run();
}

}  // namespace wt::conformance

#include "tests/simulation/simulation.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "service/jobs/rules/transitions.h"

namespace wt::simulation {
namespace {

using jobs::LeaseState;

constexpr int kSafetySteps = 400;
constexpr int kUnitsMax = 8;
constexpr std::int64_t kPollMs = 1'000;
constexpr base::BootMillis kNever = INT64_MAX;
const jobs::RetryPolicy kRetry{.base_ms = 1'000, .max_ms = 20'000};

int Between(base::Random* random, int low, int high) {
  return low + static_cast<int>(random->Below(static_cast<std::uint64_t>(high - low + 1)));
}

/// Most seeds have some faults and lack others: what is rare together is then seen often.
double Rate(base::Random* random, double max) {
  return random->Uniform() < 0.4 ? 0 : random->Uniform() * max;
}

int UnitsOf(const jobs::Job& job) { return 1 + static_cast<int>(job.media.bytes % kUnitsMax); }
bool IsPoison(const jobs::Job& job) { return job.model == "poison"; }

}  // namespace

Parameters Draw(base::Random* random) {
  Parameters p;
  p.workers = Between(random, 1, 5);
  p.owners = Between(random, 1, 4);
  p.jobs = Between(random, 1, 12);
  p.attempts_max = Between(random, 1, 6);
  p.lease_ms = Between(random, 3, 60) * 1'000;
  p.unit_ms = Between(random, 100, 10'000);
  p.page = Between(random, 1, 8);
  p.per_owner_max = Between(random, 0, 3);
  p.crash = Rate(random, 0.1);
  p.pause = Rate(random, 0.1);
  p.lost_call = Rate(random, 0.2);
  p.lost_hint = Rate(random, 1.0);
  p.transient = Rate(random, 0.2);
  p.poison = Rate(random, 0.3);
  p.cancel = Rate(random, 0.05);
  p.restart = Rate(random, 0.05);
  p.wall_step = Rate(random, 0.05);
  return p;
}

/// Wakes idle workers, unless the hint is lost.
class Simulation::Hints : public jobs::JobHints {
 public:
  explicit Hints(Simulation* simulation) : simulation_(simulation) {}
  void JobAvailable() override {
    for (Worker& worker : simulation_->workers_) {
      const bool lost =
          simulation_->faults_ && simulation_->Chance(simulation_->parameters_.lost_hint);
      if (lost || !worker.waits_for_work) continue;
      worker.acts_at = std::min(worker.acts_at, simulation_->clock_.Boot());
    }
  }
  void CancelRequested(const std::string&) override {}
  void JobChanged(const std::string&) override {}

 private:
  Simulation* const simulation_;
};

Simulation::Simulation(std::uint64_t seed, jobs::testing::Mutant store_mutant,
                       WorkerMutant worker_mutant)
    : random_(seed),
      parameters_(Draw(&random_)),
      worker_mutant_(worker_mutant),
      store_(&clock_, &random_, seed, store_mutant),
      hints_(std::make_unique<Hints>(this)) {
  store_.lost_call = parameters_.lost_call;
  maintenance_ = std::make_unique<jobs::Maintenance>(
      &store_, &clock_, hints_.get(),
      jobs::MaintenanceOptions{.retry = kRetry,
                               .interval_ms = parameters_.lease_ms / 3,
                               .run_max_ms = 0,
                               .page = parameters_.page});
  for (int i = 0; i < parameters_.workers; ++i) {
    Worker worker;
    worker.number = i;
    worker.acts_at = clock_.Boot();
    workers_.push_back(std::move(worker));
  }
}

Simulation::~Simulation() = default;

void Simulation::ActClient() {
  client_acts_at_ = clock_.Boot() + static_cast<std::int64_t>(random_.Below(5'000));
  if (created_ == parameters_.jobs) return;
  jobs::NewJob job;
  job.job.id = fmt::format("job-{:02}", created_);
  job.job.owner = fmt::format("owner-{}", created_ % parameters_.owners);
  job.job.media.id = "media-" + job.job.id;
  job.job.media.owner = job.job.owner;
  job.job.media.bytes = static_cast<std::int64_t>(random_.Below(100));
  job.job.attempts_max = parameters_.attempts_max;
  job.job.model = Chance(parameters_.poison) ? "poison" : "base";
  // A reply that got lost makes the client ask again under the same key, as long as it takes.
  job.idempotency_key = job.job.id;
  const Result<jobs::Created> created = store_.Create(job, {});
  if (!created.ok()) return;
  ++created_;
  hints_->JobAvailable();
}

void Simulation::ActAdministrator() {
  if (created_ > 0 && Chance(parameters_.cancel)) {
    const std::string id =
        fmt::format("job-{:02}", random_.Below(static_cast<std::uint64_t>(created_)));
    static_cast<void>(store_.RequestCancel(id, "").ok());
  }
  if (created_ > 0 && Chance(parameters_.restart)) {
    const std::string id =
        fmt::format("job-{:02}", random_.Below(static_cast<std::uint64_t>(created_)));
    if (store_.Restart(id, "", jobs::RestartFrom::kCheckpoint).ok()) hints_->JobAvailable();
  }
  if (Chance(parameters_.wall_step)) {
    clock_.StepWall(static_cast<std::int64_t>(random_.Below(7'200'000)) - 3'600'000);
  }
}

void Simulation::Drop(Worker* worker) {
  worker->claim.reset();
  worker->keeper.reset();
  worker->waits_for_work = false;
  worker->acts_at = clock_.Boot();
}

void Simulation::LookForWork(Worker* worker) {
  const bool polls = worker_mutant_ != WorkerMutant::kNoPoll;
  worker->waits_for_work = true;
  worker->acts_at = polls ? clock_.Boot() + kPollMs : kNever;
  Result<std::optional<jobs::Claim>> claim =
      store_.ClaimNext({.worker_id = fmt::format("worker-{}-{}", worker->number, worker->starts),
                        .lease_ms = parameters_.lease_ms,
                        .running_per_owner_max = parameters_.per_owner_max});
  if (!claim.ok() || !claim.value()) return;
  worker->waits_for_work = false;
  worker->claim = std::move(claim).value();
  worker->keeper = std::make_unique<jobs::LeaseKeeper>(&store_, &clock_, worker->claim->lease,
                                                       parameters_.lease_ms);
  const std::string& checkpoint = worker->claim->checkpoint;
  worker->units_done = checkpoint.empty() ? 0 : std::stoi(checkpoint);
  worker->acts_at = clock_.Boot() + 1;
}

void Simulation::FinishJob(Worker* worker) {
  const jobs::Claim& claim = *worker->claim;
  if (IsPoison(claim.job)) {
    // Takes its worker down, every time and before any progress.
    ++worker->starts;
    return Drop(worker);
  }
  if (Chance(parameters_.transient)) {
    static_cast<void>(store_
                          .Fail(claim.lease, jobs::FailureKind::kWhisper, "FLAKY", "Flaky.",
                                /*transient=*/true, kRetry)
                          .ok());
    return Drop(worker);
  }
  if (faults_ && Chance(0.05)) {
    static_cast<void>(store_.Release(claim.lease).ok());
    return Drop(worker);
  }
  jobs::NewResult result;
  result.id = fmt::format("result-{}", results_++);
  const Status status = store_.Succeed(claim.lease, result);
  // An unknown outcome is asked again; the fence makes that harmless.
  if (status.code() == StatusCode::kUnavailable) {
    worker->acts_at = clock_.Boot() + 100;
    return;
  }
  Drop(worker);
}

void Simulation::Work(Worker* worker) {
  const jobs::Claim& claim = *worker->claim;
  const LeaseState state = worker->keeper->Tick();
  if (state == LeaseState::kLost) return Drop(worker);
  if (state == LeaseState::kCancelRequested) {
    if (store_.FinishCancelled(claim.lease).code() != StatusCode::kUnavailable) Drop(worker);
    return;
  }
  if (IsPoison(claim.job) || worker->units_done >= UnitsOf(claim.job)) return FinishJob(worker);
  ++worker->units_done;
  const Status saved = store_.SaveCheckpoint(claim.lease, std::to_string(worker->units_done),
                                             {.stage = "transcribing"});
  if (saved.code() == StatusCode::kAborted) return Drop(worker);
  worker->acts_at = clock_.Boot() + std::clamp<std::int64_t>(
                                        parameters_.unit_ms, 1,
                                        std::max<std::int64_t>(worker->keeper->NextTickIn(), 1));
}

void Simulation::ActWorker(Worker* worker) {
  if (faults_ && Chance(parameters_.crash)) {
    ++worker->starts;
    Drop(worker);
    worker->acts_at = clock_.Boot() + static_cast<std::int64_t>(random_.Below(20'000));
    return;
  }
  if (faults_ && Chance(parameters_.pause)) {
    // Stopped for up to three leases, with the job in its hands; then it goes on, and before it
    // looks at its lease it may finish what it was about to write.
    worker->acts_at = clock_.Boot() + static_cast<std::int64_t>(random_.Below(
                                          static_cast<std::uint64_t>(3 * parameters_.lease_ms)));
    if (worker->claim && Chance(0.5)) {
      clock_.Advance(worker->acts_at - clock_.Boot());
      static_cast<void>(maintenance_->Step().rescued);
      store_.CheckJobs();
      FinishJob(worker);
    }
    return;
  }
  if (worker->claim) return Work(worker);
  LookForWork(worker);
}

base::BootMillis Simulation::NextMoment() const {
  base::BootMillis next = clock_.Boot() + maintenance_->NextStepIn();
  for (const Worker& worker : workers_) next = std::min(next, worker.acts_at);
  if (created_ < parameters_.jobs) next = std::min(next, client_acts_at_);
  return next;
}

void Simulation::Step() {
  const std::int64_t wait = NextMoment() - clock_.Boot();
  if (wait > 0) clock_.Advance(wait);
  if (created_ < parameters_.jobs && client_acts_at_ <= clock_.Boot()) ActClient();
  if (faults_) ActAdministrator();
  for (Worker& worker : workers_) {
    if (worker.acts_at <= clock_.Boot()) ActWorker(&worker);
  }
  store_.CheckJobs();
  const bool due = maintenance_->NextStepIn() == 0;
  const jobs::MaintenanceReport report = maintenance_->Step();
  if (due && report.status.ok()) store_.CheckNoneForgotten();
  store_.CheckJobs();
}

bool Simulation::AllEnded() {
  jobs::JobFilter unfinished;
  unfinished.statuses = {"queued", "processing", "enriching"};
  const Result<jobs::JobPage> page = store_.List(unfinished);
  return page.value().total == 0 && created_ == parameters_.jobs;
}

std::string Simulation::Heal() {
  faults_ = false;
  store_.lost_call = 0;
  // Each attempt may be lost once more and wait for lease, housekeeping and retry; with one worker
  // all of them come one after the other.
  const std::int64_t attempt_ms = kUnitsMax * parameters_.unit_ms + 2 * parameters_.lease_ms +
                                  kRetry.max_ms + 3 * parameters_.lease_ms + 2 * kPollMs;
  const base::BootMillis deadline =
      clock_.Boot() + (parameters_.jobs + 1) * (parameters_.attempts_max + 1) * attempt_ms;
  while (!AllEnded() && store_.violation().empty()) {
    if (clock_.Boot() > deadline) return "jobs are left although all faults have ended";
    Step();
  }
  return store_.violation();
}

std::string Simulation::Run() {
  for (int step = 0; step < kSafetySteps && store_.violation().empty(); ++step) Step();
  if (!store_.violation().empty()) return store_.violation();
  return Heal();
}

}  // namespace wt::simulation

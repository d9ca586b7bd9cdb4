#include <fmt/format.h>

#include <utility>

#include "tests/simulation/simulation.h"

namespace wt::simulation {
namespace {

Status Gone() { return Status(StatusCode::kUnavailable, "The call was lost."); }

}  // namespace

ObservedStore::ObservedStore(const base::ManualClock* clock, base::Random* random,
                             std::uint64_t seed, jobs::testing::Mutant mutant)
    : ModelJobStore(clock, seed, mutant), clock_(clock), random_(random) {}

bool ObservedStore::Lost() { return random_->Uniform() < lost_call / 2; }

void ObservedStore::Violation(std::string text) {
  if (violation_.empty()) violation_ = std::move(text);
}

Result<jobs::Created> ObservedStore::Create(const jobs::NewJob& job,
                                            const jobs::QueueLimits& limits) {
  if (Lost()) return Gone();
  Result<jobs::Created> created = ModelJobStore::Create(job, limits);
  if (Lost()) return Gone();
  return created;
}

Result<std::optional<jobs::Claim>> ObservedStore::ClaimNext(const jobs::ClaimOptions& options) {
  if (Lost()) return Gone();
  Result<std::optional<jobs::Claim>> claim = ModelJobStore::ClaimNext(options);
  if (claim.ok() && claim.value()) {
    const jobs::Job& job = claim.value()->job;
    Holder& holder = holders_[job.id];
    if (!holder.token.empty() && clock_->Boot() <= holder.until) {
      Violation(fmt::format("{} was handed out while its holder's lease was good", job.id));
    }
    if (holder.run != job.run) holder = {};
    holder.run = job.run;
    holder.token = claim.value()->lease.token;
    holder.until = clock_->Boot() + options.lease_ms;
    ++holder.claims;
    if (holder.claims - holder.releases > job.attempts_max) {
      Violation(fmt::format("{} was tried {} times, allowed are {}", job.id,
                            holder.claims - holder.releases, job.attempts_max));
    }
  }
  if (Lost()) return Gone();
  return claim;
}

Result<jobs::Heartbeat> ObservedStore::Renew(const jobs::Lease& lease, std::int64_t lease_ms) {
  if (Lost()) return Gone();
  Result<jobs::Heartbeat> beat = ModelJobStore::Renew(lease, lease_ms);
  Holder& holder = holders_[lease.job_id];
  if (beat.ok()) {
    if (holder.token != lease.token) {
      Violation(fmt::format("{} was renewed by a former holder", lease.job_id));
    }
    holder.until = clock_->Boot() + lease_ms;
  }
  if (Lost()) return Gone();
  return beat;
}

Status ObservedStore::Succeed(const jobs::Lease& lease, const jobs::NewResult& result) {
  if (Lost()) return Gone();
  const Result<jobs::Job> before = Get(lease.job_id, "");
  Status status = ModelJobStore::Succeed(lease, result);
  if (status.ok()) {
    Holder& holder = holders_[lease.job_id];
    if (holder.token != lease.token || !before.ok() ||
        before.value().state != jobs::JobState::kRunning) {
      Violation(fmt::format("{} took a result from somebody who did not hold it", lease.job_id));
    }
    holder.token.clear();
  }
  if (Lost()) return Gone();
  return status;
}

Status ObservedStore::Release(const jobs::Lease& lease) {
  if (Lost()) return Gone();
  Status status = ModelJobStore::Release(lease);
  if (status.ok()) {
    Holder& holder = holders_[lease.job_id];
    holder.token.clear();
    ++holder.releases;
  }
  if (Lost()) return Gone();
  return status;
}

void ObservedStore::CheckJobs() {
  jobs::JobFilter all;
  all.limit = jobs::kListLimitMax;
  const Result<jobs::JobPage> page = List(all);
  for (const jobs::Job& job : page.value().jobs) {
    Seen& seen = seen_[job.id];
    if (seen.run == job.run && jobs::IsTerminal(seen.state) &&
        (seen.state != job.state || seen.result_ref != job.result_ref)) {
      Violation(fmt::format("{} left the state {} for {}", job.id, JobStateName(seen.state),
                            JobStateName(job.state)));
    }
    seen = {.run = job.run, .state = job.state, .result_ref = job.result_ref};
    if (job.state != jobs::JobState::kRunning) holders_[job.id].token.clear();
    const Result<std::vector<jobs::NewResult>> results = Results(job.id);
    std::set<int> runs;
    for (const jobs::NewResult& result : results.value()) {
      if (!runs.insert(result.run).second) {
        Violation(fmt::format("{} has two results of run {}", job.id, result.run));
      }
    }
    const bool has_result = runs.contains(job.run);
    if (has_result != (job.state == jobs::JobState::kSucceeded)) {
      Violation(fmt::format("{} is {} and its result is {}", job.id, JobStateName(job.state),
                            has_result ? "there" : "missing"));
    }
  }
}

void ObservedStore::CheckNoneForgotten() {
  jobs::JobFilter running;
  running.statuses = {"processing", "enriching"};
  running.limit = jobs::kListLimitMax;
  const Result<jobs::JobPage> page = List(running);
  for (const jobs::Job& job : page.value().jobs) {
    if (clock_->Boot() > holders_[job.id].until) {
      Violation(fmt::format("{} was left with a lease that ran out", job.id));
    }
  }
}

}  // namespace wt::simulation

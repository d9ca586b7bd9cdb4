// A JobStore for tests of the API: jobs and events in memory, changed by the test. Thread-safe.
#pragma once

#include <atomic>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "service/jobs/job_store.h"
#include "service/jobs/rules/details.h"

namespace wt::api::testing {

class FakeJobStore : public jobs::JobStore {
 public:
  void Put(const jobs::Job& job) {
    const std::lock_guard lock(mutex_);
    jobs_[job.id] = job;
  }
  void PutResult(const std::string& id, const jobs::NewResult& result) {
    const std::lock_guard lock(mutex_);
    results_[id].push_back(result);
  }
  void Append(const std::string& id, const std::string& type, const std::string& data) {
    const std::lock_guard lock(mutex_);
    auto& list = events_[id];
    list.push_back({static_cast<std::int64_t>(list.size()) + 1, type, data, 0});
  }
  jobs::JobFilter last_filter() const {
    const std::lock_guard lock(mutex_);
    return last_filter_;
  }
  std::vector<std::string> deleted;
  std::atomic<int> event_heads_asked = 0;
  std::atomic<int> events_asked = 0;

  Result<jobs::Job> Get(const std::string& id, const std::string& owner) override {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(id);
    if (found == jobs_.end() || (!owner.empty() && found->second.owner != owner)) {
      return Status(StatusCode::kNotFound, "no such job");
    }
    return found->second;
  }
  Result<jobs::JobPage> List(const jobs::JobFilter& filter) override {
    const std::lock_guard lock(mutex_);
    last_filter_ = filter;
    jobs::JobPage page;
    for (const auto& [id, job] : jobs_) {
      const bool wanted = filter.owner.empty() || job.owner == filter.owner;
      if (wanted && (!filter.dead_letter_only || job.dead_letter)) page.jobs.push_back(job);
    }
    page.total = static_cast<std::int64_t>(page.jobs.size());
    return page;
  }
  Result<std::vector<jobs::EventHead>> EventHeads(const std::vector<std::string>& ids) override {
    const std::lock_guard lock(mutex_);
    ++event_heads_asked;
    std::vector<jobs::EventHead> heads;
    for (const std::string& id : ids) {
      const auto job = jobs_.find(id);
      if (job == jobs_.end()) continue;
      heads.push_back(
          {id, static_cast<std::int64_t>(events_[id].size()), jobs::IsTerminal(job->second.state)});
    }
    return heads;
  }
  Result<std::vector<jobs::JobEvent>> Events(const std::string& id, std::int64_t after,
                                             int limit) override {
    const std::lock_guard lock(mutex_);
    ++events_asked;
    std::vector<jobs::JobEvent> found;
    for (const jobs::JobEvent& event : events_[id]) {
      if (event.seq > after && static_cast<int>(found.size()) < limit) found.push_back(event);
    }
    return found;
  }
  Result<std::vector<jobs::NewResult>> Results(const std::string& id) override {
    const std::lock_guard lock(mutex_);
    return results_[id];
  }
  Result<jobs::Job> RequestCancel(const std::string& id, const std::string& owner) override {
    Result<jobs::Job> job = Get(id, owner);
    if (!job.ok()) return job;
    if (jobs::IsTerminal(job->state))
      return Status(StatusCode::kFailedPrecondition, "it has ended");
    if (job->state == jobs::JobState::kQueued) job->state = jobs::JobState::kCancelled;
    job->cancel_requested = true;
    Put(*job);
    return job;
  }
  Result<jobs::Job> Restart(const std::string& id, const std::string& owner,
                            jobs::RestartFrom) override {
    Result<jobs::Job> job = Get(id, owner);
    if (!job.ok()) return job;
    if (!jobs::IsTerminal(job->state)) return Status(StatusCode::kFailedPrecondition, "it runs");
    job->state = jobs::JobState::kQueued;
    ++job->run;
    Put(*job);
    return job;
  }
  Result<std::vector<std::string>> Delete(const std::string& id,
                                          const std::string& owner) override {
    const Result<jobs::Job> job = Get(id, owner);
    if (!job.ok()) return job.status();
    if (job->state == jobs::JobState::kRunning) {
      return Status(StatusCode::kFailedPrecondition, "it runs");
    }
    const std::lock_guard lock(mutex_);
    jobs_.erase(id);
    deleted.push_back(id);
    return std::vector<std::string>{"media/" + job->owner + "/" + id};
  }
  Result<jobs::LibraryCounts> Library(const std::string& owner) override {
    const std::lock_guard lock(mutex_);
    jobs::LibraryCounts counts;
    for (const auto& [id, job] : jobs_) counts.starred += job.owner == owner && job.details.starred;
    return counts;
  }
  Result<jobs::Job> SetDetails(const std::string& id, const std::string& owner,
                               const jobs::DetailsPatch& patch) override {
    Result<jobs::Job> job = Get(id, owner);
    if (!job.ok()) return job;
    jobs::ApplyDetails(patch, &job->details);
    Put(*job);
    return job;
  }
  Result<std::vector<jobs::Job>> FirstWaiting(int) override { return Unused(); }
  Result<std::int64_t> QueuePosition(const std::string&) override { return std::int64_t{3}; }
  Result<std::vector<std::pair<std::string, std::int64_t>>> Counts(const std::string&) override {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::int64_t> counts;
    for (const auto& [id, job] : jobs_) ++counts[std::string(jobs::StatusSlug(job))];
    return std::vector<std::pair<std::string, std::int64_t>>(counts.begin(), counts.end());
  }

  // What the API never calls.
  Result<jobs::Created> Create(const jobs::NewJob&, const jobs::QueueLimits&) override {
    return Unused();
  }
  Result<std::optional<jobs::Claim>> ClaimNext(const jobs::ClaimOptions&) override {
    return Unused();
  }
  Result<jobs::Heartbeat> Renew(const jobs::Lease&, std::int64_t) override { return Unused(); }
  Status SaveProgress(const jobs::Lease&, const jobs::JobProgress&) override { return Unused(); }
  Status SaveCheckpoint(const jobs::Lease&, const std::string&, const jobs::JobProgress&) override {
    return Unused();
  }
  Status AppendEvents(const jobs::Lease&, const std::vector<jobs::JobEvent>&) override {
    return Unused();
  }
  Status Succeed(const jobs::Lease&, const jobs::NewResult&) override { return Unused(); }
  Status Fail(const jobs::Lease&, jobs::FailureKind, const std::string&, const std::string&, bool,
              const jobs::RetryPolicy&) override {
    return Unused();
  }
  Status FinishCancelled(const jobs::Lease&) override { return Unused(); }
  Status Release(const jobs::Lease&) override { return Unused(); }
  Result<std::vector<std::string>> Rescue(const jobs::RetryPolicy&, int) override {
    return Unused();
  }
  Result<std::vector<std::string>> RescueWorker(const std::string&, const jobs::RetryPolicy&,
                                                int) override {
    return Unused();
  }
  Result<std::vector<std::string>> Expire(std::int64_t, int) override { return Unused(); }
  Result<std::optional<std::int64_t>> NextDueIn() override { return Unused(); }

 private:
  static Status Unused() { return Status(StatusCode::kInternal, "not part of this fake"); }

  mutable std::mutex mutex_;
  std::map<std::string, jobs::Job> jobs_;
  std::map<std::string, std::vector<jobs::JobEvent>> events_;
  std::map<std::string, std::vector<jobs::NewResult>> results_;
  jobs::JobFilter last_filter_;
};

}  // namespace wt::api::testing

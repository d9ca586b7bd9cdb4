#include "service/worker/jobs/yield_policy.h"

#include <algorithm>
#include <map>

#include "service/jobs/rules/fairness.h"

namespace wt::worker {
namespace {

std::int64_t RankOf(const jobs::Job& job) { return jobs::ClaimRank(job.priority, job.run_at); }

/// Whether `w` may take the place of `r`, whose owner has `lead` running jobs more.
bool MayTake(const jobs::Job& w, const RunningJob& r, int lead, const YieldOptions& options) {
  const bool same_owner = r.job->owner == w.owner;
  if (r.running_ms < options.quantum_ms && (same_owner || lead < 2)) return false;
  if (!same_owner) return lead > 0;
  return w.priority > r.job->priority && RankOf(w) < RankOf(*r.job);
}

}  // namespace

std::optional<std::string> ChooseYield(std::span<const RunningJob> running,
                                       std::span<const jobs::Job> waiting, base::UnixMillis now,
                                       const YieldOptions& options) {
  std::map<std::string, int> running_of;
  for (const RunningJob& r : running) ++running_of[r.job->owner];
  const RunningJob* best = nullptr;
  const auto better = [&](const RunningJob& r) {
    if (best == nullptr) return true;
    const int a = running_of[r.job->owner];
    const int b = running_of[best->job->owner];
    if (a != b) return a > b;
    if (r.job->priority != best->job->priority) return r.job->priority < best->job->priority;
    if (r.running_ms != best->running_ms) return r.running_ms > best->running_ms;
    return r.job->id < best->job->id;
  };
  for (const jobs::Job& w : waiting) {
    if (w.held || w.run_at > now || now - w.run_at < options.patience_ms) continue;
    for (const RunningJob& r : running) {
      if (MayTake(w, r, running_of[r.job->owner] - running_of[w.owner], options) && better(r))
        best = &r;
    }
  }
  if (best == nullptr) return std::nullopt;
  return best->job->id;
}

}  // namespace wt::worker

#include "service/jobs/runner/maintenance.h"

#include <algorithm>

#include "base/status_macros.h"

namespace wt::jobs {

Maintenance::Maintenance(JobStore* store, const base::Clock* clock, JobHints* hints,
                         MaintenanceOptions options)
    : store_(store), clock_(clock), hints_(hints), options_(options), next_step_(clock->Boot()) {}

std::int64_t Maintenance::NextStepIn() const {
  return std::max<std::int64_t>(next_step_ - clock_->Boot(), 0);
}

void Maintenance::Tell(const std::vector<std::string>& ids) {
  if (hints_ == nullptr || ids.empty()) return;
  for (const std::string& id : ids) hints_->JobChanged(id);
  hints_->JobAvailable();
}

Status Maintenance::RescueAll(MaintenanceReport* report) {
  for (int page = 0; page < options_.pages_max; ++page) {
    WT_ASSIGN(const std::vector<std::string> ids, store_->Rescue(options_.retry, options_.page));
    report->rescued += static_cast<int>(ids.size());
    Tell(ids);
    if (static_cast<int>(ids.size()) < options_.page) break;
  }
  return Status();
}

Status Maintenance::ExpireAll(MaintenanceReport* report) {
  if (options_.run_max_ms <= 0) return Status();
  for (int page = 0; page < options_.pages_max; ++page) {
    WT_ASSIGN(const std::vector<std::string> ids,
              store_->Expire(options_.run_max_ms, options_.page));
    report->expired += static_cast<int>(ids.size());
    Tell(ids);
    if (static_cast<int>(ids.size()) < options_.page) break;
  }
  return Status();
}

MaintenanceReport Maintenance::Step() {
  MaintenanceReport report;
  if (NextStepIn() > 0) return report;
  next_step_ = clock_->Boot() + options_.interval_ms;
  report.status = RescueAll(&report);
  const Status expired = ExpireAll(&report);
  if (report.status.ok()) report.status = expired;
  return report;
}

}  // namespace wt::jobs

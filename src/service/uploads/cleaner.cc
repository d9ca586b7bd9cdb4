#include "service/uploads/cleaner.h"

#include <cstdlib>
#include <string>

#include "base/status_macros.h"

namespace wt::uploads {
namespace {

// Where the objects of parts are.
constexpr std::string_view kPartsArea = "chunks/";

}  // namespace

CleanerReport Cleaner::Step() {
  CleanerReport report;
  report.clock_jumped = ClockJumped();
  if (!report.clock_jumped) report.status = ExpireDue(&report);
  if (report.status.ok()) report.status = DropGarbage(&report);
  if (report.status.ok() && !report.clock_jumped) {
    const Result<int> purged =
        sessions_->Purge(clock_->Now() - options_.keep_ended_ms, options_.batch);
    report.status = purged.status();
    if (purged.ok()) report.purged = *purged;
  }
  if (report.status.ok()) report.status = RemoveOrphans(&report);
  return report;
}

bool Cleaner::ClockJumped() {
  const Times now{.wall = clock_->Now(), .boot = clock_->Boot()};
  if (last_) {
    const std::int64_t jump = (now.wall - last_->wall) - (now.boot - last_->boot);
    // last_ stays: the jump is remembered until it is confirmed or undone.
    if (std::llabs(jump) > options_.jump_max_ms) return true;
  }
  last_ = now;
  return false;
}

Status Cleaner::ExpireDue(CleanerReport* report) {
  const base::UnixMillis now = clock_->Now();
  WT_ASSIGN(const std::vector<Session> due,
            sessions_->Due(now, now - options_.assembling_grace_ms, options_.batch));
  for (const Session& session : due) {
    SessionChange change;
    change.id = session.id;
    change.from = {session.state};
    change.to = SessionState::kExpired;
    change.now = now;
    const Status changed = sessions_->Change(change).status();
    // Its owner was quicker.
    if (changed.code() == StatusCode::kFailedPrecondition) continue;
    WT_TRY(changed);
    ++report->expired;
  }
  return Status();
}

Status Cleaner::DropGarbage(CleanerReport* report) {
  WT_ASSIGN(const std::vector<Session> ended, sessions_->WithGarbage(options_.batch));
  Status first;
  for (const Session& session : ended) {
    // One that cannot be deleted must not keep the others waiting.
    const Status dropped = uploads_->DropBytes(session);
    if (dropped.ok()) ++report->dropped;
    if (first.ok()) first = dropped;
  }
  return first;
}

Status Cleaner::RemoveOrphans(CleanerReport* report) {
  // The lowest name before those of the area: listing begins there.
  std::string after = "chunks/-/-";
  while (true) {
    WT_ASSIGN(const std::vector<blob::BlobInfo> page, blobs_->List(after, options_.batch));
    for (const blob::BlobInfo& info : page) {
      after = info.key;
      if (!info.key.starts_with(kPartsArea)) return Status();
      if (info.created_at > clock_->Now() - options_.orphan_grace_ms) continue;
      WT_ASSIGN(const bool referenced, sessions_->IsReferenced(info.key));
      if (referenced) continue;
      WT_TRY(blobs_->Delete(info.key));
      ++report->orphans_removed;
    }
    if (page.empty()) return Status();
  }
}

}  // namespace wt::uploads

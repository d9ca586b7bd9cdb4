#include "service/host/orphan_sweep.h"

#include <vector>

#include "base/status_macros.h"
#include "platform/crash_point.h"

namespace wt::host {

Status OrphanSweep::Step(int limit) {
  if (finished_) return {};
  WT_ASSIGN(const std::vector<blob::BlobInfo> page, blobs_->List(after_, limit));
  for (const blob::BlobInfo& info : page) {
    WT_TRY(Look(info));
    after_ = info.key;
  }
  finished_ = page.empty();
  return {};
}

Status OrphanSweep::Look(const blob::BlobInfo& info) {
  const bool ours = info.key.starts_with("media/") || info.key.starts_with("transcripts/");
  // Without a hash it is damaged: kept for whoever repairs it.
  if (!ours || info.sha256.empty() || info.created_at >= before_) return {};
  WT_ASSIGN(const bool referenced, references_->IsReferenced(info.key));
  if (referenced) return {};
  platform::CrashPoint("orphan.before_delete");
  WT_TRY(blobs_->Delete(info.key));
  platform::CrashPoint("orphan.deleted");
  ++removed_;
  return {};
}

}  // namespace wt::host

#include "service/host/orphans.h"

#include "base/status_macros.h"

namespace wt::host {
namespace {

constexpr int kPage = 500;
// Names in the answer; the counts go on.
constexpr std::size_t kNamesMax = 1'000;

/// Waveforms are made again when they are missing, so nothing refers to them.
bool IsCache(const std::string& key) { return key.starts_with("peaks/"); }

Status CheckBlob(const OrphanParts& parts, const blob::BlobInfo& info, bool dry_run,
                 api::OrphanReport* report) {
  if (IsCache(info.key)) return {};
  if (parts.clock->Now() - info.created_at < parts.grace_ms) return {};
  WT_ASSIGN(const bool of_job, parts.references->IsReferenced(info.key));
  if (of_job) return {};
  WT_ASSIGN(const bool of_upload, parts.uploads->IsReferenced(info.key));
  if (of_upload) return {};
  report->bytes += info.bytes;
  if (report->orphan_blobs.size() < kNamesMax) report->orphan_blobs.push_back(info.key);
  if (dry_run) return {};
  WT_TRY(parts.blobs->Delete(info.key));
  ++report->removed;
  return {};
}

}  // namespace

Result<api::OrphanReport> FindOrphans(const OrphanParts& parts, bool dry_run) {
  api::OrphanReport report;
  std::string after;
  while (true) {
    WT_ASSIGN(const std::vector<blob::BlobInfo> page, parts.blobs->List(after, kPage));
    if (page.empty()) break;
    after = page.back().key;
    for (const blob::BlobInfo& info : page) WT_TRY(CheckBlob(parts, info, dry_run, &report));
  }
  after.clear();
  while (true) {
    WT_ASSIGN(const std::vector<std::string> page, parts.references->ReferencedBlobs(after, kPage));
    if (page.empty()) break;
    after = page.back();
    for (const std::string& key : page) {
      const auto opened = parts.blobs->Open(key);
      const bool missing = opened.status().code() == StatusCode::kNotFound;
      if (missing && report.missing_blobs.size() < kNamesMax) report.missing_blobs.push_back(key);
    }
  }
  return report;
}

}  // namespace wt::host

#include <algorithm>
#include <array>

#include "service/jobs/batch_store.h"

namespace wt::jobs {
namespace {

constexpr std::array<std::string_view, 6> kNames = {"pending", "processing", "completed",
                                                    "partial", "failed",     "cancelled"};

}  // namespace

std::string_view BatchStatusName(BatchStatus status) {
  return kNames[static_cast<std::size_t>(status)];
}

std::optional<BatchStatus> ParseBatchStatus(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<BatchStatus>(found - kNames.begin());
}

BatchStatus StatusOf(const Batch& batch) {
  const BatchCounts& counts = batch.counts;
  if (batch.cancelled_at) return BatchStatus::kCancelled;
  if (!batch.started_at) return BatchStatus::kPending;
  if (counts.waiting + counts.running > 0) return BatchStatus::kProcessing;
  const std::int64_t bad = counts.failed + counts.cancelled + counts.rejected;
  if (counts.succeeded > 0) return bad == 0 ? BatchStatus::kCompleted : BatchStatus::kPartial;
  const bool only_cancelled = counts.cancelled > 0 && counts.failed + counts.rejected == 0;
  return only_cancelled ? BatchStatus::kCancelled : BatchStatus::kFailed;
}

}  // namespace wt::jobs

#include "service/jobs/runner/lease_keeper.h"

#include <algorithm>
#include <utility>

namespace wt::jobs {
namespace {

// After a failed renewal: often enough to use a short pause of the trouble.
constexpr std::int64_t kRetriesPerBeat = 5;

}  // namespace

LeaseKeeper::LeaseKeeper(JobStore* store, const base::Clock* clock, Lease lease,
                         std::int64_t lease_ms)
    : store_(store),
      clock_(clock),
      lease_(std::move(lease)),
      lease_ms_(lease_ms),
      held_until_(clock->Boot() + lease_ms),
      next_beat_(clock->Boot() + lease_ms / 3) {}

std::int64_t LeaseKeeper::NextTickIn() const {
  return std::max<std::int64_t>(next_beat_ - clock_->Boot(), 0);
}

void LeaseKeeper::Renew() {
  // The store counts from its own now, which is later than this one: this side errs early.
  const base::BootMillis asked_at = clock_->Boot();
  const Result<Heartbeat> heartbeat = store_->Renew(lease_, lease_ms_);
  if (heartbeat.ok()) {
    held_until_ = asked_at + lease_ms_;
    next_beat_ = asked_at + lease_ms_ / 3;
    if (heartbeat.value().cancel_requested) state_ = LeaseState::kCancelRequested;
    return;
  }
  next_beat_ = clock_->Boot() + std::max<std::int64_t>(lease_ms_ / 3 / kRetriesPerBeat, 1);
  const StatusCode code = heartbeat.status().code();
  if (code == StatusCode::kAborted || code == StatusCode::kNotFound) state_ = LeaseState::kLost;
}

LeaseState LeaseKeeper::Tick() {
  if (state_ == LeaseState::kLost) return state_;
  if (NextTickIn() == 0) Renew();
  if (clock_->Boot() >= held_until_) state_ = LeaseState::kLost;
  return state_;
}

}  // namespace wt::jobs

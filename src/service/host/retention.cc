#include "service/host/retention.h"

#include <utility>

namespace wt::host {
namespace {

constexpr std::int64_t kEveryMs = 3'600'000;
// Summer time, wrong zones and a lost clock battery's repair stay below; a wrong year does not.
constexpr std::int64_t kJumpMaxMs = 48 * std::int64_t{3'600'000};

}  // namespace

Retention::Retention(const RetentionStores& stores, const RetentionPeriods& periods,
                     const base::Clock* clock)
    : stores_(stores),
      periods_(periods),
      clock_(clock),
      wall_at_start_(clock->Now()),
      boot_at_start_(clock->Boot()) {}

std::int64_t Retention::Jump() const {
  return (clock_->Now() - wall_at_start_) - (clock_->Boot() - boot_at_start_);
}

std::optional<RetentionReport> Retention::Step() {
  const base::BootMillis now = clock_->Boot();
  if (last_ && now - *last_ < kEveryMs) return std::nullopt;
  last_ = now;
  RetentionReport report;
  if (Jump() > kJumpMaxMs) {
    report.status =
        Status(StatusCode::kFailedPrecondition,
               "The clock was set ahead by more than 48 hours, so nothing is deleted by "
               "age. Set the clock right, or start the service again.");
    return report;
  }
  const auto before = [&](std::chrono::days age) {
    return clock_->Now() - std::chrono::milliseconds(age).count();
  };
  const auto take = [&report](Result<std::int64_t> swept, std::int64_t* count) {
    if (swept.ok()) {
      *count = *swept;
    } else if (report.status.ok()) {
      report.status = swept.status();
    }
  };
  take(stores_.sessions->SweepSessions(before(periods_.sessions)), &report.sessions);
  take(stores_.limits->SweepLimits(before(periods_.limits)), &report.limits);
  take(stores_.keys->SweepUses(before(periods_.key_uses), clock_->Now()), &report.key_uses);
  take(stores_.audit->Prune(before(periods_.audit)), &report.audit);
  return report;
}

}  // namespace wt::host

#include "service/jobs/rules/fairness.h"

#include <algorithm>
#include <tuple>

namespace wt::jobs {
namespace {

bool ServedBefore(const OwnerLoad& a, const OwnerLoad& b) {
  return std::tie(a.running, a.last_served, a.best_rank, a.owner) <
         std::tie(b.running, b.last_served, b.best_rank, b.owner);
}

}  // namespace

std::int64_t ClaimRank(Priority priority, UnixMillis queued_at) {
  return queued_at - static_cast<std::int64_t>(priority) * kPriorityStepMs;
}

std::vector<OwnerLoad> InOrderOfService(std::vector<OwnerLoad> owners, int running_max) {
  if (running_max > 0) {
    std::erase_if(owners, [&](const OwnerLoad& owner) { return owner.running >= running_max; });
  }
  std::ranges::sort(owners, ServedBefore);
  return owners;
}

std::int64_t PositionInQueue(std::span<const OwnerLoad> owners, const std::string& owner,
                             std::int64_t ahead) {
  const auto self = std::ranges::find(owners, owner, &OwnerLoad::owner);
  if (self == owners.end()) return ahead;
  // A claim adds a running job, so owners are served in rounds: an owner with r running jobs takes
  // part from round r on, and this job's turn is in round `round`.
  const std::int64_t round = self->running + ahead;
  std::int64_t position = ahead;
  for (const OwnerLoad& other : owners) {
    if (other.owner == owner) continue;
    // Within a round the order stays what it was in the first round that both take part in: by the
    // last service if both begin there, else the newcomer, who has waited longer, goes first.
    const bool first_in_round =
        other.running == self->running ? ServedBefore(other, *self) : other.running > self->running;
    const std::int64_t turns = round - other.running + (first_in_round ? 1 : 0);
    position += std::clamp<std::int64_t>(turns, 0, other.queued);
  }
  return position;
}

double EstimateWaitSeconds(double audio_ahead_s, double speed, int slots) {
  if (!(speed > 0) || slots <= 0) return 0;
  return audio_ahead_s / speed / slots;
}

}  // namespace wt::jobs

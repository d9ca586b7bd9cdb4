#include "service/uploads/quota.h"

#include <utility>

namespace wt::uploads {

QuotaLedger::Reservation::Reservation(Reservation&& other) noexcept
    : ledger_(std::exchange(other.ledger_, nullptr)),
      bytes_max_(other.bytes_max_),
      owner_(std::move(other.owner_)),
      bytes_(std::exchange(other.bytes_, 0)) {}

QuotaLedger::Reservation::~Reservation() {
  if (ledger_ == nullptr || bytes_ == 0) return;
  const std::lock_guard<std::mutex> lock(ledger_->mutex_);
  const auto found = ledger_->in_flight_.find(owner_);
  found->second -= bytes_;
  if (found->second == 0) ledger_->in_flight_.erase(found);
}

bool QuotaLedger::Reservation::Grow(std::int64_t bytes, std::int64_t stored) {
  if (bytes_max_ == 0 || bytes <= bytes_) return true;
  const std::lock_guard<std::mutex> lock(ledger_->mutex_);
  const auto found = ledger_->in_flight_.find(owner_);
  const std::int64_t others = (found == ledger_->in_flight_.end() ? 0 : found->second) - bytes_;
  // No sums of what comes from outside: `bytes` alone may be near the end of the type.
  if (stored > bytes_max_ || others > bytes_max_ - stored || bytes > bytes_max_ - stored - others) {
    return false;
  }
  ledger_->in_flight_[owner_] += bytes - bytes_;
  bytes_ = bytes;
  return true;
}

bool QuotaLedger::Reservation::Fits(std::int64_t stored) const {
  if (bytes_max_ == 0 || bytes_ == 0) return true;
  const std::lock_guard<std::mutex> lock(ledger_->mutex_);
  return ledger_->in_flight_.at(owner_) <= bytes_max_ - stored;
}

}  // namespace wt::uploads

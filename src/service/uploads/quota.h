// Bytes that each owner's uploads in flight will take, so that many at once cannot pass a quota
// that each alone would keep (reliability T15). Thread-safe.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>

namespace wt::uploads {

class QuotaLedger {
 public:
  /// `bytes_max` per owner; 0: no limit.
  explicit QuotaLedger(std::int64_t bytes_max) : bytes_max_(bytes_max) {}

  /// A part of the quota, given back with the object. Move-only; one thread.
  class Reservation {
   public:
    Reservation(QuotaLedger* ledger, std::string owner)
        : ledger_(ledger), owner_(std::move(owner)) {}
    ~Reservation();
    Reservation(Reservation&& other) noexcept;
    Reservation& operator=(Reservation&&) = delete;
    Reservation(const Reservation&) = delete;
    Reservation& operator=(const Reservation&) = delete;

    /// Grows to `bytes` (never shrinks); `stored` is what the owner has already. False, and
    /// nothing changes, when that would pass the quota.
    [[nodiscard]] bool Grow(std::int64_t bytes, std::int64_t stored);
    /// Whether it still fits when `stored` has changed meanwhile.
    [[nodiscard]] bool Fits(std::int64_t stored) const;

   private:
    QuotaLedger* ledger_;
    std::string owner_;
    std::int64_t bytes_ = 0;
  };

  std::int64_t bytes_max() const { return bytes_max_; }

 private:
  const std::int64_t bytes_max_;
  std::mutex mutex_;
  /// Guarded by mutex_; only owners with uploads in flight.
  std::map<std::string, std::int64_t> in_flight_;
};

}  // namespace wt::uploads

// Bytes that each owner's uploads in flight will take, so that many at once cannot pass a quota
// that each alone would keep (reliability T15). Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace wt::uploads {

class QuotaLedger {
 public:
  /// An owner's quota; 0: no limit. Called from any thread.
  using QuotaOf = std::function<std::int64_t(const std::string& owner)>;
  explicit QuotaLedger(QuotaOf quota_of) : quota_of_(std::move(quota_of)) {}
  /// The same for every owner.
  explicit QuotaLedger(std::int64_t bytes_max)
      : QuotaLedger([bytes_max](const std::string&) { return bytes_max; }) {}

  /// A part of the quota, given back with the object. Move-only; one thread.
  class Reservation {
   public:
    Reservation(QuotaLedger* ledger, std::string owner)
        : ledger_(ledger), bytes_max_(ledger->quota_of_(owner)), owner_(std::move(owner)) {}
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
    std::int64_t bytes_max_;  // Of the owner, when this began.
    std::string owner_;
    std::int64_t bytes_ = 0;
  };

 private:
  const QuotaOf quota_of_;
  std::mutex mutex_;
  /// Guarded by mutex_; only owners with uploads in flight.
  std::map<std::string, std::int64_t> in_flight_;
};

}  // namespace wt::uploads

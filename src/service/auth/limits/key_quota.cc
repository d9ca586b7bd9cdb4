#include "service/auth/limits/key_quota.h"

#include <algorithm>

#include "base/status_macros.h"

namespace wt::auth {
namespace {

constexpr std::int64_t kHourMs = 3'600'000;
constexpr std::int64_t kDayMs = 24 * kHourMs;
constexpr std::int64_t kMonthMs = 30 * kDayMs;
constexpr std::array<std::string_view, 3> kNames = {"hour", "day", "month"};
/// A reservation is this part of the smallest limit, and at most that many uses.
constexpr std::int64_t kReservationPart = 100;
constexpr std::int64_t kReservationMax = 100;
/// While a limit is used up, others' returns and changed limits are looked for this often.
constexpr std::int64_t kRefusedMs = 1'000;

std::array<std::string, 3> RecordIds(const std::string& key_id) {
  std::array<std::string, 3> ids;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    ids[i] = "quota:" + key_id + ":" + std::string(kNames[i]);
  }
  return ids;
}

bool SameMoment(const DurableTime& a, const DurableTime& b) {
  return a.wall == b.wall && a.boot == b.boot && a.boot_id == b.boot_id;
}

}  // namespace

KeyQuota::KeyQuota(LimitStore* store, const base::Clock* clock, std::size_t keys_max)
    : store_(store), clock_(clock), keys_max_(std::max<std::size_t>(keys_max, 1)) {}

std::shared_ptr<KeyQuota::Entry> KeyQuota::EnsureEntry(
    const std::string& key_id, std::vector<std::shared_ptr<Entry>>* dropped) {
  const std::lock_guard lock(mutex_);
  const auto it = index_.find(key_id);
  if (it != index_.end()) {
    order_.splice(order_.begin(), order_, it->second);
    return *it->second;
  }
  while (index_.size() >= keys_max_) {
    dropped->push_back(order_.back());
    index_.erase(order_.back()->key_id);
    order_.pop_back();
  }
  order_.push_front(std::make_shared<Entry>());
  order_.front()->key_id = key_id;
  index_[key_id] = order_.begin();
  return order_.front();
}

bool KeyQuota::Expired(const Entry& entry) const {
  return std::any_of(entry.windows.begin(), entry.windows.end(), [&](const Window& window) {
    return window.limit > 0 && Remaining(window.end, *clock_, window.period_ms) <= 0;
  });
}

QuotaDecision KeyQuota::Describe(const Entry& entry, bool allowed) const {
  std::size_t which = 0;
  for (std::size_t i = 0; i < kWindows && !allowed; ++i) {
    const Window& window = entry.windows[i];
    if (window.limit > 0 && window.used >= window.limit) which = i;
  }
  const Window& window = entry.windows[which];
  const std::int64_t left_ms = Remaining(window.end, *clock_, window.period_ms);
  QuotaDecision decision;
  decision.allowed = allowed;
  decision.hourly = which == 0;
  decision.limit = window.limit;
  decision.remaining = std::max<std::int64_t>(window.limit - window.used + entry.reserved, 0);
  decision.reset_s = std::max<std::int64_t>((left_ms + 999) / 1'000, 0);
  if (!allowed) {
    decision.remaining = 0;
    decision.retry_after_s = std::max<std::int64_t>(decision.reset_s, 1);
  }
  return decision;
}

Status KeyQuota::Reserve(Entry& entry, const ApiKey& key) {
  std::array<Window, kWindows> windows = {Window{kHourMs, key.hourly_limit, 0, {}},
                                          Window{kDayMs, key.daily_quota, 0, {}},
                                          Window{kMonthMs, key.monthly_quota, 0, {}}};
  std::int64_t granted = 0;
  WT_TRY(store_->UpdateLimits(RecordIds(key.id), [&](std::vector<LimitRecord>& records) {
    granted = kReservationMax;
    for (std::size_t i = 0; i < kWindows; ++i) {
      Window& window = windows[i];
      LimitRecord& record = records[i];
      Rebase(&record.until, *clock_, window.period_ms);
      const bool ended = Remaining(record.until, *clock_, window.period_ms) <= 0;
      // What an ended window had reserved went with it.
      if (!ended && SameMoment(record.until, entry.windows[i].end)) {
        record.count = std::max<std::int64_t>(record.count - entry.reserved, 0);
      }
      if (ended || record.until.boot_id.empty()) {
        record.count = 0;
        record.until = InFuture(*clock_, window.period_ms);
      }
      window.end = record.until;
      if (window.limit == 0) continue;
      granted = std::min(granted, std::max<std::int64_t>(window.limit / kReservationPart, 1));
      granted = std::min(granted, std::max<std::int64_t>(window.limit - record.count, 0));
    }
    for (std::size_t i = 0; i < kWindows; ++i) {
      records[i].count += granted;
      windows[i].used = records[i].count;
    }
  }));
  entry.windows = windows;
  entry.reserved = granted;
  entry.refused_until = granted > 0 ? 0 : clock_->Boot() + kRefusedMs;
  return {};
}

Status KeyQuota::GiveBack(Entry& entry) {
  const std::lock_guard lock(entry.mutex);
  if (entry.reserved == 0) return {};
  WT_TRY(store_->UpdateLimits(RecordIds(entry.key_id), [&](std::vector<LimitRecord>& records) {
    for (std::size_t i = 0; i < kWindows; ++i) {
      if (SameMoment(records[i].until, entry.windows[i].end)) {
        records[i].count = std::max<std::int64_t>(records[i].count - entry.reserved, 0);
      }
    }
  }));
  entry.reserved = 0;
  return {};
}

Result<QuotaDecision> KeyQuota::Take(const ApiKey& key) {
  std::vector<std::shared_ptr<Entry>> dropped;
  const std::shared_ptr<Entry> entry = EnsureEntry(key.id, &dropped);
  for (const auto& old : dropped) WT_TRY(GiveBack(*old));
  const std::lock_guard lock(entry->mutex);
  const bool changed = entry->windows[0].limit != key.hourly_limit ||
                       entry->windows[1].limit != key.daily_quota ||
                       entry->windows[2].limit != key.monthly_quota;
  if (!changed && clock_->Boot() < entry->refused_until) return Describe(*entry, false);
  if (changed || entry->reserved == 0 || Expired(*entry)) WT_TRY(Reserve(*entry, key));
  if (entry->reserved == 0) return Describe(*entry, false);
  --entry->reserved;
  return Describe(*entry, true);
}

Status KeyQuota::ReturnUnused() {
  std::vector<std::shared_ptr<Entry>> entries;
  {
    const std::lock_guard lock(mutex_);
    entries.assign(order_.begin(), order_.end());
  }
  for (const auto& entry : entries) WT_TRY(GiveBack(*entry));
  return {};
}

}  // namespace wt::auth

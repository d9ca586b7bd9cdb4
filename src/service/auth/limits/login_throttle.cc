#include "service/auth/limits/login_throttle.h"

#include <algorithm>
#include <array>

#include "base/status_macros.h"

namespace wt::auth {
namespace {

/// 30 s doubled 40 times is a thousand years: further doubling says nothing.
constexpr int kDoublingsMax = 40;

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

}  // namespace

LoginThrottle::LoginThrottle(const ThrottleOptions& options, LimitStore* store,
                             const base::Clock* clock)
    : options_(options),
      key_(HashKey::FromSecret(options.secret, "login throttle")),
      store_(store),
      clock_(clock) {}

std::string LoginThrottle::PairId(std::string_view account, std::string_view source) const {
  // The zero byte keeps "ab" + "c" apart from "a" + "bc".
  std::string text = Lower(account);
  text += '\0';
  text += source;
  return "throttle:pair:" + ToHex(KeyedHash(key_, text));
}

std::string LoginThrottle::SourceId(std::string_view source) const {
  return "throttle:source:" + ToHex(KeyedHash(key_, source));
}

std::int64_t LoginThrottle::LeftMs(const LimitRecord& record) const {
  return Remaining(record.until, *clock_, options_.delay_max_s * 1'000);
}

void LoginThrottle::Charge(LimitRecord& record, int attempts_max, ThrottleVerdict* verdict) const {
  if (LeftMs(record) < -options_.forget_s * 1'000) record.count = 0;
  ++record.count;
  std::int64_t delay_s = 0;
  if (record.count >= attempts_max) {
    const auto doublings =
        static_cast<int>(std::min<std::int64_t>(record.count - attempts_max, kDoublingsMax));
    delay_s = options_.delay_first_s;
    for (int i = 0; i < doublings && delay_s < options_.delay_max_s; ++i) delay_s *= 2;
    delay_s = std::min(delay_s, options_.delay_max_s);
    verdict->starts_delay = true;
  }
  record.until = InFuture(*clock_, delay_s * 1'000);
}

Result<ThrottleVerdict> LoginThrottle::Begin(std::string_view account, std::string_view source) {
  const std::array<std::string, 2> ids = {PairId(account, source), SourceId(source)};
  ThrottleVerdict verdict;
  WT_TRY(store_->UpdateLimits(ids, [&](std::vector<LimitRecord>& records) {
    std::int64_t left_ms = 0;
    for (LimitRecord& record : records) {
      Rebase(&record.until, *clock_, options_.delay_max_s * 1'000);
      if (record.count > 0) left_ms = std::max(left_ms, LeftMs(record));
    }
    if (left_ms > 0) {
      verdict.allowed = false;
      verdict.retry_after_s = (left_ms + 999) / 1'000;
      return;
    }
    Charge(records[0], options_.attempts_max, &verdict);
    Charge(records[1], options_.attempts_max * options_.source_factor, &verdict);
  }));
  return verdict;
}

Status LoginThrottle::Succeeded(std::string_view account, std::string_view source) {
  const std::array<std::string, 2> ids = {PairId(account, source), SourceId(source)};
  return store_->UpdateLimits(ids, [&](std::vector<LimitRecord>& records) {
    records[0].count = 0;
    records[1].count = std::max<std::int64_t>(records[1].count - 1, 0);
    for (LimitRecord& record : records) record.until = InFuture(*clock_, 0);
  });
}

Status LoginThrottle::ForgetAll() { return store_->DeleteLimits("throttle:"); }

}  // namespace wt::auth

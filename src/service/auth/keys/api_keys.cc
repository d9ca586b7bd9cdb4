#include "service/auth/keys/api_keys.h"

#include <algorithm>

#include "base/ids.h"
#include "base/status_macros.h"
#include "base/utf8.h"
#include "platform/system_clock.h"
#include "service/auth/access/cidr.h"
#include "service/auth/crypto/digest.h"

namespace wt::auth {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3'600'000;
/// "wt_" and 8 characters: 48 bits of 256, enough to tell keys apart.
constexpr std::size_t kShownBytes = 11;
constexpr int kUsesShownMax = 1'000;

Status Invalid(std::string message) {
  return Status(StatusCode::kInvalidArgument, std::move(message));
}

Status CheckText(const std::string& text, std::size_t characters_max, const char* what) {
  const bool clean = base::IsValidUtf8(text) && std::none_of(text.begin(), text.end(), [](char c) {
                       return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t';
                     });
  if (!clean || base::CountCodePoints(text) > characters_max) {
    return Invalid(std::string(what) + " must be text of at most " +
                   std::to_string(characters_max) + " characters.");
  }
  return {};
}

Status CheckRange(std::int64_t value, std::int64_t least, std::int64_t most, const char* what) {
  if (value >= least && value <= most) return {};
  return Invalid(std::string(what) + " must lie between " + std::to_string(least) + " and " +
                 std::to_string(most) + ".");
}

Status CheckKey(const ApiKey& key) {
  if (key.name.empty()) return Invalid("A key needs a name.");
  WT_TRY(CheckText(key.name, kKeyNameCharactersMax, "The name"));
  WT_TRY(CheckText(key.description, kKeyDescriptionBytesMax, "The description"));
  WT_TRY(CheckRange(key.hourly_limit, 1, kHourlyLimitMax, "The hourly limit"));
  WT_TRY(CheckRange(key.daily_quota, 0, kQuotaMax, "The daily quota"));
  WT_TRY(CheckRange(key.monthly_quota, 0, kQuotaMax, "The monthly quota"));
  return base::ToStatus(ParseCidrs(key.allowed_ips, kAllowedIpsMax));
}

std::string NewSecret() { return std::string(kKeyPrefix) + platform::NewToken(32); }

void SetSecret(const std::string& secret, ApiKey* key) {
  key->prefix = secret.substr(0, kShownBytes);
  key->secret_hash = HashToken(secret);
}

}  // namespace

bool LooksLikeKey(std::string_view text) {
  return text.size() == kKeySecretBytes && text.starts_with(kKeyPrefix);
}

ApiKeys::ApiKeys(KeyStore* store, PrincipalCache* cache, const base::Clock* clock, int per_user_max)
    : store_(store), cache_(cache), clock_(clock), per_user_max_(per_user_max) {}

Result<KeyWithSecret> ApiKeys::Create(const std::string& user_id, const NewKey& wanted,
                                      Granter granter) {
  KeyWithSecret made;
  ApiKey& key = made.key;
  key.id = platform::NewId(*clock_);
  key.user_id = user_id;
  key.name = wanted.name;
  key.description = wanted.description;
  key.allowed_ips = wanted.allowed_ips;
  key.hourly_limit = wanted.hourly_limit;
  key.daily_quota = wanted.daily_quota;
  key.monthly_quota = wanted.monthly_quota;
  key.created_at = clock_->Now();
  WT_TRY(CheckRange(wanted.expires_days, 1, kKeyDaysMax, "The days until a key expires"));
  key.expires_at = key.created_at + wanted.expires_days * kDayMs;
  WT_ASSIGN(key.scopes, CanonicalScopes(wanted.scopes, granter));
  WT_TRY(CheckKey(key));
  made.secret = NewSecret();
  SetSecret(made.secret, &key);
  WT_TRY(store_->CreateKey(key, per_user_max_));
  return made;
}

Result<ApiKey> ApiKeys::Get(const std::string& user_id, const std::string& id) {
  WT_ASSIGN(ApiKey key, store_->GetKey(id));
  if (!user_id.empty() && key.user_id != user_id) {
    return Status(StatusCode::kNotFound, "There is no such key.");
  }
  return key;
}

Status ApiKeys::Store(const ApiKey& key) {
  WT_TRY(store_->UpdateKey(key));
  cache_->Clear();
  return {};
}

Result<ApiKey> ApiKeys::Update(const std::string& user_id, const std::string& id,
                               const KeyChange& change, Granter granter) {
  WT_ASSIGN(ApiKey key, Get(user_id, id));
  if (key.status == KeyStatus::kRevoked) {
    return Status(StatusCode::kFailedPrecondition, "The key is revoked. Create another one.");
  }
  if (change.name) key.name = *change.name;
  if (change.description) key.description = *change.description;
  if (change.allowed_ips) key.allowed_ips = *change.allowed_ips;
  if (change.hourly_limit) key.hourly_limit = *change.hourly_limit;
  if (change.daily_quota) key.daily_quota = *change.daily_quota;
  if (change.monthly_quota) key.monthly_quota = *change.monthly_quota;
  if (change.scopes) {
    WT_ASSIGN(key.scopes, CanonicalScopes(*change.scopes, granter));
  }
  if (change.expires_days) {
    WT_TRY(CheckRange(*change.expires_days, 1, kKeyDaysMax, "The days until a key expires"));
    key.expires_at = clock_->Now() + *change.expires_days * kDayMs;
    if (key.status == KeyStatus::kExpired) key.status = KeyStatus::kActive;
  }
  WT_TRY(CheckKey(key));
  WT_TRY(Store(key));
  return key;
}

Status ApiKeys::Revoke(const std::string& user_id, const std::string& id) {
  WT_ASSIGN(ApiKey key, Get(user_id, id));
  if (key.status == KeyStatus::kRevoked) return {};
  key.status = KeyStatus::kRevoked;
  key.revoked_at = clock_->Now();
  return Store(key);
}

Result<KeyWithSecret> ApiKeys::Regenerate(const std::string& user_id, const std::string& id) {
  WT_ASSIGN(ApiKey key, Get(user_id, id));
  if (key.status != KeyStatus::kActive) {
    return Status(StatusCode::kFailedPrecondition, "The key is " +
                                                       std::string(KeyStatusName(key.status)) +
                                                       ". Only an active key gets a new secret.");
  }
  KeyWithSecret made;
  made.secret = NewSecret();
  SetSecret(made.secret, &key);
  WT_TRY(Store(key));
  made.key = std::move(key);
  return made;
}

Status ApiKeys::ChangeStatus(const std::string& id, KeyStatus from, KeyStatus to) {
  WT_ASSIGN(ApiKey key, store_->GetKey(id));
  if (key.status != from) {
    return Status(StatusCode::kFailedPrecondition,
                  "The key is " + std::string(KeyStatusName(key.status)) + ".");
  }
  key.status = to;
  return Store(key);
}

Status ApiKeys::Suspend(const std::string& id) {
  return ChangeStatus(id, KeyStatus::kActive, KeyStatus::kSuspended);
}

Status ApiKeys::Unsuspend(const std::string& id) {
  return ChangeStatus(id, KeyStatus::kSuspended, KeyStatus::kActive);
}

Result<KeySummary> ApiKeys::Summary(const std::string& user_id) {
  KeySummary summary;
  KeyFilter filter;
  filter.user_id = user_id;
  do {
    WT_ASSIGN(const KeyPage page, store_->ListKeys(filter));
    for (const ApiKey& key : page.keys) {
      ++summary.total;
      summary.requests_total += key.requests_total;
      summary.active += key.status == KeyStatus::kActive ? 1 : 0;
      summary.revoked += key.status == KeyStatus::kRevoked ? 1 : 0;
      summary.expired += key.status == KeyStatus::kExpired ? 1 : 0;
      summary.suspended += key.status == KeyStatus::kSuspended ? 1 : 0;
    }
    filter.offset += filter.limit;
    if (filter.offset >= page.total) break;
  } while (true);
  return summary;
}

Result<std::vector<KeyUseDay>> ApiKeys::UseByDay(const std::string& user_id, const std::string& id,
                                                 int days) {
  WT_TRY(Get(user_id, id));
  WT_TRY(CheckRange(days, 1, 365, "The number of days"));
  const std::string first = base::FormatTime(clock_->Now() - (days - 1) * kDayMs).substr(0, 10);
  return store_->UseByDay(id, first);
}

Result<std::vector<KeyUse>> ApiKeys::Uses(const std::string& user_id, const std::string& id,
                                          int limit) {
  WT_TRY(Get(user_id, id));
  return store_->ListUses(id, std::clamp(limit, 1, kUsesShownMax));
}

Result<std::int64_t> ApiKeys::ExpireDue() {
  WT_ASSIGN(const std::int64_t changed, store_->ExpireKeys(clock_->Now()));
  if (changed > 0) cache_->Clear();
  return changed;
}

}  // namespace wt::auth

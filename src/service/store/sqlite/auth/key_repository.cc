#include "service/store/sqlite/auth/key_repository.h"

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "service/store/sqlite/auth/auth_sql.h"

namespace wt::store {
namespace {

using auth::ApiKey;
using nlohmann::json;

constexpr std::int64_t kDayMs = 24LL * 3'600'000;
constexpr std::string_view kSelect =
    "SELECT id, user_id, name, description, prefix, secret_hash, scopes, allowed_ips, status,"
    " hourly_limit, daily_quota, monthly_quota, created_at, expires_at, last_used_at, revoked_at,"
    " requests_total FROM api_keys ";

std::string ToArray(const std::vector<std::string>& texts) { return base::JsonToText(json(texts)); }

std::vector<std::string> FromArray(const std::string& text) {
  std::vector<std::string> out;
  const json array = base::JsonFromText(text);
  if (!array.is_array()) return out;
  for (const json& item : array) {
    if (item.is_string()) out.push_back(item.get<std::string>());
  }
  return out;
}

ApiKey ReadKey(const Statement& row) {
  ApiKey key;
  key.id = row.Text(0);
  key.user_id = row.Text(1);
  key.name = row.Text(2);
  key.description = row.Text(3);
  key.prefix = row.Text(4);
  key.secret_hash = row.Text(5);
  key.scopes = FromArray(row.Text(6));
  key.allowed_ips = FromArray(row.Text(7));
  // The table's CHECK lets no other word in.
  key.status = auth::ParseKeyStatus(row.Text(8)).value_or(auth::KeyStatus::kRevoked);
  key.hourly_limit = row.Int(9);
  key.daily_quota = row.Int(10);
  key.monthly_quota = row.Int(11);
  key.created_at = row.Int(12);
  key.expires_at = row.Int(13);
  key.last_used_at = row.Int(14);
  key.revoked_at = row.Int(15);
  key.requests_total = row.Int(16);
  return key;
}

Result<ApiKey> SelectOne(Connection& connection, std::string_view where, const std::string& value) {
  WT_ASSIGN(Statement row, connection.Query(std::string(kSelect) + std::string(where), {value}));
  WT_ASSIGN(const bool found, row.Step());
  if (!found) return NoSuchEntry();
  return ReadKey(row);
}

Status NameTaken(const Status& status) {
  if (status.code() == StatusCode::kFailedPrecondition) return NoSuchEntry();
  if (status.code() != StatusCode::kAlreadyExists) return status;
  return Status(StatusCode::kAlreadyExists,
                "A key of this name is in use. Choose another name, or revoke that key.");
}

}  // namespace

Status SqliteKeyStore::CreateKey(const ApiKey& key, int per_user_max) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  {
    WT_ASSIGN(Statement row, tx->Query("SELECT count(*) FROM api_keys WHERE user_id = ?1"
                                       " AND status IN ('active', 'suspended')",
                                       {key.user_id}));
    WT_ASSIGN(const bool counted, row.Step());
    if (counted && row.Int(0) >= per_user_max) {
      return Status(StatusCode::kResourceExhausted,
                    "There are " + std::to_string(per_user_max) +
                        " keys already, as many as a user may have. Revoke one first.");
    }
  }
  const std::string scopes = ToArray(key.scopes);
  const std::string allowed_ips = ToArray(key.allowed_ips);
  const Result<std::int64_t> added = tx->Execute(
      "INSERT INTO api_keys (id, user_id, name, description, prefix, secret_hash, scopes,"
      " allowed_ips, status, hourly_limit, daily_quota, monthly_quota, created_at, expires_at)"
      " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
      {key.id, key.user_id, key.name, key.description, key.prefix, key.secret_hash, scopes,
       allowed_ips, auth::KeyStatusName(key.status), key.hourly_limit, key.daily_quota,
       key.monthly_quota, key.created_at, key.expires_at});
  if (!added.ok()) return NameTaken(added.status());
  return tx.Commit();
}

Result<ApiKey> SqliteKeyStore::GetKey(const std::string& id) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  return SelectOne(*tx, "WHERE id = ?1", id);
}

Result<ApiKey> SqliteKeyStore::FindKey(const std::string& secret_hash) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  return SelectOne(*tx, "WHERE secret_hash = ?1", secret_hash);
}

Result<auth::KeyPage> SqliteKeyStore::ListKeys(const auth::KeyFilter& filter) {
  const std::string where =
      "WHERE (?1 = '' OR user_id = ?1) AND (?2 = '' OR status = ?2)"
      " AND name LIKE ?3 ESCAPE '\\'";
  const std::string status(filter.status ? auth::KeyStatusName(*filter.status) : "");
  const std::string pattern = LikePattern(filter.search);
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  auth::KeyPage page;
  WT_ASSIGN(Statement count,
            tx->Query("SELECT count(*) FROM api_keys " + where, {filter.user_id, status, pattern}));
  WT_ASSIGN(const bool counted, count.Step());
  if (counted) page.total = count.Int(0);
  WT_ASSIGN(Statement rows,
            tx->Query(std::string(kSelect) + where +
                          " ORDER BY created_at DESC, id DESC LIMIT ?4 OFFSET ?5",
                      {filter.user_id, status, pattern, filter.limit, filter.offset}));
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return page;
    page.keys.push_back(ReadKey(rows));
  }
}

Status SqliteKeyStore::UpdateKey(const ApiKey& key) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  const std::string scopes = ToArray(key.scopes);
  const std::string allowed_ips = ToArray(key.allowed_ips);
  const Result<std::int64_t> changed = tx->Execute(
      "UPDATE api_keys SET name = ?2, description = ?3, prefix = ?4, secret_hash = ?5,"
      " scopes = ?6, allowed_ips = ?7, status = ?8, hourly_limit = ?9, daily_quota = ?10,"
      " monthly_quota = ?11, expires_at = ?12, revoked_at = ?13 WHERE id = ?1",
      {key.id, key.name, key.description, key.prefix, key.secret_hash, scopes, allowed_ips,
       auth::KeyStatusName(key.status), key.hourly_limit, key.daily_quota, key.monthly_quota,
       key.expires_at, key.revoked_at});
  if (!changed.ok()) return NameTaken(changed.status());
  if (*changed == 0) return NoSuchEntry();
  WT_TRY(BumpGeneration(*tx));
  return tx.Commit();
}

Result<std::int64_t> SqliteKeyStore::ExpireKeys(base::UnixMillis now) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const std::int64_t changed,
            tx->Execute("UPDATE api_keys SET status = 'expired'"
                        " WHERE status IN ('active', 'suspended') AND expires_at <= ?1",
                        {now}));
  if (changed == 0) return changed;
  WT_TRY(BumpGeneration(*tx));
  WT_TRY(tx.Commit());
  return changed;
}

Result<std::int64_t> SqliteKeyStore::DeleteEndedKeys(base::UnixMillis before) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const std::int64_t gone,
            tx->Execute("DELETE FROM api_keys WHERE (status = 'revoked' AND revoked_at < ?1)"
                        " OR (status = 'expired' AND expires_at < ?1)",
                        {before}));
  WT_TRY(tx.Commit());
  return gone;
}

Status SqliteKeyStore::AppendUses(const std::vector<auth::KeyUse>& uses) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  for (const auth::KeyUse& use : uses) {
    WT_ASSIGN(const std::int64_t known,
              tx->Execute("UPDATE api_keys SET requests_total = requests_total + 1,"
                          " last_used_at = max(last_used_at, ?2) WHERE id = ?1",
                          {use.key_id, use.at}));
    if (known == 0) continue;
    WT_TRY(tx->Execute(
        "INSERT INTO api_key_usage_logs (key_id, at, method, route, status, latency_ms, address,"
        " agent, bytes_in, bytes_out, limited)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        {use.key_id, use.at, use.method, use.route, use.status, use.latency_ms, use.address,
         use.agent, use.bytes_in, use.bytes_out, use.limited}));
    const std::string day = base::FormatTime(use.at).substr(0, 10);
    WT_TRY(tx->Execute(
        "INSERT INTO api_key_usage_days (key_id, day, requests, errors, limited, latency_ms_sum,"
        " bytes_in, bytes_out) VALUES (?1, ?2, 1, ?3, ?4, ?5, ?6, ?7)"
        " ON CONFLICT (key_id, day) DO UPDATE SET requests = requests + 1, errors = errors + ?3,"
        " limited = limited + ?4, latency_ms_sum = latency_ms_sum + ?5, bytes_in = bytes_in + ?6,"
        " bytes_out = bytes_out + ?7",
        {use.key_id, day, use.status >= 400, use.limited, use.latency_ms, use.bytes_in,
         use.bytes_out}));
  }
  return tx.Commit();
}

Result<std::vector<auth::KeyUse>> SqliteKeyStore::ListUses(const std::string& key_id, int limit) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows,
            tx->Query("SELECT key_id, at, method, route, status, latency_ms, address, agent,"
                      " bytes_in, bytes_out, limited FROM api_key_usage_logs WHERE key_id = ?1"
                      " ORDER BY id DESC LIMIT ?2",
                      {key_id, limit}));
  std::vector<auth::KeyUse> uses;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return uses;
    auth::KeyUse use;
    use.key_id = rows.Text(0);
    use.at = rows.Int(1);
    use.method = rows.Text(2);
    use.route = rows.Text(3);
    use.status = rows.SmallInt(4);
    use.latency_ms = rows.Int(5);
    use.address = rows.Text(6);
    use.agent = rows.Text(7);
    use.bytes_in = rows.Int(8);
    use.bytes_out = rows.Int(9);
    use.limited = rows.Bool(10);
    uses.push_back(std::move(use));
  }
}

Result<std::vector<auth::KeyUseDay>> SqliteKeyStore::UseByDay(const std::string& key_id,
                                                              const std::string& first_day) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows,
            tx->Query("SELECT day, requests, errors, limited, latency_ms_sum, bytes_in, bytes_out"
                      " FROM api_key_usage_days WHERE key_id = ?1 AND day >= ?2 ORDER BY day",
                      {key_id, first_day}));
  std::vector<auth::KeyUseDay> days;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return days;
    days.push_back({rows.Text(0), rows.Int(1), rows.Int(2), rows.Int(3), rows.Int(4), rows.Int(5),
                    rows.Int(6)});
  }
}

Result<std::int64_t> SqliteKeyStore::SweepUses(base::UnixMillis before, base::UnixMillis now) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(std::int64_t gone,
            tx->Execute("DELETE FROM api_key_usage_logs WHERE at < ?1", {before}));
  WT_ASSIGN(const std::int64_t beyond,
            tx->Execute("DELETE FROM api_key_usage_logs WHERE id <= coalesce((SELECT old.id FROM"
                        " api_key_usage_logs old WHERE old.key_id = api_key_usage_logs.key_id"
                        " ORDER BY old.id DESC LIMIT 1 OFFSET ?1), -1)",
                        {auth::kUsageRowsPerKeyMax}));
  gone += beyond;
  const std::string first = base::FormatTime(now - auth::kUsageDaysMax * kDayMs).substr(0, 10);
  WT_TRY(tx->Execute("DELETE FROM api_key_usage_days WHERE day < ?1", {first}));
  WT_TRY(tx.Commit());
  return gone;
}

}  // namespace wt::store

#include "service/auth/testing/memory_store.h"

#include <algorithm>
#include <tuple>

#include "base/ids.h"
#include "base/status_macros.h"

namespace wt::auth {
namespace {

std::string Lower(std::string_view text) {
  std::string out(text);
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

bool Contains(const std::string& text, const std::string& part) {
  return Lower(text).find(Lower(part)) != std::string::npos;
}

Status NotFound() { return Status(StatusCode::kNotFound, "There is no such entry."); }

Status LastAdmin() {
  return Status(StatusCode::kFailedPrecondition, "The last administrator cannot be removed.");
}

bool CanAdminister(const User& user) {
  return user.is_admin && user.is_active && !user.password_hash.empty();
}

bool InUse(const ApiKey& key) {
  return key.status == KeyStatus::kActive || key.status == KeyStatus::kSuspended;
}

std::string DayOf(base::UnixMillis at) { return base::FormatTime(at).substr(0, 10); }

template <typename T>
std::vector<T> Slice(std::vector<T> all, std::int64_t offset, int limit) {
  const auto size = static_cast<std::int64_t>(all.size());
  const std::int64_t from = std::min(offset, size);
  const std::int64_t to = std::min(from + limit, size);
  return {all.begin() + from, all.begin() + to};
}

}  // namespace

Status MemoryStore::Begin() {
  ++calls_;
  if (failing_) return Status(StatusCode::kUnavailable, "The database does not answer.");
  return {};
}

int MemoryStore::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

void MemoryStore::FailFromNow() {
  const std::lock_guard lock(mutex_);
  failing_ = true;
}

Status MemoryStore::CheckUnique(const User& user) const {
  for (const auto& [id, other] : users_) {
    if (id == user.id) continue;
    if (Lower(other.username) == Lower(user.username) ||
        (!user.email.empty() && Lower(other.email) == Lower(user.email))) {
      return Status(StatusCode::kAlreadyExists, "The user name or e-mail address is taken.");
    }
  }
  return {};
}

std::int64_t MemoryStore::AdminsBut(const std::string& id) const {
  return std::count_if(users_.begin(), users_.end(), [&](const auto& entry) {
    return entry.first != id && CanAdminister(entry.second);
  });
}

Status MemoryStore::CreateUser(const User& user, CreateWhen when) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  if (when == CreateWhen::kNoAdmin && AdminsBut("") > 0) {
    return Status(StatusCode::kFailedPrecondition, "There is an administrator already.");
  }
  WT_TRY(CheckUnique(user));
  users_[user.id] = user;
  return {};
}

Result<User> MemoryStore::GetUser(const std::string& id) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const auto it = users_.find(id);
  if (it == users_.end()) return NotFound();
  return it->second;
}

Result<User> MemoryStore::FindUser(const std::string& login) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  for (const auto& [id, user] : users_) {
    if (Lower(user.username) == Lower(login)) return user;
  }
  for (const auto& [id, user] : users_) {
    if (!user.email.empty() && Lower(user.email) == Lower(login)) return user;
  }
  return NotFound();
}

Result<UserPage> MemoryStore::ListUsers(const UserFilter& filter) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  std::vector<User> found;
  for (const auto& [id, user] : users_) {
    if (Contains(user.username, filter.search) || Contains(user.email, filter.search)) {
      found.push_back(user);
    }
  }
  std::sort(found.begin(), found.end(), [](const User& a, const User& b) {
    return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
  });
  const auto total = static_cast<std::int64_t>(found.size());
  return UserPage{Slice(std::move(found), filter.offset, filter.limit), total};
}

Status MemoryStore::UpdateUser(const User& user) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const auto it = users_.find(user.id);
  if (it == users_.end()) return NotFound();
  if (CanAdminister(it->second) && !CanAdminister(user) && AdminsBut(user.id) == 0) {
    return LastAdmin();
  }
  WT_TRY(CheckUnique(user));
  const User before = it->second;
  it->second = user;
  it->second.created_at = before.created_at;
  it->second.last_login_at = before.last_login_at;
  ++generation_;
  return {};
}

Status MemoryStore::SetLastLogin(const std::string& id, base::UnixMillis at) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const auto it = users_.find(id);
  if (it == users_.end()) return NotFound();
  it->second.last_login_at = at;
  return {};
}

Status MemoryStore::DeleteUser(const std::string& id) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const auto it = users_.find(id);
  if (it == users_.end()) return NotFound();
  if (CanAdminister(it->second) && AdminsBut(id) == 0) return LastAdmin();
  users_.erase(it);
  std::erase_if(keys_, [&](const auto& entry) { return entry.second.user_id == id; });
  std::erase_if(sessions_, [&](const auto& entry) { return entry.second.user_id == id; });
  std::erase_if(refresh_,
                [&](const auto& entry) { return !sessions_.contains(entry.second.session_id); });
  std::erase_if(documents_, [&](const auto& entry) { return entry.first.starts_with(id + "/"); });
  std::erase_if(uses_, [&](const KeyUse& use) { return !keys_.contains(use.key_id); });
  ++generation_;
  return {};
}

Result<std::int64_t> MemoryStore::CountAdmins() {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  return AdminsBut("");
}

Result<std::string> MemoryStore::GetDocument(const std::string& user_id, const std::string& name) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const auto it = documents_.find(user_id + "/" + name);
  return it == documents_.end() ? std::string() : it->second;
}

Status MemoryStore::PutDocument(const std::string& user_id, const std::string& name,
                                const std::string& json, base::UnixMillis) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  if (!users_.contains(user_id)) return NotFound();
  documents_[user_id + "/" + name] = json;
  return {};
}

Status MemoryStore::CreateSession(const Session& session, const std::string& refresh_hash,
                                  int per_user_max) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  if (!users_.contains(session.user_id)) return NotFound();
  std::vector<Session*> open;
  for (auto& [id, other] : sessions_) {
    if (other.user_id == session.user_id && other.ended_at == 0) open.push_back(&other);
  }
  std::sort(open.begin(), open.end(),
            [](const Session* a, const Session* b) { return a->created_at < b->created_at; });
  for (std::size_t i = 0; i + static_cast<std::size_t>(per_user_max) < open.size() + 1; ++i) {
    open[i]->ended_at = session.created_at;
    open[i]->end_reason = "replaced";
    ++generation_;
  }
  sessions_[session.id] = session;
  refresh_[refresh_hash] = {refresh_hash, session.id, false};
  return {};
}

Result<Session> MemoryStore::GetSession(const std::string& id) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const auto it = sessions_.find(id);
  if (it == sessions_.end()) return NotFound();
  return it->second;
}

Result<RefreshToken> MemoryStore::FindRefresh(const std::string& hash) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const auto it = refresh_.find(hash);
  if (it == refresh_.end()) return NotFound();
  return it->second;
}

Status MemoryStore::RenewSession(const SessionRenewal& renewal) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const auto token = refresh_.find(renewal.old_hash);
  if (token == refresh_.end() || token->second.used) {
    return Status(StatusCode::kAborted, "The refresh token was used.");
  }
  Session& session = sessions_[token->second.session_id];
  if (session.ended_at != 0) return Status(StatusCode::kAborted, "The session has ended.");
  token->second.used = true;
  refresh_[renewal.new_hash] = {renewal.new_hash, session.id, false};
  session.expires = renewal.expires;
  session.access_expires = renewal.access_expires;
  session.last_seen_at = renewal.now;
  return {};
}

Status MemoryStore::TouchSession(const std::string& id, base::UnixMillis now) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const auto it = sessions_.find(id);
  if (it == sessions_.end()) return NotFound();
  it->second.last_seen_at = now;
  return {};
}

Status MemoryStore::EndSession(const std::string& id, const std::string& reason,
                               base::UnixMillis now) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const auto it = sessions_.find(id);
  if (it == sessions_.end()) return NotFound();
  if (it->second.ended_at == 0) {
    it->second.ended_at = now;
    it->second.end_reason = reason;
    ++generation_;
  }
  return {};
}

Status MemoryStore::EndSessionsOf(const std::string& user_id, const std::string& except_id,
                                  const std::string& reason, base::UnixMillis now) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  for (auto& [id, session] : sessions_) {
    if (session.user_id != user_id || id == except_id || session.ended_at != 0) continue;
    session.ended_at = now;
    session.end_reason = reason;
  }
  ++generation_;
  return {};
}

Result<std::vector<Session>> MemoryStore::ListSessions(const std::string& user_id) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  std::vector<Session> found;
  for (const auto& [id, session] : sessions_) {
    if (session.user_id == user_id && session.ended_at == 0) found.push_back(session);
  }
  std::sort(found.begin(), found.end(), [](const Session& a, const Session& b) {
    return std::tie(a.created_at, a.id) > std::tie(b.created_at, b.id);
  });
  return found;
}

Result<std::int64_t> MemoryStore::SweepSessions(base::UnixMillis before) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const std::size_t gone = std::erase_if(sessions_, [&](const auto& entry) {
    const Session& session = entry.second;
    return (session.ended_at != 0 && session.ended_at < before) || session.expires.wall < before;
  });
  std::erase_if(refresh_,
                [&](const auto& entry) { return !sessions_.contains(entry.second.session_id); });
  std::erase_if(tickets_, [&](const auto& entry) { return entry.second.expires.wall < before; });
  return static_cast<std::int64_t>(gone);
}

Status MemoryStore::PutTicket(const Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  tickets_[ticket.hash] = ticket;
  return {};
}

Result<Ticket> MemoryStore::TakeTicket(const std::string& hash) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const auto node = tickets_.extract(hash);
  if (node.empty()) return NotFound();
  return node.mapped();
}

Result<std::int64_t> MemoryStore::Generation() {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  return generation_;
}

Status MemoryStore::CheckKeyName(const ApiKey& key) const {
  for (const auto& [id, other] : keys_) {
    if (id != key.id && other.user_id == key.user_id && InUse(other) && InUse(key) &&
        Lower(other.name) == Lower(key.name)) {
      return Status(StatusCode::kAlreadyExists, "A key of this name is in use.");
    }
  }
  return {};
}

Status MemoryStore::CreateKey(const ApiKey& key, int per_user_max) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  if (!users_.contains(key.user_id)) return NotFound();
  const auto count = std::count_if(keys_.begin(), keys_.end(), [&](const auto& entry) {
    return entry.second.user_id == key.user_id && InUse(entry.second);
  });
  if (count >= per_user_max) {
    return Status(StatusCode::kResourceExhausted, "There are as many keys as a user may have.");
  }
  WT_TRY(CheckKeyName(key));
  keys_[key.id] = key;
  return {};
}

Result<ApiKey> MemoryStore::GetKey(const std::string& id) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const auto it = keys_.find(id);
  if (it == keys_.end()) return NotFound();
  return it->second;
}

Result<ApiKey> MemoryStore::FindKey(const std::string& secret_hash) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  for (const auto& [id, key] : keys_) {
    if (key.secret_hash == secret_hash) return key;
  }
  return NotFound();
}

Result<KeyPage> MemoryStore::ListKeys(const KeyFilter& filter) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  std::vector<ApiKey> found;
  for (const auto& [id, key] : keys_) {
    if (!filter.user_id.empty() && key.user_id != filter.user_id) continue;
    if (filter.status && key.status != *filter.status) continue;
    if (Contains(key.name, filter.search)) found.push_back(key);
  }
  std::sort(found.begin(), found.end(), [](const ApiKey& a, const ApiKey& b) {
    return std::tie(a.created_at, a.id) > std::tie(b.created_at, b.id);
  });
  const auto total = static_cast<std::int64_t>(found.size());
  return KeyPage{Slice(std::move(found), filter.offset, filter.limit), total};
}

Status MemoryStore::UpdateKey(const ApiKey& key) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const auto it = keys_.find(key.id);
  if (it == keys_.end()) return NotFound();
  const ApiKey before = it->second;
  WT_TRY(CheckKeyName(key));
  it->second = key;
  it->second.user_id = before.user_id;
  it->second.created_at = before.created_at;
  it->second.requests_total = before.requests_total;
  it->second.last_used_at = before.last_used_at;
  ++generation_;
  return {};
}

Result<std::int64_t> MemoryStore::ExpireKeys(base::UnixMillis now) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  std::int64_t changed = 0;
  for (auto& [id, key] : keys_) {
    if (!InUse(key) || key.expires_at > now) continue;
    key.status = KeyStatus::kExpired;
    ++changed;
  }
  if (changed > 0) ++generation_;
  return changed;
}

Result<std::int64_t> MemoryStore::DeleteEndedKeys(base::UnixMillis before) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  const std::size_t gone = std::erase_if(keys_, [&](const auto& entry) {
    const ApiKey& key = entry.second;
    return (key.status == KeyStatus::kRevoked && key.revoked_at < before) ||
           (key.status == KeyStatus::kExpired && key.expires_at < before);
  });
  std::erase_if(uses_, [&](const KeyUse& use) { return !keys_.contains(use.key_id); });
  return static_cast<std::int64_t>(gone);
}

Status MemoryStore::AppendUses(const std::vector<KeyUse>& uses) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  for (const KeyUse& use : uses) {
    const auto it = keys_.find(use.key_id);
    if (it == keys_.end()) continue;
    uses_.push_back(use);
    KeyUseDay& day = days_[use.key_id][DayOf(use.at)];
    day.day = DayOf(use.at);
    ++day.requests;
    day.errors += use.status >= 400 ? 1 : 0;
    day.limited += use.limited ? 1 : 0;
    day.latency_ms_sum += use.latency_ms;
    day.bytes_in += use.bytes_in;
    day.bytes_out += use.bytes_out;
    ++it->second.requests_total;
    it->second.last_used_at = std::max(it->second.last_used_at, use.at);
  }
  return {};
}

Result<std::vector<KeyUse>> MemoryStore::ListUses(const std::string& key_id, int limit) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  std::vector<KeyUse> found;
  for (auto it = uses_.rbegin(); it != uses_.rend() && static_cast<int>(found.size()) < limit;
       ++it) {
    if (it->key_id == key_id) found.push_back(*it);
  }
  return found;
}

Result<std::vector<KeyUseDay>> MemoryStore::UseByDay(const std::string& key_id,
                                                     const std::string& first_day) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  std::vector<KeyUseDay> out;
  for (const auto& [name, day] : days_[key_id]) {
    if (name >= first_day) out.push_back(day);
  }
  return out;
}

Result<std::int64_t> MemoryStore::SweepUses(base::UnixMillis before, base::UnixMillis) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  return static_cast<std::int64_t>(
      std::erase_if(uses_, [&](const KeyUse& use) { return use.at < before; }));
}

Status MemoryStore::UpdateLimits(std::span<const std::string> ids,
                                 const std::function<void(std::vector<LimitRecord>&)>& change) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  std::vector<LimitRecord> records;
  for (const std::string& id : ids) {
    const auto it = limits_.find(id);
    records.push_back(it == limits_.end() ? LimitRecord{id, 0, {}} : it->second);
  }
  change(records);
  for (LimitRecord& record : records) limits_[record.id] = record;
  return {};
}

Result<std::vector<LimitRecord>> MemoryStore::LoadLimits(const std::string& prefix, int limit) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  std::vector<LimitRecord> found;
  for (const auto& [id, record] : limits_) {
    if (id.starts_with(prefix)) found.push_back(record);
  }
  std::sort(found.begin(), found.end(), [](const LimitRecord& a, const LimitRecord& b) {
    return std::tie(a.until.wall, a.id) > std::tie(b.until.wall, b.id);
  });
  return Slice(std::move(found), 0, limit);
}

Result<std::int64_t> MemoryStore::SweepLimits(base::UnixMillis before) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  return static_cast<std::int64_t>(
      std::erase_if(limits_, [&](const auto& entry) { return entry.second.until.wall < before; }));
}

Status MemoryStore::DeleteLimits(const std::string& prefix) {
  const std::lock_guard lock(mutex_);
  WT_TRY(Begin());
  std::erase_if(limits_, [&](const auto& entry) { return entry.first.starts_with(prefix); });
  return {};
}

}  // namespace wt::auth

#include "service/uploads/memory_session_store.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"

namespace wt::uploads {
namespace {

Status NotFound() { return Status(StatusCode::kNotFound, "there is no such upload"); }

Status WrongState(SessionState state) {
  return Status(StatusCode::kFailedPrecondition,
                "the upload is " + std::string(SessionStateName(state)));
}

std::int64_t PartBytes(const std::map<std::int64_t, Part>& parts) {
  std::int64_t bytes = 0;
  for (const auto& [offset, part] : parts) bytes += part.bytes;
  return bytes;
}

}  // namespace

void MemorySessionStore::SetFaults(std::function<Status(const char*)> faults) {
  const std::lock_guard<std::mutex> lock(mutex_);
  faults_ = std::move(faults);
}

void MemorySessionStore::LoseNextReply() {
  const std::lock_guard<std::mutex> lock(mutex_);
  lose_reply_ = true;
}

Status MemorySessionStore::Enter(const char* operation) {
  return faults_ ? faults_(operation) : Status();
}

Status MemorySessionStore::Leave() {
  if (!std::exchange(lose_reply_, false)) return Status();
  return Status(StatusCode::kUnavailable, "the database does not answer");
}

MemorySessionStore::Row* MemorySessionStore::Find(const std::string& id, const std::string& owner) {
  const auto found = rows_.find(id);
  if (found == rows_.end()) return nullptr;
  return owner.empty() || found->second.session.owner == owner ? &found->second : nullptr;
}

std::vector<Session> MemorySessionStore::Select(const std::function<bool(const Row&)>& wanted,
                                                int limit) {
  std::vector<Session> found;
  for (const auto& [id, row] : rows_) {
    if (wanted(row)) found.push_back(row.session);
  }
  std::sort(found.begin(), found.end(), [](const Session& a, const Session& b) {
    return std::pair(a.created_at, a.id) < std::pair(b.created_at, b.id);
  });
  found.resize(std::min(found.size(), static_cast<std::size_t>(std::max(limit, 0))));
  return found;
}

Status MemorySessionStore::Create(const Session& session, int active_max) {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("create"));
  const auto active = std::count_if(rows_.begin(), rows_.end(), [&](const auto& entry) {
    const Session& other = entry.second.session;
    return other.owner == session.owner && !IsTerminal(other.state);
  });
  if (active >= active_max) {
    return Status(StatusCode::kResourceExhausted, "too many uploads are open");
  }
  if (!rows_.emplace(session.id, Row{session, {}}).second) {
    return Status(StatusCode::kAlreadyExists, "the upload is there already");
  }
  return Leave();
}

Result<Session> MemorySessionStore::Get(const std::string& id, const std::string& owner) {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("get"));
  const Row* row = Find(id, owner);
  if (row == nullptr) return NotFound();
  return row->session;
}

Result<std::vector<Session>> MemorySessionStore::List(const std::string& owner, bool active_only,
                                                      int limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("list"));
  std::vector<Session> found = Select(
      [&](const Row& row) {
        return row.session.owner == owner && !(active_only && IsTerminal(row.session.state));
      },
      static_cast<int>(rows_.size()));
  std::reverse(found.begin(), found.end());
  found.resize(std::min(found.size(), static_cast<std::size_t>(std::max(limit, 0))));
  return found;
}

Result<std::vector<Part>> MemorySessionStore::Parts(const std::string& id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("parts"));
  std::vector<Part> parts;
  if (const Row* row = Find(id, ""); row != nullptr) {
    for (const auto& [offset, part] : row->parts) parts.push_back(part);
  }
  return parts;
}

Result<AddedPart> MemorySessionStore::AddPart(const Part& part, UnixMillis now) {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("add_part"));
  Row* row = Find(part.session_id, "");
  if (row == nullptr) return NotFound();
  if (row->session.state != SessionState::kActive) return WrongState(row->session.state);
  if (row->session.kind == SessionKind::kTus && PartBytes(row->parts) != part.offset) {
    return Status(StatusCode::kAborted, "the upload does not stand at this offset");
  }
  const auto [at, added] = row->parts.emplace(part.offset, part);
  if (added) row->session.updated_at = now;
  WT_TRY(Leave());
  return AddedPart{at->second, static_cast<std::int64_t>(row->parts.size()), PartBytes(row->parts)};
}

Status MemorySessionStore::DropPart(const std::string& id, std::int64_t offset) {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("drop_part"));
  Row* row = Find(id, "");
  if (row == nullptr) return NotFound();
  if (IsTerminal(row->session.state)) return WrongState(row->session.state);
  row->parts.erase(offset);
  return Leave();
}

Result<Session> MemorySessionStore::Change(const SessionChange& change) {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("change"));
  Row* row = Find(change.id, change.owner);
  if (row == nullptr) return NotFound();
  Session& session = row->session;
  if (std::find(change.from.begin(), change.from.end(), session.state) == change.from.end()) {
    return WrongState(session.state);
  }
  session.state = change.to;
  session.updated_at = change.now;
  session.job_id = change.job_id;
  session.content_sha256 = change.content_sha256;
  session.error_code = change.error_code;
  session.error_message = change.error_message;
  WT_TRY(Leave());
  return session;
}

Result<std::vector<Session>> MemorySessionStore::Due(UnixMillis now, UnixMillis stale, int limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("due"));
  return Select(
      [&](const Row& row) {
        const Session& s = row.session;
        return (s.state == SessionState::kActive && s.expires_at <= now) ||
               (s.state == SessionState::kAssembling && s.expires_at <= now &&
                s.updated_at <= stale);
      },
      limit);
}

Result<std::vector<Session>> MemorySessionStore::WithGarbage(int limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("with_garbage"));
  return Select([](const Row& row) { return IsTerminal(row.session.state) && !row.parts.empty(); },
                limit);
}

Status MemorySessionStore::ForgetParts(const std::string& id) {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("forget_parts"));
  Row* row = Find(id, "");
  if (row == nullptr) return NotFound();
  if (!IsTerminal(row->session.state)) return WrongState(row->session.state);
  row->parts.clear();
  return Leave();
}

Result<int> MemorySessionStore::Purge(UnixMillis before, int limit) {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("purge"));
  const std::vector<Session> old = Select(
      [&](const Row& row) {
        return IsTerminal(row.session.state) && row.parts.empty() &&
               row.session.updated_at < before;
      },
      limit);
  for (const Session& session : old) rows_.erase(session.id);
  return static_cast<int>(old.size());
}

Result<bool> MemorySessionStore::IsReferenced(const std::string& blob_key) {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("is_referenced"));
  for (const auto& [id, row] : rows_) {
    for (const auto& [offset, part] : row.parts) {
      if (part.blob_key == blob_key) return true;
    }
  }
  return false;
}

Result<std::int64_t> MemorySessionStore::ReservedBytes(const std::string& owner) {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("reserved_bytes"));
  std::int64_t bytes = 0;
  for (const auto& [id, row] : rows_) {
    if (row.session.owner == owner && !IsTerminal(row.session.state)) bytes += row.session.bytes;
  }
  return bytes;
}

Result<SessionCounts> MemorySessionStore::Counts() {
  const std::lock_guard<std::mutex> lock(mutex_);
  WT_TRY(Enter("counts"));
  SessionCounts counts;
  for (const auto& [id, row] : rows_) {
    ++counts.sessions[static_cast<std::size_t>(row.session.state)];
    counts.parts += static_cast<std::int64_t>(row.parts.size());
    counts.part_bytes += PartBytes(row.parts);
  }
  return counts;
}

}  // namespace wt::uploads

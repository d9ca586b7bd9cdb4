#include "service/audit/audit_log.h"

#include <algorithm>

#include "base/status_macros.h"
#include "service/audit/chain.h"

namespace wt::audit {
namespace {

constexpr std::int64_t kJoinMs = 10'000;
/// Addresses that are remembered for joining.
constexpr std::size_t kRecentMax = 4'096;
constexpr int kBatch = 500;

bool MayFlood(EventType type) {
  return type == EventType::kRateLimitViolation || type == EventType::kAccessDenied ||
         type == EventType::kSuspiciousInput || type == EventType::kSuspiciousHeader ||
         type == EventType::kAuthFailure;
}

Verification Broken(std::int64_t entries, std::int64_t seq, const std::string& fault) {
  Verification found;
  found.entries = entries;
  found.broken_seq = seq;
  found.message = "Entry " + std::to_string(seq) + " " + fault + ".";
  return found;
}

}  // namespace

AuditLog::AuditLog(AuditStore* store, LineSink* file, const base::Clock* clock)
    : store_(store), file_(file), clock_(clock) {}

std::optional<std::int64_t> AuditLog::Admit(const Event& event) {
  if (!MayFlood(event.type)) return 0;
  const base::BootMillis now = clock_->Boot();
  const std::string key = std::string(EventTypeName(event.type)) + ' ' + event.action + ' ' +
                          event.user_id + ' ' + event.username + ' ' + event.address;
  const std::lock_guard lock(mutex_);
  if (recent_.size() >= kRecentMax && !recent_.contains(key)) {
    std::erase_if(recent_, [&](const auto& entry) { return entry.second.until <= now; });
    // Still full: so many sources at once that joining has to wait for none of them.
    if (recent_.size() >= kRecentMax) recent_.clear();
  }
  Recent& recent = recent_[key];
  if (now < recent.until) {
    ++recent.left_out;
    ++joined_;
    return std::nullopt;
  }
  const std::int64_t left_out = recent.left_out;
  recent = {now + kJoinMs, 0};
  return left_out;
}

Status AuditLog::Record(const Event& event) {
  const std::optional<std::int64_t> left_out = Admit(event);
  if (!left_out) return {};
  Event wanted = event;
  if (*left_out > 0) {
    if (!wanted.detail.empty()) wanted.detail += "; ";
    wanted.detail += std::to_string(*left_out) + " more like the one before";
  }
  const Result<Entry> entry = store_->Append(wanted, clock_->Now());
  Status written = entry.status();
  if (entry.ok() && file_ != nullptr) written = file_->Write(FileLine(*entry));
  if (!written.ok()) {
    const std::lock_guard lock(mutex_);
    ++failures_;
  }
  return written;
}

Result<Verification> AuditLog::Verify() {
  // The head first: entries that are added meanwhile lie beyond it.
  WT_ASSIGN(const Head head, store_->GetHead());
  std::int64_t seq = head.pruned_seq;
  std::string hash = head.pruned_hash.empty() ? kFirstHash : head.pruned_hash;
  std::int64_t count = 0;
  while (seq < head.seq) {
    WT_ASSIGN(const std::vector<Entry> entries, store_->Read(seq, kBatch));
    if (entries.empty()) return Broken(count, seq + 1, "is missing, as are all after it");
    for (const Entry& entry : entries) {
      ++seq;
      const std::string fault = Fault(entry, seq, hash);
      if (!fault.empty()) return Broken(count, seq, fault);
      hash = entry.hash;
      ++count;
      if (seq == head.seq) break;
    }
  }
  if (!head.hash.empty() && hash != head.hash) {
    return Broken(count, head.seq, "is not the one that was written last");
  }
  Verification found;
  found.intact = true;
  found.entries = count;
  found.message = std::to_string(count) + " entries, all as they were written.";
  return found;
}

Result<std::int64_t> AuditLog::Prune(base::UnixMillis before) {
  std::int64_t total = 0;
  while (true) {
    WT_ASSIGN(const std::int64_t gone, store_->Prune(before, kBatch));
    total += gone;
    if (gone < kBatch) return total;
  }
}

std::int64_t AuditLog::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

std::int64_t AuditLog::joined() const {
  const std::lock_guard lock(mutex_);
  return joined_;
}

}  // namespace wt::audit

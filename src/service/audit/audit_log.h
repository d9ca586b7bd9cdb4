// Writes the audit record into the database and, where wanted, a file; checks it.
//
// Events that anyone can cause without limit (refused requests) are joined: the same kind from the
// same address within ten seconds is one entry, and the next one says how many were left out. So a
// flood cannot fill the disk. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/clock.h"
#include "service/audit/audit_store.h"
#include "service/audit/line_sink.h"
#include "whisper_transcriber/status.h"

namespace wt::audit {

struct Verification {
  bool intact = false;
  std::int64_t entries = 0;
  /// The first broken entry; 0 when intact.
  std::int64_t broken_seq = 0;
  /// For people: "Entry 17 was changed."
  std::string message;
};

class AuditLog {
 public:
  /// Both must outlive it; `file` may be null.
  AuditLog(AuditStore* store, LineSink* file, const base::Clock* clock);

  /// An error means that the event stands nowhere or not everywhere; it is counted too.
  Status Record(const Event& event);
  Result<Page> List(const Filter& filter) { return store_->List(filter); }
  /// Reads the whole record.
  Result<Verification> Verify();
  /// Retention, in pieces.
  Result<std::int64_t> Prune(base::UnixMillis before);
  Result<std::int64_t> ErasePersonal(const std::string& user_id) {
    return store_->ErasePersonal(user_id);
  }
  /// For metrics.
  std::int64_t failures() const;
  std::int64_t joined() const;

 private:
  struct Recent {
    base::BootMillis until = 0;
    std::int64_t left_out = 0;
  };
  /// Empty: joined with an earlier one. Else the number left out before it.
  std::optional<std::int64_t> Admit(const Event& event);

  AuditStore* store_;
  LineSink* file_;
  const base::Clock* clock_;
  mutable std::mutex mutex_;
  std::unordered_map<std::string, Recent> recent_;
  std::int64_t failures_ = 0;
  std::int64_t joined_ = 0;
};

}  // namespace wt::audit

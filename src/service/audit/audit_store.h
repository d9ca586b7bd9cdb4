// The audit record as rows: a port, implemented in store/sqlite. There is no way to change an entry
// or to delete one out of turn. Every call is one transaction. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/audit/event.h"
#include "whisper_transcriber/status.h"

namespace wt::audit {

struct Head {
  /// The newest entry; 0 when there was none yet.
  std::int64_t seq = 0;
  std::string hash;
  /// The newest entry that retention has removed: the chain begins after it.
  std::int64_t pruned_seq = 0;
  std::string pruned_hash;
};

struct Filter {
  std::optional<EventType> type;
  std::optional<Severity> severity;
  std::optional<Outcome> outcome;
  std::string user_id;
  std::string address;
  std::string request_id;
  std::optional<base::UnixMillis> since;
  std::optional<base::UnixMillis> until;
  int limit = 100;
  std::int64_t offset = 0;
};

struct Page {
  std::vector<Entry> entries;
  std::int64_t total = 0;
};

class AuditStore {
 public:
  virtual ~AuditStore() = default;
  /// Seals the event with the next number (chain.h). Durable when it returns ok.
  virtual Result<Entry> Append(const Event& event, base::UnixMillis time) = 0;
  /// Newest first.
  virtual Result<Page> List(const Filter& filter) = 0;
  /// In order, from after `seq`.
  virtual Result<std::vector<Entry>> Read(std::int64_t after_seq, int limit) = 0;
  virtual Result<Head> GetHead() = 0;
  /// Retention: removes the oldest entries before `before`, at most `limit`, and moves the head's
  /// anchor. Returns how many.
  virtual Result<std::int64_t> Prune(base::UnixMillis before, int limit) = 0;
  /// Forgets a person: removes the personal part of all entries of a user. Returns how many.
  virtual Result<std::int64_t> ErasePersonal(const std::string& user_id) = 0;
};

}  // namespace wt::audit

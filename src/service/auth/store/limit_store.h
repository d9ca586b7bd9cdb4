// Counters that limits are made of, as rows that all processes share: a port, implemented in
// store/sqlite. The rules are in limits/; this only keeps numbers. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "service/auth/store/durable_time.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

struct LimitRecord {
  /// "kind:rest"; no personal data (addresses and names are in there as keyed digests only).
  std::string id;
  std::int64_t count = 0;
  /// What it means is the rule's: the end of a window, of a delay, a bucket's time.
  DurableTime until;
};

class LimitStore {
 public:
  virtual ~LimitStore() = default;
  /// Reads the records named, in that order (a missing one with count 0 and no boot id), lets
  /// `change` alter them and writes them back, in one transaction. `change` must not call the
  /// store.
  virtual Status UpdateLimits(std::span<const std::string> ids,
                              const std::function<void(std::vector<LimitRecord>&)>& change) = 0;
  /// At most `limit` whose id begins with `prefix`, the latest `until` first.
  virtual Result<std::vector<LimitRecord>> LoadLimits(const std::string& prefix, int limit) = 0;
  /// Deletes records whose `until.wall` is before `before`.
  virtual Result<std::int64_t> SweepLimits(base::UnixMillis before) = 0;
  virtual Status DeleteLimits(const std::string& prefix) = 0;
};

}  // namespace wt::auth

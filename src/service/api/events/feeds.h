// What those who watch the system look at once a second: its log, its state, its announcements
// (spec RT-04 to RT-06).
//
// A feed remembers how far its one watcher is and gives what is new as messages. Feeds are used by
// one thread at a time; Announcements is thread-safe.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "service/observe/logs/log_tail.h"
#include "whisper_transcriber/status.h"

namespace wt::api {

/// What administrators tell everybody. The newest ones only, of this process.
class Announcements {
 public:
  static constexpr std::size_t kTextBytesMax = 1'000;
  static constexpr std::size_t kKept = 20;

  struct Entry {
    std::int64_t seq = 0;
    std::string text;
    base::UnixMillis time = 0;
  };

  /// kInvalidArgument: empty, too long, no UTF-8 or with control characters.
  Status Add(std::string_view text, base::UnixMillis now);
  std::vector<Entry> After(std::int64_t seq) const;
  std::int64_t newest() const;

 private:
  mutable std::mutex mutex_;
  std::deque<Entry> entries_;
  std::int64_t seq_ = 0;
};

/// Where feeds read. What is null or empty gives nothing.
struct SystemSources {
  const observe::LogTail* log = nullptr;
  Announcements* announcements = nullptr;
  /// The server in numbers, as GET /admin/stats gives them.
  std::function<Result<nlohmann::ordered_json>()> status;
  /// The exposition of GET /metrics.
  std::function<std::string()> metrics;
};

class Feed {
 public:
  virtual ~Feed() = default;
  /// JSON texts, oldest first.
  virtual std::vector<std::string> News(base::BootMillis now) = 0;
};

/// {"type":"log","seq","record":{...}} from the lines after `seq`; 0: from all that is kept.
std::unique_ptr<Feed> MakeLogFeed(const SystemSources& sources, std::int64_t seq);
/// {"type":"system_status",...} at once and every 30 s.
std::unique_ptr<Feed> MakeStatusFeed(const SystemSources& sources, const base::Clock* clock);
/// {"type":"broadcast","seq","message","timestamp"} from now on.
std::unique_ptr<Feed> MakeAnnouncementFeed(const SystemSources& sources);

}  // namespace wt::api

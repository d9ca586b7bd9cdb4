#include "service/host/database_start.h"

#include <fmt/format.h>

#include <algorithm>
#include <thread>

namespace wt::host {
namespace {

constexpr std::chrono::milliseconds kFirstPause{100};
// Ten attempts wait 21 s in all, less than managers of services give a start.
constexpr std::chrono::milliseconds kLongestPause{5'000};

}  // namespace

Result<std::unique_ptr<store::Database>> OpenAtStart(const store::DatabaseOptions& options,
                                                     const DatabaseStart& start) {
  std::chrono::milliseconds pause = kFirstPause;
  for (int attempt = 1;; ++attempt) {
    Result<std::unique_ptr<store::Database>> database = store::Database::Open(options);
    if (database.ok() || database.status().code() != StatusCode::kUnavailable) return database;
    if (attempt >= start.attempts) {
      return database.status().WithContext(
          fmt::format("{} attempts (DB_CONNECT_ATTEMPTS)", attempt));
    }
    base::Log(start.log, base::LogLevel::kWarning,
              fmt::format("the database cannot be opened, attempt {} of {}; again in {} ms: {}",
                          attempt, start.attempts, pause.count(), database.status().message()));
    if (start.wait) {
      start.wait(pause);
    } else {
      std::this_thread::sleep_for(pause);
    }
    pause = std::min(2 * pause, kLongestPause);
  }
}

}  // namespace wt::host

// The database at the start of a service, which other things may still hold: another process that
// writes for long, a disk that is mounted later. Whatever passes is tried again; what does not
// (damage, another program's file) ends the start at once. Source: spec DB-03.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "base/log.h"
#include "service/store/sqlite/database.h"
#include "whisper_transcriber/status.h"

namespace wt::host {

struct DatabaseStart {
  int attempts = 10;
  base::LogSink* log = nullptr;
  /// For tests; null: sleeps.
  std::function<void(std::chrono::milliseconds)> wait = {};
};

/// The last error, with the number of attempts, when none succeeded. REQUIRES: attempts > 0.
Result<std::unique_ptr<store::Database>> OpenAtStart(const store::DatabaseOptions& options,
                                                     const DatabaseStart& start);

}  // namespace wt::host

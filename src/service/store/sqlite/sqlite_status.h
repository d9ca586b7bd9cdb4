// SQLite's result codes as Status. Public messages never contain SQL, table names or paths; those
// go to the detail for the log. Pure functions: thread-safe.
#pragma once

#include <string_view>

#include "whisper_transcriber/status.h"

struct sqlite3;

namespace wt::store {

/// `extended` is an extended result code; `system_errno` (what the system said below it, 0:
/// nothing) and `detail` are for the log.
///
/// kUnavailable: busy, locked or an I/O fault: retry. kResourceExhausted: disk full. kDataCorrupt:
/// the file is damaged. kAlreadyExists: a unique key is taken. kFailedPrecondition: a foreign key
/// is missing or still used. kInternal: every other broken constraint, and bad SQL.
Status SqliteStatus(int extended, int system_errno, std::string_view detail);

/// The fault that `db` has just reported, while doing `what` (SQL text or a verb).
Status LastError(sqlite3* db, std::string_view what);

}  // namespace wt::store

// What a list of jobs may be asked for: checked once, the same for every store.
//
// Cursors are opaque text for clients: the sort key and the id of the last row. Pure functions:
// thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "service/jobs/job.h"
#include "service/jobs/job_store.h"

namespace wt::jobs {

enum class SortKey : std::uint8_t { kCreatedAt, kUpdatedAt, kFilename, kDuration, kStatus, kTitle };
std::optional<SortKey> ParseSortKey(std::string_view name);

/// The title, or the file name of a job without one.
const std::string& TitleOf(const Job& job);

struct Cursor {
  /// The value that was sorted by, as text; numbers in decimal.
  std::string key;
  std::string id;
};
std::string FormatCursor(const Cursor& cursor);
/// Empty: not one of ours.
std::optional<Cursor> ParseCursor(std::string_view text);
/// The cursor after `job` in a list sorted by `key`.
Cursor CursorAt(const Job& job, SortKey key);

struct ListQuery {
  SortKey sort = SortKey::kCreatedAt;
  /// Slugs; "failed" and the names used by old clients are resolved. Empty: all.
  std::vector<std::string> statuses;
  std::optional<Cursor> cursor;
};
/// kInvalidArgument: limit outside 1 to kListLimitMax, negative offset, unknown status or sort
/// key, search too long, foreign cursor.
Result<ListQuery> CheckFilter(const JobFilter& filter);

/// All slugs that a job's status may have.
const std::vector<std::string>& StatusSlugs();

}  // namespace wt::jobs

#include "service/jobs/rules/list_query.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <utility>

#include "base/ids.h"
#include "base/status_macros.h"

namespace wt::jobs {
namespace {

constexpr std::array<std::string_view, 6> kSortKeys = {"created_at", "updated_at", "filename",
                                                       "duration",   "status",     "title"};

Status Invalid(std::string message) {
  return Status(StatusCode::kInvalidArgument, std::move(message));
}

std::optional<std::string> Unhex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = digit(text[i]);
    const int low = digit(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

Status AddStatus(const std::string& name, std::vector<std::string>* statuses) {
  // Names of old clients (C-35).
  const std::string slug = name == "pending" ? "queued" : name == "running" ? "processing" : name;
  bool known = false;
  for (const std::string& candidate : StatusSlugs()) {
    const bool any_failure = slug == "failed" && candidate.starts_with("failed");
    if (candidate != slug && !any_failure) continue;
    known = true;
    if (std::ranges::find(*statuses, candidate) == statuses->end()) statuses->push_back(candidate);
  }
  if (known) return Status();
  return Invalid(fmt::format("The status '{}' is unknown. Use one of: {}.", name,
                             fmt::join(StatusSlugs(), ", ")));
}

}  // namespace

const std::vector<std::string>& StatusSlugs() {
  static const std::vector<std::string> slugs = {"queued",
                                                 "processing",
                                                 "enriching",
                                                 "completed",
                                                 "cancelled",
                                                 "failed",
                                                 "failed_timeout",
                                                 "failed_launch_error",
                                                 "failed_whisper_error",
                                                 "failed_thread_exception",
                                                 "failed_unknown"};
  return slugs;
}

std::optional<SortKey> ParseSortKey(std::string_view name) {
  const auto found = std::ranges::find(kSortKeys, name);
  if (found == kSortKeys.end()) return std::nullopt;
  return static_cast<SortKey>(found - kSortKeys.begin());
}

std::string FormatCursor(const Cursor& cursor) {
  const std::string plain = cursor.id + "\n" + cursor.key;
  return base::Hex(std::as_bytes(std::span(plain)));
}

std::optional<Cursor> ParseCursor(std::string_view text) {
  // An id has 36 bytes, a key at most a title's 200 characters of 4 bytes; each is two digits.
  if (text.size() > 2'048) return std::nullopt;
  const std::optional<std::string> plain = Unhex(text);
  if (!plain) return std::nullopt;
  const std::size_t end = plain->find('\n');
  if (end == std::string::npos || end == 0) return std::nullopt;
  return Cursor{.key = plain->substr(end + 1), .id = plain->substr(0, end)};
}

const std::string& TitleOf(const Job& job) {
  return job.details.title.empty() ? job.media.filename : job.details.title;
}

Cursor CursorAt(const Job& job, SortKey key) {
  switch (key) {
    case SortKey::kCreatedAt: return {.key = std::to_string(job.created_at), .id = job.id};
    case SortKey::kUpdatedAt: return {.key = std::to_string(job.updated_at), .id = job.id};
    case SortKey::kFilename: return {.key = job.media.filename, .id = job.id};
    case SortKey::kDuration:
      // Unknown durations stand before 0. 17 digits give the same double back.
      return {.key = fmt::format("{:.17g}", job.media.duration_s.value_or(-1)), .id = job.id};
    case SortKey::kStatus: return {.key = std::string(StatusSlug(job)), .id = job.id};
    case SortKey::kTitle: return {.key = TitleOf(job), .id = job.id};
  }
  return {};
}

Result<ListQuery> CheckFilter(const JobFilter& filter) {
  ListQuery query;
  if (filter.limit < 1 || filter.limit > kListLimitMax) {
    return Invalid(fmt::format("The limit must be from 1 to {}.", kListLimitMax));
  }
  if (filter.offset < 0) return Invalid("The offset must not be negative.");
  if (filter.search.size() > kSearchBytesMax) {
    return Invalid(fmt::format("The search text may have {} bytes.", kSearchBytesMax));
  }
  if (filter.tag.size() > kTagBytesMax) return Invalid("The tag is longer than tags are.");
  const std::optional<SortKey> sort = ParseSortKey(filter.sort_by);
  if (!sort) {
    return Invalid(fmt::format("Jobs cannot be sorted by '{}'. Use one of: {}.", filter.sort_by,
                               fmt::join(kSortKeys, ", ")));
  }
  query.sort = *sort;
  for (const std::string& name : filter.statuses) WT_TRY(AddStatus(name, &query.statuses));
  if (filter.cursor.empty()) return query;
  query.cursor = ParseCursor(filter.cursor);
  if (!query.cursor) return Invalid("The cursor is not one of this list. Start without one.");
  return query;
}

}  // namespace wt::jobs

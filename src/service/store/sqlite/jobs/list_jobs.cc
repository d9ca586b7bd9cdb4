// SqliteJobStore::List: one statement for the page and one for the total.
//
// The text of the statements is put together from the fixed pieces below; everything that a client
// sent is bound.
#include <fmt/format.h>

#include <charconv>
#include <deque>
#include <utility>

#include "base/status_macros.h"
#include "service/jobs/rules/list_query.h"
#include "service/store/sqlite/jobs/job_rows.h"
#include "service/store/sqlite/jobs/sqlite_job_store.h"

namespace wt::store {
namespace {

using jobs::JobFilter;
using jobs::ListQuery;
using jobs::SortKey;

/// Conditions and their values; `texts` keeps what the values point to.
class Where {
 public:
  void Add(std::string_view condition) {
    sql_ += sql_.empty() ? " WHERE " : " AND ";
    sql_ += condition;
  }
  /// "?7" for the next value.
  std::string Bind(Value value) {
    values_.push_back(value);
    return fmt::format("?{}", values_.size());
  }
  std::string BindText(std::string text) {
    texts_.push_back(std::move(text));
    return Bind(std::string_view(texts_.back()));
  }
  const std::string& sql() const { return sql_; }
  const std::vector<Value>& values() const { return values_; }

 private:
  std::string sql_;
  std::vector<Value> values_;
  std::deque<std::string> texts_;
};

/// For LIKE with ESCAPE '\'.
std::string ContainsPattern(std::string_view text) {
  std::string pattern = "%";
  for (const char c : text) {
    if (c == '%' || c == '_' || c == '\\') pattern += '\\';
    pattern += c;
  }
  return pattern + "%";
}

void AddEqual(std::string_view column, const std::string& text, Where* where) {
  if (!text.empty()) where->Add(fmt::format("{} = {}", column, where->Bind(text)));
}

template <typename T>
void AddBound(std::string_view column, std::string_view comparison, const std::optional<T>& bound,
              Where* where) {
  if (bound) where->Add(fmt::format("{} {} {}", column, comparison, where->Bind(*bound)));
}

void AddFilter(const JobFilter& filter, const ListQuery& query, Where* where) {
  AddEqual("j.owner", filter.owner, where);
  AddEqual("j.model", filter.model, where);
  AddEqual("j.batch_id", filter.batch_id, where);
  if (!filter.language.empty()) {
    const std::string language = where->Bind(filter.language);
    where->Add(fmt::format("(j.language = {0} OR j.detected_language = {0})", language));
  }
  if (!query.statuses.empty()) {
    std::vector<std::string> marks;
    for (const std::string& status : query.statuses) marks.push_back(where->Bind(status));
    where->Add(fmt::format("j.status IN ({})", fmt::join(marks, ", ")));
  }
  AddBound("j.created_at", ">=", filter.created_after, where);
  AddBound("j.created_at", "<=", filter.created_before, where);
  AddBound("m.duration_s", ">=", filter.min_duration_s, where);
  AddBound("m.duration_s", "<=", filter.max_duration_s, where);
  if (filter.dead_letter_only) where->Add("j.dead_letter = 1");
  // Written out, so that the partial indexes are used.
  if (filter.starred) where->Add(*filter.starred ? "j.starred = 1" : "j.starred = 0");
  if (filter.archived) where->Add(*filter.archived ? "j.archived = 1" : "j.archived = 0");
  if (!filter.tag.empty()) {
    where->Add(fmt::format("EXISTS (SELECT 1 FROM json_each(j.tags_json) t WHERE t.value = {})",
                           where->Bind(filter.tag)));
  }
  if (!filter.search.empty()) {
    const std::string pattern = where->BindText(ContainsPattern(filter.search));
    where->Add(
        fmt::format("(j.id LIKE {0} ESCAPE '\\' OR m.filename LIKE {0} ESCAPE '\\' OR"
                    " j.title LIKE {0} ESCAPE '\\' OR"
                    " EXISTS (SELECT 1 FROM results r WHERE r.id = j.result_ref"
                    " AND r.text LIKE {0} ESCAPE '\\'))",
                    pattern));
  }
}

std::string_view SortColumn(SortKey key) {
  switch (key) {
    case SortKey::kCreatedAt: return "j.created_at";
    case SortKey::kUpdatedAt: return "j.updated_at";
    case SortKey::kFilename: return "m.filename";
    case SortKey::kDuration: return "coalesce(m.duration_s, -1.0)";
    case SortKey::kStatus: return "j.status";
    case SortKey::kTitle: return "iif(j.title = '', m.filename, j.title)";
  }
  return "j.created_at";
}

template <typename T>
std::optional<T> ParseNumber(const std::string& text) {
  T number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// The key in the type of its column; NULL (no rows) when a client made it up.
Value CursorValue(SortKey sort, const std::string& key) {
  switch (sort) {
    case SortKey::kCreatedAt:
    case SortKey::kUpdatedAt: return Value(ParseNumber<std::int64_t>(key));
    case SortKey::kDuration: return Value(ParseNumber<double>(key));
    case SortKey::kFilename:
    case SortKey::kStatus:
    case SortKey::kTitle: return Value(key);
  }
  return Value(std::nullopt);
}

/// Owner and statuses alone are counted already.
bool IsCounted(const JobFilter& filter) {
  return filter.search.empty() && filter.model.empty() && filter.language.empty() &&
         filter.batch_id.empty() && !filter.created_after && !filter.created_before &&
         !filter.min_duration_s && !filter.max_duration_s && !filter.dead_letter_only &&
         filter.tag.empty() && !filter.starred && !filter.archived;
}

Result<std::int64_t> Total(Connection& connection, const JobFilter& filter,
                           const ListQuery& query) {
  Where where;
  std::string sql;
  if (IsCounted(filter)) {
    AddEqual("j.owner", filter.owner, &where);
    if (!query.statuses.empty()) {
      std::vector<std::string> marks;
      for (const std::string& status : query.statuses) marks.push_back(where.Bind(status));
      where.Add(fmt::format("j.status IN ({})", fmt::join(marks, ", ")));
    }
    sql = "SELECT coalesce(sum(j.jobs), 0) FROM job_counts j" + where.sql();
  } else {
    AddFilter(filter, query, &where);
    sql = "SELECT count(*) FROM jobs j JOIN media m ON m.id = j.media_id" + where.sql();
  }
  WT_ASSIGN(Statement count, connection.Query(sql, where.values()));
  WT_TRY(count.Step());
  return count.Int(0);
}

}  // namespace

Result<std::vector<jobs::Job>> SqliteJobStore::FirstWaiting(int owners_max) {
  // The recursion jumps from owner to owner along jobs_queued, as claiming does.
  static const std::string sql =
      "WITH RECURSIVE waiting (owner) AS ("
      " SELECT min(owner) FROM jobs WHERE state = 'queued' AND held = 0"
      " UNION ALL"
      " SELECT (SELECT min(q.owner) FROM jobs q WHERE q.state = 'queued' AND q.held = 0"
      "  AND q.owner > waiting.owner) FROM waiting WHERE waiting.owner IS NOT NULL LIMIT ?1) " +
      std::string(SelectJob()) +
      " JOIN waiting w ON j.id = (SELECT q.id FROM jobs q WHERE q.owner = w.owner"
      "  AND q.state = 'queued' AND q.held = 0 ORDER BY q.claim_rank, q.id LIMIT 1)"
      " ORDER BY j.owner";
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows, tx->Query(sql, {owners_max}));
  std::vector<jobs::Job> first;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return first;
    first.push_back(ReadJob(rows));
  }
}

Result<jobs::JobPage> SqliteJobStore::List(const JobFilter& filter) {
  WT_ASSIGN(const ListQuery query, jobs::CheckFilter(filter));
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  jobs::JobPage page;
  if (filter.with_total) {
    WT_ASSIGN(page.total, Total(*tx, filter, query));
  }
  Where where;
  AddFilter(filter, query, &where);
  const std::string_view column = SortColumn(query.sort);
  const std::string_view direction = filter.descending ? "DESC" : "ASC";
  if (query.cursor) {
    const std::string key = where.Bind(CursorValue(query.sort, query.cursor->key));
    const std::string id = where.Bind(query.cursor->id);
    where.Add(
        fmt::format("({}, j.id) {} ({}, {})", column, filter.descending ? "<" : ">", key, id));
  }
  // One more than asked for tells whether there is a next page.
  const std::string limit = where.Bind(filter.limit + 1);
  const std::string offset = where.Bind(query.cursor ? 0 : filter.offset);
  WT_ASSIGN(Statement rows,
            tx->Query(fmt::format("{}{} ORDER BY {} {}, j.id {} LIMIT {} OFFSET {}", SelectJob(),
                                  where.sql(), column, direction, direction, limit, offset),
                      where.values()));
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return page;
    if (static_cast<int>(page.jobs.size()) == filter.limit) {
      page.next_cursor = jobs::FormatCursor(jobs::CursorAt(page.jobs.back(), query.sort));
      return page;
    }
    page.jobs.push_back(ReadJob(rows));
  }
}

}  // namespace wt::store

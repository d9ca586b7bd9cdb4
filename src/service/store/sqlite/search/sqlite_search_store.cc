#include "service/store/sqlite/search/sqlite_search_store.h"

#include <fmt/format.h>

#include <deque>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "base/json_text.h"
#include "base/status_macros.h"

namespace wt::store {
namespace {

using search::Due;
using search::Entry;
using search::HitFilter;
using search::HitOrder;
using search::HitPage;
using search::Passage;
using search::Query;

// A word in the title weighs as much as four in the text.
constexpr std::string_view kRank = "bm25(search_index, 0.0, 4.0, 1.0)";

/// One word of the index that stands for an owner, whatever his id holds.
std::string OwnerWord(const std::string& owner) {
  return "o" + base::Hex(std::as_bytes(std::span(owner)));
}

/// Conditions and the values that they bind; `texts` keeps what the values point to.
class Conditions {
 public:
  std::string Bind(Value value) {
    values_.push_back(value);
    return fmt::format("?{}", values_.size());
  }
  std::string BindText(std::string text) {
    texts_.push_back(std::move(text));
    return Bind(std::string_view(texts_.back()));
  }
  void Add(const std::string& condition) {
    sql_ += sql_.empty() ? " WHERE " : " AND ";
    sql_ += condition;
  }
  template <typename T>
  void AddIf(const std::optional<T>& value, std::string_view comparison) {
    if (value) Add(fmt::format("{} {}", comparison, Bind(*value)));
  }
  void AddIf(const std::string& text, std::string_view comparison) {
    if (!text.empty()) Add(fmt::format("{} {}", comparison, Bind(text)));
  }
  const std::string& sql() const { return sql_; }
  const std::vector<Value>& values() const { return values_; }

 private:
  std::string sql_;
  std::vector<Value> values_;
  std::deque<std::string> texts_;
};

void AddFilter(const Query& query, const HitFilter& filter, Conditions* where) {
  where->Add("search_index MATCH " +
             where->BindText(fmt::format("owner : {} AND ({{title words}} : ({}))",
                                         OwnerWord(filter.owner), query.expression)));
  // The owner once more: the word above narrows the look, this decides.
  where->Add("j.owner = " + where->Bind(filter.owner));
  where->AddIf(filter.model, "j.model =");
  if (!filter.language.empty()) {
    const std::string language = where->Bind(filter.language);
    where->Add(fmt::format("(j.language = {0} OR j.detected_language = {0})", language));
  }
  if (!filter.statuses.empty()) {
    std::vector<std::string> marks;
    for (const std::string& status : filter.statuses) marks.push_back(where->Bind(status));
    where->Add(fmt::format("j.status IN ({})", fmt::join(marks, ", ")));
  }
  if (!filter.tag.empty()) {
    where->Add(fmt::format("EXISTS (SELECT 1 FROM json_each(j.tags_json) WHERE value = {})",
                           where->Bind(filter.tag)));
  }
  where->AddIf(filter.starred, "j.starred =");
  where->AddIf(filter.archived, "j.archived =");
  where->AddIf(filter.created_after, "j.created_at >=");
  where->AddIf(filter.created_before, "j.created_at <=");
  where->AddIf(filter.min_duration_s, "m.duration_s >=");
  where->AddIf(filter.max_duration_s, "m.duration_s <=");
}

std::string_view OrderText(HitOrder order) {
  switch (order) {
    case HitOrder::kRelevance: return "score, j.id DESC";
    case HitOrder::kNewest: return "j.created_at DESC, j.id DESC";
    case HitOrder::kOldest: return "j.created_at, j.id";
    case HitOrder::kLongest: return "coalesce(m.duration_s, -1.0) DESC, j.id";
    case HitOrder::kShortest: return "coalesce(m.duration_s, -1.0), j.id";
    case HitOrder::kFilename: return "m.filename, j.id";
  }
  return "score";
}

constexpr std::string_view kFrom =
    " FROM search_index JOIN search_documents d ON d.row = search_index.rowid"
    " JOIN jobs j ON j.id = d.job_id JOIN media m ON m.id = j.media_id";

/// Takes the words of deleted entries out of the index.
Status Purge(Connection& connection) {
  WT_TRY(
      connection.Execute("DELETE FROM search_index WHERE rowid IN (SELECT row FROM"
                         " search_gone)"));
  return connection.Execute("DELETE FROM search_gone").status();
}

Status Settle(Connection& connection, const Due& due) {
  return connection
      .Execute("DELETE FROM search_due WHERE job_id = ?1 AND changes = ?2",
               {due.job_id, due.changes})
      .status();
}

}  // namespace

Result<std::vector<Due>> SqliteSearchStore::TakeDue(int limit) {
  bool gone = false;
  {
    WT_ASSIGN(Transaction tx, database_->BeginRead());
    WT_ASSIGN(Statement row, tx->Query("SELECT 1 FROM search_gone LIMIT 1"));
    WT_ASSIGN(gone, row.Step());
  }
  if (gone) {
    WT_ASSIGN(Transaction tx, database_->BeginWrite());
    WT_TRY(Purge(*tx));
    WT_TRY(tx.Commit("search"));
  }
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows, tx->Query("SELECT job_id, changes FROM search_due ORDER BY since"
                                      " LIMIT ?1",
                                      {limit}));
  std::vector<Due> due;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return due;
    due.push_back({.job_id = rows.Text(0), .changes = rows.Int(1)});
  }
}

Status SqliteSearchStore::Put(const Due& due, const Entry& entry) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(tx->Execute("DELETE FROM search_documents WHERE job_id = ?1", {entry.job_id}));
  WT_TRY(tx->Execute("DELETE FROM search_passages WHERE job_id = ?1", {entry.job_id}));
  // Before another entry: rows are used again, and what is left of a deleted entry must not become
  // a part of the new one.
  WT_TRY(Purge(*tx));
  // The job may have been deleted since it was read.
  WT_ASSIGN(const std::int64_t there, tx->Execute("INSERT INTO search_documents (job_id, owner)"
                                                  " SELECT id, owner FROM jobs WHERE id = ?1",
                                                  {entry.job_id}));
  if (there == 1) {
    std::string words;
    for (std::size_t i = 0; i < entry.passages.size(); ++i) {
      const Passage& passage = entry.passages[i];
      words += passage.words;
      WT_TRY(
          tx->Execute("INSERT INTO search_passages (job_id, number, turn_id, start_s, end_s,"
                      " text, words) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                      {entry.job_id, i, passage.turn_id, passage.start_s, passage.end_s,
                       passage.text, passage.words}));
    }
    WT_TRY(
        tx->Execute("INSERT INTO search_index (rowid, owner, title, words)"
                    " SELECT row, ?2, ?3, ?4 FROM search_documents WHERE job_id = ?1",
                    {entry.job_id, OwnerWord(entry.owner), entry.title_words, words}));
    WT_TRY(tx->Execute("UPDATE jobs SET speakers_json = ?2 WHERE id = ?1 AND speakers_json <> ?2",
                       {entry.job_id, base::JsonToText(nlohmann::json(entry.speakers))}));
  }
  WT_TRY(Settle(*tx, due));
  return tx.Commit("search");
}

Status SqliteSearchStore::Skip(const Due& due) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(Settle(*tx, due));
  return tx.Commit("search");
}

Status SqliteSearchStore::Rebuild() {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_TRY(
      tx->Execute("INSERT INTO search_due (job_id, since) SELECT id, created_at FROM jobs"
                  " WHERE true ON CONFLICT (job_id) DO UPDATE SET changes = changes + 1"));
  return tx.Commit("search");
}

Result<HitPage> SqliteSearchStore::Find(const Query& query, const HitFilter& filter, HitOrder order,
                                        int limit, std::int64_t offset) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  Conditions where;
  AddFilter(query, filter, &where);
  HitPage page;
  {
    WT_ASSIGN(Statement count,
              tx->Query(fmt::format("SELECT count(*){}{}", kFrom, where.sql()), where.values()));
    WT_TRY(count.Step());
    page.total = count.Int(0);
  }
  const std::string most = where.Bind(limit);
  const std::string skip = where.Bind(offset);
  WT_ASSIGN(Statement rows,
            tx->Query(fmt::format("SELECT d.job_id, {} AS score{}{} ORDER BY {} LIMIT {} OFFSET {}",
                                  kRank, kFrom, where.sql(), OrderText(order), most, skip),
                      where.values()));
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return page;
    // SQLite's rank is better when it is smaller.
    page.hits.push_back({.job_id = rows.Text(0), .score = -rows.Real(1)});
  }
}

Result<std::vector<Passage>> SqliteSearchStore::Passages(const std::string& job_id,
                                                         const Query& query, int limit) {
  std::vector<Passage> passages;
  if (query.phrases.empty()) return passages;
  Conditions where;
  where.Add("job_id = " + where.Bind(job_id));
  std::vector<std::string> any;
  for (const search::Phrase& phrase : query.phrases) {
    // Words stand between spaces; they are letters, digits and marks, so LIKE has no wildcards.
    const std::string text =
        fmt::format("% {}{}%", fmt::join(phrase.words, " "), phrase.prefix ? "" : " ");
    any.push_back("words LIKE " + where.BindText(text));
  }
  where.Add(fmt::format("({})", fmt::join(any, " OR ")));
  const std::string most = where.Bind(limit);
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(Statement rows,
            tx->Query(fmt::format("SELECT turn_id, start_s, end_s, text, words"
                                  " FROM search_passages{} ORDER BY number LIMIT {}",
                                  where.sql(), most),
                      where.values()));
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return passages;
    passages.push_back({.turn_id = rows.Text(0),
                        .start_s = rows.Real(1),
                        .end_s = rows.Real(2),
                        .text = rows.Text(3),
                        .words = rows.Text(4)});
  }
}

}  // namespace wt::store

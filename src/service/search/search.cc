#include "service/search/search.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "base/utf8.h"

namespace wt::search {
namespace {

// Passages of a job that are looked at for its snippets: the best of many are no better.
constexpr int kCandidatesMax = 200;

/// Where `phrase` stands in `tokens` from `at` on: the index behind it, or 0.
std::size_t EndOfMatch(const std::vector<Token>& tokens, std::size_t at, const Phrase& phrase) {
  if (at + phrase.words.size() > tokens.size()) return 0;
  for (std::size_t i = 0; i < phrase.words.size(); ++i) {
    const std::string& word = tokens[at + i].text;
    const bool open = phrase.prefix && i + 1 == phrase.words.size();
    if (open ? !word.starts_with(phrase.words[i]) : word != phrase.words[i]) return 0;
  }
  return at + phrase.words.size();
}

/// Different phrases first, then how often.
std::pair<std::size_t, std::size_t> Merit(const std::vector<Token>& tokens, const Query& query) {
  std::size_t different = 0;
  std::size_t all = 0;
  for (const Phrase& phrase : query.phrases) {
    std::size_t count = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) count += EndOfMatch(tokens, i, phrase) > 0;
    different += count > 0;
    all += count;
  }
  return {different, all};
}

/// The begin of the character that `at` lies in.
std::size_t CharacterAt(std::string_view text, std::size_t at) {
  while (at > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
  return at;
}

}  // namespace

Result<std::unique_ptr<Search>> Search::Create(SearchStore* store, jobs::JobStore* jobs,
                                               documents::Documents* documents) {
  WT_ASSIGN(std::unique_ptr<Tokenizer> tokenizer, Tokenizer::Create());
  return std::unique_ptr<Search>(new Search(store, jobs, documents, std::move(tokenizer)));
}

/// Of those who have a turn, by their first ones.
static std::vector<std::string> SpeakersOf(const documents::Content& content) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  for (const documents::Turn& turn : content.turns) {
    if (turn.speaker.empty() || !seen.insert(turn.speaker).second) continue;
    const auto found = std::ranges::find(content.speakers, turn.speaker, &documents::Speaker::id);
    if (found != content.speakers.end()) names.push_back(found->name);
  }
  return names;
}

Result<Entry> Search::MakeEntry(const jobs::Job& job) {
  Entry entry;
  entry.job_id = job.id;
  entry.owner = job.owner;
  std::string title = job.details.title + "\n" + job.media.filename + "\n" + job.details.notes;
  for (const std::string& tag : job.details.tags) title += "\n" + tag;
  documents::Document document;
  if (!job.result_ref.empty()) {
    WT_ASSIGN(document, documents_->Get(job));
  }
  entry.speakers = SpeakersOf(document.content);
  for (const std::string& name : entry.speakers) title += "\n" + name;
  const std::lock_guard lock(mutex_);
  entry.title_words = tokenizer_->Join(title);
  for (const documents::Turn& turn : document.content.turns) {
    Passage passage{.turn_id = turn.id, .start_s = turn.start_s, .end_s = turn.end_s};
    passage.text = turn.Text();
    passage.words = tokenizer_->Join(passage.text);
    if (!passage.words.empty()) entry.passages.push_back(std::move(passage));
  }
  return entry;
}

Result<int> Search::Step(int limit) {
  WT_ASSIGN(const std::vector<Due> due, store_->TakeDue(limit));
  for (const Due& one : due) {
    const Result<jobs::Job> job = jobs_->Get(one.job_id, "");
    Result<Entry> entry = job.ok() ? MakeEntry(*job) : Result<Entry>(job.status());
    // A transcript that cannot be read must not keep the others from being found.
    WT_TRY(entry.ok() ? store_->Put(one, *entry) : store_->Skip(one));
  }
  return static_cast<int>(due.size());
}

Snippet Search::MakeSnippet(const Passage& passage, const Query& query) {
  Snippet snippet{.turn_id = passage.turn_id, .start_s = passage.start_s, .end_s = passage.end_s};
  const std::vector<Token> tokens = tokenizer_->Split(passage.text);
  std::set<std::pair<std::size_t, std::size_t>> spans;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    for (const Phrase& phrase : query.phrases) {
      const std::size_t end = EndOfMatch(tokens, i, phrase);
      if (end > 0) spans.emplace(tokens[i].begin, tokens[end - 1].end);
    }
  }
  std::size_t from = 0;
  if (passage.text.size() > kSnippetBytesMax && !spans.empty()) {
    const std::size_t first = spans.begin()->first;
    // A quarter of it shows what comes before.
    if (first > kSnippetBytesMax / 4) from = first - kSnippetBytesMax / 4;
  }
  from = CharacterAt(passage.text, from);
  const std::size_t to =
      CharacterAt(passage.text, std::min(passage.text.size(), from + kSnippetBytesMax));
  snippet.text = passage.text.substr(from, to - from);
  std::size_t last = from;
  for (const auto& [begin, end] : spans) {
    if (begin < last || end > to) continue;
    const std::string_view text = passage.text;
    snippet.highlights.emplace_back(base::CountCodePoints(text.substr(from, begin - from)),
                                    base::CountCodePoints(text.substr(from, end - from)));
    last = end;
  }
  return snippet;
}

Result<FoundPage> Search::Find(const std::string& text, const HitFilter& filter, HitOrder order,
                               int limit, std::int64_t offset) {
  Query query;
  {
    const std::lock_guard lock(mutex_);
    WT_ASSIGN(query, ParseQuery(text, tokenizer_.get()));
  }
  WT_ASSIGN(const HitPage page, store_->Find(query, filter, order, limit, offset));
  FoundPage found;
  found.total = page.total;
  for (const Hit& hit : page.hits) {
    Result<jobs::Job> job = jobs_->Get(hit.job_id, filter.owner);
    if (!job.ok()) continue;  // Deleted since.
    WT_ASSIGN(std::vector<Passage> passages, store_->Passages(hit.job_id, query, kCandidatesMax));
    Found one{.job = *std::move(job), .score = hit.score};
    const std::lock_guard lock(mutex_);
    std::vector<std::pair<std::pair<std::size_t, std::size_t>, std::size_t>> ranked;
    for (std::size_t i = 0; i < passages.size(); ++i) {
      const auto merit = Merit(tokenizer_->Split(passages[i].text), query);
      // The earlier passage of two equal ones.
      if (merit.first > 0) ranked.push_back({merit, passages.size() - i});
    }
    std::sort(ranked.rbegin(), ranked.rend());
    if (ranked.size() > kSnippetsMax) ranked.resize(kSnippetsMax);
    std::sort(ranked.begin(), ranked.end(),
              [](const auto& a, const auto& b) { return a.second > b.second; });
    for (const auto& [merit, behind] : ranked) {
      one.snippets.push_back(MakeSnippet(passages[passages.size() - behind], query));
    }
    found.jobs.push_back(std::move(one));
  }
  return found;
}

}  // namespace wt::search

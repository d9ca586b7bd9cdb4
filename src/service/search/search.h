// Search over the titles and texts of one owner's jobs, and what keeps its index up to date.
//
// Step() is called from time to time and brings due entries up to date; a job can be found some
// seconds after it has changed and is gone at once when it is deleted. Thread-safe.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "service/documents/documents.h"
#include "service/jobs/job_store.h"
#include "service/search/query.h"
#include "service/search/search_store.h"
#include "service/search/tokens.h"
#include "whisper_transcriber/status.h"

namespace wt::search {

/// Snippets shown for a job.
inline constexpr int kSnippetsMax = 3;
/// Bytes of a snippet; longer turns are cut around the first word that was found.
inline constexpr std::size_t kSnippetBytesMax = 240;

struct Snippet {
  std::string turn_id;
  double start_s = 0;
  double end_s = 0;
  std::string text = {};
  /// What was found: begin and end in Unicode code points of `text`.
  std::vector<std::pair<std::size_t, std::size_t>> highlights = {};
};

struct Found {
  jobs::Job job;
  double score = 0;
  std::vector<Snippet> snippets = {};
};

struct FoundPage {
  std::vector<Found> jobs;
  std::int64_t total = 0;
};

class Search {
 public:
  /// All outlive this.
  static Result<std::unique_ptr<Search>> Create(SearchStore* store, jobs::JobStore* jobs,
                                                documents::Documents* documents);

  /// kInvalidArgument for a query that names nothing.
  Result<FoundPage> Find(const std::string& text, const HitFilter& filter, HitOrder order,
                         int limit, std::int64_t offset);
  /// Indexes at most `limit` due jobs; the number that was done.
  Result<int> Step(int limit);
  Status Rebuild() { return store_->Rebuild(); }

 private:
  Search(SearchStore* store, jobs::JobStore* jobs, documents::Documents* documents,
         std::unique_ptr<Tokenizer> tokenizer)
      : store_(store), jobs_(jobs), documents_(documents), tokenizer_(std::move(tokenizer)) {}

  Result<Entry> MakeEntry(const jobs::Job& job);
  Snippet MakeSnippet(const Passage& passage, const Query& query);

  SearchStore* const store_;
  jobs::JobStore* const jobs_;
  documents::Documents* const documents_;
  /// Guards the tokenizer.
  std::mutex mutex_;
  std::unique_ptr<Tokenizer> tokenizer_;
};

}  // namespace wt::search

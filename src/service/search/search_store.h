// What search needs of a database: a port, implemented in store/sqlite/search.
//
// Whatever changes a job's title, tags, notes or text also notes in the same transaction that its
// index entry is due; the indexer takes such jobs one by one. An entry goes with its job. Every
// look is limited to one owner. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/search/query.h"
#include "whisper_transcriber/status.h"

namespace wt::search {

/// A turn of a transcript.
struct Passage {
  std::string turn_id;
  double start_s = 0;
  double end_s = 0;
  std::string text = {};
  /// Tokenizer::Join of the text.
  std::string words = {};
};

struct Entry {
  std::string job_id;
  std::string owner;
  /// Tokenizer::Join of title, file name, tags, notes and names of speakers.
  std::string title_words;
  std::vector<Passage> passages;
  /// Names of those who speak, in the order of their first turns.
  std::vector<std::string> speakers = {};
};

struct Due {
  std::string job_id;
  /// How often it has changed; given back, so that a change in between is not lost.
  std::int64_t changes = 0;
};

enum class HitOrder : std::uint8_t { kRelevance, kNewest, kOldest, kLongest, kShortest, kFilename };

struct HitFilter {
  std::string owner;
  std::vector<std::string> statuses = {};
  std::string language = {};
  std::string model = {};
  std::string tag = {};
  std::optional<bool> starred = std::nullopt;
  std::optional<bool> archived = std::nullopt;
  std::optional<base::UnixMillis> created_after = std::nullopt;
  std::optional<base::UnixMillis> created_before = std::nullopt;
  std::optional<double> min_duration_s = std::nullopt;
  std::optional<double> max_duration_s = std::nullopt;
};

struct Hit {
  std::string job_id;
  /// Greater is better; comparable within one answer only.
  double score = 0;
};

struct HitPage {
  std::vector<Hit> hits;
  /// Of the whole query.
  std::int64_t total = 0;
};

class SearchStore {
 public:
  virtual ~SearchStore() = default;

  /// Jobs whose entries are due, longest waiting first.
  virtual Result<std::vector<Due>> TakeDue(int limit) = 0;
  /// Replaces the entry; due no more unless the job has changed since.
  virtual Status Put(const Due& due, const Entry& entry) = 0;
  /// The job is gone or cannot be read: not due until its next change.
  virtual Status Skip(const Due& due) = 0;
  /// Every entry is due.
  virtual Status Rebuild() = 0;

  virtual Result<HitPage> Find(const Query& query, const HitFilter& filter, HitOrder order,
                               int limit, std::int64_t offset) = 0;
  /// The passages of a job in which any of the phrases may stand, in order; at most `limit`.
  virtual Result<std::vector<Passage>> Passages(const std::string& job_id, const Query& query,
                                                int limit) = 0;
};

}  // namespace wt::search

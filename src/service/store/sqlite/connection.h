// One connection to an SQLite file, with a cache of prepared statements and a time limit for each.
//
// Repositories get it through a Transaction (database.h) and never open one themselves. One thread
// at a time.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "service/store/sqlite/statement.h"
#include "service/store/sqlite/value.h"
#include "whisper_transcriber/status.h"

struct sqlite3;
struct sqlite3_stmt;

namespace wt::store {

/// A statement that has run; `sql` has placeholders, never values.
struct StatementTiming {
  std::string_view sql;
  std::chrono::microseconds took{0};
};
/// Called on the thread that ran the statement; must be thread-safe and must not use the database.
using StatementHook = std::function<void(const StatementTiming&)>;

enum class AccessMode : std::uint8_t { kRead, kWrite };

struct ConnectionOptions {
  std::string path;
  AccessMode mode = AccessMode::kWrite;
  std::chrono::milliseconds busy_timeout{5'000};
  /// One statement's time from its first row to its last; 0: no limit.
  std::chrono::milliseconds statement_timeout{30'000};
  int page_cache_kib = 8'192;
  /// For statements that take at least `slow`; 0: all.
  std::chrono::milliseconds slow{100};
  StatementHook on_statement;
};

class Connection {
 public:
  /// `stopping` outlives the connection; true ends statements with kCancelled.
  static Result<std::unique_ptr<Connection>> Open(const ConnectionOptions& options,
                                                  const std::atomic<bool>* stopping);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Ready to be stepped. Parameters are ?1, ?2 and so on.
  Result<Statement> Query(std::string_view sql, std::span<const Value> values);
  Result<Statement> Query(std::string_view sql, std::initializer_list<Value> values = {}) {
    return Query(sql, std::span<const Value>(values.begin(), values.size()));
  }
  /// Runs to the end and gives the number of rows that it changed.
  Result<std::int64_t> Execute(std::string_view sql, std::span<const Value> values);
  Result<std::int64_t> Execute(std::string_view sql, std::initializer_list<Value> values = {}) {
    return Execute(sql, std::span<const Value>(values.begin(), values.size()));
  }
  /// Several statements without values, for migrations; not cached.
  Status RunScript(const std::string& sql);

 private:
  friend class Statement;
  friend class Transaction;
  friend class Database;
  struct Cached {
    sqlite3_stmt* statement = nullptr;
    bool in_use = false;
  };

  Connection(const ConnectionOptions& options, const std::atomic<bool>* stopping);
  Status Configure();
  Result<sqlite3_stmt*> Prepare(std::string_view sql);
  void EvictUnused();
  void HandBack(sqlite3_stmt* statement, bool cached);
  void StartTimer(std::chrono::steady_clock::time_point now);
  void Report(std::string_view sql, std::chrono::steady_clock::duration took) const;
  Status StepError(std::string_view sql);
  bool in_transaction() const;
  static int OnProgress(void* self);

  const ConnectionOptions options_;
  const std::atomic<bool>* const stopping_;
  sqlite3* db_ = nullptr;
  std::map<std::string, Cached, std::less<>> cache_;
  std::chrono::steady_clock::time_point deadline_;
  bool timed_out_ = false;
};

}  // namespace wt::store

#include "service/store/sqlite/connection.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <cctype>

#include "base/status_macros.h"
#include "service/store/sqlite/sqlite_status.h"

namespace wt::store {
namespace {

// The progress handler looks at the clock every so many virtual machine steps: about 0.1 ms.
constexpr int kStepsBetweenChecks = 4'000;
// The product has some 200 different statements; lists with filters add shapes of their own.
constexpr std::size_t kCachedStatementsMax = 400;
// The longest value is a transcript's text or a checkpoint, both limited to less.
constexpr int kValueBytesMax = 64 << 20;
// The write-ahead log shrinks to this after a checkpoint.
constexpr int kLogBytesKept = 64 << 20;

// No mutex inside SQLite: one connection is never used by two threads at once. Readers open for
// writing too (query_only stops them), because the last one to close must be able to finish the
// write-ahead log.
constexpr int kOpenFlags =
    SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE | SQLITE_OPEN_PRIVATECACHE;

}  // namespace

Connection::Connection(const ConnectionOptions& options, const std::atomic<bool>* stopping)
    : options_(options), stopping_(stopping) {}

Connection::~Connection() {
  for (auto& [sql, cached] : cache_) sqlite3_finalize(cached.statement);
  sqlite3_close(db_);
}

Result<std::unique_ptr<Connection>> Connection::Open(const ConnectionOptions& options,
                                                     const std::atomic<bool>* stopping) {
  std::unique_ptr<Connection> connection(new Connection(options, stopping));
  const int code = sqlite3_open_v2(options.path.c_str(), &connection->db_, kOpenFlags, nullptr);
  if (code != SQLITE_OK) {
    if (connection->db_ == nullptr) return SqliteStatus(code, 0, "open");
    return LastError(connection->db_, "open");
  }
  WT_TRY(connection->Configure());
  return connection;
}

Status Connection::Configure() {
  sqlite3_busy_timeout(db_, static_cast<int>(options_.busy_timeout.count()));
  sqlite3_progress_handler(db_, kStepsBetweenChecks, &Connection::OnProgress, this);
  sqlite3_limit(db_, SQLITE_LIMIT_LENGTH, kValueBytesMax);
  sqlite3_limit(db_, SQLITE_LIMIT_ATTACHED, 0);
  for (const int option : {SQLITE_DBCONFIG_DQS_DML, SQLITE_DBCONFIG_DQS_DDL,
                           SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, SQLITE_DBCONFIG_TRUSTED_SCHEMA}) {
    sqlite3_db_config(db_, option, 0, nullptr);
  }
  sqlite3_db_config(db_, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // FULL: a commit is on the disk before it is acknowledged. With NORMAL, 25 of 40 simulated power
  // cuts lost acknowledged rows. secure_delete: deleted content is overwritten.
  WT_TRY(RunScript(fmt::format(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
      "PRAGMA secure_delete = ON; PRAGMA temp_store = MEMORY; PRAGMA cell_size_check = ON;"
      "PRAGMA mmap_size = 0; PRAGMA cache_size = -{}; PRAGMA journal_size_limit = {};",
      options_.page_cache_kib, kLogBytesKept)));
  if (options_.mode == AccessMode::kRead) WT_TRY(RunScript("PRAGMA query_only = ON"));
  return Status();
}

int Connection::OnProgress(void* self) {
  auto* const connection = static_cast<Connection*>(self);
  if (connection->stopping_->load(std::memory_order_relaxed)) return 1;
  if (connection->options_.statement_timeout.count() == 0) return 0;
  connection->timed_out_ = std::chrono::steady_clock::now() > connection->deadline_;
  return connection->timed_out_ ? 1 : 0;
}

void Connection::StartTimer(std::chrono::steady_clock::time_point now) {
  timed_out_ = false;
  deadline_ = now + options_.statement_timeout;
}

void Connection::Report(std::string_view sql, std::chrono::steady_clock::duration took) const {
  if (!options_.on_statement || took < options_.slow) return;
  options_.on_statement(
      {.sql = sql, .took = std::chrono::duration_cast<std::chrono::microseconds>(took)});
}

Status Connection::StepError(std::string_view sql) {
  if (timed_out_) {
    return Status(StatusCode::kDeadlineExceeded,
                  "The database query took too long and was stopped. Ask for less at once.",
                  InternalDetail(std::string(sql)));
  }
  return LastError(db_, sql);
}

bool Connection::in_transaction() const { return sqlite3_get_autocommit(db_) == 0; }

Result<sqlite3_stmt*> Connection::Prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  if (sqlite3_prepare_v3(db_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT,
                         &statement, nullptr) != SQLITE_OK) {
    return LastError(db_, sql);
  }
  if (statement == nullptr) {
    return Status(StatusCode::kInternal, "The database refused a query.",
                  InternalDetail("empty statement"));
  }
  return statement;
}

void Connection::EvictUnused() {
  for (auto it = cache_.begin(); it != cache_.end();) {
    if (it->second.in_use) {
      ++it;
      continue;
    }
    sqlite3_finalize(it->second.statement);
    it = cache_.erase(it);
  }
}

Result<Statement> Connection::Query(std::string_view sql, std::span<const Value> values) {
  const auto found = cache_.find(sql);
  if (found != cache_.end() && !found->second.in_use) {
    found->second.in_use = true;
    Statement statement(this, found->second.statement, /*cached=*/true);
    WT_TRY(statement.Bind(values));
    return statement;
  }
  WT_ASSIGN(sqlite3_stmt * prepared, Prepare(sql));
  // The cached one is in use (a query inside its own loop): this one is thrown away afterwards.
  const bool cached = found == cache_.end();
  if (cached) {
    if (cache_.size() >= kCachedStatementsMax) EvictUnused();
    cache_.emplace(std::string(sql), Cached{.statement = prepared, .in_use = true});
  }
  Statement statement(this, prepared, cached);
  WT_TRY(statement.Bind(values));
  return statement;
}

void Connection::HandBack(sqlite3_stmt* statement, bool cached) {
  if (!cached) {
    sqlite3_finalize(statement);
    return;
  }
  sqlite3_reset(statement);
  // Bound values may be a user's content: they do not stay behind.
  sqlite3_clear_bindings(statement);
  const auto found = cache_.find(std::string_view(sqlite3_sql(statement)));
  if (found != cache_.end()) found->second.in_use = false;
}

Result<std::int64_t> Connection::Execute(std::string_view sql, std::span<const Value> values) {
  WT_ASSIGN(Statement statement, Query(sql, values));
  bool more = true;
  while (more) {
    WT_ASSIGN(more, statement.Step());
  }
  return static_cast<std::int64_t>(sqlite3_changes64(db_));
}

Status Connection::RunScript(const std::string& sql) {
  const auto start = std::chrono::steady_clock::now();
  StartTimer(start);
  const int code = sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, nullptr);
  Report(sql, std::chrono::steady_clock::now() - start);
  return code == SQLITE_OK ? Status() : StepError(sql);
}

}  // namespace wt::store

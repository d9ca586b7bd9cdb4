// An SQLite database: one writer, a small pool of readers, and transactions over them.
//
// Write-ahead log with synchronous=FULL: a commit that returned ok survives a power cut. Writers of
// this process queue first come, first served; other processes are waited for (busy timeout).
// Readers never wait for the writer and see the last commit. Database is thread-safe; a Transaction
// and what it hands out belong to one thread. Do not begin a second write while holding one.
//
//   WT_ASSIGN(Transaction tx, database.BeginWrite());
//   WT_TRY(tx->Execute("UPDATE t SET n = n + 1 WHERE id = ?1", {id}));
//   return tx.Commit();                                  // Not committed: rolled back.
//
// A repository (store/sqlite/NAME/, its own wt_component) holds a Database* and implements the port
// of its part. Its tables come from a migration (migrations.h). Tables are STRICT, ids and tokens
// TEXT, times INTEGER milliseconds, enumerations TEXT with a CHECK on the slugs.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "service/store/sqlite/connection.h"
#include "whisper_transcriber/status.h"

namespace wt::store {

class Database;

/// A transaction that ends with the object: rolled back unless Commit() was called. Move-only.
class Transaction {
 public:
  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  ~Transaction();

  Connection* operator->() { return connection_; }
  Connection& operator*() { return *connection_; }
  /// Durable when it returns ok; otherwise nothing of the transaction has happened. All statements
  /// must be finished or destroyed. Once. `crash_point`: the part of the points
  /// "PART.before_commit" and "PART.after_commit" (platform/crash_point.h), for tests.
  Status Commit(std::string_view crash_point = "");

 private:
  friend class Database;
  Transaction(Database* database, Connection* connection, AccessMode mode);
  void HandBack();

  Database* database_;
  Connection* connection_;
  AccessMode mode_;
};

struct DatabaseOptions {
  std::string path;
  /// Connections for reading at most; opened when needed.
  int readers_max = 4;
  /// How long to wait for other processes, for this process's writer and for a free reader.
  std::chrono::milliseconds busy_timeout{5'000};
  std::chrono::milliseconds statement_timeout{30'000};
  /// Page cache of each connection.
  int page_cache_kib = 8'192;
  std::chrono::milliseconds slow{100};
  StatementHook on_statement;
};

/// For metrics.
struct PoolState {
  int readers_open = 0;
  int readers_busy = 0;
  bool writer_busy = false;
  int waiting_for_writer = 0;
  int waiting_for_reader = 0;
};

class Database {
 public:
  /// Creates the file (mode 0600) when it is missing; its folder must exist. kDataCorrupt when it
  /// is no database, kFailedPrecondition when it is another program's.
  static Result<std::unique_ptr<Database>> Open(DatabaseOptions options);
  /// No transaction may be open.
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  /// Takes the write lock at once, so that what is read inside cannot change before the commit.
  /// kUnavailable when others hold it for longer than the busy timeout.
  Result<Transaction> BeginWrite();
  /// A consistent view of the last commit.
  Result<Transaction> BeginRead();

  /// Ends running statements with kCancelled and refuses new transactions, for shutdown.
  void Interrupt();
  /// kDataCorrupt when pages, indexes or foreign keys are damaged. Reads the whole file.
  Status CheckIntegrity();
  /// Moves the write-ahead log into the file and empties it, so that deleted bytes leave it too.
  Status Checkpoint();
  PoolState pool_state() const;
  const std::string& path() const { return options_.path; }

 private:
  friend class Transaction;
  explicit Database(DatabaseOptions options);
  Status OpenWriter();
  Result<std::unique_ptr<Connection>> OpenConnection(AccessMode mode);
  Status AcquireWriter();
  Result<Connection*> AcquireReader();
  void Release(Connection* connection, AccessMode mode);

  const DatabaseOptions options_;
  std::atomic<bool> stopping_{false};
  mutable std::mutex mutex_;
  std::condition_variable writer_freed_;
  std::condition_variable reader_freed_;
  // Guarded by mutex_: who waits for the writer, in order of arrival.
  std::deque<std::uint64_t> writer_queue_;
  std::uint64_t next_ticket_ = 0;
  bool writer_busy_ = false;
  int waiting_for_reader_ = 0;
  int readers_opening_ = 0;
  std::vector<std::unique_ptr<Connection>> readers_;
  std::vector<Connection*> free_readers_;
  std::unique_ptr<Connection> writer_;
};

}  // namespace wt::store

#include "service/store/sqlite/database.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/status_macros.h"
#include "platform/crash_point.h"
#include "platform/file.h"

namespace wt::store {
namespace {

// "WTdb": says whose file this is (PRAGMA application_id).
constexpr std::int64_t kApplicationId = 0x57546462;

Status Stopping() { return Status(StatusCode::kUnavailable, "The service is shutting down."); }

Status Busy(std::string_view what) {
  return Status(StatusCode::kUnavailable, "The database is busy. Try again in a moment.",
                InternalDetail(std::string(what)));
}

Status AnotherPrograms() {
  return Status(StatusCode::kFailedPrecondition,
                "The database file belongs to another program. Name another file.");
}

/// Before SQLite opens the file, which would write the mode of the log into it. Fields of the
/// header (https://www.sqlite.org/fileformat2.html, 1.3): the schema's cookie counts its changes. A
/// file of ours without our id has none yet, or has both in the log.
Status CheckHeader(const platform::FileDescriptor& file) {
  std::array<unsigned char, 100> header = {};
  const ssize_t got = ::pread(file.get(), header.data(), header.size(), 0);
  if (got < static_cast<ssize_t>(header.size())) return Status();  // Empty, or no database.
  const auto field = [&header](std::size_t at) {
    std::int64_t value = 0;
    for (std::size_t i = 0; i < 4; ++i) value = value << 8 | header[at + i];
    return value;
  };
  constexpr std::string_view kMagic{"SQLite format 3\0", 16};
  if (std::string_view(reinterpret_cast<const char*>(header.data()), kMagic.size()) != kMagic) {
    return Status();  // SQLite says so.
  }
  const std::int64_t application = field(68);
  const std::int64_t cookie = field(40);
  if (application == kApplicationId || (application == 0 && cookie == 0)) return Status();
  return AnotherPrograms();
}

/// Only the owner may read the file; SQLite gives its side files the same mode.
Status EnsureFile(const std::string& path) {
  platform::FileDescriptor file(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (file.valid()) return CheckHeader(file);
  return Status(StatusCode::kUnavailable,
                "The database file cannot be opened. Check the data directory and its rights.",
                InternalDetail(platform::ErrnoStatus(errno, path).message()));
}

Status CheckWhose(Connection* connection) {
  std::int64_t application = 0;
  std::int64_t objects = 0;
  {
    WT_ASSIGN(Statement id, connection->Query("PRAGMA application_id"));
    WT_TRY(id.Step());
    application = id.Int(0);
    WT_ASSIGN(Statement count, connection->Query("SELECT count(*) FROM sqlite_schema"));
    WT_TRY(count.Step());
    objects = count.Int(0);
  }
  if (application == kApplicationId) return Status();
  if (application != 0 || objects != 0) {
    return AnotherPrograms();
  }
  return connection->RunScript(fmt::format("PRAGMA application_id = {}", kApplicationId));
}

}  // namespace

Transaction::Transaction(Database* database, Connection* connection, AccessMode mode)
    : database_(database), connection_(connection), mode_(mode) {}

Transaction::Transaction(Transaction&& other) noexcept
    : database_(other.database_),
      connection_(std::exchange(other.connection_, nullptr)),
      mode_(other.mode_) {}

Transaction::~Transaction() {
  if (connection_ == nullptr) return;
  // Cannot fail in a way that matters: what cannot be rolled back was rolled back by SQLite.
  if (connection_->in_transaction()) static_cast<void>(connection_->Execute("ROLLBACK").ok());
  HandBack();
}

Status Transaction::Commit(std::string_view crash_point) {
  if (!crash_point.empty()) platform::CrashPoint(crash_point, "before_commit");
  Status status = connection_->Execute("COMMIT").status();
  if (!crash_point.empty()) platform::CrashPoint(crash_point, "after_commit");
  if (connection_->in_transaction()) static_cast<void>(connection_->Execute("ROLLBACK").ok());
  HandBack();
  return status;
}

void Transaction::HandBack() { database_->Release(std::exchange(connection_, nullptr), mode_); }

Database::Database(DatabaseOptions options) : options_(std::move(options)) {}

Database::~Database() = default;

Result<std::unique_ptr<Database>> Database::Open(DatabaseOptions options) {
  WT_TRY(EnsureFile(options.path));
  std::unique_ptr<Database> database(new Database(std::move(options)));
  WT_TRY(database->OpenWriter());
  return database;
}

Status Database::OpenWriter() {
  WT_ASSIGN(writer_, OpenConnection(AccessMode::kWrite));
  return CheckWhose(writer_.get());
}

Result<std::unique_ptr<Connection>> Database::OpenConnection(AccessMode mode) {
  return Connection::Open({.path = options_.path,
                           .mode = mode,
                           .busy_timeout = options_.busy_timeout,
                           .statement_timeout = options_.statement_timeout,
                           .page_cache_kib = options_.page_cache_kib,
                           .slow = options_.slow,
                           .on_statement = options_.on_statement},
                          &stopping_);
}

Status Database::AcquireWriter() {
  const auto deadline = std::chrono::steady_clock::now() + options_.busy_timeout;
  std::unique_lock lock(mutex_);
  const std::uint64_t ticket = next_ticket_++;
  writer_queue_.push_back(ticket);
  const bool mine = writer_freed_.wait_until(lock, deadline, [&] {
    return stopping_ || (!writer_busy_ && writer_queue_.front() == ticket);
  });
  std::erase(writer_queue_, ticket);
  if (!mine || stopping_) {
    // The next in the queue may have waited for this one only.
    writer_freed_.notify_all();
    return stopping_ ? Stopping() : Busy("writer queue");
  }
  writer_busy_ = true;
  return Status();
}

Result<Transaction> Database::BeginWrite() {
  WT_TRY(AcquireWriter());
  Transaction transaction(this, writer_.get(), AccessMode::kWrite);
  WT_TRY(writer_->Execute("BEGIN IMMEDIATE"));
  return transaction;
}

Result<Connection*> Database::AcquireReader() {
  const auto deadline = std::chrono::steady_clock::now() + options_.busy_timeout;
  std::unique_lock lock(mutex_);
  const auto can_open = [&] {
    return static_cast<int>(readers_.size()) + readers_opening_ < options_.readers_max;
  };
  ++waiting_for_reader_;
  const bool ready = reader_freed_.wait_until(
      lock, deadline, [&] { return stopping_ || !free_readers_.empty() || can_open(); });
  --waiting_for_reader_;
  if (stopping_) return Stopping();
  if (!ready) return Busy("reader pool");
  if (!free_readers_.empty()) {
    Connection* const connection = free_readers_.back();
    free_readers_.pop_back();
    return connection;
  }
  ++readers_opening_;
  lock.unlock();
  Result<std::unique_ptr<Connection>> opened = OpenConnection(AccessMode::kRead);
  lock.lock();
  --readers_opening_;
  if (!opened.ok()) {
    reader_freed_.notify_one();
    return opened.status();
  }
  readers_.push_back(std::move(opened).value());
  return readers_.back().get();
}

Result<Transaction> Database::BeginRead() {
  WT_ASSIGN(Connection * connection, AcquireReader());
  Transaction transaction(this, connection, AccessMode::kRead);
  WT_TRY(connection->Execute("BEGIN"));
  return transaction;
}

void Database::Release(Connection* connection, AccessMode mode) {
  const std::lock_guard lock(mutex_);
  if (mode == AccessMode::kWrite) {
    writer_busy_ = false;
    // All, because only the front of the queue may go on and a condition variable chooses freely.
    writer_freed_.notify_all();
  } else {
    free_readers_.push_back(connection);
    reader_freed_.notify_one();
  }
}

void Database::Interrupt() {
  stopping_ = true;
  // Taken once, so that nobody is between its check of the flag and its wait.
  {
    const std::lock_guard lock(mutex_);
  }
  writer_freed_.notify_all();
  reader_freed_.notify_all();
}

Status Database::CheckIntegrity() {
  WT_ASSIGN(Transaction tx, BeginRead());
  {
    WT_ASSIGN(Statement check, tx->Query("PRAGMA integrity_check(1)"));
    WT_ASSIGN(const bool row, check.Step());
    if (!row || check.Text(0) != "ok") {
      return Status(StatusCode::kDataCorrupt,
                    "The database file is damaged. Restore it from a backup.",
                    InternalDetail(row ? check.Text(0) : "no answer"));
    }
  }
  WT_ASSIGN(Statement keys, tx->Query("PRAGMA foreign_key_check"));
  WT_ASSIGN(const bool dangling, keys.Step());
  if (dangling) {
    return Status(StatusCode::kDataCorrupt,
                  "The database has references to things that are missing.",
                  InternalDetail("foreign key of table " + keys.Text(0)));
  }
  return Status();
}

Status Database::Checkpoint() {
  WT_TRY(AcquireWriter());
  const Transaction writer(this, writer_.get(), AccessMode::kWrite);
  WT_ASSIGN(Statement result, writer_->Query("PRAGMA wal_checkpoint(TRUNCATE)"));
  WT_ASSIGN(const bool row, result.Step());
  if (row && result.Int(0) != 0) return Busy("checkpoint");
  return Status();
}

PoolState Database::pool_state() const {
  const std::lock_guard lock(mutex_);
  return {.readers_open = static_cast<int>(readers_.size()),
          .readers_busy = static_cast<int>(readers_.size() - free_readers_.size()),
          .writer_busy = writer_busy_,
          .waiting_for_writer = static_cast<int>(writer_queue_.size()),
          .waiting_for_reader = waiting_for_reader_};
}

}  // namespace wt::store

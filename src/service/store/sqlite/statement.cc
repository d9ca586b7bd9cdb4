#include "service/store/sqlite/statement.h"

#include <sqlite3.h>

#include <type_traits>
#include <utility>

#include "service/store/sqlite/connection.h"
#include "service/store/sqlite/sqlite_status.h"

namespace wt::store {
namespace {

int BindOne(sqlite3_stmt* statement, int index, const Value& value) {
  return std::visit(
      [&](const auto& data) {
        using T = std::decay_t<decltype(data)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return sqlite3_bind_null(statement, index);
        } else if constexpr (std::is_same_v<T, std::int64_t>) {
          return sqlite3_bind_int64(statement, index, data);
        } else if constexpr (std::is_same_v<T, double>) {
          return sqlite3_bind_double(statement, index, data);
        } else if constexpr (std::is_same_v<T, std::string_view>) {
          // An empty view may hold a null pointer, which SQLite would store as NULL.
          return sqlite3_bind_text64(statement, index, data.empty() ? "" : data.data(), data.size(),
                                     SQLITE_TRANSIENT, SQLITE_UTF8);
        } else {
          return sqlite3_bind_blob64(statement, index,
                                     data.empty() ? static_cast<const void*>("") : data.data(),
                                     data.size(), SQLITE_TRANSIENT);
        }
      },
      value.data());
}

}  // namespace

Statement::Statement(Connection* connection, sqlite3_stmt* statement, bool cached)
    : connection_(connection), statement_(statement), cached_(cached) {}

Statement::Statement(Statement&& other) noexcept
    : connection_(other.connection_),
      statement_(std::exchange(other.statement_, nullptr)),
      cached_(other.cached_),
      started_(other.started_),
      started_at_(other.started_at_) {}

Statement& Statement::operator=(Statement&& other) noexcept {
  if (this != &other) {
    HandBack();
    connection_ = other.connection_;
    statement_ = std::exchange(other.statement_, nullptr);
    cached_ = other.cached_;
    started_ = other.started_;
    started_at_ = other.started_at_;
  }
  return *this;
}

Statement::~Statement() { HandBack(); }

void Statement::HandBack() {
  if (statement_ == nullptr) return;
  sqlite3_stmt* const statement = std::exchange(statement_, nullptr);
  if (started_) {
    connection_->Report(sqlite3_sql(statement), std::chrono::steady_clock::now() - started_at_);
  }
  connection_->HandBack(statement, cached_);
}

Status Statement::Bind(std::span<const Value> values) {
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (BindOne(statement_, static_cast<int>(i) + 1, values[i]) != SQLITE_OK) {
      return LastError(sqlite3_db_handle(statement_), sqlite3_sql(statement_));
    }
  }
  return Status();
}

Result<bool> Statement::Step() {
  if (!started_) {
    started_ = true;
    started_at_ = std::chrono::steady_clock::now();
    connection_->StartTimer(started_at_);
  }
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return connection_->StepError(sqlite3_sql(statement_));
}

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

std::int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_, column); }

double Statement::Real(int column) const { return sqlite3_column_double(statement_, column); }

std::string Statement::Text(int column) const {
  const void* const bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  if (bytes == nullptr) return std::string();
  return std::string(static_cast<const char*>(bytes), static_cast<std::size_t>(size));
}

std::optional<std::int64_t> Statement::OptionalInt(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Int(column);
}

std::optional<double> Statement::OptionalReal(int column) const {
  if (IsNull(column)) return std::nullopt;
  return Real(column);
}

}  // namespace wt::store

// A prepared SQL statement with its values bound, on its way through its rows.
//
// Borrowed from the connection's cache: destroying it hands it back. It must not outlive the
// transaction that it came from. One thread at a time.
//
//   WT_ASSIGN(Statement row, tx->Query("SELECT name FROM t WHERE id = ?1", {id}));
//   WT_ASSIGN(const bool found, row.Step());
//   if (found) use(row.Text(0));
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "service/store/sqlite/value.h"
#include "whisper_transcriber/status.h"

struct sqlite3_stmt;

namespace wt::store {

class Connection;

class Statement {
 public:
  Statement(Statement&& other) noexcept;
  Statement& operator=(Statement&& other) noexcept;
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;
  ~Statement();

  /// True: a row is there to be read; false: no more. Errors as sqlite_status.h says, and
  /// kDeadlineExceeded when the statement's time ran out.
  Result<bool> Step();

  // Columns of the current row, from 0. NULL reads as 0 or "".
  bool IsNull(int column) const;
  std::int64_t Int(int column) const;
  int SmallInt(int column) const { return static_cast<int>(Int(column)); }
  bool Bool(int column) const { return Int(column) != 0; }
  double Real(int column) const;
  /// Text or blob bytes.
  std::string Text(int column) const;
  std::optional<std::int64_t> OptionalInt(int column) const;
  std::optional<double> OptionalReal(int column) const;

 private:
  friend class Connection;
  Statement(Connection* connection, sqlite3_stmt* statement, bool cached);
  Status Bind(std::span<const Value> values);
  void HandBack();

  Connection* connection_ = nullptr;
  sqlite3_stmt* statement_ = nullptr;
  bool cached_ = false;
  bool started_ = false;
  std::chrono::steady_clock::time_point started_at_;
};

}  // namespace wt::store

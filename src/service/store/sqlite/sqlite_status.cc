#include "service/store/sqlite/sqlite_status.h"

#include <fmt/format.h>
#include <sqlite3.h>

#include <string>

namespace wt::store {
namespace {

/// SQLITE_FULL is what SQLite makes of ENOSPC and of short writes. A quota or a file size limit
/// ends in a failed write; no list of errno values is needed to see that nothing could be stored.
bool CannotStore(int extended) {
  return (extended & 0xFF) == SQLITE_FULL || extended == SQLITE_IOERR_WRITE;
}

Status Constraint(int extended, InternalDetail detail) {
  switch (extended) {
    case SQLITE_CONSTRAINT_UNIQUE:
    case SQLITE_CONSTRAINT_PRIMARYKEY:
    case SQLITE_CONSTRAINT_ROWID:
      return Status(StatusCode::kAlreadyExists, "This is stored already.", std::move(detail));
    case SQLITE_CONSTRAINT_FOREIGNKEY:
      return Status(StatusCode::kFailedPrecondition,
                    "Something that this depends on is missing, or something depends on it.",
                    std::move(detail));
    default:
      return Status(StatusCode::kInternal, "An internal rule of the database was broken.",
                    std::move(detail));
  }
}

}  // namespace

Status SqliteStatus(int extended, int system_errno, std::string_view detail_text) {
  const int primary = extended & 0xFF;
  if (primary == SQLITE_OK || primary == SQLITE_ROW || primary == SQLITE_DONE) return Status();
  InternalDetail detail(fmt::format("sqlite {} ({}), errno {}: {}", extended,
                                    sqlite3_errstr(extended), system_errno, detail_text));
  if (CannotStore(extended)) {
    return Status(StatusCode::kResourceExhausted,
                  "The disk of the database is full; nothing was stored. Free space, then retry.",
                  std::move(detail));
  }
  switch (primary) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      return Status(StatusCode::kUnavailable, "The database is busy. Try again in a moment.",
                    std::move(detail));
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_FORMAT:
      return Status(StatusCode::kDataCorrupt,
                    "The database file is damaged. Restore it from a backup.", std::move(detail));
    case SQLITE_CONSTRAINT: return Constraint(extended, std::move(detail));
    case SQLITE_INTERRUPT:
      return Status(StatusCode::kCancelled, "The database query was stopped.", std::move(detail));
    case SQLITE_TOOBIG:
    case SQLITE_NOMEM:
      return Status(StatusCode::kResourceExhausted, "The database value is too large.",
                    std::move(detail));
    case SQLITE_IOERR:
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
    case SQLITE_NOLFS:
      return Status(StatusCode::kUnavailable,
                    "The database cannot be read or written at the moment. Try again; if it "
                    "persists, check the disk and the rights of the data directory.",
                    std::move(detail));
    default:
      return Status(StatusCode::kInternal, "The database refused a query.", std::move(detail));
  }
}

Status LastError(sqlite3* db, std::string_view what) {
  return SqliteStatus(sqlite3_extended_errcode(db), sqlite3_system_errno(db),
                      fmt::format("{} in: {}", sqlite3_errmsg(db), what));
}

}  // namespace wt::store

#include "service/store/sqlite/migrations.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "base/ids.h"
#include "base/status_macros.h"
#include "platform/sha256.h"

namespace wt::store {
namespace {

struct Applied {
  std::string name;
  std::string checksum;
  base::UnixMillis at = 0;
};
using AppliedByNumber = std::map<int, Applied>;

std::string Checksum(const Migration& migration) {
  // Both directions: a changed way back is as surprising as a changed way forth.
  const std::string text = fmt::format("{}\n--\n{}", migration.up, migration.down);
  return platform::Sha256Hex(std::as_bytes(std::span(text)));
}

Status CreateTable(Connection& connection) {
  return connection.RunScript(
      "CREATE TABLE IF NOT EXISTS schema_migrations (number INTEGER PRIMARY KEY NOT NULL,"
      " name TEXT NOT NULL, checksum TEXT NOT NULL, applied_at INTEGER NOT NULL) STRICT");
}

Result<AppliedByNumber> ReadApplied(Connection& connection) {
  AppliedByNumber applied;
  WT_ASSIGN(Statement table,
            connection.Query("SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'"));
  WT_ASSIGN(bool more, table.Step());
  if (!more) return applied;
  WT_ASSIGN(Statement rows, connection.Query("SELECT number, name, checksum, applied_at"
                                             " FROM schema_migrations ORDER BY number"));
  while (true) {
    WT_ASSIGN(more, rows.Step());
    if (!more) return applied;
    applied[rows.SmallInt(0)] = {.name = rows.Text(1), .checksum = rows.Text(2), .at = rows.Int(3)};
  }
}

Status Unusable(std::string message) {
  return Status(StatusCode::kFailedPrecondition, std::move(message));
}

/// What is applied must be the first steps of what this program knows, unchanged.
Status CheckHistory(const AppliedByNumber& applied, std::span<const Migration> migrations) {
  const int known = migrations.empty() ? 0 : migrations.back().number;
  if (!applied.empty() && applied.rbegin()->first > known) {
    return Unusable(
        fmt::format("The database was written by a newer version (schema {}, this program knows "
                    "{}). Start the newer program, or restore a backup.",
                    applied.rbegin()->first, known));
  }
  std::size_t next = 0;
  for (const auto& [number, step] : applied) {
    const Migration& expected = migrations[next++];
    if (number != expected.number || step.checksum != Checksum(expected)) {
      return Unusable(fmt::format(
          "Step {} of the database's schema is not the one that this program has. Use the program "
          "that made the database, or restore a backup.",
          number));
    }
  }
  return Status();
}

Status Named(const Migration& migration, const Status& status) {
  return Status(
      status.code(),
      fmt::format("schema step {} ({}): {}", migration.number, migration.name, status.message()),
      status.detail());
}

/// Applies `migration` unless another process was faster. True: it ran here.
Result<bool> ApplyUp(Database& database, std::span<const Migration> migrations,
                     const Migration& migration, base::UnixMillis now) {
  WT_ASSIGN(Transaction tx, database.BeginWrite());
  WT_TRY(CreateTable(*tx));
  // Again under the lock: another process may have migrated meanwhile.
  WT_ASSIGN(const AppliedByNumber applied, ReadApplied(*tx));
  WT_TRY(CheckHistory(applied, migrations));
  if (applied.contains(migration.number)) return false;
  if (Status status = tx->RunScript(std::string(migration.up)); !status.ok()) {
    return Named(migration, status);
  }
  WT_TRY(
      tx->Execute("INSERT INTO schema_migrations (number, name, checksum, applied_at)"
                  " VALUES (?1, ?2, ?3, ?4)",
                  {migration.number, migration.name, Checksum(migration), now}));
  WT_TRY(tx.Commit("migrate"));
  return true;
}

Result<bool> ApplyDown(Database& database, std::span<const Migration> migrations,
                       const Migration& migration) {
  WT_ASSIGN(Transaction tx, database.BeginWrite());
  WT_ASSIGN(const AppliedByNumber applied, ReadApplied(*tx));
  WT_TRY(CheckHistory(applied, migrations));
  if (!applied.contains(migration.number)) return false;
  if (Status status = tx->RunScript(std::string(migration.down)); !status.ok()) {
    return Named(migration, status);
  }
  WT_TRY(tx->Execute("DELETE FROM schema_migrations WHERE number = ?1", {migration.number}));
  WT_TRY(tx.Commit());
  return true;
}

Result<AppliedByNumber> CheckedHistory(Database& database, std::span<const Migration> migrations) {
  WT_ASSIGN(Transaction tx, database.BeginRead());
  WT_ASSIGN(AppliedByNumber applied, ReadApplied(*tx));
  WT_TRY(CheckHistory(applied, migrations));
  return applied;
}

}  // namespace

Result<std::vector<MigrationState>> MigrationStatus(Database& database,
                                                    std::span<const Migration> migrations) {
  WT_ASSIGN(const AppliedByNumber applied, CheckedHistory(database, migrations));
  std::vector<MigrationState> states;
  for (const Migration& migration : migrations) {
    const auto found = applied.find(migration.number);
    MigrationState state;
    state.number = migration.number;
    state.name = migration.name;
    if (found != applied.end()) state.applied_at = found->second.at;
    states.push_back(std::move(state));
  }
  return states;
}

Result<int> MigrateUp(Database& database, std::span<const Migration> migrations,
                      const base::Clock& clock, std::optional<int> target) {
  WT_ASSIGN(const AppliedByNumber applied, CheckedHistory(database, migrations));
  int steps = 0;
  for (const Migration& migration : migrations) {
    if (target && migration.number > *target) break;
    if (applied.contains(migration.number)) continue;
    WT_ASSIGN(const bool ran, ApplyUp(database, migrations, migration, clock.Now()));
    steps += ran ? 1 : 0;
  }
  return steps;
}

Result<int> MigrateDown(Database& database, std::span<const Migration> migrations, int target) {
  WT_TRY(CheckedHistory(database, migrations));
  int steps = 0;
  for (std::size_t i = migrations.size(); i > 0 && migrations[i - 1].number > target; --i) {
    WT_ASSIGN(const bool ran, ApplyDown(database, migrations, migrations[i - 1]));
    steps += ran ? 1 : 0;
  }
  return steps;
}

Status CheckSchema(Database& database, std::span<const Migration> migrations) {
  WT_ASSIGN(const AppliedByNumber applied, CheckedHistory(database, migrations));
  if (applied.size() == migrations.size()) return Status();
  return Unusable("The database's schema is older than this program. Run `migrate up`.");
}

}  // namespace wt::store

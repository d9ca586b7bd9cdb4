// The schema's versions: numbered steps up and down, applied once each and remembered with a
// checksum in the table schema_migrations.
//
// Files: store/migrations/NNNN_name.up.sql and .down.sql, embedded into the binary when they are
// there (no list to edit). Rules for a step: it runs in one transaction, so it contains no BEGIN,
// COMMIT or PRAGMA journal_mode; `down` gives exactly the schema from before; once released it
// never changes (its checksum is checked). Functions are thread-safe, also against other processes.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "service/store/sqlite/database.h"
#include "whisper_transcriber/status.h"

namespace wt::store {

struct Migration {
  int number = 0;
  std::string_view name;
  std::string_view up;
  std::string_view down;
};

/// By number. Those of this program.
std::span<const Migration> EmbeddedMigrations();

struct MigrationState {
  int number = 0;
  std::string name;
  std::optional<base::UnixMillis> applied_at;
};

/// What is applied and what is pending, by number. kFailedPrecondition as MigrateUp.
Result<std::vector<MigrationState>> MigrationStatus(Database& database,
                                                    std::span<const Migration> migrations);

/// Applies what is missing up to `target`, each step in a transaction of its own under the write
/// lock; several processes may call it at once. Gives the number of steps that ran here.
/// kFailedPrecondition, and nothing is written, when the database has a step that this program does
/// not know (a newer version wrote it), a step with another checksum, or a gap.
Result<int> MigrateUp(Database& database, std::span<const Migration> migrations,
                      const base::Clock& clock, std::optional<int> target = std::nullopt);

/// Undoes the steps above `target` (0: all), newest first. Their data is lost.
Result<int> MigrateDown(Database& database, std::span<const Migration> migrations, int target);

/// Ok when exactly the migrations of this program are applied: the readiness check.
Status CheckSchema(Database& database, std::span<const Migration> migrations);

}  // namespace wt::store

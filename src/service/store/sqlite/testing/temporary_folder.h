// A folder that is removed with the object, and a database in it, for tests.
#pragma once

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>

#include "base/check.h"
#include "base/clock.h"
#include "service/store/sqlite/database.h"
#include "service/store/sqlite/migrations.h"

namespace wt::store::testing {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    // In memory where there is such a place: these tests sync a lot and do not cut the power.
    const std::filesystem::path memory = "/dev/shm";
    const bool has_memory = ::access(memory.c_str(), W_OK) == 0;
    std::string pattern =
        (has_memory ? memory : std::filesystem::temp_directory_path()) / "wt-store-XXXXXX";
    WT_CHECK(::mkdtemp(pattern.data()) != nullptr);
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  std::string File(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

inline DatabaseOptions OptionsFor(const TemporaryFolder& folder) {
  DatabaseOptions options;
  options.path = folder.File("test.db");
  return options;
}

/// A database with every migration of the program.
inline std::unique_ptr<Database> OpenMigrated(DatabaseOptions options) {
  Result<std::unique_ptr<Database>> database = Database::Open(std::move(options));
  WT_CHECK(database.ok());
  const Result<int> steps = MigrateUp(**database, EmbeddedMigrations(), base::ManualClock());
  WT_CHECK(steps.ok());
  return std::move(database).value();
}

}  // namespace wt::store::testing

// Goal: docs/database.md names every table and column that there is, and no other. The document is
// read; the schema is that of a new database.
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <set>
#include <sstream>
#include <string>

#include "service/store/sqlite/testing/temporary_folder.h"

namespace wt::store {
namespace {

using Columns = std::set<std::string>;
using Tables = std::map<std::string, Columns>;

/// Rows "| `table` | columns | text |".
Tables TablesOfDocument(const std::string& path) {
  Tables tables;
  std::ifstream file(path);
  for (std::string line; std::getline(file, line);) {
    if (!line.starts_with("| `")) continue;
    const std::size_t end = line.find('`', 3);
    const std::size_t columns = line.find("| ", end) + 2;
    std::istringstream words(line.substr(columns, line.find(" |", columns) - columns));
    Columns& table = tables[line.substr(3, end - 3)];
    for (std::string word; words >> word;) table.insert(word);
  }
  return tables;
}

Tables TablesOfDatabase(Database& database) {
  Tables tables;
  Result<Transaction> tx = database.BeginRead();
  EXPECT_TRUE(tx.ok());
  // Tables named search_index_* are how FTS5 keeps its index; hidden = 1 are its commands.
  Result<Statement> rows = (*tx)->Query(
      "SELECT t.name, c.name FROM sqlite_schema t, pragma_table_xinfo(t.name) c"
      " WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.hidden <> 1"
      " AND t.name NOT LIKE 'search_index_%' AND t.name NOT LIKE '%schema_migrations%'");
  EXPECT_TRUE(rows.ok()) << rows.status().detail().ForLog();
  while (*rows->Step()) tables[rows->Text(0)].insert(rows->Text(1));
  return tables;
}

TEST(SchemaReferenceTest, TheDocumentNamesEveryTableAndColumn) {
  const char* const root = std::getenv("WT_SOURCE_DIR");
  if (root == nullptr) GTEST_SKIP() << "WT_SOURCE_DIR is not set";
  const Tables written = TablesOfDocument(std::string(root) + "/docs/database.md");
  const testing::TemporaryFolder folder;
  const auto database = testing::OpenMigrated(testing::OptionsFor(folder));
  const Tables stored = TablesOfDatabase(*database);
  ASSERT_GT(stored.size(), 30U);
  for (const auto& [table, columns] : stored) {
    const auto found = written.find(table);
    if (found == written.end()) {
      ADD_FAILURE() << "docs/database.md lacks the table " << table;
    } else {
      EXPECT_EQ(found->second, columns) << "docs/database.md, table " << table;
    }
  }
  for (const auto& [table, columns] : written) {
    EXPECT_EQ(stored.count(table), 1U)
        << "docs/database.md has a table that is not there: " << table;
  }
}

}  // namespace
}  // namespace wt::store

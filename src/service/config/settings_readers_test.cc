// Goal: no setting is accepted and then ignored. Method: each row of the table that works fills a
// field (WT_FIELD); the sources of the program that get the settings must name that field.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "service/config/setting_table.h"

namespace wt::config {
namespace {

std::string ReadText(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

bool IsNameCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// `name` stands in `text` with nothing of a name around it.
bool HasName(const std::string& text, const std::string& name) {
  for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
    const bool begins = at == 0 || !IsNameCharacter(text[at - 1]);
    const std::size_t end = at + name.size();
    if (begins && (end == text.size() || !IsNameCharacter(text[end]))) return true;
  }
  return false;
}

/// What a source calls a group of settings: "jobs", and the names of references to it, as in
/// `const config::JobSettings& limits = options.settings->jobs;`.
std::set<std::string> NamesOf(const std::string& group, const std::string& text) {
  std::set<std::string> names = {group};
  for (const std::string& end : {"." + group + ";", ">" + group + ";"}) {
    for (std::size_t at = text.find(end); at != std::string::npos; at = text.find(end, at + 1)) {
      const std::size_t line = text.rfind(';', at - 1);
      const std::size_t begin = text.rfind("& ", at);
      if (begin == std::string::npos || (line != std::string::npos && begin < line)) continue;
      const std::size_t stop = text.find(' ', begin + 2);
      names.insert(text.substr(begin + 2, stop - begin - 2));
    }
  }
  return names;
}

bool Reads(const std::string& text, const std::string& field) {
  const std::size_t dot = field.find('.');
  for (const std::string& name : NamesOf(field.substr(0, dot), text)) {
    if (HasName(text, name + field.substr(dot))) return true;
  }
  return false;
}

/// Field by variable, from the rows themselves.
std::map<std::string, std::string, std::less<>> FieldsOfRows(const std::string& rows) {
  // Rows with a parser of their own.
  std::map<std::string, std::string, std::less<>> fields = {
      {"LOG_LEVEL", "log.level"}, {"DATABASE_URL", "storage.database_file"}};
  constexpr std::string_view kName = ".name = \"";
  constexpr std::string_view kField = "WT_FIELD(";
  for (std::size_t at = rows.find(kName); at != std::string::npos;) {
    const std::size_t begin = at + kName.size();
    const std::string name = rows.substr(begin, rows.find('"', begin) - begin);
    const std::size_t next = rows.find(kName, begin);
    const std::size_t field = rows.find(kField, begin);
    if (field < next) {
      const std::size_t from = field + kField.size();
      fields[name] = rows.substr(from, rows.find(')', from) - from);
    }
    at = next;
  }
  return fields;
}

TEST(SettingsReadersTest, EverySettingThatWorksIsReadByTheProgram) {
  const char* root = std::getenv("WT_SOURCE_DIR");
  if (root == nullptr) GTEST_SKIP() << "WT_SOURCE_DIR is not set";
  const std::filesystem::path source = std::filesystem::path(root) / "src";
  std::vector<std::string> readers;
  for (const char* folder : {"service/host", "apps/transcriber/serve"}) {
    for (const auto& entry : std::filesystem::directory_iterator(source / folder)) {
      const std::string name = entry.path().filename().string();
      if (!name.ends_with(".cc") || name.ends_with("_test.cc")) continue;
      readers.push_back(ReadText(entry.path()));
    }
  }
  ASSERT_GT(readers.size(), 8U);
  const auto fields = FieldsOfRows(ReadText(source / "service/config/rows_here.inc"));
  int checked = 0;
  for (const SettingSpec& spec : SettingSpecs()) {
    // The loader itself turns ENVIRONMENT into defaults and into GeneralSettings::strict.
    if (spec.support != Support::kWorks || spec.name == "ENVIRONMENT") continue;
    const auto field = fields.find(spec.name);
    ASSERT_NE(field, fields.end()) << spec.name << " fills no field that this test can see";
    const bool read = std::any_of(readers.begin(), readers.end(), [&](const std::string& text) {
      return Reads(text, field->second);
    });
    EXPECT_TRUE(read) << spec.name << " is accepted, and nothing reads Settings::" << field->second;
    ++checked;
  }
  EXPECT_GT(checked, 80);
}

TEST(SettingsReadersTest, TheCheckSeesReadersAndTheirAbsence) {
  const std::string text =
      "const config::JobSettings& limits = options.settings->jobs;\n"
      "a = limits.lease; b = settings.server.port; c = jobs.leases;";
  EXPECT_TRUE(Reads(text, "jobs.lease"));
  EXPECT_TRUE(Reads(text, "server.port"));
  EXPECT_FALSE(Reads(text, "jobs.timeout"));
  EXPECT_FALSE(Reads(text, "server.lease"));
}

}  // namespace
}  // namespace wt::config

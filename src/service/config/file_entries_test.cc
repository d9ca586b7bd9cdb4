#include "service/config/file_entries.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wt::config {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::string ValueOf(const std::string& text) {
  const FileEntries parsed = ParseEnvFile(text);
  if (parsed.entries.size() != 1 || !parsed.problems.empty()) return "(wrong)";
  return parsed.entries[0].value;
}

TEST(EnvFileTest, ValuesAreTakenAsTheyStand) {
  EXPECT_EQ(ValueOf("A=b"), "b");
  EXPECT_EQ(ValueOf("export A = b c \r\n"), "b c");
  EXPECT_EQ(ValueOf("A=b=c&d $HOME `x`"), "b=c&d $HOME `x`");
  EXPECT_EQ(ValueOf("A=pass#word # comment"), "pass#word");
  EXPECT_EQ(ValueOf("A= # nothing"), "");
  EXPECT_EQ(ValueOf("\xef\xbb\xbf# first\n\n  A=1"), "1");
}

TEST(EnvFileTest, QuotesKeepSpacesHashesAndLines) {
  EXPECT_EQ(ValueOf("A='  b # \"c\" \\n=' # end"), "  b # \"c\" \\n=");
  EXPECT_EQ(ValueOf("A=\"b\\n\\\"c\\\" \\\\ \\$x \\q\""), "b\n\"c\" \\ $x \\q");
  EXPECT_EQ(ValueOf("A=\"one\ntwo\"\n"), "one\ntwo");
}

TEST(EnvFileTest, LinesAreCountedOverQuotes) {
  const FileEntries parsed =
      ParseEnvFile("A='1\n2'\n\nB=3\nnonsense secret-value\nC=\"4\" x\nD='5");
  ASSERT_EQ(parsed.entries.size(), 2u);
  EXPECT_EQ(parsed.entries[1].line, 4);
  ASSERT_EQ(parsed.problems.size(), 3u);
  EXPECT_EQ(parsed.problems[0].line, 5);
  EXPECT_THAT(parsed.problems[0].message, Not(HasSubstr("secret-value")));
  EXPECT_EQ(parsed.problems[1].line, 6);
  EXPECT_EQ(parsed.problems[2].line, 7);
}

TEST(TomlFileTest, KeysBecomeVariables) {
  const FileEntries parsed = ParseTomlFile(
      "port = 8002\ncors_origins = [\"https://a\", \"https://b\"]\n[log]\nlevel = \"debug\"\n"
      "to_stdout = true\n");
  EXPECT_THAT(parsed.problems, IsEmpty());
  ASSERT_EQ(parsed.entries.size(), 4u);
  for (const FileEntry& entry : parsed.entries) {
    if (entry.name == "PORT") EXPECT_EQ(entry.value, "8002");
    if (entry.name == "CORS_ORIGINS") EXPECT_EQ(entry.value, "https://a,https://b");
    if (entry.name == "LOG_LEVEL") EXPECT_EQ(entry.line, 4);
    if (entry.name == "LOG_TO_STDOUT") EXPECT_EQ(entry.value, "true");
  }
}

TEST(TomlFileTest, ErrorsGiveTheLineAndNotTheText) {
  const FileEntries broken = ParseTomlFile("port = 1\nsecret_key = hidden\n");
  ASSERT_EQ(broken.problems.size(), 1u);
  EXPECT_EQ(broken.problems[0].line, 2);
  EXPECT_THAT(broken.problems[0].message, Not(HasSubstr("hidden")));
  EXPECT_EQ(ParseTomlFile("a = 2026-01-01\nb = [[1]]\nc = [\"x,y\"]").problems.size(), 3u);
}

}  // namespace
}  // namespace wt::config

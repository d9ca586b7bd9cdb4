#include "apps/transcriber/options/help.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "apps/transcriber/options/transcribe_options.h"

namespace wt::transcriber {
namespace {

using ::testing::HasSubstr;

TEST(HelpTest, NamesEveryCommand) {
  const std::string help = ProgramHelp();
  for (const CommandSpec& command : Commands()) EXPECT_THAT(help, HasSubstr(command.name));
}

TEST(HelpTest, NamesEveryOptionWithItsRangeAndDefault) {
  const std::string help = CommandHelp(*FindCommand("transcribe"));
  for (const OptionSpec& spec : TranscribeOptionSpecs()) {
    EXPECT_THAT(help, HasSubstr("--" + std::string(spec.name)));
    EXPECT_FALSE(spec.help.empty()) << spec.name;
  }
  EXPECT_THAT(help, HasSubstr("(1 to 16, or None;\n           default: 5)"));
  EXPECT_THAT(help, HasSubstr("EXIT STATUS"));
}

TEST(HelpTest, FitsEightyColumns) {
  for (const CommandSpec& command : Commands()) {
    std::istringstream lines(CommandHelp(command));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80u) << line;
  }
}

TEST(HelpTest, WrapsAtWordsAndKeepsLongOnes) {
  EXPECT_EQ(WrapText("aa bb cc", 2, 7), "  aa bb\n  cc\n");
  EXPECT_EQ(WrapText("aaaaaaaaaa b", 0, 4), "aaaaaaaaaa\nb\n");
  EXPECT_EQ(WrapText("", 2, 7), "");
}

TEST(HelpTest, OptionNamesAreUniqueAndShortOnesToo) {
  std::set<std::string> names;
  for (const OptionSpec& spec : TranscribeOptionSpecs()) {
    EXPECT_TRUE(names.insert(std::string(spec.name)).second) << spec.name;
    if (!spec.alias.empty()) {
      EXPECT_TRUE(names.insert(std::string(spec.alias)).second);
    }
    if (spec.short_name != '\0') {
      EXPECT_TRUE(names.insert(std::string(1, spec.short_name)).second) << spec.short_name;
    }
    EXPECT_EQ(spec.name.find('_'), std::string_view::npos);
  }
}

}  // namespace
}  // namespace wt::transcriber

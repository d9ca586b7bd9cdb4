#include "apps/transcriber/serve/config_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include <nlohmann/json.hpp>

#include "apps/transcriber/testing.h"

namespace wt::transcriber {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class ConfigCommandTest : public ::testing::Test {
 protected:
  ConfigCommandTest() { environment_.data_dir = directory_.Path("data"); }

  int Run(std::vector<std::string_view> arguments) {
    console_.output.clear();
    console_.error.clear();
    return RunConfigCommand(arguments, environment_, &console_);
  }

  testing::TemporaryDirectory directory_;
  testing::FakeConsole console_;
  Environment environment_;
};

TEST_F(ConfigCommandTest, PrintShowsValuesAndSources) {
  environment_.variables["PORT"] = "8100";
  environment_.variables["SECRET_KEY"] = "canary-canary-canary-canary-canary-0123456789";
  EXPECT_EQ(Run({"print", "--host", "127.0.0.3"}), 0);
  EXPECT_THAT(console_.output, HasSubstr("PORT=8100  # environment\n"));
  EXPECT_THAT(console_.output, HasSubstr("HOST=127.0.0.3  # flag\n"));
  EXPECT_THAT(console_.output + console_.error, Not(HasSubstr("canary")));
}

TEST_F(ConfigCommandTest, CheckFailsAndNamesEachProblem) {
  EXPECT_EQ(Run({"check"}), 0);
  environment_.variables["ENVIRONMENT"] = "production";
  environment_.variables["PORT"] = "x";
  EXPECT_EQ(Run({"check"}), 1);
  EXPECT_THAT(console_.error, HasSubstr("error: PORT (environment): must be"));
  EXPECT_THAT(console_.error, HasSubstr("error: SECRET_KEY: is required"));
  EXPECT_EQ(Run({"check", "--json"}), 1);
  EXPECT_FALSE(nlohmann::json::parse(console_.output)["ok"]);
}

TEST_F(ConfigCommandTest, FilesCanBeGiven) {
  const std::string file = directory_.Make("settings.toml", "port = 8200\n");
  EXPECT_EQ(Run({"print", "--config", file}), 0);
  EXPECT_THAT(console_.output, HasSubstr("PORT=8200  # configuration file\n"));
}

TEST_F(ConfigCommandTest, OtherVerbsAreUsageErrors) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_EQ(Run({"show"}), 2);
  EXPECT_EQ(Run({"print", "--ports"}), 2);
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_EQ(Run({"template"}), 0);
  EXPECT_THAT(console_.output, HasSubstr("#SECRET_KEY=\n"));
}

TEST(ServiceOptionsTest, PortZeroMeansAnyFreePort) {
  const std::array<std::string_view, 3> arguments = {"--port", "0", "--single-user"};
  const Result<ServiceArguments> parsed = ParseServiceArguments(ServeOptionSpecs(), arguments);
  ASSERT_TRUE(parsed.ok());
  EXPECT_TRUE(parsed->any_port);
  EXPECT_FALSE(parsed->variables.contains("PORT"));
  EXPECT_EQ(parsed->variables.at("SINGLE_USER_MODE"), "true");
}

TEST(EnvironmentTest, VariablesAreSplitAtTheFirstEqualsSign) {
  const std::array<const char*, 4> variables = {"A=b=c", "EMPTY=", "odd", nullptr};
  const auto map = ReadVariables(variables.data());
  EXPECT_EQ(map.size(), 2u);
  EXPECT_EQ(map.at("A"), "b=c");
}

}  // namespace
}  // namespace wt::transcriber

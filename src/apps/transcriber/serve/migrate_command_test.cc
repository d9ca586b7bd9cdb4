#include "apps/transcriber/serve/migrate_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "apps/transcriber/serve/data_directory.h"
#include "apps/transcriber/testing.h"

namespace wt::transcriber {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class MigrateCommandTest : public ::testing::Test {
 protected:
  MigrateCommandTest() {
    environment_.data_dir = directory_.Path("data");
    environment_.cache_dir = directory_.Path("cache");
  }

  int Run(std::vector<std::string_view> arguments) {
    console_.output.clear();
    console_.error.clear();
    return RunMigrateCommand(arguments, environment_, &console_);
  }

  testing::TemporaryDirectory directory_;
  testing::FakeConsole console_;
  Environment environment_;
};

TEST_F(MigrateCommandTest, UpBringsTheDatabaseToThisVersionAndDownBack) {
  EXPECT_EQ(Run({"status"}), 1);
  EXPECT_THAT(console_.output, HasSubstr("pending"));
  EXPECT_EQ(Run({"up"}), 0);
  EXPECT_EQ(Run({"status"}), 0);
  EXPECT_THAT(console_.output, Not(HasSubstr("pending")));
  EXPECT_EQ(Run({"up"}), 0);
  EXPECT_EQ(console_.output, "0 steps applied\n");
  EXPECT_EQ(Run({"down", "0"}), 0);
  EXPECT_EQ(Run({"status"}), 1);
}

TEST_F(MigrateCommandTest, NothingIsChangedUnderARunningServer) {
  ASSERT_EQ(Run({"status"}), 1);
  const Result<DataLock> server = DataLock::Take(environment_.data_dir);
  ASSERT_TRUE(server.ok());
  EXPECT_EQ(Run({"up"}), 1);
  EXPECT_THAT(console_.error, HasSubstr("another server"));
}

TEST_F(MigrateCommandTest, WrongUsageIsStatusTwo) {
  EXPECT_EQ(Run({}), 2);
  EXPECT_EQ(Run({"down"}), 2);
  EXPECT_EQ(Run({"down", "x"}), 2);
  EXPECT_EQ(Run({"sideways"}), 2);
  EXPECT_EQ(Run({"--help"}), 0);
}

TEST_F(MigrateCommandTest, WrongSettingsChangeNothing) {
  environment_.variables["PORT"] = "x";
  EXPECT_EQ(Run({"up"}), 1);
  EXPECT_FALSE(std::filesystem::exists(directory_.Path("data")));
}

}  // namespace
}  // namespace wt::transcriber

#include "service/host/database_start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "service/store/sqlite/testing/temporary_folder.h"

namespace wt::host {
namespace {

using std::chrono::milliseconds;
using store::testing::TemporaryFolder;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class DatabaseStartTest : public ::testing::Test {
 protected:
  DatabaseStartTest() {
    options_.path = folder_.File("later/app.db");
    start_.wait = [this](milliseconds pause) {
      pauses_.push_back(pause);
      if (pauses_.size() == there_after_) {
        std::filesystem::create_directory(folder_.File("later"));
      }
    };
  }

  TemporaryFolder folder_;
  store::DatabaseOptions options_;
  DatabaseStart start_;
  std::vector<milliseconds> pauses_;
  std::size_t there_after_ = 0;
};

TEST_F(DatabaseStartTest, WhatComesLaterIsWaitedFor) {
  there_after_ = 3;
  EXPECT_TRUE(OpenAtStart(options_, start_).ok());
  EXPECT_THAT(pauses_, ElementsAre(milliseconds(100), milliseconds(200), milliseconds(400)));
}

TEST_F(DatabaseStartTest, AttemptsEndWithAClearError) {
  start_.attempts = 8;
  const Status status = OpenAtStart(options_, start_).status();
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("8 attempts (DB_CONNECT_ATTEMPTS)"));
  ASSERT_EQ(pauses_.size(), 7U);
  EXPECT_EQ(pauses_.back(), milliseconds(5'000)) << "pauses are bounded";
}

TEST_F(DatabaseStartTest, WhatDoesNotPassIsNotTriedAgain) {
  options_.path = folder_.File("text.db");
  std::ofstream(options_.path) << std::string(5'000, 'x');
  EXPECT_EQ(OpenAtStart(options_, start_).status().code(), StatusCode::kDataCorrupt);
  EXPECT_TRUE(pauses_.empty());
}

}  // namespace
}  // namespace wt::host

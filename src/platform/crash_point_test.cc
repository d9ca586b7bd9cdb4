#include "platform/crash_point.h"

#include <gtest/gtest.h>

#include <csignal>

namespace wt::platform {
namespace {

TEST(CrashPointDeathTest, DiesAtThePassingThatWasAskedFor) {
  EXPECT_EXIT(
      {
        ArmCrashPoint("store.commit:3");
        CrashPoint("store.other");
        CrashPoint("store.commit");
        CrashPoint("store.commit");
        CrashPoint("store.commit");
        std::exit(0);
      },
      ::testing::KilledBySignal(SIGKILL), "");
  EXPECT_EXIT(
      {
        ArmCrashPoint("store.commit:3");
        CrashPoint("store.commit");
        CrashPoint("store.commit");
        std::exit(0);
      },
      ::testing::ExitedWithCode(0), "");
}

TEST(CrashPointTest, RefusesWhatItCannotRead) {
  for (const char* bad : {"", "x", "x:", "x:0", "x:-1", "x:1y", ":1"}) {
    EXPECT_FALSE(ArmCrashPoint(bad)) << bad;
  }
}

}  // namespace
}  // namespace wt::platform

#include "platform/system_clock.h"

#include <gtest/gtest.h>

#include <set>

#include "base/ids.h"

namespace wt::platform {
namespace {

TEST(SystemClockTest, NamesTheBootTheSameWayTwice) {
  EXPECT_FALSE(SystemClock().boot_id().empty());
  EXPECT_EQ(SystemClock().boot_id(), SystemClock().boot_id());
}

TEST(SystemClockTest, NeverGoesBack) {
  const SystemClock clock;
  const base::BootMillis before = clock.Boot();
  EXPECT_GE(clock.Boot(), before);
  EXPECT_GT(clock.Now(), 1'700'000'000'000);
}

TEST(NewTokenTest, HasFourCharactersForThreeBytes) {
  EXPECT_EQ(NewToken(0), "");
  EXPECT_EQ(NewToken(1).size(), 2U);
  EXPECT_EQ(NewToken(2).size(), 3U);
  EXPECT_EQ(NewToken(32).size(), 43U);
}

TEST(NewTokenTest, IsDifferentEachTime) {
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i) seen.insert(NewToken(16));
  EXPECT_EQ(seen.size(), 100U);
}

TEST(NewIdTest, IsAUuid) {
  const SystemClock clock;
  const std::string id = NewId(clock);
  EXPECT_EQ(base::CanonicalUuid(id), id);
  EXPECT_NE(id, NewId(clock));
}

TEST(NewIdTest, ThoseOfOneMillisecondAreInOrder) {
  const base::ManualClock clock;
  std::string before = NewId(clock);
  for (int i = 1; i < 2'048; ++i) {
    const std::string id = NewId(clock);
    ASSERT_LT(before, id) << i;
    before = id;
  }
}

}  // namespace
}  // namespace wt::platform

// Goal: less urgent work begins only where it holds nobody up, and begins in the end.
#include "engine/pipeline/deferral.h"

#include <gtest/gtest.h>

namespace wt::pipeline {
namespace {

constexpr auto kLive = PriorityClass::kLive;
constexpr auto kInteractive = PriorityClass::kInteractive;
constexpr auto kBatch = PriorityClass::kBatch;
constexpr Deferral::TimePoint kNow{std::chrono::hours(1)};
constexpr auto kLater = kNow + Deferral::kHandover;
constexpr auto kShortlyBefore = kLater - std::chrono::microseconds(1);

TEST(DeferralTest, EverythingMayBeginWhereNobodyIsServed) {
  Deferral deferral;
  for (const auto priority : {kLive, kInteractive, kBatch}) {
    EXPECT_TRUE(deferral.MayBegin(priority, std::nullopt, kNow));
  }
}

TEST(DeferralTest, WorkWaitsForMoreUrgentDecodingOnly) {
  Deferral deferral;
  EXPECT_FALSE(deferral.MayBegin(kBatch, kInteractive, kNow));
  EXPECT_FALSE(deferral.MayBegin(kInteractive, kLive, kNow));
  EXPECT_TRUE(deferral.MayBegin(kInteractive, kInteractive, kNow));
  EXPECT_TRUE(deferral.MayBegin(kLive, kInteractive, kNow));
  EXPECT_TRUE(deferral.MayBegin(kBatch, kBatch, kNow));
}

TEST(DeferralTest, ATaskHasAMomentToHandInItsNextJob) {
  Deferral deferral;
  deferral.Served(kInteractive, kNow);
  EXPECT_EQ(deferral.until(), kLater);
  EXPECT_FALSE(deferral.MayBegin(kBatch, std::nullopt, kShortlyBefore));
  EXPECT_TRUE(deferral.MayBegin(kInteractive, std::nullopt, kShortlyBefore));
  EXPECT_TRUE(deferral.MayBegin(kBatch, std::nullopt, kLater));
}

TEST(DeferralTest, ALessUrgentJobDoesNotCutThatMomentShort) {
  Deferral deferral;
  deferral.Served(kInteractive, kNow);
  deferral.Served(kBatch, kShortlyBefore);
  EXPECT_EQ(deferral.until(), kLater);
  EXPECT_FALSE(deferral.MayBegin(kBatch, std::nullopt, kShortlyBefore));
  deferral.Served(kInteractive, kShortlyBefore);
  EXPECT_EQ(deferral.until(), kShortlyBefore + Deferral::kHandover);
  deferral.Served(kBatch, kLater + Deferral::kHandover);
  EXPECT_TRUE(deferral.MayBegin(kBatch, std::nullopt, kLater + Deferral::kHandover));
}

TEST(DeferralTest, TheLessUrgentGetATurnNowAndThen) {
  Deferral deferral;
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < Deferral::kTurnsMax; ++i) {
      EXPECT_FALSE(deferral.MayBegin(kBatch, kInteractive, kNow)) << i;
    }
    EXPECT_TRUE(deferral.MayBegin(kBatch, kInteractive, kNow));
  }
}

}  // namespace
}  // namespace wt::pipeline

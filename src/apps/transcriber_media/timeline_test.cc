#include "apps/transcriber_media/timeline.h"

#include <gtest/gtest.h>

#include <limits>
#include <optional>

namespace wt::apps::transcriber_media {
namespace {

constexpr int kRate = 48'000;
constexpr std::int64_t kFrame = 960;  // 20 ms.
constexpr ClockRules kAll = {.has_clock = true, .fill_gaps = true, .drop_overlaps = true};

Timeline Started(const ClockRules& rules) {
  Timeline timeline(rules);
  timeline.Place(rules.origin_s, kRate, kRate);
  return timeline;
}

TEST(TimelineTest, ALateStartIsSilenceAndAnEarlyOneIsCut) {
  EXPECT_EQ(Timeline(kAll).Place(0.5, kFrame, kRate).silence, 24'000);
  EXPECT_EQ(Timeline(kAll).Place(-0.01, kFrame, kRate).drop, 480);
  EXPECT_EQ(Timeline(kAll).Place(-1.0, kFrame, kRate).drop, kFrame);
  ClockRules broadcast = kAll;
  broadcast.origin_s = 5'000.0;
  EXPECT_EQ(Timeline(broadcast).Place(5'000.25, kFrame, kRate).silence, 12'000);
  // Without a clock, or beyond reason, the audio starts at 0.
  EXPECT_EQ(Timeline({}).Place(0.5, kFrame, kRate).silence, 0);
  EXPECT_EQ(Timeline(kAll).Place(3'601.0, kFrame, kRate).silence, 0);
}

TEST(TimelineTest, HolesOfMoreThanFiftyMillisecondsAreFilled) {
  Timeline timeline = Started(kAll);
  EXPECT_EQ(timeline.Place(1.049, kFrame, kRate).silence, 0);
  // The jitter of 49 ms was not counted: the next frame is due at 1.02 s.
  EXPECT_EQ(timeline.Place(1.320, kFrame, kRate).silence, 14'400);
  EXPECT_EQ(timeline.Place(1.340, kFrame, kRate).silence, 0);
}

TEST(TimelineTest, RepetitionsAreDropped) {
  Timeline timeline = Started(kAll);
  EXPECT_EQ(timeline.Place(0.9, kFrame, kRate).drop, kFrame);
  EXPECT_EQ(timeline.Place(0.92, 2 * kRate, kRate).drop, 3'840);
  EXPECT_EQ(timeline.Place(2.92, kFrame, kRate).drop, 0);
}

TEST(TimelineTest, ABrokenClockCostsNothing) {
  Timeline timeline = Started(kAll);
  for (const double time : {9'000.0, 9'000.02, 5.0, 5.02}) {
    const Timeline::Placement placement = timeline.Place(time, kFrame, kRate);
    EXPECT_EQ(placement.silence, 0) << time;
    EXPECT_EQ(placement.drop, 0) << time;
  }
  // From there on times count again.
  EXPECT_EQ(timeline.Place(5.14, kFrame, kRate).silence, 4'800);
}

TEST(TimelineTest, WhatTheContainerCannotKnowIsNotAdded) {
  Timeline counted = Started({.fill_gaps = true});
  EXPECT_EQ(counted.Place(1.5, kFrame, kRate).silence, 24'000);
  // A second file behind the first starts at 0 again.
  EXPECT_EQ(counted.Place(0.0, kFrame, kRate).drop, 0);
  Timeline plain = Started({});
  EXPECT_EQ(plain.Place(1.5, kFrame, kRate).silence, 0);
}

TEST(TimelineTest, TimesThatAreNoNumbersAreIgnored) {
  Timeline timeline = Started(kAll);
  EXPECT_EQ(timeline.Place(std::nullopt, kFrame, kRate).silence, 0);
  EXPECT_EQ(timeline.Place(std::numeric_limits<double>::quiet_NaN(), kFrame, kRate).silence, 0);
  EXPECT_EQ(timeline.Place(1e300, kFrame, kRate).silence, 0);
}

}  // namespace
}  // namespace wt::apps::transcriber_media

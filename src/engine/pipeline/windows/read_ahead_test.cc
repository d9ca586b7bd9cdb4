// Goal: a result found ahead is used for exactly the inputs it was made from, and nothing that was
// begun outlives its reader.
#include "engine/pipeline/windows/read_ahead.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <utility>

namespace wt::pipeline {
namespace {

WindowKey KeyAt(SampleIndex begin) {
  return {.plan = {begin, begin + 100, false}, .language = "en", .initial_tokens = {1, 2}};
}

WindowResult ResultOf(const std::string& text) {
  WindowResult result;
  result.text = text;
  return result;
}

class QuickWork : public AheadWork {
 public:
  explicit QuickWork(std::string text) : text_(std::move(text)) {}
  Result<WindowResult> Run(const base::CancelFlag&) override { return ResultOf(text_); }

 private:
  std::string text_;
};

// Runs until it is cancelled, and counts how often that was seen.
class EndlessWork : public AheadWork {
 public:
  explicit EndlessWork(std::atomic<int>* ended) : ended_(ended) {}
  Result<WindowResult> Run(const base::CancelFlag& cancel) override {
    while (!cancel.requested()) std::this_thread::yield();
    ++*ended_;
    return Status(StatusCode::kCancelled, "cancelled");
  }

 private:
  std::atomic<int>* ended_;
};

TEST(ReadAheadTest, WorkIsFoundUnderItsKeyOnce) {
  const base::CancelFlag whole;
  ReadAhead ahead(whole);
  ahead.Start(KeyAt(0), std::make_unique<QuickWork>("a"));
  ahead.Start(KeyAt(100), std::make_unique<QuickWork>("b"));
  auto found = ahead.Take(KeyAt(100));
  ASSERT_TRUE(found);
  ASSERT_TRUE(found->result.ok());
  EXPECT_EQ(found->result->text, "b");
  EXPECT_NE(found->work, nullptr);
  EXPECT_FALSE(ahead.Take(KeyAt(100)));
  EXPECT_TRUE(ahead.Holds(KeyAt(0)));
}

TEST(ReadAheadTest, EveryPartOfTheKeyCounts) {
  const base::CancelFlag whole;
  ReadAhead ahead(whole);
  ahead.Start(KeyAt(0), std::make_unique<QuickWork>("a"));
  WindowKey other = KeyAt(0);
  other.plan.begin = 1;
  EXPECT_FALSE(ahead.Take(other));
  other = KeyAt(0);
  other.plan.end = 99;
  EXPECT_FALSE(ahead.Take(other));
  other = KeyAt(0);
  other.plan.cut = true;
  EXPECT_FALSE(ahead.Take(other));
  other = KeyAt(0);
  other.language = "de";
  EXPECT_FALSE(ahead.Take(other));
  other = KeyAt(0);
  other.initial_tokens = {1, 3};
  EXPECT_FALSE(ahead.Take(other));
  EXPECT_TRUE(ahead.Take(KeyAt(0)));
}

TEST(ReadAheadTest, WhatIsNotWantedAnyMoreIsStoppedAndGivenBack) {
  const base::CancelFlag whole;
  std::atomic<int> ended = 0;
  ReadAhead ahead(whole);
  ahead.Start(KeyAt(0), std::make_unique<EndlessWork>(&ended));
  ahead.Start(KeyAt(100), std::make_unique<QuickWork>("b"));
  ahead.Start(KeyAt(200), std::make_unique<EndlessWork>(&ended));
  EXPECT_EQ(ahead.KeepOnly({KeyAt(100), KeyAt(300)}).size(), 2u);
  EXPECT_EQ(ended, 2);
  EXPECT_EQ(ahead.size(), 1u);
  EXPECT_TRUE(ahead.Holds(KeyAt(100)));
}

TEST(ReadAheadTest, CancellingTheWholeEndsAWait) {
  base::CancelFlag whole;
  std::atomic<int> ended = 0;
  ReadAhead ahead(whole);
  ahead.Start(KeyAt(0), std::make_unique<EndlessWork>(&ended));
  whole.Request();
  const auto found = ahead.Take(KeyAt(0));
  ASSERT_TRUE(found);
  EXPECT_EQ(found->result.status().code(), StatusCode::kCancelled);
}

TEST(ReadAheadTest, TheEndStopsEverything) {
  const base::CancelFlag whole;
  std::atomic<int> ended = 0;
  {
    ReadAhead ahead(whole);
    ahead.Start(KeyAt(0), std::make_unique<EndlessWork>(&ended));
    ahead.Start(KeyAt(100), std::make_unique<EndlessWork>(&ended));
  }
  EXPECT_EQ(ended, 2);
}

}  // namespace
}  // namespace wt::pipeline

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "service/jobs/batch_store.h"
#include "service/jobs/rules/fairness.h"
#include "service/jobs/rules/list_query.h"
#include "service/jobs/rules/transitions.h"

namespace wt::jobs {
namespace {

constexpr JobState kAllStates[] = {JobState::kQueued,    JobState::kRetryWait, JobState::kRunning,
                                   JobState::kSucceeded, JobState::kFailed,    JobState::kCancelled,
                                   JobState::kExpired};

TEST(JobNamesTest, EveryNameIsReadBack) {
  for (const JobState state : kAllStates) EXPECT_EQ(ParseJobState(JobStateName(state)), state);
  for (int i = 0; i < 6; ++i) {
    const auto kind = static_cast<FailureKind>(i);
    EXPECT_EQ(ParseFailureKind(FailureKindName(kind)), kind);
  }
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(ParsePriority(PriorityName(static_cast<Priority>(i))), static_cast<Priority>(i));
  }
  EXPECT_EQ(ParseJobState("Queued"), std::nullopt);
  EXPECT_EQ(ParsePriority(""), std::nullopt);
}

TEST(JobNamesTest, EveryStatusIsOneOfTheSlugs) {
  for (const JobState state : kAllStates) {
    for (int failure = 0; failure < 6; ++failure) {
      Job job;
      job.state = state;
      job.failure = static_cast<FailureKind>(failure);
      EXPECT_THAT(StatusSlugs(), ::testing::Contains(StatusSlug(job)));
    }
  }
}

TEST(TransitionsTest, TerminalStatesAreLeftByARestartOnly) {
  for (const JobState from : kAllStates) {
    for (int i = 0; i < kTransitions; ++i) {
      const auto transition = static_cast<Transition>(i);
      const std::optional<JobState> to = NextState(from, transition);
      if (IsTerminal(from)) EXPECT_EQ(to.has_value(), transition == Transition::kRestart);
      if (transition == Transition::kRestart) EXPECT_EQ(to.has_value(), IsTerminal(from));
      if (to == JobState::kRunning) EXPECT_EQ(from, JobState::kQueued) << "only a claim starts it";
    }
  }
}

TEST(TransitionsTest, EveryUnfinishedStateCanEnd) {
  for (const JobState from : {JobState::kQueued, JobState::kRetryWait, JobState::kRunning}) {
    EXPECT_EQ(NextState(from, Transition::kCancel), JobState::kCancelled);
    EXPECT_EQ(NextState(from, Transition::kExpire), JobState::kExpired);
  }
}

TEST(BackoffTest, WaitsGrowFourfoldUpToTheCap) {
  const RetryPolicy policy{.base_ms = 1'000, .max_ms = 600'000};
  EXPECT_EQ(BackoffMs(policy, 1, 0), 1'000);
  EXPECT_EQ(BackoffMs(policy, 2, 0), 4'000);
  EXPECT_EQ(BackoffMs(policy, 3, 0), 16'000);
  EXPECT_EQ(BackoffMs(policy, 3, 0.5), 18'000);
  EXPECT_EQ(BackoffMs(policy, 5, 0), 256'000);
  EXPECT_EQ(BackoffMs(policy, 6, 0), 600'000);
  EXPECT_EQ(BackoffMs(policy, 2'000'000'000, 0.9), 600'000) << "no overflow";
  EXPECT_EQ(BackoffMs(policy, 0, 0), 1'000);
}

TEST(AttemptEndTest, CancellationGoesBeforeEverything) {
  const AttemptFacts facts{.attempt = 1, .attempts_max = 3, .cancel_requested = true};
  EXPECT_EQ(AfterFailure(facts, true), AttemptEnd::kCancel);
  EXPECT_EQ(AfterFailure(facts, false), AttemptEnd::kCancel);
  EXPECT_EQ(AfterLostLease(facts, 3), AttemptEnd::kCancel);
}

TEST(AttemptEndTest, TheThirdLossWithoutProgressIsPoison) {
  EXPECT_EQ(AfterLostLease({.attempt = 1, .attempts_max = 9, .rescues = 1}, 3), AttemptEnd::kRetry);
  EXPECT_EQ(AfterLostLease({.attempt = 1, .attempts_max = 9, .rescues = 2}, 3),
            AttemptEnd::kDeadLetter);
}

TEST(FairnessTest, OwnersAtTheirLimitAreLeftOut) {
  const std::vector<OwnerLoad> order = InOrderOfService(
      {{.owner = "busy", .running = 2}, {.owner = "free", .running = 1}, {.owner = "idle"}}, 2);
  ASSERT_EQ(order.size(), 2u);
  EXPECT_EQ(order[0].owner, "idle");
  EXPECT_EQ(order[1].owner, "free");
}

TEST(FairnessTest, WhoWasServedLongestAgoIsNext) {
  const std::vector<OwnerLoad> order =
      InOrderOfService({{.owner = "just", .last_served = 9, .best_rank = 1},
                        {.owner = "never", .last_served = 0, .best_rank = 7},
                        {.owner = "before", .last_served = 3, .best_rank = 0}},
                       0);
  EXPECT_EQ(order[0].owner, "never");
  EXPECT_EQ(order[1].owner, "before");
  EXPECT_EQ(order[2].owner, "just");
}

// Goal: the closed formula is the order of claims. Method: play all claims out.
TEST(FairnessTest, PositionsAreWhatPlayingItOutGives) {
  for (int variant = 0; variant < 200; ++variant) {
    std::vector<OwnerLoad> owners;
    for (int i = 0; i < 3; ++i) {
      OwnerLoad load{.owner = std::string(1, static_cast<char>('a' + i)), .best_rank = i};
      load.running = variant / (i * i * i + 1) % 3;
      load.queued = 1 + variant / (i + 2) % 4;
      load.last_served = (variant * (i + 1)) % 5;
      owners.push_back(load);
    }
    std::map<std::string, std::int64_t> given;
    std::vector<OwnerLoad> left = owners;
    for (std::int64_t position = 0; !left.empty(); ++position) {
      left = InOrderOfService(left, 0);
      const std::string owner = left[0].owner;
      EXPECT_EQ(PositionInQueue(owners, owner, given[owner]++), position) << variant;
      ++left[0].running;
      left[0].last_served = 100 + position;
      if (--left[0].queued == 0) left.erase(left.begin());
    }
  }
}

TEST(FairnessTest, EstimatesNeverComeFromNothing) {
  EXPECT_EQ(EstimateWaitSeconds(100, 0, 2), 0);
  EXPECT_EQ(EstimateWaitSeconds(100, 10, 0), 0);
  EXPECT_EQ(EstimateWaitSeconds(100, 10, 2), 5);
}

TEST(ListQueryTest, CursorsAreReadBackAndForeignOnesRefused) {
  const Cursor cursor{.key = "a\nb\x01", .id = "job-1"};
  const std::optional<Cursor> back = ParseCursor(FormatCursor(cursor));
  ASSERT_TRUE(back);
  EXPECT_EQ(back->key, cursor.key);
  EXPECT_EQ(back->id, cursor.id);
  for (const char* const bad : {"x", "abc", "AB", "61", "0a61"}) EXPECT_FALSE(ParseCursor(bad));
  EXPECT_FALSE(ParseCursor("610a" + std::string(2'046, '6')));
  // The longest title: 200 characters of four bytes.
  const Cursor longest{.key = std::string(800, 't'), .id = std::string(36, 'a')};
  const std::optional<Cursor> read = ParseCursor(FormatCursor(longest));
  ASSERT_TRUE(read);
  EXPECT_EQ(read->key, longest.key);
}

Batch BatchWith(BatchCounts counts) {
  Batch batch;
  batch.counts = counts;
  batch.started_at = 1;
  return batch;
}

TEST(BatchStatusTest, AMixedOutcomeIsPartial) {
  EXPECT_EQ(StatusOf(BatchWith({.succeeded = 1, .failed = 1})), BatchStatus::kPartial);
  EXPECT_EQ(StatusOf(BatchWith({.succeeded = 1, .cancelled = 1})), BatchStatus::kPartial);
  EXPECT_EQ(StatusOf(BatchWith({.succeeded = 1, .rejected = 1})), BatchStatus::kPartial);
  EXPECT_EQ(StatusOf(BatchWith({.succeeded = 2})), BatchStatus::kCompleted);
  EXPECT_EQ(StatusOf(BatchWith({.failed = 1, .cancelled = 1})), BatchStatus::kFailed);
  EXPECT_EQ(StatusOf(BatchWith({.rejected = 2})), BatchStatus::kFailed);
  EXPECT_EQ(StatusOf(BatchWith({.cancelled = 2})), BatchStatus::kCancelled);
  EXPECT_EQ(StatusOf(BatchWith({.waiting = 1, .failed = 2})), BatchStatus::kProcessing);
  Batch batch = BatchWith({.waiting = 2});
  batch.started_at = std::nullopt;
  EXPECT_EQ(StatusOf(batch), BatchStatus::kPending);
  batch.cancelled_at = 5;
  EXPECT_EQ(StatusOf(batch), BatchStatus::kCancelled);
}

}  // namespace
}  // namespace wt::jobs

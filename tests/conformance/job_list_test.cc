// Lists of jobs (JOB-04 to JOB-06): filters, order, pages and totals, over every store.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/conformance/job_stores.h"

namespace wt::conformance {
namespace {

using jobs::JobFilter;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class JobListTest : public ::testing::TestWithParam<Kind> {
 protected:
  JobListTest() : under_test_(MakeStore(GetParam(), &clock_)) {
    // Each ends differently, one second apart; the sixth is another owner's.
    Add("a", "Zebra meeting.wav", 30, "base");
    Add("b", "apple_100%.mp3", 10, "base");
    Add("c", "Apple pie.mp3", 20, "small");
    Add("d", "notes.wav", std::nullopt, "base");
    Add("e", "notes.wav", 40, "small");
    jobs::NewJob other = MakeJob("f", "bob");
    EXPECT_TRUE(store().Create(other, {}).ok());
    End("a", [&](const jobs::Lease& lease) { return store().Succeed(lease, MakeResult("r")); });
    End("b", [&](const jobs::Lease& lease) {
      return store().Fail(lease, jobs::FailureKind::kLaunch, "X", "No.", false, {});
    });
    End("c", [&](const jobs::Lease& lease) {
      return store().Fail(lease, jobs::FailureKind::kUnknown, "X", "No.", false, {});
    });
    EXPECT_TRUE(store().RequestCancel("d", "").ok());
  }

  jobs::JobStore& store() { return under_test_->store(); }

  void Add(const std::string& id, const std::string& filename, std::optional<double> duration,
           const std::string& model) {
    jobs::NewJob job = MakeJob(id);
    job.job.media.filename = filename;
    job.job.media.duration_s = duration;
    job.job.model = model;
    EXPECT_TRUE(store().Create(job, {}).ok());
    clock_.Advance(1'000);
  }

  template <typename Function>
  void End(const std::string& id, Function end) {
    // Bob waits longest from the second claim on; put his job back.
    while (true) {
      const Result<std::optional<jobs::Claim>> claim = store().ClaimNext({.worker_id = "w"});
      ASSERT_TRUE(claim.ok() && claim.value());
      if (claim.value()->job.id == id) {
        EXPECT_TRUE(end(claim.value()->lease).ok());
        return;
      }
      EXPECT_TRUE(store().Release(claim.value()->lease).ok());
    }
  }

  std::vector<std::string> Ids(JobFilter filter) {
    if (filter.owner.empty()) filter.owner = "ann";
    const Result<jobs::JobPage> page = store().List(filter);
    EXPECT_TRUE(page.ok()) << page.status().message() << page.status().detail().ForLog();
    std::vector<std::string> ids;
    if (!page.ok()) return ids;
    for (const jobs::Job& job : page.value().jobs) ids.push_back(job.id);
    EXPECT_EQ(page.value().total, static_cast<std::int64_t>(ids.size()));
    return ids;
  }
  JobFilter Statuses(std::vector<std::string> statuses) {
    JobFilter filter;
    filter.statuses = std::move(statuses);
    return filter;
  }

  std::string cursor_;
  base::ManualClock clock_;
  std::unique_ptr<StoreUnderTest> under_test_;
};

TEST_P(JobListTest, TheNewestComeFirst) {
  EXPECT_THAT(Ids({}), ElementsAre("e", "d", "c", "b", "a"));
}

TEST_P(JobListTest, AdministratorsSeeAll) {
  const Result<jobs::JobPage> page = store().List({});
  EXPECT_EQ(page.value().total, 6);
  EXPECT_EQ(page.value().jobs.front().owner, "bob");
}

TEST_P(JobListTest, FailedStandsForEveryKindOfFailure) {
  EXPECT_THAT(Ids(Statuses({"failed"})), ElementsAre("c", "b"));
  EXPECT_THAT(Ids(Statuses({"failed_launch_error"})), ElementsAre("b"));
  EXPECT_THAT(Ids(Statuses({"failed_unknown", "completed"})), ElementsAre("c", "a"));
  EXPECT_THAT(Ids(Statuses({"pending"})), ElementsAre("e")) << "old name of queued";
  EXPECT_THAT(Ids(Statuses({"running"})), IsEmpty());
}

TEST_P(JobListTest, FiltersCombine) {
  JobFilter filter;
  filter.model = "base";
  EXPECT_THAT(Ids(filter), ElementsAre("d", "b", "a"));
  filter.min_duration_s = 10;
  EXPECT_THAT(Ids(filter), ElementsAre("b", "a"));
  filter.max_duration_s = 29.9;
  EXPECT_THAT(Ids(filter), ElementsAre("b"));
  filter.language = "fr";
  EXPECT_THAT(Ids(filter), IsEmpty());
}

TEST_P(JobListTest, TimesAreInclusive) {
  JobFilter filter;
  const base::UnixMillis start = base::ManualClock().Now();
  filter.created_after = start + 1'000;
  filter.created_before = start + 3'000;
  EXPECT_THAT(Ids(filter), ElementsAre("d", "c", "b"));
}

TEST_P(JobListTest, SearchFindsNamesIdsAndSpokenWords) {
  const auto search = [&](const std::string& text) {
    JobFilter filter;
    filter.search = text;
    return Ids(filter);
  };
  EXPECT_THAT(search("APPLE"), ElementsAre("c", "b"));
  EXPECT_THAT(search("hello WORLD"), ElementsAre("a"));
  EXPECT_THAT(search("0%"), ElementsAre("b")) << "no wildcard";
  EXPECT_THAT(search("e_1"), ElementsAre("b")) << "no wildcard";
  EXPECT_THAT(search("' OR 1=1 --"), IsEmpty());
}

TEST_P(JobListTest, EveryOrderWorksBothWays) {
  const auto sorted = [&](const std::string& key, bool descending) {
    JobFilter filter;
    filter.sort_by = key;
    filter.descending = descending;
    return Ids(filter);
  };
  EXPECT_THAT(sorted("created_at", false), ElementsAre("a", "b", "c", "d", "e"));
  EXPECT_THAT(sorted("filename", false), ElementsAre("c", "a", "b", "d", "e"));
  EXPECT_THAT(sorted("duration", false), ElementsAre("d", "b", "c", "a", "e"));
  EXPECT_THAT(sorted("duration", true), ElementsAre("e", "a", "c", "b", "d"));
  EXPECT_THAT(sorted("status", false), ElementsAre("d", "a", "b", "c", "e"));
  EXPECT_THAT(sorted("updated_at", true), ElementsAre("d", "c", "b", "a", "e"));
}

TEST_P(JobListTest, PagesByOffsetAndByCursorAreTheSame) {
  for (const std::string key : {"created_at", "updated_at", "filename", "duration", "status"}) {
    for (const bool descending : {false, true}) {
      JobFilter filter;
      filter.owner = "ann";
      filter.sort_by = key;
      filter.descending = descending;
      const std::vector<std::string> all = Ids(filter);
      filter.limit = 2;
      std::vector<std::string> by_offset;
      std::vector<std::string> by_cursor;
      for (int page = 0; page < 3; ++page) {
        filter.offset = 2 * page;
        const Result<jobs::JobPage> at = store().List(filter);
        for (const jobs::Job& job : at.value().jobs) by_offset.push_back(job.id);
        JobFilter next = filter;
        next.offset = 0;
        if (page > 0) next.cursor = cursor_;
        const Result<jobs::JobPage> after = store().List(next);
        for (const jobs::Job& job : after.value().jobs) by_cursor.push_back(job.id);
        EXPECT_EQ(after.value().total, 5);
        cursor_ = after.value().next_cursor;
        EXPECT_EQ(cursor_.empty(), page == 2);
      }
      EXPECT_EQ(by_offset, all) << key;
      EXPECT_EQ(by_cursor, all) << key;
    }
  }
}

TEST_P(JobListTest, WhatMakesNoSenseIsRefused) {
  const auto code = [&](auto change) {
    JobFilter filter;
    change(&filter);
    return store().List(filter).status().code();
  };
  EXPECT_EQ(code([](JobFilter* f) { f->limit = 0; }), StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](JobFilter* f) { f->limit = 1'001; }), StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](JobFilter* f) { f->limit = 1'000; }), StatusCode::kOk);
  EXPECT_EQ(code([](JobFilter* f) { f->offset = -1; }), StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](JobFilter* f) { f->sort_by = "id; DROP TABLE jobs"; }),
            StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](JobFilter* f) { f->statuses = {"done"}; }), StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](JobFilter* f) { f->cursor = "zz"; }), StatusCode::kInvalidArgument);
  EXPECT_EQ(code([](JobFilter* f) { f->search.assign(501, 'x'); }), StatusCode::kInvalidArgument);
}

TEST_P(JobListTest, DeadLettersAreListed) {
  JobFilter filter;
  filter.dead_letter_only = true;
  EXPECT_THAT(Ids(filter), IsEmpty());
  for (int attempt = 0; attempt < 3; ++attempt) {
    clock_.Advance(600'000);
    const Result<std::optional<jobs::Claim>> claim = store().ClaimNext({.worker_id = "w"});
    ASSERT_TRUE(claim.value());
    if (claim.value()->job.id != "e") {
      EXPECT_TRUE(store().FinishCancelled(claim.value()->lease).ok());
      --attempt;
      continue;
    }
    EXPECT_TRUE(
        store().Fail(claim.value()->lease, jobs::FailureKind::kWhisper, "", "", true, {}).ok());
  }
  EXPECT_THAT(Ids(filter), ElementsAre("e"));
  ASSERT_TRUE(store().Restart("e", "").ok());
  EXPECT_THAT(Ids(filter), IsEmpty());
}

TEST_P(JobListTest, DetailsAreKeptFilteredCountedAndSortedBy) {
  ASSERT_TRUE(store().SetDetails("a", "ann", {.title = "Middle", .tags = {{"x", "y"}}}).ok());
  ASSERT_TRUE(
      store().SetDetails("b", "ann", {.notes = "n", .tags = {{"y"}}, .starred = true}).ok());
  ASSERT_TRUE(store().SetDetails("b", "ann", {.archived = true}).ok());
  EXPECT_EQ(store().SetDetails("f", "ann", {.starred = true}).status().code(),
            StatusCode::kNotFound);
  const auto job = store().Get("b", "ann");
  EXPECT_EQ(job->details.notes, "n");
  EXPECT_THAT(job->details.tags, ElementsAre("y"));
  EXPECT_TRUE(job->details.starred);
  EXPECT_TRUE(job->details.archived);

  const auto ids = [&](const JobFilter& filter) {
    std::string text;
    const auto page = store().List(filter);
    for (const jobs::Job& listed : page->jobs) text += listed.id;
    return text + " " + std::to_string(page->total);
  };
  JobFilter mine;
  mine.owner = "ann";
  JobFilter tagged = mine;
  tagged.tag = "y";
  EXPECT_EQ(ids(tagged), "ba 2");
  JobFilter starred = mine;
  starred.starred = true;
  EXPECT_EQ(ids(starred), "b 1");
  JobFilter shown = mine;
  shown.archived = false;
  EXPECT_EQ(ids(shown), "edca 4");
  JobFilter found = mine;
  found.search = "middle";
  EXPECT_EQ(ids(found), "a 1");
  JobFilter by_title = mine;
  by_title.sort_by = "title";
  by_title.descending = false;
  by_title.limit = 2;
  EXPECT_EQ(ids(by_title), "ca 5");
  by_title.cursor = store().List(by_title)->next_cursor;
  EXPECT_EQ(ids(by_title).substr(0, 2), "bd");

  const auto library = store().Library("ann");
  EXPECT_EQ(library->starred, 1);
  EXPECT_EQ(library->archived, 1);
  EXPECT_THAT(library->tags, ElementsAre(std::pair<std::string, std::int64_t>("y", 2),
                                         std::pair<std::string, std::int64_t>("x", 1)));
  EXPECT_THAT(store().Library("bob")->tags, IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(All, JobListTest,
                         ::testing::Values(Kind::kSqlite, Kind::kSqliteTinyCache, Kind::kModel),
                         KindName);

}  // namespace
}  // namespace wt::conformance

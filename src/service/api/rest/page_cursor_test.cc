#include "service/api/rest/page_cursor.h"

#include <gtest/gtest.h>

#include "service/api/rest/job_json.h"
#include "service/api/rest/job_routes.h"
#include "service/api/testing/api_harness.h"
#include "service/blob/memory_store.h"
#include "service/jobs/testing/model_job_store.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;

constexpr base::UnixMillis kDay = 24 * 3'600'000;

TEST(PageCursorsTest, OnlyTheListThatItWasMadeForOpensIt) {
  base::ManualClock clock;
  const PageCursors cursors("one secret", &clock);
  const std::string cursor = cursors.Seal("list", "place\nwith lines");
  EXPECT_EQ(cursors.Open("list", cursor), "place\nwith lines");
  EXPECT_FALSE(cursors.Open("another list", cursor));
  EXPECT_FALSE(PageCursors("other secret", &clock).Open("list", cursor));
  for (std::size_t at = 0; at < cursor.size(); ++at) {
    std::string tampered = cursor;
    tampered[at] = tampered[at] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(cursors.Open("list", tampered)) << at;
    EXPECT_FALSE(cursors.Open("list", cursor.substr(0, at))) << at;
  }
  EXPECT_FALSE(cursors.Open("list", cursor + "A"));
  EXPECT_FALSE(cursors.Open("list", std::string(5'000, 'A')));
}

TEST(PageCursorsTest, ADayLaterItIsOver) {
  base::ManualClock clock;
  const PageCursors cursors("secret", &clock);
  const std::string cursor = cursors.Seal("list", "place");
  clock.Advance(kDay - 1);
  EXPECT_TRUE(cursors.Open("list", cursor));
  clock.Advance(1);
  EXPECT_FALSE(cursors.Open("list", cursor));
}

class JobPagesTest : public ::testing::Test {
 protected:
  static constexpr int kJobs = 45;

  JobPagesTest() {
    EXPECT_TRUE(AddJobSchemas(&api_.routes.schemas()).ok());
    JobRouteParts parts;
    parts.jobs = &store_;
    parts.hints = &hints_;
    parts.blobs = &blobs_;
    parts.clock = &api_.clock;
    parts.cursors = &cursors_;
    AddJobRoutes(parts, &api_.routes);
    for (int i = 0; i < kJobs; ++i) Add("u1", i);
    Add("u2", 0);
  }
  static std::string Id(const std::string& owner, int number) {
    return "00000000-0000-7000-8000-0000000" + owner.substr(1) + std::to_string(1'000 + number);
  }
  void Add(const std::string& owner, int number) {
    jobs::NewJob made;
    made.job.id = Id(owner, number);
    made.job.owner = owner;
    made.job.model = number % 2 == 0 ? "base" : "small";
    made.job.media.id = "media-" + made.job.id;
    made.job.media.owner = owner;
    made.job.media.blob_key = "media/" + made.job.id;
    EXPECT_TRUE(store_.Create(made, {}).ok());
    api_.clock.Advance(1'000);
  }
  json List(const testing::ApiHarness::Query& query) {
    return api_.Json(Method::kGet, "/jobs", query);
  }

  class NoHints : public jobs::JobHints {
   public:
    void JobAvailable() override {}
    void CancelRequested(const std::string&) override {}
    void JobChanged(const std::string&) override {}
  };
  testing::ApiHarness api_;
  jobs::testing::ModelJobStore store_{&api_.clock};
  NoHints hints_;
  blob::MemoryBlobStore blobs_{&api_.clock};
  PageCursors cursors_{"secret", &api_.clock};
};

TEST_F(JobPagesTest, PagesByCursorAreTheWholeListOnce) {
  std::vector<std::string> seen;
  std::string cursor;
  int pages = 0;
  do {
    testing::ApiHarness::Query query = {{"page_size", "20"}};
    if (!cursor.empty()) query.emplace_back("cursor", cursor);
    const json page = List(query);
    ASSERT_EQ(api_.last_status, 200) << page.dump();
    for (const json& job : page["jobs"]) seen.push_back(job["id"]);
    EXPECT_EQ(page["total"], kJobs + (pages > 0 ? 1 : 0));
    const json& next = page["pagination"]["next_cursor"];
    EXPECT_EQ(page["pagination"]["has_more"].get<bool>(), !next.is_null());
    EXPECT_TRUE(api_.routes.schemas().Check("JobList", page, "body").empty());
    cursor = next.is_null() ? "" : next.get<std::string>();
    // What comes meanwhile stands before the first page and moves nothing.
    if (++pages == 1) Add("u1", 99);
  } while (!cursor.empty() && pages < 10);
  EXPECT_EQ(pages, 3);
  ASSERT_EQ(seen.size(), static_cast<std::size_t>(kJobs));
  EXPECT_EQ(seen.front(), Id("u1", kJobs - 1));
  EXPECT_EQ(seen.back(), Id("u1", 0));
}

TEST_F(JobPagesTest, TheLongestTitlesFitIntoACursor) {
  std::string title;
  for (int i = 0; i < 200; ++i) title += "\U0001F600";
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(store_.SetDetails(Id("u1", i), "u1", {.title = title}).ok());
  }
  const json first = List({{"page_size", "1"}, {"sort_by", "title"}});
  EXPECT_EQ(first["jobs"][0]["title"], title);
  const std::string cursor = first["pagination"]["next_cursor"];
  EXPECT_EQ(List({{"cursor", cursor}, {"sort_by", "title"}})["jobs"][0]["title"], title);
  EXPECT_EQ(api_.last_status, 200);
}

TEST_F(JobPagesTest, SizesHaveTheirDefaultsAndBounds) {
  EXPECT_EQ(List({})["limit"], 100);
  const std::string cursor = List({{"limit", "5"}})["pagination"]["next_cursor"];
  EXPECT_EQ(List({{"cursor", cursor}})["jobs"].size(), 20U);
  EXPECT_EQ(List({{"page_size", "1"}})["jobs"].size(), 1U);
  for (const char* wrong : {"0", "101", "-1", "many"}) {
    List({{"page_size", wrong}});
    EXPECT_EQ(api_.last_status, 422) << wrong;
  }
  EXPECT_FALSE(List({{"include_total", "false"}}).contains("total"));
}

TEST_F(JobPagesTest, OtherCursorsAreRefused) {
  const std::string cursor = List({{"page_size", "5"}})["pagination"]["next_cursor"];
  const std::string filtered =
      List({{"page_size", "5"}, {"model", "base"}})["pagination"]["next_cursor"];
  const auto refused = [&](const testing::ApiHarness::Query& query) {
    const json error = List(query);
    EXPECT_EQ(api_.last_status, 400);
    EXPECT_EQ(error["error_code"], "INVALID_CURSOR");
  };
  refused({{"cursor", "x"}});
  refused({{"cursor", cursor + "x"}});
  refused({{"cursor", filtered}});
  refused({{"cursor", cursor}, {"sort_by", "filename"}});
  api_.principal.user_id = "u2";
  refused({{"cursor", cursor}});
  api_.principal.user_id = "u1";
  List({{"cursor", cursor}, {"skip", "3"}});
  EXPECT_EQ(api_.last_status, 422);
  api_.clock.Advance(kDay);
  refused({{"cursor", cursor}});
}

}  // namespace
}  // namespace wt::api

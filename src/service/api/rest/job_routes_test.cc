#include "service/api/rest/job_routes.h"

#include <gtest/gtest.h>

#include "service/api/rest/job_json.h"
#include "service/api/testing/api_harness.h"
#include "service/api/testing/fake_job_store.h"
#include "service/blob/memory_store.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;

constexpr char kMine[] = "01923456-789a-7fff-bfff-000000000001";
constexpr char kForeign[] = "01923456-789a-7fff-bfff-000000000002";
constexpr char kMissing[] = "01923456-789a-7fff-bfff-000000000003";

class Hints : public jobs::JobHints {
 public:
  void JobAvailable() override { said += "available;"; }
  void CancelRequested(const std::string&) override { said += "cancel;"; }
  void JobChanged(const std::string&) override { said += "changed;"; }
  std::string said;
};

class JobRoutesTest : public ::testing::Test {
 protected:
  explicit JobRoutesTest(std::function<void(std::chrono::milliseconds)> pause = {}) {
    EXPECT_TRUE(AddJobSchemas(&api_.routes.schemas()).ok());
    parts_.jobs = &store_;
    parts_.hints = &hints_;
    parts_.blobs = &blobs_;
    parts_.clock = &api_.clock;
    parts_.pause = std::move(pause);
    AddJobRoutes(parts_, &api_.routes);
    Put(kMine, "u1", jobs::JobState::kQueued);
    Put(kForeign, "u2", jobs::JobState::kQueued);
  }
  void Put(const char* id, const char* owner, jobs::JobState state) {
    jobs::Job job;
    job.id = id;
    job.owner = owner;
    job.state = state;
    job.model = "base";
    job.media.filename = "talk.wav";
    job.created_at = api_.clock.Now();
    job.progress = {"transcribing", 30, 120, 6, 4};
    if (state == jobs::JobState::kSucceeded) job.result_ref = "r1";
    store_.Put(job);
  }
  static std::string Path(const char* id, const char* rest = "") {
    return std::string("/jobs/") + id + rest;
  }

  testing::ApiHarness api_;
  testing::FakeJobStore store_;
  blob::MemoryBlobStore blobs_{&api_.clock};
  Hints hints_;
  JobRouteParts parts_;
};

TEST_F(JobRoutesTest, DetailHasBothSpellingsAndNoPath) {
  const json job = api_.Json(Method::kGet, Path(kMine));
  EXPECT_EQ(api_.last_status, 200);
  EXPECT_EQ(job["id"], kMine);
  EXPECT_EQ(job["job_id"], kMine);
  EXPECT_EQ(job["model"], job["model_name"]);
  EXPECT_EQ(job["status"], "queued");
  EXPECT_EQ(job["queue_position"], 3);
  EXPECT_TRUE(job["transcript"].is_null());
  EXPECT_EQ(job.dump().find("media/"), std::string::npos);
}

TEST_F(JobRoutesTest, ForeignMissingAndMalformedIdsAreTheSame) {
  for (const char* rest : {"", "/progress"}) {
    json first;
    for (const char* id : {kForeign, kMissing, "..%2f..", "x"}) {
      json body = api_.Json(Method::kGet, Path(id, rest));
      EXPECT_EQ(api_.last_status, 404) << id;
      for (const char* varying : {"request_id", "timestamp"}) body.erase(varying);
      if (first.is_null()) first = body;
      EXPECT_EQ(body, first) << id;
    }
    EXPECT_EQ(first["code"], 40401);
  }
  EXPECT_EQ(api_.Send(Method::kPost, Path(kForeign, "/cancel")).status, 404);
  EXPECT_EQ(api_.Send(Method::kPost, Path(kForeign, "/restart")).status, 404);
  EXPECT_EQ(api_.Send(Method::kDelete, Path(kForeign)).status, 404);
}

TEST_F(JobRoutesTest, ListAsksForTheCallersJobsOnly) {
  const json list = api_.Json(Method::kGet, "/jobs",
                              {{"status", "pending|failed"}, {"skip", "5"}, {"limit", "7"}});
  EXPECT_EQ(list["total"], 1);
  EXPECT_EQ(list["jobs"][0]["id"], kMine);
  EXPECT_EQ(store_.last_filter().owner, "u1");
  EXPECT_EQ(store_.last_filter().statuses, (std::vector<std::string>{"queued", "failed"}));
  EXPECT_EQ(store_.last_filter().offset, 5);
  EXPECT_EQ(store_.last_filter().limit, 7);
  EXPECT_TRUE(api_.Json(Method::kGet, "/jobs/", {{"format", "array"}}).is_array());
}

TEST_F(JobRoutesTest, ListRefusesBadPages) {
  for (const auto& [name, value] :
       {std::pair("limit", "0"), std::pair("limit", "-1"), std::pair("limit", "101"),
        std::pair("limit", "1001"), std::pair("skip", "-1"), std::pair("sort_by", "owner"),
        std::pair("status", "nonsense"), std::pair("created_after", "yesterday")}) {
    EXPECT_EQ(api_.Send(Method::kGet, "/jobs", {{name, value}}).status, 422) << name << value;
  }
  api_.principal.is_admin = true;
  EXPECT_EQ(api_.Send(Method::kGet, "/jobs", {{"limit", "1000"}}).status, 200);
}

TEST_F(JobRoutesTest, ProgressIsMeasured) {
  const json progress = api_.Json(Method::kGet, std::string("/progress/") + kMine);
  EXPECT_EQ(progress["progress"], 25.0);
  EXPECT_EQ(progress["estimated_time_remaining"], 15.0);
  EXPECT_EQ(progress["current_segment"], 4);
  EXPECT_EQ(progress["stage"], "transcribing");
}

TEST_F(JobRoutesTest, CancelIsRefusedOnceAJobHasEnded) {
  EXPECT_EQ(api_.Json(Method::kPost, Path(kMine, "/cancel"))["status"], "cancelled");
  EXPECT_EQ(hints_.said, "cancel;changed;");
  EXPECT_EQ(api_.Json(Method::kPost, Path(kMine, "/cancel"))["error_code"], "JOB_NOT_CANCELLABLE");
  EXPECT_EQ(api_.last_status, 409);
}

TEST_F(JobRoutesTest, RestartNeedsAnEndedJob) {
  EXPECT_EQ(api_.Send(Method::kPost, Path(kMine, "/restart")).status, 409);
  Put(kMine, "u1", jobs::JobState::kFailed);
  const json job = api_.Json(Method::kPost, Path(kMine, "/retry"));
  EXPECT_EQ(job["status"], "queued");
  EXPECT_EQ(job["run"], 2);
}

TEST_F(JobRoutesTest, DeleteStopsARunningJobFirst) {
  Put(kMine, "u1", jobs::JobState::kRunning);
  EXPECT_EQ(api_.Json(Method::kDelete, Path(kMine))["error_code"], "JOB_RUNNING");
  EXPECT_EQ(hints_.said, "cancel;");
  Put(kMine, "u1", jobs::JobState::kCancelled);
  EXPECT_EQ(api_.Send(Method::kDelete, Path(kMine)).status, 204);
  EXPECT_EQ(store_.deleted, std::vector<std::string>{kMine});
}

class DeletingTest : public JobRoutesTest {
 protected:
  // The worker lets go at the second look.
  DeletingTest()
      : JobRoutesTest([this](std::chrono::milliseconds time) {
          api_.clock.Advance(time.count());
          if (++looks_ == let_go_at_) Put(kMine, "u1", jobs::JobState::kCancelled);
        }) {
    Put(kMine, "u1", jobs::JobState::kRunning);
  }
  int looks_ = 0;
  int let_go_at_ = 2;
};

TEST_F(DeletingTest, ARunningJobIsStoppedAndDeletedInOneCall) {
  EXPECT_EQ(api_.Send(Method::kDelete, Path(kMine)).status, 204);
  EXPECT_EQ(hints_.said, "cancel;changed;");
  EXPECT_EQ(looks_, 2);
  EXPECT_EQ(store_.deleted, std::vector<std::string>{kMine});
}

TEST_F(DeletingTest, AWorkerThatHangsIsNotWaitedForWithoutEnd) {
  let_go_at_ = 1'000'000;
  const http::Response response = api_.Send(Method::kDelete, Path(kMine));
  EXPECT_EQ(response.status, 409);
  EXPECT_EQ(response.headers.Find("Retry-After"), "1");
  EXPECT_EQ(looks_, 100) << "five seconds";
}

TEST_F(JobRoutesTest, AFailedJobSaysWhyAndShowsNoPath) {
  jobs::Job job = *store_.Get(kMine, "");
  job.state = jobs::JobState::kFailed;
  job.failure = jobs::FailureKind::kLaunch;
  job.error_code = "MODEL_NOT_AVAILABLE";
  job.error_message = "The model base is not installed.";
  job.attempt = 3;
  job.media.blob_key = "media/u1/secret-place";
  store_.Put(job);
  const json body = api_.Json(Method::kGet, Path(kMine));
  EXPECT_EQ(body["status"], "failed_launch_error");
  EXPECT_EQ(body["error_code"], "MODEL_NOT_AVAILABLE");
  EXPECT_EQ(body["error_message"], "The model base is not installed.");
  EXPECT_EQ(body["attempts"], 3);
  EXPECT_EQ(body["filename"], "talk.wav");
  EXPECT_EQ(body.dump().find("secret-place"), std::string::npos);
  for (const char* field :
       {"queue_status", "language", "progress", "created_at", "updated_at", "started_at",
        "finished_at", "completed_at", "transcript", "transcript_file", "download_url"}) {
    EXPECT_TRUE(body.contains(field)) << field;
  }
  EXPECT_TRUE(api_.routes.schemas().Check("Job", body, "body").empty());
}

TEST_F(JobRoutesTest, TheRuntimeGrowsAndThenStands) {
  jobs::Job job = *store_.Get(kMine, "");
  EXPECT_EQ(api_.Json(Method::kGet, Path(kMine))["runtime_seconds"], 0.0);
  job.state = jobs::JobState::kRunning;
  job.started_at = api_.clock.Now();
  store_.Put(job);
  for (const double seconds : {1.5, 3.0}) {
    api_.clock.Advance(1'500);
    EXPECT_EQ(api_.Json(Method::kGet, Path(kMine))["runtime_seconds"], seconds);
  }
  job.state = jobs::JobState::kSucceeded;
  job.finished_at = api_.clock.Now();
  store_.Put(job);
  api_.clock.Advance(60'000);
  EXPECT_EQ(api_.Json(Method::kGet, Path(kMine))["runtime_seconds"], 3.0);
}

TEST_F(JobRoutesTest, AFinishedJobShowsItsText) {
  Put(kMine, "u1", jobs::JobState::kSucceeded);
  jobs::NewResult result;
  result.id = "r1";
  result.text = "hello <b>world</b>";
  store_.PutResult(kMine, result);
  const json job = api_.Json(Method::kGet, Path(kMine));
  EXPECT_EQ(job["status"], "completed");
  EXPECT_EQ(job["progress"], 100.0);
  EXPECT_EQ(job["transcript"], "hello <b>world</b>");
  EXPECT_EQ(job["download_url"], std::string("/jobs/") + kMine + "/download");
}

TEST_F(JobRoutesTest, CredentialsAndScopesAreNeeded) {
  api_.principal.permissions = {auth::Permission::kJobsRead};
  EXPECT_EQ(api_.Send(Method::kPost, Path(kMine, "/cancel")).status, 403);
  EXPECT_EQ(api_.Send(Method::kDelete, Path(kMine)).status, 403);
  api_.principal = {};
  EXPECT_EQ(api_.Send(Method::kGet, "/jobs").status, 401);
}

TEST_F(JobRoutesTest, DetailsAreChangedOneByOne) {
  json job = api_.Json(Method::kPatch, Path(kMine), {},
                       R"({"title":" Weekly ","tags":["b","a","b",""],"starred":true})");
  EXPECT_EQ(api_.last_status, 200);
  EXPECT_EQ(job["title"], "Weekly");
  EXPECT_EQ(job["tags"], json::parse(R"(["a","b"])"));
  EXPECT_EQ(job["starred"], true);
  job = api_.Json(Method::kPatch, Path(kMine), {}, R"({"title":null,"archived":true})");
  EXPECT_TRUE(job["title"].is_null());
  EXPECT_EQ(job["archived"], true);
  EXPECT_EQ(job["starred"], true);
  for (const std::string& bad :
       {std::string(R"({"status":"completed"})"), std::string(R"({"title":"a\u0007"})"),
        R"({"title":")" + std::string(201, 'a') + "\"}",
        R"({"tags":[")" + std::string(60, 'a') + "\"]}"}) {
    api_.Json(Method::kPatch, Path(kMine), {}, bad);
    EXPECT_EQ(api_.last_status, 422) << bad.substr(0, 40);
  }
  api_.Json(Method::kPatch, Path(kForeign), {}, "{}");
  EXPECT_EQ(api_.last_status, 404);
  const json stats = api_.Json(Method::kGet, "/jobs/stats");
  EXPECT_EQ(stats["starred"], 1);
  EXPECT_EQ(stats["by_status"]["failed"], 0);
  EXPECT_TRUE(api_.routes.schemas().Check("JobStats", stats, "body").empty());
}

}  // namespace
}  // namespace wt::api

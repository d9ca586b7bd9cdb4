#include "service/api/uploads/batch_routes.h"

#include <gtest/gtest.h>

#include "service/api/rest/job_json.h"
#include "service/api/testing/upload_api.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;
using testing::MakeForm;
using uploads::testing::FakeWav;

/// Batches in memory; their jobs go to a job store.
class FakeBatches : public jobs::BatchStore {
 public:
  explicit FakeBatches(jobs::JobStore* jobs) : jobs_(jobs) {}
  Result<jobs::Batch> CreateBatch(const jobs::NewBatch& made, const jobs::BatchLimits&,
                                  const jobs::QueueLimits& limits) override {
    if (!refuse.ok()) return refuse;
    for (const jobs::NewJob& job : made.jobs) EXPECT_TRUE(jobs_->Create(job, limits).ok());
    jobs::Batch batch = made.batch;
    batch.counts.waiting = static_cast<std::int64_t>(made.jobs.size());
    if (made.start == jobs::BatchStart::kNow) batch.started_at = 1;
    batches[batch.id] = batch;
    return batch;
  }
  Result<jobs::Batch> GetBatch(const std::string& id, const std::string& owner) override {
    const auto found = batches.find(id);
    if (found == batches.end() || found->second.owner != owner) {
      return Status(StatusCode::kNotFound, "no such batch");
    }
    return found->second;
  }
  Result<jobs::BatchPage> ListBatches(const jobs::BatchFilter& filter) override {
    last_filter = filter;
    jobs::BatchPage page;
    for (const auto& [id, batch] : batches) {
      if (batch.owner == filter.owner) page.batches.push_back(batch);
    }
    page.total = static_cast<std::int64_t>(page.batches.size());
    return page;
  }
  Result<jobs::Batch> StartBatch(const std::string& id, const std::string& owner) override {
    return GetBatch(id, owner);
  }
  Result<jobs::Batch> CancelBatch(const std::string& id, const std::string& owner) override {
    return GetBatch(id, owner);
  }
  Result<std::vector<std::string>> DeleteBatch(const std::string& id,
                                               const std::string& owner) override {
    const Result<jobs::Batch> batch = GetBatch(id, owner);
    if (!batch.ok()) return batch.status();
    if (busy) return Status(StatusCode::kFailedPrecondition, "jobs of the batch still run");
    return blobs_of;
  }
  Result<jobs::BatchStats> Stats(const std::string&) override { return jobs::BatchStats{}; }

  std::map<std::string, jobs::Batch> batches;
  jobs::BatchFilter last_filter;
  Status refuse;
  /// Deleting fails: workers are at it.
  bool busy = false;
  std::vector<std::string> blobs_of;

 private:
  jobs::JobStore* jobs_;
};

class BatchRoutesTest : public ::testing::Test {
 protected:
  BatchRoutesTest() {
    EXPECT_TRUE(AddJobSchemas(&setup_.api.routes.schemas()).ok());
    EXPECT_TRUE(AddBatchSchemas(&setup_.api.routes.schemas()).ok());
    BatchRouteParts parts;
    parts.batches = &batches_;
    parts.jobs = &setup_.jobs;
    parts.hints = &setup_.hints;
    parts.blobs = setup_.world.blobs;
    parts.submitter = &setup_.submitter;
    parts.intake = setup_.world.intake.get();
    parts.models = &setup_.names;
    parts.clock = &setup_.api.clock;
    parts.limits.jobs_max = 3;
    parts.file_bytes_max = 3'000;
    parts.total_bytes_max = 5'000;
    AddBatchRoutes(parts, &setup_.api.routes);
    setup_.api.headers.Set("Content-Type", testing::kFormType);
  }
  json Upload(const std::vector<testing::FormPart>& form, const char* path = "/batch/upload") {
    return setup_.api.Json(Method::kPost, path, {}, MakeForm(form));
  }
  static testing::FormPart File(const std::string& name, std::size_t bytes = 1'000) {
    return {"files[]", FakeWav(bytes), name};
  }
  testing::UploadApi setup_;
  FakeBatches batches_{&setup_.jobs};
};

TEST_F(BatchRoutesTest, GoodFilesBecomeJobsAndBadOnesAreReported) {
  const json batch = Upload({File("a.wav"),
                             {"files[]", "no recording", "b.txt"},
                             {"batch_name", "mine"},
                             {"language", "de"}});
  ASSERT_EQ(setup_.api.last_status, 200) << batch;
  EXPECT_EQ(batch["total_files"], 2);
  EXPECT_EQ(batch["errors"][0]["filename"], "b.txt");
  ASSERT_EQ(setup_.Jobs().size(), 1U);
  EXPECT_EQ(json(setup_.Jobs()[0].batch_id), batch["batch_id"]);
  jobs::Batch& stored = batches_.batches.begin()->second;
  stored.counts.waiting = 0;
  stored.counts.succeeded = 1;
  const std::string id = batch["batch_id"];
  EXPECT_EQ(setup_.api.Json(Method::kGet, "/batches/" + id + "/progress")["status"], "partial");
  setup_.api.principal.user_id = "u2";
  EXPECT_EQ(setup_.api.Send(Method::kGet, "/batch/" + id).status, 404);
  EXPECT_EQ(setup_.api.Send(Method::kPost, "/batch/" + id + "/cancel").status, 404);
  setup_.api.principal = {};
  EXPECT_EQ(setup_.api.Send(Method::kGet, "/batch-upload/list").status, 401);
}

TEST_F(BatchRoutesTest, ABatchMayWaitForItsStart) {
  const json batch = Upload({File("a.wav"), {"auto_start", "false"}});
  ASSERT_EQ(setup_.api.last_status, 200) << batch;
  EXPECT_EQ(batch["status"], "pending");
  EXPECT_TRUE(batch["started_at"].is_null());
  EXPECT_EQ(setup_.hints.available, 0) << "nobody is woken for nothing";
  const std::string id = batch["batch_id"];
  for (const std::string& path :
       {"/batch/" + id, "/batch-upload/" + id, "/batches/" + id, "/api/v1/batch/" + id}) {
    setup_.api.Json(Method::kPost, path + "/start");
    EXPECT_EQ(setup_.api.last_status, 200) << path;
  }
  EXPECT_EQ(setup_.hints.available, 4);
}

TEST_F(BatchRoutesTest, CancellingTellsTheWorkers) {
  const json batch = Upload({File("a.wav"), File("b.wav")});
  const std::string id = batch["batch_id"];
  const std::string running = batch["job_ids"][0];
  ASSERT_TRUE(setup_.jobs.ClaimNext({.worker_id = "w", .lease_ms = 30'000}).ok());
  for (const jobs::Job& job : setup_.Jobs()) {
    if (job.state == jobs::JobState::kRunning) {
      ASSERT_TRUE(setup_.jobs.RequestCancel(job.id, "u1").ok());
    }
  }
  setup_.api.Json(Method::kPost, "/batch/" + id + "/cancel");
  EXPECT_EQ(setup_.api.last_status, 200);
  EXPECT_EQ(setup_.hints.cancels, 1) << "the one that a worker has";
  EXPECT_EQ(setup_.hints.changes, 2);
}

TEST_F(BatchRoutesTest, DeletingWaitsForTheWorkersAndTakesTheBytes) {
  const json batch = Upload({File("a.wav")});
  const std::string path = "/batch/" + batch["batch_id"].get<std::string>();
  batches_.busy = true;
  const http::Response busy = setup_.api.Send(Method::kDelete, path);
  EXPECT_EQ(busy.status, 409);
  EXPECT_EQ(busy.headers.Find("Retry-After"), "1");
  batches_.busy = false;
  batches_.blobs_of = {setup_.Jobs()[0].media.blob_key};
  ASSERT_EQ(setup_.world.CountBlobs(""), 1);
  EXPECT_EQ(setup_.api.Send(Method::kDelete, path).status, 204);
  EXPECT_EQ(setup_.world.CountBlobs(""), 0);
}

TEST_F(BatchRoutesTest, FieldsHaveTheirBounds) {
  for (const auto& [name, value, status] :
       {std::tuple("batch_name", std::string(255, 'n'), 200),
        std::tuple("batch_name", std::string(256, 'n'), 422),
        std::tuple("description", std::string(4'096, 'd'), 200),
        std::tuple("description", std::string(4'097, 'd'), 422),
        std::tuple("priority", std::string("urgent"), 200),
        std::tuple("priority", std::string("asap"), 422),
        std::tuple("auto_start", std::string("0"), 200),
        std::tuple("auto_start", std::string("maybe"), 422),
        std::tuple("max_parallel_jobs", std::string("1"), 200),
        std::tuple("max_parallel_jobs", std::string("10"), 200),
        std::tuple("max_parallel_jobs", std::string("0"), 400),
        std::tuple("max_parallel_jobs", std::string("-1"), 400),
        std::tuple("max_parallel_jobs", std::string("1e1"), 400),
        std::tuple("config_json", std::string(R"({"priority":"high","language":null})"), 200),
        std::tuple("config_json", std::string("[]"), 422),
        std::tuple("config_json", std::string("{"), 422),
        std::tuple("config_json", std::string(R"({"priority":"asap"})"), 422),
        // A configuration in the configuration is left out, not followed.
        std::tuple("config_json", std::string(R"({"config_json":"{\"priority\":\"asap\"}"})"), 200),
        std::tuple("notes", std::string(65'537, 'x'), 422)}) {
    const json answer = Upload({File("a.wav", 500), {name, value}});
    EXPECT_EQ(setup_.api.last_status, status) << name << " " << value.substr(0, 40) << answer;
  }
}

TEST_F(BatchRoutesTest, ABatchOfNothingIsNone) {
  EXPECT_EQ(Upload({{"batch_name", "empty"}})["error_code"], "VALIDATION_ERROR");
  const json bad = Upload({{"files[]", "no recording", "b.txt"}, {"files[]", "", "c.wav"}});
  EXPECT_EQ(setup_.api.last_status, 400);
  ASSERT_EQ(bad["errors"].size(), 2U) << bad;
  EXPECT_EQ(bad["errors"][1]["filename"], "c.wav");
  EXPECT_EQ(setup_.api.Json(Method::kPost, "/batch/upload", {}, "no form")["error_code"],
            "VALIDATION_ERROR");
  EXPECT_TRUE(batches_.batches.empty());
  EXPECT_EQ(setup_.world.CountBlobs(""), 0);
}

TEST_F(BatchRoutesTest, ListsArePagedAndFiltered) {
  Upload({File("a.wav")});
  const json list = setup_.api.Json(Method::kGet, "/batch/list",
                                    {{"limit", "5"}, {"offset", "2"}, {"status", "partial"}});
  EXPECT_EQ(list["total"], 1);
  EXPECT_EQ(list["offset"], 2);
  EXPECT_EQ(batches_.last_filter.owner, "u1");
  EXPECT_EQ(batches_.last_filter.limit, 5);
  EXPECT_EQ(batches_.last_filter.offset, 2);
  EXPECT_EQ(batches_.last_filter.status, jobs::BatchStatus::kPartial);
  for (const auto& [name, value] :
       {std::pair("limit", "0"), std::pair("limit", "101"), std::pair("limit", "x"),
        std::pair("offset", "-1"), std::pair("status", "nonsense")}) {
    setup_.api.Json(Method::kGet, "/batch/list", {{name, value}});
    EXPECT_EQ(setup_.api.last_status, 422) << name << value;
  }
  for (const char* path : {"/batch-upload/list", "/batches", "/api/v1/batches"}) {
    EXPECT_EQ(setup_.api.Json(Method::kGet, path)["total"], 1) << path;
  }
}

TEST_F(BatchRoutesTest, AKeyWithoutTheRightHasNoBatches) {
  const json batch = Upload({File("a.wav")});
  setup_.api.principal.permissions = {auth::Permission::kJobsRead, auth::Permission::kJobsCreate};
  const std::string id = batch["batch_id"];
  for (const auto& [method, path] :
       {std::pair(Method::kGet, std::string("/batch/list")),
        std::pair(Method::kGet, "/batch/" + id),
        std::pair(Method::kPost, "/batch/" + id + "/start"),
        std::pair(Method::kDelete, "/batch/" + id),
        std::pair(Method::kGet, std::string("/batch/stats/summary"))}) {
    EXPECT_EQ(setup_.api.Send(method, path).status, 403) << path;
  }
}

TEST_F(BatchRoutesTest, PassedLimitsNameTheFileAndLeaveNothing) {
  const json many = Upload({File("a"), File("b"), File("c"), File("d.wav")});
  EXPECT_EQ(setup_.api.last_status, 400);
  EXPECT_NE(many["message"].get<std::string>().find("d.wav"), std::string::npos);
  EXPECT_NE(Upload({File("big.wav", 3'001)})["message"].get<std::string>().find("big.wav"),
            std::string::npos);
  EXPECT_EQ(setup_.api.last_status, 413);
  Upload({File("a", 2'900), File("b", 2'900)}, "/batch-upload/create");
  EXPECT_EQ(setup_.api.last_status, 413);
  Upload({File("a"), {"max_parallel_jobs", "11"}});
  EXPECT_EQ(setup_.api.last_status, 400);
  Upload({File("a"), {"model", "nonsense"}});
  EXPECT_EQ(setup_.api.last_status, 400);
  batches_.refuse = Status(StatusCode::kResourceExhausted, "too many batches");
  Upload({File("a")});
  EXPECT_EQ(setup_.api.last_status, 400);
  EXPECT_EQ(setup_.world.CountBlobs(""), 0);
  EXPECT_TRUE(setup_.Jobs().empty());
}

}  // namespace
}  // namespace wt::api

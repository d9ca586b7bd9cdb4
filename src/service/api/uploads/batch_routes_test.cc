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
    return std::vector<std::string>{};
  }
  Result<jobs::BatchStats> Stats(const std::string&) override { return jobs::BatchStats{}; }

  std::map<std::string, jobs::Batch> batches;
  Status refuse;

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

#include "service/api/rest/submit_routes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "service/api/rest/job_json.h"
#include "service/api/testing/upload_api.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;
using testing::FormPart;
using testing::kFormType;
using testing::MakeForm;
using uploads::testing::FakeWav;

class SubmitRoutesTest : public ::testing::Test {
 protected:
  SubmitRoutesTest() {
    EXPECT_TRUE(AddJobSchemas(&setup_.api.routes.schemas()).ok());
    EXPECT_TRUE(AddSubmitSchemas(&setup_.api.routes.schemas()).ok());
    SubmitRouteParts parts;
    parts.submitter = &setup_.submitter;
    parts.intake = setup_.world.intake.get();
    parts.models = &setup_.names;
    parts.file_bytes_max = 10'000;
    parts.files_max = 3;
    AddSubmitRoutes(parts, &setup_.api.routes);
  }

  json Post(const std::vector<FormPart>& form, const std::string& path = "/jobs") {
    setup_.api.headers.Set("Content-Type", kFormType);
    return setup_.api.Json(Method::kPost, path, {}, MakeForm(form));
  }
  int status() const { return setup_.api.last_status; }

  const FormPart file_{"file", FakeWav(2'000), "../Talk 1.wav"};
  testing::UploadApi setup_;
};

TEST_F(SubmitRoutesTest, AFileBecomesAJobWithItsOptions) {
  const json reply = Post({{"language", "de"}, file_, {"priority", "high"}, {"beam_size", "3"}});
  ASSERT_EQ(status(), 200) << reply.dump();
  EXPECT_EQ(reply["status"], "queued");
  EXPECT_EQ(reply["model"], "base");
  ASSERT_EQ(setup_.Jobs().size(), 1U);
  const jobs::Job job = setup_.Jobs()[0];
  EXPECT_EQ(reply["job_id"], job.id);
  EXPECT_EQ(job.language, "de");
  EXPECT_EQ(job.priority, jobs::Priority::kHigh);
  EXPECT_EQ(job.media.filename, "Talk 1.wav");
  EXPECT_NE(job.options_json.find("beam_size"), std::string::npos);
  EXPECT_EQ(setup_.hints.available, 1);
}

// The same checks, the same reply, and the same limit counts them.
TEST_F(SubmitRoutesTest, OldPathsAreTheSame) {
  int counted = 0;
  setup_.api.change_ports = [&](DispatcherPorts* ports) {
    ports->admit = [&](RateClass rate, const auth::Principal&, const std::string&) {
      counted += rate == RateClass::kUpload ? 1 : 0;
      return RateDecision{};
    };
  };
  const auto keys = [](const json& reply) {
    std::vector<std::string> names;
    for (const auto& [name, value] : reply.items()) names.push_back(name);
    return names;
  };
  const std::vector<std::string> expected = keys(Post({file_}));
  for (const char* name : {"job_id", "status", "message", "queue_job_id", "user_id"}) {
    EXPECT_NE(std::find(expected.begin(), expected.end(), name), expected.end()) << name;
  }
  for (const char* path : {"/upload", "/api/upload", "/transcribe", "/jobs/", "/api/jobs/",
                           "/api/uploads/single", "/uploads/single", "/upload/"}) {
    counted = 0;
    EXPECT_EQ(keys(Post({file_}, path)), expected) << path;
    EXPECT_EQ(status(), 200) << path;
    EXPECT_EQ(Post({file_, {"model", "nope"}}, path)["error_code"], "INVALID_MODEL") << path;
    EXPECT_EQ(counted, 2) << path;
  }
}

// Whatever is wrong beside the file, the file that came with it is not kept.
TEST_F(SubmitRoutesTest, RefusedFormsLeaveNothing) {
  const std::pair<FormPart, int> cases[] = {
      {{"priority", "soon"}, 422},
      {{"beam_size", "0"}, 422},
      {{"beam_size", "many"}, 422},
      {{"model", "medium"}, 400},
      {{"model", "../../etc"}, 400},
      {{"language", "klingon"}, 422},
      {{"language", std::string(70'000, 'x')}, 422},
  };
  for (const auto& [part, expected] : cases) {
    const json reply = Post({file_, part});
    EXPECT_EQ(status(), expected) << part.name << " " << reply.dump();
    EXPECT_EQ(setup_.world.CountBlobs(""), 0) << part.name;
  }
  EXPECT_TRUE(setup_.Jobs().empty());
}

TEST_F(SubmitRoutesTest, UnknownModelsNameTheKnownOnes) {
  const json reply = Post({file_, {"model", "no-such-model"}});
  EXPECT_EQ(reply["error_code"], "INVALID_MODEL");
  EXPECT_TRUE(reply["allowed_models"].is_array());
}

TEST_F(SubmitRoutesTest, FilesThatAreNoneAreRefused) {
  EXPECT_EQ(Post({{"beam_size", "3"}})["error_code"], "VALIDATION_ERROR");
  Post({{"file", "", "a.wav"}});
  EXPECT_EQ(status(), 400);
  EXPECT_EQ(Post({{"file", "PK\x03\x04 an archive", "a.wav"}})["error_code"], "UNSUPPORTED_MEDIA");
  Post({{"file", FakeWav(10'001), "a.wav"}});
  EXPECT_EQ(status(), 413);
  EXPECT_EQ(setup_.world.CountBlobs(""), 0);
}

TEST_F(SubmitRoutesTest, TheSameKeyIsTheSameJob) {
  setup_.api.headers.Set("Idempotency-Key", "one");
  const json first = Post({file_});
  const json again = Post({file_});
  EXPECT_EQ(again["job_id"], first["job_id"]);
  EXPECT_EQ(setup_.Jobs().size(), 1U);
  Post({{"file", FakeWav(2'000, 7), "other.wav"}});
  EXPECT_EQ(status(), 409);
  setup_.api.headers.Set("Idempotency-Key", std::string(256, 'k'));
  Post({file_});
  EXPECT_EQ(status(), 422);
}

TEST_F(SubmitRoutesTest, SeveralFilesHaveOutcomesOfTheirOwn) {
  const json reply =
      Post({file_, {"file", "plain text, no recording", "b.txt"}, {"files", FakeWav(3'000), "c"}});
  ASSERT_EQ(status(), 200) << reply.dump();
  EXPECT_EQ(reply["jobs"].size(), 2U);
  ASSERT_EQ(reply["errors"].size(), 1U);
  EXPECT_EQ(reply["errors"][0]["filename"], "b.txt");
  EXPECT_EQ(setup_.Jobs().size(), 2U);
  Post({file_, file_, file_, file_});
  EXPECT_EQ(status(), 422);
}

TEST_F(SubmitRoutesTest, WhatIsNoFormIsRefused) {
  setup_.api.headers.Set("Content-Type", "application/json");
  setup_.api.Json(Method::kPost, "/jobs", {}, "{}");
  EXPECT_EQ(status(), 422);
  setup_.api.headers.Set("Content-Type", kFormType);
  setup_.api.Json(Method::kPost, "/jobs", {}, MakeForm({file_}).substr(0, 500));
  EXPECT_GE(status(), 400);
  EXPECT_EQ(setup_.world.CountBlobs(""), 0);
}

}  // namespace
}  // namespace wt::api

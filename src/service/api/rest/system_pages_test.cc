#include "service/api/rest/system_routes.h"

#include <gtest/gtest.h>

#include "service/api/rest/job_json.h"
#include "service/api/testing/api_harness.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;

class SystemPagesTest : public ::testing::Test {
 protected:
  SystemPagesTest() {
    EXPECT_TRUE(AddJobSchemas(&api_.routes.schemas()).ok());
    EXPECT_TRUE(AddSystemSchemas(&api_.routes.schemas()).ok());
    parts_.version = {"1.2.3", "9fceb02", "2026-01-31"};
    parts_.ping_database = [this] { return database_; };
    parts_.readiness = [] { return std::vector<ReadinessCheck>(); };
    parts_.metrics = [] { return std::string("whisper_up 1\n"); };
    api_.principal = {};  // Nobody has signed in.
  }
  void Add() { AddSystemRoutes(parts_, &api_.routes); }

  testing::ApiHarness api_;
  SystemRouteParts parts_;
  Status database_;
};

TEST_F(SystemPagesTest, VersionIsWhatTheBuildWasTold) {
  Add();
  EXPECT_EQ(api_.Json(Method::kGet, "/version"),
            json::parse(R"({"version":"1.2.3","build_sha":"9fceb02","build_date":"2026-01-31"})"));
}

TEST_F(SystemPagesTest, HealthHasTheOperatorsWordAndTellsOfTheDatabase) {
  parts_.health_word = "healthy";
  Add();
  EXPECT_EQ(api_.Json(Method::kGet, "/health")["status"], "healthy");
  EXPECT_EQ(api_.last_status, 200);
  database_ = Status(StatusCode::kUnavailable, "gone");
  const json down = api_.Json(Method::kGet, "/health/");
  EXPECT_EQ(api_.last_status, 503);
  EXPECT_EQ(down["status"], "db_error");
  EXPECT_EQ(down.dump().find("gone"), std::string::npos) << "no reason for strangers";
}

TEST_F(SystemPagesTest, TheReferenceIsServedFromHereUnderItsPolicy) {
  Add();
  for (const char* path : {"/docs", "/redoc", "/docs/docs.js", "/docs/docs.css"}) {
    const http::Response response = api_.Send(Method::kGet, path);
    ASSERT_EQ(response.status, 200) << path;
    const std::string& text = std::get<std::string>(response.body);
    EXPECT_EQ(text.find("https://"), std::string::npos) << path << " needs another server";
    const std::string policy(response.headers.Find("Content-Security-Policy").value_or(""));
    EXPECT_NE(policy.find("default-src 'none'"), std::string::npos) << path;
    EXPECT_EQ(policy.find("unsafe"), std::string::npos) << path;
    EXPECT_EQ(text.find("<script>"), std::string::npos) << "the policy would not run it";
  }
}

TEST_F(SystemPagesTest, WithoutDocumentsThereIsNoReference) {
  parts_.docs = false;
  Add();
  for (const char* path : {"/docs", "/redoc", "/openapi.json"}) {
    EXPECT_EQ(api_.Send(Method::kGet, path).status, 404) << path;
  }
}

}  // namespace
}  // namespace wt::api

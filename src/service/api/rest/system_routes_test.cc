#include "service/api/rest/system_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "service/api/rest/job_json.h"
#include "service/api/testing/api_harness.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class SystemRoutesTest : public ::testing::Test {
 protected:
  SystemRoutesTest() {
    EXPECT_TRUE(AddJobSchemas(&api_.routes.schemas()).ok());
    EXPECT_TRUE(AddSystemSchemas(&api_.routes.schemas()).ok());
    parts_.version = {"1.2.3", "abc", "2026-01-01"};
    parts_.clock = &api_.clock;
    parts_.ping_database = [this] {
      ++pings_;
      return database_;
    };
    parts_.readiness = [this] { return checks_; };
    parts_.metrics = [] { return std::string("whisper_build_info 1\n"); };
    api_.principal = {};
  }
  json Get(const std::string& path) {
    if (!added_) AddSystemRoutes(parts_, &api_.routes);
    added_ = true;
    return api_.Json(Method::kGet, path);
  }
  std::string Text(const std::string& path) {
    if (!added_) AddSystemRoutes(parts_, &api_.routes);
    added_ = true;
    response_ = api_.Send(Method::kGet, path);
    return std::get<std::string>(response_.body);
  }

  testing::ApiHarness api_;
  SystemRouteParts parts_;
  bool added_ = false;
  Status database_;
  int pings_ = 0;
  std::vector<ReadinessCheck> checks_ = {{"database", true, true, ""}};
  http::Response response_;
};

TEST_F(SystemRoutesTest, LivenessAsksNothing) {
  database_ = Status(StatusCode::kUnavailable, "gone");
  checks_[0].ok = false;
  for (const char* path : {"/health/livez", "/livez"}) {
    EXPECT_EQ(Get(path)["status"], "ok") << path;
    EXPECT_EQ(api_.last_status, 200);
  }
  EXPECT_EQ(pings_, 0);
}

TEST_F(SystemRoutesTest, HealthAsksTheDatabaseEveryTime) {
  EXPECT_EQ(Get("/health")["status"], "ok");
  database_ = Status(StatusCode::kUnavailable, "/var/lib/secret/app.db: disk I/O error");
  const json sick = Get("/health");
  EXPECT_EQ(api_.last_status, 503);
  EXPECT_EQ(sick["status"], "db_error");
  EXPECT_EQ(sick.dump().find("secret"), std::string::npos);
  database_ = Status();
  Get("/health");
  EXPECT_EQ(api_.last_status, 200) << "nothing is remembered";
  EXPECT_EQ(pings_, 3);
}

TEST_F(SystemRoutesTest, ReadinessTellsStrangersNoReasons) {
  checks_ = {{"database", true, true, ""}, {"workers", false, false, "/secret/place"}};
  json ready = Get("/readyz");
  EXPECT_EQ(api_.last_status, 200);
  EXPECT_EQ(ready["status"], "degraded");
  EXPECT_EQ(ready["checks"]["workers"], false);
  EXPECT_EQ(ready.dump().find("secret"), std::string::npos);
  checks_[0].ok = false;
  EXPECT_EQ(Get("/health/readyz")["status"], "not_ready");
  EXPECT_EQ(api_.last_status, 503);
  Get("/health/readyz/details");
  EXPECT_EQ(api_.last_status, 401);
  api_.principal.user_id = "u1";
  Get("/health/readyz/details");
  EXPECT_EQ(api_.last_status, 403);
  api_.principal.permissions = {auth::Permission::kMetrics};
  ready = Get("/health/readyz/details");
  EXPECT_EQ(ready["checks"]["workers"]["reason"], "/secret/place");
}

TEST_F(SystemRoutesTest, MetricsNeedTheirRightUnlessTheyAreOpen) {
  Text("/metrics");
  EXPECT_EQ(response_.status, 401);
  api_.principal.user_id = "u1";
  Text("/metrics");
  EXPECT_EQ(response_.status, 403);
  api_.principal.permissions = {auth::Permission::kMetrics};
  EXPECT_EQ(Text("/metrics/"), "whisper_build_info 1\n");
  EXPECT_EQ(response_.headers.Find("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
}

TEST_F(SystemRoutesTest, OpenMetricsAreForEverybody) {
  parts_.metrics_open = true;
  EXPECT_EQ(Text("/metrics"), "whisper_build_info 1\n");
}

TEST_F(SystemRoutesTest, SecurityTextIsThereWhenSomebodyIsNamed) {
  parts_.security_contact = "mailto:security@example.org";
  const std::string text = Text("/.well-known/security.txt");
  EXPECT_EQ(response_.status, 200);
  EXPECT_THAT(text, HasSubstr("Contact: mailto:security@example.org\n"));
  // 182 days after the clock of tests, 2023-11-14.
  EXPECT_THAT(text, HasSubstr("Expires: 2024-05-14T22:13:20.000Z\n"));
  EXPECT_THAT(std::string(response_.headers.Find("Content-Type").value_or("")),
              StartsWith("text/plain"));
}

TEST_F(SystemRoutesTest, WithoutAContactThereIsNoSecurityText) {
  Text("/.well-known/security.txt");
  EXPECT_EQ(response_.status, 404);
}

}  // namespace
}  // namespace wt::api

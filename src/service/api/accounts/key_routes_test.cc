#include "service/api/accounts/key_routes.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "service/api/testing/account_world.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;
using testing::AccountWorld;
using testing::kAnnsPassword;
using testing::kRootsPassword;
using testing::Steady;

class KeyRoutesTest : public ::testing::Test {
 protected:
  KeyRoutesTest() {
    AddKeyRoutes({world_.keys.get(), &world_.api.clock, world_.audit}, &world_.api.routes);
    anns_ = world_.Open("ann", kAnnsPassword).access_token;
    bobs_ = world_.Open("bob", "a password of bob's own").access_token;
    roots_ = world_.Open("root", kRootsPassword).access_token;
    world_.Use(anns_);
  }
  json Make(const json& body) { return world_.Post("/api/keys", body); }
  int Status(Method method, const std::string& path, const std::string& body = "") {
    return world_.api.Send(method, path, {}, body).status;
  }

  AccountWorld world_;
  std::string anns_;
  std::string bobs_;
  std::string roots_;
};

TEST_F(KeyRoutesTest, TheSecretIsShownOnce) {
  const json made = Make({{"name", "ci"},
                          {"permissions", {"read", "jobs:create"}},
                          {"expires_days", 30},
                          {"hourly_limit", 50},
                          {"allowed_ips", {"192.0.2.0/24", "::1"}}});
  ASSERT_EQ(world_.api.last_status, 201);
  const std::string secret = made["api_key"];
  EXPECT_TRUE(secret.starts_with("wt_"));
  const std::string id = made["id"];
  const json read = world_.api.Json(Method::kGet, "/api/v1/keys/" + id);
  EXPECT_EQ(read["name"], "ci");
  EXPECT_EQ(read["hourly_limit"], 50);
  EXPECT_EQ(read["permissions"], (json{"read", "jobs:create"}));
  EXPECT_EQ(read.dump().find(secret), std::string::npos);
  EXPECT_FALSE(read.contains("api_key"));
  EXPECT_FALSE(read.contains("secret_hash"));
  const json list = world_.api.Json(Method::kGet, "/api/api-keys");
  EXPECT_EQ(list["total"], 1);
  EXPECT_EQ(list.dump().find(secret), std::string::npos);
  ASSERT_EQ(world_.events.size(), 1u);
  EXPECT_EQ(world_.events[0].action, "key.create");
}

TEST_F(KeyRoutesTest, ForeignKeysAreNotThere) {
  const std::string id = Make({{"name", "mine"}})["id"];
  world_.Use(bobs_);
  EXPECT_EQ(world_.api.Json(Method::kGet, "/keys")["total"], 0);
  const std::string change = json{{"name", "taken"}}.dump();
  const std::tuple<Method, const char*, std::string> calls[] = {
      {Method::kGet, "", ""},         {Method::kPut, "", change},
      {Method::kPatch, "", change},   {Method::kDelete, "", ""},
      {Method::kPost, "/revoke", ""}, {Method::kPost, "/regenerate", ""},
      {Method::kGet, "/usage", ""},   {Method::kGet, "/statistics", ""}};
  for (const auto& [method, rest, body] : calls) {
    const json foreign = world_.api.Json(method, "/keys/" + id + rest, {}, body);
    EXPECT_EQ(world_.api.last_status, 404) << rest;
    const json missing = world_.api.Json(method, std::string("/keys/missing") + rest, {}, body);
    EXPECT_EQ(Steady(foreign), Steady(missing)) << rest;
  }
  world_.Use(anns_);
  EXPECT_EQ(world_.api.Json(Method::kGet, "/keys/" + id)["name"], "mine");
}

TEST_F(KeyRoutesTest, BadKeysAreRefused) {
  for (const json& body :
       {json{{"name", ""}}, json{{"name", "x"}, {"expires_days", 0}},
        json{{"name", "x"}, {"expires_days", 3651}}, json{{"name", "x"}, {"hourly_limit", 0}},
        json{{"name", "x"}, {"hourly_limit", 10001}}, json{{"name", "x"}, {"permissions", {"fly"}}},
        json{{"name", "x"}, {"permissions", json::array()}},
        json{{"name", "x"}, {"allowed_ips", {"300.1.1.1"}}}, json::object()}) {
    Make(body);
    EXPECT_EQ(world_.api.last_status, 422) << body;
  }
  EXPECT_EQ(Make({{"name", "x"}, {"permissions", {"admin"}}})["error_code"],
            "INSUFFICIENT_PERMISSIONS");
  Make({{"name", "one"}});
  Make({{"name", "one"}});
  EXPECT_EQ(world_.api.last_status, 409);
  for (int i = 1; i < 10; ++i) Make({{"name", "n" + std::to_string(i)}});
  EXPECT_EQ(Make({{"name", "eleventh"}})["error_code"], "KEY_LIMIT_REACHED");
}

TEST_F(KeyRoutesTest, AKeyCannotMakeAStrongerOne) {
  const std::string weak =
      Make({{"name", "weak"}, {"permissions", {"keys:manage", "read"}}})["api_key"];
  const json reader = Make({{"name", "reader"}, {"permissions", {"read"}}});
  const std::string strong = Make({{"name", "strong"}, {"permissions", {"delete"}}})["id"];
  world_.Use(weak);
  EXPECT_EQ(Make({{"name", "up"}, {"permissions", {"delete"}}})["error_code"],
            "INSUFFICIENT_PERMISSIONS");
  EXPECT_EQ(Status(Method::kPut, "/keys/" + reader["id"].get<std::string>(),
                   R"({"permissions":["write"]})"),
            403);
  EXPECT_EQ(Status(Method::kPost, "/keys/" + strong + "/regenerate"), 403);
  Make({{"name", "same"}, {"permissions", {"read"}}});
  EXPECT_EQ(world_.api.last_status, 201);
  world_.Use(reader["api_key"]);
  EXPECT_EQ(Status(Method::kGet, "/keys"), 403);
  EXPECT_EQ(world_.api.Json(Method::kGet, "/keys/test")["valid"], true);
}

TEST_F(KeyRoutesTest, RevokedAndRegeneratedSecretsEndAtOnce) {
  const json made = Make({{"name", "k"}});
  const std::string path = "/keys/" + made["id"].get<std::string>();
  const json again = world_.api.Json(Method::kPost, path + "/regenerate");
  EXPECT_NE(again["api_key"], made["api_key"]);
  world_.Use(made["api_key"]);
  EXPECT_EQ(Status(Method::kGet, "/keys/test"), 401);
  world_.Use(again["api_key"]);
  EXPECT_EQ(Status(Method::kGet, "/keys/test"), 200);
  world_.Use(anns_);
  EXPECT_EQ(world_.api.Json(Method::kPost, path + "/revoke")["status"], "revoked");
  EXPECT_EQ(Status(Method::kDelete, path), 200);
  world_.Use(again["api_key"]);
  EXPECT_EQ(Status(Method::kGet, "/keys/test"), 401);
}

TEST_F(KeyRoutesTest, UpdateChangesOnlyWhatIsGiven) {
  const std::string path =
      "/keys/" + Make({{"name", "k"}, {"hourly_limit", 7}})["id"].get<std::string>();
  const json changed =
      world_.api.Json(Method::kPut, path, {}, R"({"description":"new","daily_quota":5})");
  EXPECT_EQ(world_.api.last_status, 200);
  EXPECT_EQ(changed["description"], "new");
  EXPECT_EQ(changed["name"], "k");
  EXPECT_EQ(changed["hourly_limit"], 7);
  EXPECT_EQ(changed["daily_quota"], 5);
}

TEST_F(KeyRoutesTest, UsageComesFromTheLog) {
  const std::string id = Make({{"name", "k"}})["id"];
  auth::KeyUse use;
  use.key_id = id;
  use.at = world_.api.clock.Now();
  use.method = "GET";
  use.route = "/jobs";
  use.status = 500;
  use.latency_ms = 12;
  ASSERT_TRUE(world_.store.AppendUses({use, use}).ok());
  const json usage = world_.api.Json(Method::kGet, "/keys/" + id + "/usage", {{"days", "7"}});
  EXPECT_EQ(usage["total_requests"], 2);
  EXPECT_EQ(usage["by_day"][0]["latency_ms_mean"], 12.0);
  EXPECT_EQ(usage["recent"][0]["route"], "/jobs");
  EXPECT_EQ(world_.api.Send(Method::kGet, "/keys/" + id + "/usage", {{"days", "0"}}).status, 422);
  EXPECT_EQ(world_.api.Json(Method::kGet, "/keys/stats/summary")["active"], 1);
}

TEST_F(KeyRoutesTest, PermissionsForAdministratorsAreListedForThem) {
  const auto names = [&] { return world_.api.Json(Method::kGet, "/keys/permissions/available"); };
  EXPECT_EQ(names().dump().find("\"admin\""), std::string::npos);
  world_.Use(roots_);
  EXPECT_NE(names().dump().find("\"admin\""), std::string::npos);
}

TEST_F(KeyRoutesTest, AdministratorsSeeAndSuspendEveryonesKeys) {
  const json made = Make({{"name", "k"}});
  const std::string path = "/admin/api-keys/" + made["id"].get<std::string>();
  for (const char* list : {"/admin/api-keys", "/admin/security/api-keys"}) {
    EXPECT_EQ(Status(Method::kGet, list), 403);
  }
  EXPECT_EQ(Status(Method::kPost, path + "/suspend"), 403);
  world_.Use(roots_);
  const json list = world_.api.Json(Method::kGet, "/api/admin/api-keys", {{"status", "active"}});
  EXPECT_EQ(list["keys"][0]["user_id"], world_.ann.id);
  EXPECT_EQ(world_.api.Json(Method::kPost, path + "/suspend")["status"], "suspended");
  EXPECT_EQ(Status(Method::kPost, path + "/suspend"), 409);
  world_.Use(made["api_key"]);
  EXPECT_EQ(Status(Method::kGet, "/keys/test"), 401);
  world_.Use(roots_);
  EXPECT_EQ(world_.api.Json(Method::kPost, path + "/unsuspend")["status"], "active");
  EXPECT_EQ(world_.api.Json(Method::kPost, "/admin/api-keys/cleanup")["expired"], 0);
  world_.Use(made["api_key"]);
  EXPECT_EQ(Status(Method::kGet, "/keys/test"), 200);
}

}  // namespace
}  // namespace wt::api

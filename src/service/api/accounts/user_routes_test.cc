#include "service/api/accounts/user_routes.h"

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

class UserRoutesTest : public ::testing::Test {
 protected:
  UserRoutesTest() {
    UserRouteParts parts;
    parts.users = world_.users.get();
    parts.audit = world_.audit;
    parts.delete_data = [this](const std::string& id) {
      emptied_.push_back(id);
      return emptying_;
    };
    AddUserRoutes(parts, &world_.api.routes);
    anns_ = world_.Open("ann", kAnnsPassword).access_token;
    world_.SignInAs("root", kRootsPassword);
  }
  int Send(Method method, const std::string& path, const std::string& body = "") {
    return world_.api.Send(method, path, {}, body).status;
  }
  std::string Ann(const char* rest = "") const { return "/users/" + world_.ann.id + rest; }
  std::string Root() const { return "/users/" + world_.root.id; }

  AccountWorld world_;
  std::string anns_;
  std::vector<std::string> emptied_;
  Status emptying_;
};

TEST_F(UserRoutesTest, OnlyAdministratorsGetIn) {
  const std::pair<Method, std::string> routes[] = {
      {Method::kGet, "/users"}, {Method::kPost, "/users"},
      {Method::kGet, Ann()},    {Method::kPut, Ann()},
      {Method::kPatch, Ann()},  {Method::kPost, Ann("/reset-password")},
      {Method::kDelete, Ann()}, {Method::kGet, "/api/admin/users"}};
  for (const auto& [who, status] : {std::pair(anns_, 403), std::pair(std::string(), 401)}) {
    world_.Use(who);
    for (const auto& [method, path] : routes) EXPECT_EQ(Send(method, path, "{}"), status) << path;
  }
}

TEST_F(UserRoutesTest, ListShowsNoHash) {
  const json list = world_.api.Json(Method::kGet, "/users", {{"limit", "2"}});
  EXPECT_EQ(list["total"], 3);
  EXPECT_EQ(list["users"].size(), 2u);
  EXPECT_EQ(list["pagination"]["has_more"], true);
  EXPECT_EQ(list.dump().find("plain:"), std::string::npos);
  EXPECT_EQ(world_.api.Json(Method::kGet, "/users", {{"search", "ANN"}})["total"], 1);
}

TEST_F(UserRoutesTest, AMadeUpPasswordIsShownOnceAndMustBeChanged) {
  const json made = world_.Post("/users", {{"username", "dora"}, {"role", "admin"}});
  EXPECT_EQ(world_.api.last_status, 201);
  const std::string password = made["one_time_password"];
  EXPECT_EQ(made["user"]["must_change_password"], true);
  EXPECT_EQ(made["user"]["roles"], json::array({"admin"}));
  const json read =
      world_.api.Json(Method::kGet, "/users/" + made["user"]["id"].get<std::string>());
  EXPECT_EQ(read.dump().find(password), std::string::npos);
  world_.Open("dora", password);
  world_.Post("/users", {{"username", "DORA"}});
  EXPECT_EQ(world_.api.last_status, 409);
  world_.Post("/users", {{"username", "a b"}});
  EXPECT_EQ(world_.api.last_status, 422);
}

TEST_F(UserRoutesTest, ARoleActsOnTheNextRequest) {
  EXPECT_EQ(world_.api.Json(Method::kPut, Ann(), {}, R"({"role":"admin"})")["is_admin"], true);
  world_.Use(anns_);
  EXPECT_EQ(Send(Method::kGet, "/users"), 200);
  EXPECT_EQ(Send(Method::kPatch, Ann(), R"({"role":"user"})"), 200);
  EXPECT_EQ(Send(Method::kGet, "/users"), 403);
}

TEST_F(UserRoutesTest, SwitchingOffEndsTokensAtOnce) {
  world_.Use(anns_);
  EXPECT_EQ(Send(Method::kGet, "/users"), 403);
  world_.SignInAs("root", kRootsPassword);
  EXPECT_EQ(Send(Method::kPatch, Ann(), R"({"is_active":false})"), 200);
  world_.Use(anns_);
  EXPECT_EQ(Send(Method::kGet, "/users"), 401);
}

TEST_F(UserRoutesTest, AQuotaIsSetAndTakenBack) {
  EXPECT_EQ(world_.api.Json(Method::kGet, Ann())["storage_quota_bytes"], nullptr);
  EXPECT_EQ(Send(Method::kPatch, Ann(), R"({"storage_quota_bytes":5000})"), 200);
  EXPECT_EQ(world_.api.Json(Method::kGet, Ann())["storage_quota_bytes"], 5000);
  // What is not named stays.
  EXPECT_EQ(Send(Method::kPatch, Ann(), R"({"role":"user"})"), 200);
  EXPECT_EQ(world_.api.Json(Method::kGet, Ann())["storage_quota_bytes"], 5000);
  EXPECT_EQ(Send(Method::kPatch, Ann(), R"({"storage_quota_bytes":-1})"), 422);
  EXPECT_EQ(Send(Method::kPatch, Ann(), R"({"storage_quota_bytes":null})"), 200);
  EXPECT_EQ(world_.api.Json(Method::kGet, Ann())["storage_quota_bytes"], nullptr);
}

TEST_F(UserRoutesTest, ResetGivesAOneTimePassword) {
  const json reset = world_.api.Json(Method::kPost, Ann("/reset-password"));
  EXPECT_TRUE(world_.store.GetUser(world_.ann.id)->must_change_password);
  world_.Open("ann", reset["one_time_password"]);
  world_.Use(anns_);
  EXPECT_EQ(Send(Method::kGet, "/users"), 401);
}

TEST_F(UserRoutesTest, TheLastAdministratorStaysWithAllData) {
  EXPECT_EQ(world_.api.Json(Method::kDelete, Root())["error_code"], "LAST_ADMINISTRATOR");
  EXPECT_EQ(world_.api.last_status, 409);
  EXPECT_EQ(Send(Method::kPatch, Root(), R"({"role":"user"})"), 409);
  EXPECT_EQ(Send(Method::kPatch, Root(), R"({"is_active":false})"), 409);
  EXPECT_TRUE(emptied_.empty());
  EXPECT_EQ(Send(Method::kGet, "/users"), 200);
}

TEST_F(UserRoutesTest, DeletingTakesJobsFirstAndCanBeRepeated) {
  emptying_ = Status(StatusCode::kFailedPrecondition, "one runs");
  EXPECT_EQ(world_.api.Json(Method::kDelete, Ann())["error_code"], "JOB_RUNNING");
  EXPECT_FALSE(world_.store.GetUser(world_.ann.id)->is_active) << "nothing new may begin";
  emptying_ = {};
  EXPECT_EQ(Send(Method::kDelete, Ann()), 204);
  EXPECT_EQ(emptied_, (std::vector<std::string>{world_.ann.id, world_.ann.id}));
  EXPECT_EQ(Send(Method::kGet, Ann()), 404);
  EXPECT_EQ(Send(Method::kDelete, Ann()), 404);
  EXPECT_EQ(world_.events.back().action, "user.delete");
}

}  // namespace
}  // namespace wt::api

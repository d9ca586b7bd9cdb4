#include "service/api/accounts/auth_routes.h"

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

class AuthRoutesTest : public ::testing::Test {
 protected:
  explicit AuthRoutesTest(bool with_admin = true, bool registration = true) : world_(with_admin) {
    AuthRouteParts parts;
    parts.adapter = world_.adapter.get();
    parts.authenticator = world_.authenticator.get();
    parts.sessions = world_.sessions.get();
    parts.users = world_.users.get();
    parts.first_run = world_.first_run.get();
    parts.audit = world_.audit;
    parts.allow_registration = registration;
    AddAuthRoutes(parts, &world_.api.routes);
  }
  http::Response Login(const std::string& name, const std::string& password,
                       const std::string& path = "/auth/login") {
    return world_.api.Send(Method::kPost, path, {},
                           json{{"username", name}, {"password", password}}.dump());
  }
  static json BodyOf(const http::Response& response) {
    return json::parse(std::get<std::string>(response.body));
  }
  static std::string CookieOf(const http::Response& response, std::size_t index) {
    const auto all = response.headers.FindAll("Set-Cookie");
    return index < all.size() ? std::string(all[index]) : "";
  }
  /// "name=value" of a Set-Cookie field.
  static std::string Pair(const std::string& cookie) { return cookie.substr(0, cookie.find(';')); }
  int Me() { return world_.api.Send(Method::kGet, "/auth/me").status; }

  AccountWorld world_;
};

TEST_F(AuthRoutesTest, LoginGivesATokenAndCookies) {
  const http::Response response = Login("Ann", kAnnsPassword);
  ASSERT_EQ(response.status, 200);
  const json body = BodyOf(response);
  EXPECT_EQ(body["token_type"], "bearer");
  EXPECT_EQ(body["expires_in"], 3600);
  EXPECT_EQ(body["user"]["username"], "ann");
  EXPECT_FALSE(body.contains("refresh_token"));
  EXPECT_EQ(body.dump().find("plain:"), std::string::npos);
  const std::string access = CookieOf(response, 0);
  EXPECT_EQ(Pair(access), "auth_token=" + body["access_token"].get<std::string>());
  EXPECT_NE(access.find("; Path=/; Max-Age=3600; HttpOnly; SameSite=Strict"), std::string::npos);
  EXPECT_EQ(access.find("Secure"), std::string::npos);
  EXPECT_NE(CookieOf(response, 1).find("; Path=/auth/refresh;"), std::string::npos);

  world_.Use(body["access_token"]);
  const json me = world_.api.Json(Method::kGet, "/api/auth/me");
  EXPECT_EQ(me["id"], world_.ann.id);
  EXPECT_EQ(me["roles"], json::array({"user"}));
  EXPECT_EQ(me["is_admin"], false);
  world_.api.headers = {};
  world_.api.headers.Set("Cookie", Pair(access));
  EXPECT_EQ(Me(), 200);
  EXPECT_EQ(world_.events.back().type, audit::EventType::kAuthSuccess);
  EXPECT_EQ(world_.events.back().user_id, world_.ann.id);
}

TEST_F(AuthRoutesTest, CookiesOnTlsHaveGuardedNames) {
  world_.api.secure = true;
  const http::Response response = Login("ann", kAnnsPassword, "/api/v1/auth/login");
  EXPECT_TRUE(CookieOf(response, 0).starts_with("__Host-auth_token="));
  EXPECT_TRUE(CookieOf(response, 0).ends_with("; Secure"));
  EXPECT_TRUE(CookieOf(response, 1).starts_with("__Secure-refresh_token="));
  EXPECT_NE(CookieOf(response, 1).find("; Path=/api/v1/auth/refresh;"), std::string::npos);
  EXPECT_NE(CookieOf(response, 1).find("SameSite=Strict; Secure"), std::string::npos);
  world_.api.headers.Set("Cookie", Pair(CookieOf(response, 0)));
  EXPECT_EQ(Me(), 200);
}

TEST(SessionCookiesTest, FollowTheOperatorsRules) {
  auth::Tokens tokens;
  tokens.access_token = "t";
  tokens.expires_in_s = 3'600;
  const auto access = [&](const CookieRules& rules) {
    http::Response response;
    SetSessionCookies(tokens, rules, "/auth/login", &response);
    return std::string(response.headers.FindAll("Set-Cookie")[0]);
  };
  EXPECT_EQ(access({false, SameSite::kLax, 900}),
            "auth_token=t; Path=/; Max-Age=900; HttpOnly; SameSite=Lax");
  EXPECT_EQ(access({true, SameSite::kNone, 7'200}),
            "__Host-auth_token=t; Path=/; Max-Age=3600; HttpOnly; SameSite=None; Secure");
}

TEST_F(AuthRoutesTest, EveryRefusedLoginLooksTheSame) {
  const http::Response wrong = Login("ann", "not her password");
  const http::Response unknown = Login("nobody", "not her password");
  EXPECT_EQ(wrong.status, 401);
  EXPECT_EQ(Steady(BodyOf(wrong)), Steady(BodyOf(unknown)));
  EXPECT_EQ(BodyOf(wrong)["error_code"], "INVALID_CREDENTIALS");
  EXPECT_TRUE(wrong.headers.FindAll("Set-Cookie").empty());
  ASSERT_EQ(world_.events.size(), 2u);
  EXPECT_EQ(world_.events[0].detail, "wrong_password");
  EXPECT_EQ(world_.events[0].user_id, world_.ann.id);
  EXPECT_EQ(world_.events[1].username, "") << "may be a password in the wrong field";
}

TEST_F(AuthRoutesTest, GuessingIsSlowedDown) {
  int last = 0;
  for (int i = 0; i < 20; ++i) last = Login("ann", "guess").status;
  EXPECT_EQ(last, 429);
  const http::Response right = Login("ann", kAnnsPassword);
  EXPECT_EQ(right.status, 429);
  EXPECT_TRUE(right.headers.Find("Retry-After").has_value());
}

TEST_F(AuthRoutesTest, TokenTakesJsonAndForms) {
  const json by_json =
      world_.Post("/auth/token", {{"username", "ann"}, {"password", kAnnsPassword}});
  EXPECT_EQ(world_.api.last_status, 422) << "without a content type it is a form";
  world_.api.headers.Set("Content-Type", "application/json");
  const http::Response response = Login("ann", kAnnsPassword, "/token");
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.headers.FindAll("Set-Cookie").empty());
  EXPECT_FALSE(BodyOf(response)["refresh_token"].get<std::string>().empty());
  world_.api.headers.Set("Content-Type", "application/x-www-form-urlencoded");
  const json form = world_.api.Json(
      Method::kPost, "/token", {},
      "grant_type=password&username=ann%40example.org&password=correct+horse+battery&scope=");
  EXPECT_EQ(world_.api.last_status, 200);
  EXPECT_EQ(form["token_type"], "bearer");
  EXPECT_EQ(world_.api.Send(Method::kPost, "/token", {}, "username=ann").status, 422);
  EXPECT_EQ(world_.api.Send(Method::kPost, "/token", {}, "a=%zz").status, 400);
}

TEST_F(AuthRoutesTest, RefreshRotatesAndReuseEndsTheSession) {
  const auth::Tokens first = world_.Open("ann", kAnnsPassword);
  const json second = world_.Post("/auth/refresh", {{"refresh_token", first.refresh_token}});
  ASSERT_EQ(world_.api.last_status, 200);
  EXPECT_NE(second["refresh_token"], first.refresh_token);
  world_.Use(second["access_token"]);
  EXPECT_EQ(Me(), 200);
  const http::Response reused = world_.api.Send(
      Method::kPost, "/auth/refresh", {}, json{{"refresh_token", first.refresh_token}}.dump());
  EXPECT_EQ(reused.status, 401);
  EXPECT_EQ(Me(), 401);
}

TEST_F(AuthRoutesTest, RefreshByCookieAnswersWithCookiesAndOnlyToOurPages) {
  const http::Response login = Login("ann", kAnnsPassword);
  world_.api.headers.Set("Host", "example.org");
  world_.api.headers.Set("Cookie", Pair(CookieOf(login, 1)));
  world_.api.headers.Set("Origin", "http://evil.example");
  EXPECT_EQ(world_.api.Send(Method::kPost, "/auth/refresh").status, 403);
  world_.api.headers.Set("Origin", "http://example.org");
  const http::Response refreshed = world_.api.Send(Method::kPost, "/auth/refresh");
  EXPECT_EQ(refreshed.status, 200);
  EXPECT_FALSE(BodyOf(refreshed).contains("refresh_token"));
  EXPECT_EQ(refreshed.headers.FindAll("Set-Cookie").size(), 2u);
  world_.api.headers = {};
  EXPECT_EQ(world_.api.Send(Method::kPost, "/auth/refresh").status, 401);
}

TEST_F(AuthRoutesTest, LogoutEndsTheTokenAndClearsCookies) {
  world_.SignInAs("ann", kAnnsPassword);
  const http::Response response = world_.api.Send(Method::kPost, "/auth/logout");
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(CookieOf(response, 0).starts_with("auth_token=; Path=/; Max-Age=0"));
  EXPECT_EQ(Me(), 401);
}

TEST_F(AuthRoutesTest, AChangeWithACookieNeedsTheSessionsProof) {
  const http::Response login = Login("ann", kAnnsPassword);
  world_.api.headers.Set("Cookie", Pair(CookieOf(login, 0)));
  world_.api.headers.Set("Host", "example.org");
  const json refused = world_.api.Json(Method::kPost, "/auth/logout");
  EXPECT_EQ(world_.api.last_status, 403);
  EXPECT_EQ(refused["error_code"], "CSRF_FAILED");
  world_.api.headers.Set("X-CSRF-Token", "any value");
  EXPECT_EQ(world_.api.Send(Method::kPost, "/auth/logout").status, 403);
  const json csrf = world_.api.Json(Method::kGet, "/auth/csrf");
  EXPECT_EQ(csrf["csrf_token"], BodyOf(login)["csrf_token"]);
  world_.api.headers.Set("X-CSRF-Token", csrf["csrf_token"].get<std::string>());
  EXPECT_EQ(world_.api.Send(Method::kPost, "/auth/logout").status, 200);
}

TEST_F(AuthRoutesTest, WrongAndMissingCredentialsAreToldApart) {
  EXPECT_EQ(world_.api.Json(Method::kGet, "/auth/me")["error_code"], "AUTHENTICATION_REQUIRED");
  world_.Use("nonsense");
  EXPECT_EQ(world_.api.Json(Method::kGet, "/auth/me")["error_code"], "INVALID_CREDENTIALS");
  world_.SignInAs("ann", kAnnsPassword);
  world_.api.headers.Add("Authorization", "Bearer other");
  EXPECT_EQ(Me(), 401) << "two credentials";
}

TEST_F(AuthRoutesTest, IdentityIsNotTakenFromHeadersOrQuery) {
  world_.api.headers.Set("X-User-ID", world_.root.id);
  EXPECT_EQ(Me(), 401);
  EXPECT_EQ(world_.api.Send(Method::kGet, "/auth/me", {{"user_id", world_.root.id}}).status, 401);
  world_.SignInAs("ann", kAnnsPassword);
  world_.api.headers.Set("X-User-ID", world_.root.id);
  EXPECT_EQ(world_.api.Json(Method::kGet, "/auth/me")["id"], world_.ann.id);
}

TEST_F(AuthRoutesTest, PasswordChangeNeedsTheOldOneAndEndsAllTokens) {
  const std::string other = world_.Open("ann", kAnnsPassword).access_token;
  world_.SignInAs("ann", kAnnsPassword);
  const auto change = [&](const char* current, const char* wanted) {
    return world_.Post("/auth/change-password",
                       {{"current_password", current}, {"new_password", wanted}});
  };
  EXPECT_EQ(change("wrong", "a brand new password")["error_code"], "WRONG_PASSWORD");
  EXPECT_EQ(change(kAnnsPassword, "password")["error_code"], "VALIDATION_ERROR");
  const json changed = change(kAnnsPassword, "a brand new password");
  EXPECT_EQ(world_.api.last_status, 200);
  EXPECT_TRUE(changed.contains("message"));
  EXPECT_EQ(Me(), 401) << "the old token";
  world_.Use(other);
  EXPECT_EQ(Me(), 401);
  world_.Use(changed["access_token"]);
  EXPECT_EQ(Me(), 200);
}

TEST_F(AuthRoutesTest, NothingElseWorksBeforeADuePasswordChange) {
  world_.AddUser("new", "a first password here", auth::Role::kUser, /*must_change=*/true);
  const json login = BodyOf(Login("new", "a first password here"));
  EXPECT_EQ(login["must_change_password"], true);
  world_.Use(login["access_token"]);
  EXPECT_EQ(world_.api.Json(Method::kGet, "/auth/sessions")["error_code"],
            "PASSWORD_CHANGE_REQUIRED");
  EXPECT_EQ(world_.api.Send(Method::kPost, "/ws/ticket").status, 403);
  EXPECT_EQ(Me(), 200);
  const json changed = world_.Post(
      "/change-password",
      {{"current_password", "a first password here"}, {"new_password", "another one entirely"}});
  world_.Use(changed["access_token"]);
  EXPECT_EQ(world_.api.Send(Method::kGet, "/auth/sessions").status, 200);
}

TEST_F(AuthRoutesTest, SessionsAreListedAndEnded) {
  const auth::Tokens other = world_.Open("ann", kAnnsPassword);
  const auth::Tokens bobs = world_.Open("bob", "a password of bob's own");
  world_.SignInAs("ann", kAnnsPassword);
  const json list = world_.api.Json(Method::kGet, "/auth/sessions");
  ASSERT_EQ(list["sessions"].size(), 2u);
  int current = 0;
  for (const json& session : list["sessions"]) current += session["current"] == true ? 1 : 0;
  EXPECT_EQ(current, 1);
  const auto end = [&](const std::string& id) {
    return world_.api.Send(Method::kDelete, "/auth/sessions/" + id);
  };
  const http::Response foreign = end(bobs.session_id);
  EXPECT_EQ(foreign.status, 404);
  EXPECT_EQ(Steady(BodyOf(foreign)), Steady(BodyOf(end("missing"))));
  EXPECT_EQ(end(other.session_id).status, 204);
  EXPECT_EQ(Me(), 200);
  world_.Use(other.access_token);
  EXPECT_EQ(Me(), 401);
  world_.Use(bobs.access_token);
  EXPECT_EQ(Me(), 200);
  EXPECT_EQ(world_.api.Send(Method::kDelete, "/auth/sessions").status, 204);
  EXPECT_EQ(Me(), 401);
}

TEST_F(AuthRoutesTest, AKeyIsNoSession) {
  auth::NewKey wanted;
  wanted.name = "k";
  const auto key = world_.keys->Create(world_.ann.id, wanted, auth::Granter::kUser);
  world_.Use(key->secret);
  EXPECT_EQ(world_.api.Json(Method::kGet, "/auth/me")["credential"],
            auth::CredentialName(auth::Credential::kApiKey));
  EXPECT_EQ(world_.api.Send(Method::kDelete, "/auth/sessions").status, 403);
  EXPECT_EQ(
      world_.Post("/change-password", {{"current_password", kAnnsPassword},
                                       {"new_password", "a brand new password"}})["error_code"],
      "SESSION_REQUIRED");
  EXPECT_EQ(world_.api.Json(Method::kPost, "/ws/ticket")["expires_in"], 30);
}

TEST_F(AuthRoutesTest, ASpentKeyGets429WithItsNumbers) {
  auth::NewKey wanted;
  wanted.name = "k";
  wanted.hourly_limit = 2;
  const auto key = world_.keys->Create(world_.ann.id, wanted, auth::Granter::kUser);
  world_.Use(key->secret);
  EXPECT_EQ(Me(), 200);
  EXPECT_EQ(Me(), 200);
  const http::Response response = world_.api.Send(Method::kGet, "/auth/me");
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(BodyOf(response)["error_code"], "RATE_LIMIT_EXCEEDED");
  EXPECT_EQ(response.headers.Find("X-RateLimit-Limit"), "2");
  EXPECT_EQ(response.headers.Find("X-RateLimit-Remaining"), "0");
  EXPECT_TRUE(response.headers.Find("Retry-After").has_value());
}

TEST_F(AuthRoutesTest, RegistrationMakesAPlainUser) {
  const json body = {{"username", "Cleo"},
                     {"email", "cleo@example.org"},
                     {"password", "pyramids by the nile"},
                     {"role", "admin"},
                     {"is_admin", true}};
  const json made = world_.Post("/api/register", body);
  EXPECT_EQ(world_.api.last_status, 201);
  EXPECT_EQ(made["is_admin"], false);
  EXPECT_FALSE(made.contains("password"));
  world_.Post("/auth/register", body);
  EXPECT_EQ(world_.api.last_status, 409);
  json bad = body;
  bad["username"] = "x";
  world_.Post("/register", bad);
  EXPECT_EQ(world_.api.last_status, 422);
}

class ClosedServerTest : public AuthRoutesTest {
 protected:
  ClosedServerTest() : AuthRoutesTest(/*with_admin=*/false, /*registration=*/false) {}
};

TEST_F(ClosedServerTest, RegistrationCanBeOff) {
  const json refused = world_.Post(
      "/register",
      {{"username", "cleo"}, {"email", "cleo@example.org"}, {"password", "pyramids by the nile"}});
  EXPECT_EQ(world_.api.last_status, 403);
  EXPECT_EQ(refused["error_code"], "REGISTRATION_DISABLED");
  EXPECT_EQ(world_.store.ListUsers({})->total, 0);
}

TEST_F(ClosedServerTest, SetupMakesTheFirstAdministratorOnce) {
  ASSERT_TRUE(world_.first_run->Begin({}).ok());
  const std::string token = world_.first_run->setup_token();
  const json state = world_.api.Json(Method::kGet, "/setup");
  EXPECT_EQ(state, (json{{"awaits_setup", true}}));
  const auto setup = [&](const std::string& with) {
    return world_.Post(
        "/setup", {{"token", with}, {"username", "chief"}, {"password", "my own long password"}});
  };
  setup("wrong");
  EXPECT_EQ(world_.api.last_status, 403);
  EXPECT_EQ(setup(token)["is_admin"], true);
  EXPECT_EQ(world_.api.last_status, 201);
  EXPECT_EQ(world_.api.Json(Method::kGet, "/setup")["awaits_setup"], false);
  setup(token);
  EXPECT_EQ(world_.api.last_status, 409);
  EXPECT_EQ(Login("chief", "my own long password").status, 200);
}

}  // namespace
}  // namespace wt::api

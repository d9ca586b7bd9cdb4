#include "service/api/dispatcher.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "service/api/openapi.h"
#include "service/api/testing/text_body.h"

namespace wt::api {
namespace {

using nlohmann::json;

using testing::TextBody;

Route MakeRoute(http::Method method, std::string pattern, HandlerFunction handler) {
  Route route;
  route.method = method;
  route.operation = std::string(http::MethodName(method)) + pattern;
  route.pattern = std::move(pattern);
  route.summary = "Test";
  route.tag = "test";
  route.permission = auth::Permission::kJobsRead;
  route.body = BodyKind::kNone;
  route.body_bytes_max = 0;
  route.rate = RateClass::kGeneral;
  route.cache = CachePolicy::kNoStore;
  route.audit_event = "";
  route.handler = std::move(handler);
  return route;
}

Reply Hello(Call& call) { return http::Response::Text(200, "hello " + call.principal.user_id); }

class DispatcherTest : public ::testing::Test {
 protected:
  DispatcherTest() {
    ports_.client_address = [](const http::Request& request) { return request.remote_address; };
    ports_.authenticate = [this](const http::Request& request,
                                 const std::string&) -> std::variant<auth::Principal, ApiError> {
      if (!request.headers.Find("Authorization")) return Unauthorized("Sign in first.");
      return principal_;
    };
    ports_.admit = [this](RateClass, const auth::Principal&, const std::string&) { return rate_; };
    ports_.in_progress = [this](const std::string&, int change) { in_progress_ += change; };
    ports_.record = [this](const CallRecord& record) { records_.push_back(record); };
    principal_.user_id = "u1";
    principal_.permissions = {auth::Permission::kJobsRead};
    EXPECT_TRUE(routes_.schemas().Add("Problem", "{}").ok());
    EXPECT_TRUE(routes_.schemas().Add("OpenAiError", "{}").ok());
    EXPECT_TRUE(routes_.schemas()
                    .Add("Note", R"({"type":"object","required":["text"],
                         "properties":{"text":{"type":"string"}},"additionalProperties":false})")
                    .ok());
  }

  http::Response Send(http::Method method, const std::string& path, const std::string& body = "",
                      bool chunked = false) {
    if (!dispatcher_) {
      EXPECT_TRUE(routes_.Build().ok());
      dispatcher_.emplace(&routes_, &clock_, options_, ports_);
    }
    TextBody source(body, chunked);
    http::Request request;
    request.method = method;
    request.path = path;
    request.body = &source;
    request.headers = headers_;
    request.query = query_;
    return dispatcher_->Handle(request);
  }
  static json Body(const http::Response& response) {
    return json::parse(std::get<std::string>(response.body));
  }
  static std::string Header(const http::Response& response, std::string_view name) {
    return std::string(response.headers.Find(name).value_or(""));
  }
  void AddNote() {
    Route route = MakeRoute(http::Method::kPost, "/notes", [](Call& call) -> Reply {
      return http::Response::Text(200, (*call.json)["text"].get<std::string>());
    });
    route.body = BodyKind::kJson;
    route.body_bytes_max = 64;
    route.request_schema = "Note";
    routes_.Add(std::move(route));
  }

  RouteTable routes_;
  base::ManualClock clock_;
  DispatcherOptions options_;
  DispatcherPorts ports_;
  auth::Principal principal_;
  RateDecision rate_;
  int in_progress_ = 0;
  std::vector<CallRecord> records_;
  std::optional<Dispatcher> dispatcher_;
  http::Headers headers_ = [] {
    http::Headers headers;
    headers.Add("Host", "localhost:8001");
    headers.Add("Authorization", "Bearer x");
    return headers;
  }();
  std::vector<std::pair<std::string, std::string>> query_;
};

TEST_F(DispatcherTest, TheSiteAnswersBeforeTheRoutesUnderTheSameChecks) {
  routes_.Add(MakeRoute(http::Method::kGet, "/jobs", Hello));
  ports_.site = [](const http::Request& request) -> std::optional<http::Response> {
    if (request.path != "/jobs" || !request.headers.Find("Accept")) return std::nullopt;
    return http::Response::Text(200, "<html>", "text/html");
  };
  options_.allowed_hosts = {"localhost"};

  EXPECT_EQ(std::get<std::string>(Send(http::Method::kGet, "/jobs").body), "hello u1");
  headers_.Set("Accept", "text/html");
  const http::Response page = Send(http::Method::kGet, "/jobs");
  EXPECT_EQ(std::get<std::string>(page.body), "<html>");
  EXPECT_EQ(Header(page, "X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(records_.back().route, "web");
  headers_.Set("Host", "elsewhere");
  EXPECT_EQ(Send(http::Method::kGet, "/jobs").status, 400);
}

TEST_F(DispatcherTest, CallsTheHandlerWithThePrincipal) {
  routes_.Add(MakeRoute(http::Method::kGet, "/things/{id}", Hello));
  const http::Response response = Send(http::Method::kGet, "/things/7");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(std::get<std::string>(response.body), "hello u1");
  EXPECT_EQ(Header(response, "Cache-Control"), "private, no-store");
  EXPECT_FALSE(Header(response, "X-Request-ID").empty());
  EXPECT_EQ(Header(response, "X-Content-Type-Options"), "nosniff");
  ASSERT_EQ(records_.size(), 1U);
  EXPECT_EQ(records_[0].route, "/things/{id}");
  EXPECT_EQ(in_progress_, 0);
}

TEST_F(DispatcherTest, EchoesARequestIdOnlyWhenItIsHarmless) {
  routes_.Add(MakeRoute(http::Method::kGet, "/a", Hello));
  headers_.Set("X-Request-ID", "abc-1.2_Z");
  EXPECT_EQ(Header(Send(http::Method::kGet, "/a"), "X-Request-ID"), "abc-1.2_Z");
  headers_.Set("X-Request-ID", "a\r\nSet-Cookie: x=y");
  EXPECT_EQ(Header(Send(http::Method::kGet, "/a"), "X-Request-ID").find("Cookie"),
            std::string::npos);
  headers_.Set("X-Request-ID", std::string(129, 'a'));
  EXPECT_NE(Header(Send(http::Method::kGet, "/a"), "X-Request-ID").size(), 129U);
}

TEST_F(DispatcherTest, RefusesCallersInTheOrderOfTheChecks) {
  Route route = MakeRoute(http::Method::kGet, "/a", Hello);
  route.permission = auth::Permission::kAdmin;
  routes_.Add(std::move(route));
  headers_.Remove("Authorization");
  http::Response response = Send(http::Method::kGet, "/a");
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(Header(response, "WWW-Authenticate"), "Bearer");
  EXPECT_EQ(Body(response)["error_code"], "AUTHENTICATION_REQUIRED");
  EXPECT_EQ(Body(response)["detail"], Body(response)["message"]);

  headers_.Set("Authorization", "Bearer x");
  EXPECT_EQ(Body(Send(http::Method::kGet, "/a"))["error_code"], "INSUFFICIENT_PERMISSIONS");
  principal_.must_change_password = true;
  EXPECT_EQ(Body(Send(http::Method::kGet, "/a"))["error_code"], "PASSWORD_CHANGE_REQUIRED");
  rate_ = {false, 10, 0, 30, 7};
  response = Send(http::Method::kGet, "/a");
  EXPECT_EQ(response.status, 429);
  EXPECT_EQ(Header(response, "Retry-After"), "7");
  EXPECT_EQ(Header(response, "X-RateLimit-Limit"), "10");
}

TEST_F(DispatcherTest, KnowsPathsMethodsAndPrefixes) {
  routes_.Add(MakeRoute(http::Method::kGet, "/a", Hello));
  EXPECT_EQ(Send(http::Method::kGet, "/b").status, 404);
  http::Response response = Send(http::Method::kPost, "/a");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(Header(response, "Allow"), "OPTIONS, GET, HEAD");
  EXPECT_EQ(Send(http::Method::kOptions, "/a").status, 204);
  EXPECT_EQ(Send(http::Method::kHead, "/a").status, 200);
  for (const char* path : {"/api/a", "/api/v1/a"}) {
    response = Send(http::Method::kGet, path);
    EXPECT_EQ(response.status, 200) << path;
    EXPECT_EQ(Header(response, "Deprecation"), "true");
  }
  EXPECT_EQ(Send(http::Method::kGet, "/apia").status, 404);
}

TEST_F(DispatcherTest, HeadAndOptionsMayHaveRoutesOfTheirOwn) {
  routes_.Add(MakeRoute(http::Method::kGet, "/a", Hello));
  Route head = MakeRoute(http::Method::kHead, "/a",
                         [](Call&) -> Reply { return http::Response::Text(204, ""); });
  head.headers = {{"X-Kind", "own"}};
  routes_.Add(std::move(head));
  Route options = MakeRoute(http::Method::kOptions, "/a",
                            [](Call&) -> Reply { return http::Response::Text(200, "can do"); });
  options.permission = auth::Permission::kPublic;
  routes_.Add(std::move(options));
  EXPECT_EQ(Send(http::Method::kGet, "/a").status, 200);
  EXPECT_EQ(Send(http::Method::kHead, "/a").status, 204);
  headers_.Remove("Authorization");
  const http::Response refused = Send(http::Method::kHead, "/a");
  EXPECT_EQ(refused.status, 401);
  EXPECT_EQ(Header(refused, "X-Kind"), "own");
  EXPECT_EQ(std::get<std::string>(Send(http::Method::kOptions, "/a").body), "can do");
  EXPECT_EQ(Header(Send(http::Method::kPut, "/a"), "Allow"), "OPTIONS, GET, HEAD");
}

TEST_F(DispatcherTest, ChecksJsonBodies) {
  AddNote();
  EXPECT_EQ(std::get<std::string>(Send(http::Method::kPost, "/notes", R"({"text":"x"})").body),
            "x");
  EXPECT_EQ(Body(Send(http::Method::kPost, "/notes", "{"))["error_code"], "INVALID_JSON");
  // Too deep, and no UTF-8.
  for (const std::string& bad : {std::string(60, '['), std::string("{\"text\":\"\xff\"}")}) {
    const http::Response refused = Send(http::Method::kPost, "/notes", bad);
    EXPECT_EQ(refused.status, 400) << bad;
    EXPECT_EQ(Body(refused)["error_code"], "INVALID_JSON") << bad;
  }
  const http::Response invalid = Send(http::Method::kPost, "/notes", R"({"text":1,"z":2})");
  EXPECT_EQ(invalid.status, 422);
  EXPECT_EQ(Body(invalid)["validation_errors"].size(), 2U);
  headers_.Set("Content-Type", "text/plain");
  EXPECT_EQ(Send(http::Method::kPost, "/notes", R"({"text":"x"})").status, 415);
}

TEST_F(DispatcherTest, LimitsBodiesWithAndWithoutALength) {
  AddNote();
  const std::string large = R"({"text":")" + std::string(64, 'x') + "\"}";
  for (const bool chunked : {false, true}) {
    const http::Response response = Send(http::Method::kPost, "/notes", large, chunked);
    EXPECT_EQ(response.status, 413) << chunked;
    EXPECT_EQ(Body(response)["code"], 40002);
  }
}

TEST_F(DispatcherTest, ChecksQueryValues) {
  Route route = MakeRoute(http::Method::kGet, "/a", Hello);
  route.query = {{"limit", R"({"type":"integer","minimum":1,"maximum":9})", "How many"}};
  routes_.Add(std::move(route));
  for (const auto& [text, status] : {std::pair("5", 200), std::pair("0", 422), std::pair("x", 422),
                                     std::pair("", 422), std::pair("99999999999999999999", 422)}) {
    query_ = {{"limit", text}};
    EXPECT_EQ(Send(http::Method::kGet, "/a").status, status) << text;
  }
}

TEST_F(DispatcherTest, AnswersOnlyUnderItsHostNames) {
  routes_.Add(MakeRoute(http::Method::kGet, "/a", Hello));
  options_.allowed_hosts = {"localhost", "::1"};
  EXPECT_EQ(Send(http::Method::kGet, "/a").status, 200);
  headers_.Set("Host", "[::1]:8001");
  EXPECT_EQ(Send(http::Method::kGet, "/a").status, 200);
  headers_.Set("Host", "evil.example");
  EXPECT_EQ(Send(http::Method::kGet, "/a").status, 400);
}

TEST_F(DispatcherTest, AStarStandsForTheHostsOfADomain) {
  routes_.Add(MakeRoute(http::Method::kGet, "/a", Hello));
  options_.allowed_hosts = {"*.example.org", "Plain.example"};
  for (const auto& [host, status] :
       {std::pair("a.example.org", 200), std::pair("A.b.Example.ORG:8001", 200),
        std::pair("plain.example", 200), std::pair("example.org", 400),
        std::pair(".example.org", 400), std::pair("a.example.org.evil", 400),
        std::pair("evilexample.org", 400), std::pair("", 400)}) {
    headers_.Set("Host", host);
    EXPECT_EQ(Send(http::Method::kGet, "/a").status, status) << host;
  }
}

TEST_F(DispatcherTest, AnyHostIsFineWhereTheOperatorSaysSo) {
  routes_.Add(MakeRoute(http::Method::kGet, "/a", Hello));
  options_.allowed_hosts = {"localhost", "*"};
  headers_.Set("Host", "whatever.example");
  EXPECT_EQ(Send(http::Method::kGet, "/a").status, 200);
}

TEST_F(DispatcherTest, ThePolicyForContentCanBeLeftToAProxy) {
  Route route = MakeRoute(http::Method::kGet, "/a", [](Call&) -> Reply {
    http::Response response = http::Response::Text(200, "");
    response.headers.Set("Content-Security-Policy", "default-src 'self'");
    return response;
  });
  routes_.Add(std::move(route));
  options_.content_security_policy = false;
  const http::Response response = Send(http::Method::kGet, "/a");
  EXPECT_EQ(Header(response, "Content-Security-Policy"), "");
  EXPECT_EQ(Header(response, "X-Content-Type-Options"), "nosniff");
}

// A body that keeps coming and never ends in time is given up, whatever the handler made of it.
TEST_F(DispatcherTest, ABodyMustArriveInTime) {
  options_.upload_timeout_ms = 1'000;
  Route route = MakeRoute(http::Method::kPost, "/files", [this](Call& call) -> Reply {
    std::byte piece[4];
    while (true) {
      const Result<std::size_t> got = call.request.body->Read(piece);
      if (!got.ok()) return BadRequest("BROKEN", got.status().message());
      if (*got == 0) return http::Response::Text(200, "whole");
      clock_.Advance(100);
    }
  });
  route.body = BodyKind::kRaw;
  route.body_bytes_max = 1'000;
  routes_.Add(std::move(route));
  EXPECT_EQ(Send(http::Method::kPost, "/files", std::string(40, 'x'), true).status, 200);
  const http::Response late = Send(http::Method::kPost, "/files", std::string(60, 'x'), true);
  EXPECT_EQ(late.status, 408);
  EXPECT_EQ(Body(late)["error_code"], "UPLOAD_TIMEOUT");
}

TEST_F(DispatcherTest, AllowsOnlyTheOriginsOfTheList) {
  routes_.Add(MakeRoute(http::Method::kGet, "/a", Hello));
  options_.cors_origins = {"https://app.example"};
  headers_.Set("Origin", "https://app.example");
  EXPECT_EQ(Header(Send(http::Method::kGet, "/a"), "Access-Control-Allow-Origin"),
            "https://app.example");
  EXPECT_FALSE(Header(Send(http::Method::kOptions, "/a"), "Access-Control-Allow-Methods").empty());
  const http::Response preflight = Send(http::Method::kOptions, "/a");
  const std::string methods = Header(preflight, "Access-Control-Allow-Methods");
  for (const char* method : {"GET", "POST", "OPTIONS", "PATCH", "DELETE"}) {
    EXPECT_NE(methods.find(method), std::string::npos) << method;
  }
  EXPECT_EQ(Header(preflight, "Access-Control-Allow-Credentials"), "true");
  headers_.Set("Origin", "https://app.example.evil");
  EXPECT_EQ(Header(Send(http::Method::kGet, "/a"), "Access-Control-Allow-Origin"), "");
  EXPECT_EQ(Header(Send(http::Method::kOptions, "/a"), "Access-Control-Allow-Methods"), "");
}

// Every page may ask, none in the name of who is signed in.
TEST_F(DispatcherTest, AStarForOriginsNeverComesWithCredentials) {
  routes_.Add(MakeRoute(http::Method::kGet, "/a", Hello));
  options_.cors_origins = {"https://app.example", "*"};
  headers_.Set("Origin", "https://elsewhere.example");
  const http::Response any = Send(http::Method::kGet, "/a");
  EXPECT_EQ(Header(any, "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(Header(any, "Access-Control-Allow-Credentials"), "");
  headers_.Set("Origin", "https://app.example");
  const http::Response named = Send(http::Method::kGet, "/a");
  EXPECT_EQ(Header(named, "Access-Control-Allow-Origin"), "https://app.example");
  EXPECT_EQ(Header(named, "Access-Control-Allow-Credentials"), "true");
}

// One shape for every error, whoever refuses: the router, a check, the limit, the library below.
TEST_F(DispatcherTest, EveryErrorHasTheOneShape) {
  AddNote();
  routes_.Add(MakeRoute(http::Method::kGet, "/fails", [](Call&) -> Reply {
    return Status(StatusCode::kInternal, "SELECT secret FROM users",
                  InternalDetail("/var/lib/x.db"));
  }));
  std::vector<http::Response> errors;
  errors.push_back(Send(http::Method::kGet, "/nowhere"));
  errors.push_back(Send(http::Method::kGet, "/notes"));
  errors.push_back(Send(http::Method::kPost, "/notes", "{"));
  errors.push_back(Send(http::Method::kPost, "/notes", std::string(65, 'x')));
  errors.push_back(Send(http::Method::kPost, "/notes", "{}"));
  errors.push_back(Send(http::Method::kGet, "/fails"));
  for (const int status : {400, 408, 413, 431, 501, 503}) {
    errors.push_back(dispatcher_->HandleError(status, "cannot be read"));
  }
  rate_ = {false, 10, 0, 30, 7};
  errors.push_back(Send(http::Method::kGet, "/fails"));
  headers_.Remove("Authorization");
  errors.push_back(Send(http::Method::kGet, "/fails"));
  for (const http::Response& response : errors) {
    const json body = Body(response);
    EXPECT_EQ(Header(response, "Content-Type"), "application/problem+json") << response.status;
    for (const char* key : {"detail", "error_code", "message", "timestamp", "request_id"}) {
      EXPECT_FALSE(body.value(key, "").empty()) << response.status << " lacks " << key;
    }
    EXPECT_EQ(body["request_id"], Header(response, "X-Request-ID"));
    EXPECT_TRUE(body["timestamp"].get<std::string>().ends_with("Z"));
    for (const char* secret : {"SELECT", "/var/lib"}) {
      EXPECT_EQ(body.dump().find(secret), std::string::npos) << body.dump();
    }
  }
}

TEST_F(DispatcherTest, SpeaksTheOpenAiDialectUnderV1) {
  const http::Response response = Send(http::Method::kGet, "/v1/nothing");
  EXPECT_EQ(response.status, 404);
  const json error = Body(response)["error"];
  for (const char* key : {"message", "type", "param", "code"}) EXPECT_TRUE(error.contains(key));
  EXPECT_EQ(Header(response, "Content-Type"), "application/json");
}

TEST(RouteTableTest, RefusesARouteThatLeavesSomethingOpen) {
  const auto build = [](const std::function<void(Route*)>& spoil) {
    RouteTable table;
    Route route = MakeRoute(http::Method::kGet, "/a", Hello);
    spoil(&route);
    table.Add(std::move(route));
    return table.Build();
  };
  EXPECT_TRUE(build([](Route*) {}).ok());
  EXPECT_FALSE(build([](Route* r) { r->permission.reset(); }).ok());
  EXPECT_FALSE(build([](Route* r) { r->body.reset(); }).ok());
  EXPECT_FALSE(build([](Route* r) { r->body_bytes_max.reset(); }).ok());
  EXPECT_FALSE(build([](Route* r) { r->rate.reset(); }).ok());
  EXPECT_FALSE(build([](Route* r) { r->cache.reset(); }).ok());
  EXPECT_FALSE(build([](Route* r) { r->audit_event.reset(); }).ok());
  EXPECT_FALSE(build([](Route* r) { r->handler = nullptr; }).ok());
  EXPECT_FALSE(build([](Route* r) { r->response_schema = "Nowhere"; }).ok());
  EXPECT_FALSE(build([](Route* r) { r->aliases = {"/a"}; }).ok());
  EXPECT_FALSE(build([](Route* r) { r->method = http::Method::kOptions; }).ok());
  EXPECT_FALSE(build([](Route* r) {
                 r->method = http::Method::kHead;
                 r->body = BodyKind::kRaw;
                 r->body_bytes_max = 1;
               }).ok());
}

TEST(OpenApiTest, ListsEveryRouteAndAlias) {
  RouteTable table;
  ASSERT_TRUE(table.schemas().Add("Thing", R"({"type":"object"})").ok());
  Route route = MakeRoute(http::Method::kGet, "/things/{id}", Hello);
  route.aliases = {"/thing/{id}"};
  route.response_schema = "Thing";
  table.Add(std::move(route));
  ASSERT_TRUE(table.Build().ok());
  const json document = json::parse(MakeOpenApi(table, "1.2.3"));
  EXPECT_EQ(document["openapi"], "3.1.0");
  EXPECT_EQ(document["paths"].size(), 2U);
  EXPECT_EQ(document["paths"]["/things/{id}"]["get"]["parameters"][0]["name"], "id");
  EXPECT_TRUE(document["paths"]["/thing/{id}"]["get"]["deprecated"].get<bool>());
  EXPECT_TRUE(document["components"]["schemas"].contains("Thing"));
}

}  // namespace
}  // namespace wt::api

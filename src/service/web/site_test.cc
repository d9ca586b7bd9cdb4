#include "service/web/site.h"

#include <gtest/gtest.h>

namespace wt::web {
namespace {

constexpr std::string_view kBrowser = "text/html,application/xhtml+xml,*/*;q=0.8";

constexpr EmbeddedFile kFiles[] = {
    {"/assets/app-1.js", "text/javascript; charset=utf-8", "aa", "plain js", "gz js", "br js"},
    {"/favicon.svg", "image/svg+xml", "bb", "<svg/>", "", ""},
    {"/index.html", "text/html; charset=utf-8", "cc", "<html>", "gz html", "br html"},
};

class SiteTest : public ::testing::Test {
 protected:
  std::optional<http::Response> Get(std::string path, std::string_view accept = kBrowser,
                                    std::string_view encoding = "") {
    request_.path = std::move(path);
    if (!accept.empty()) request_.headers.Set("Accept", std::string(accept));
    if (!encoding.empty()) request_.headers.Set("Accept-Encoding", std::string(encoding));
    return site_.Answer(request_);
  }
  static std::string Body(const std::optional<http::Response>& response) {
    if (!response) return "(the API's)";
    return std::get<std::string>(response->body);
  }
  static std::string Field(const std::optional<http::Response>& response, std::string_view name) {
    return response ? std::string(response->headers.Find(name).value_or("")) : "(the API's)";
  }

  Site site_{kFiles};
  http::Request request_;
};

TEST_F(SiteTest, PagesAreTheAppAndUnknownPathsAreNot) {
  for (const char* path :
       {"/", "/new", "/transcript/0190", "/transcript/0190/view", "/settings/keys", "/settings/"}) {
    EXPECT_EQ(Body(Get(path, "*/*")), "<html>") << path;
  }
  for (const char* path :
       {"/api/nope", "/nope", "/transcript", "/transcript/", "/new/x", "/transcript/1/other",
        "/assets/gone.js", "/api/v1/jobs", "/v1/models", "/settings/a/b", "//", "/docs"}) {
    EXPECT_FALSE(Get(path)) << path;
  }
}

TEST_F(SiteTest, SharedPathsAreThePageForBrowsersOnly) {
  for (const char* path : {"/jobs", "/upload", "/admin/users", "/setup", "/progress/0190"}) {
    EXPECT_EQ(Body(Get(path, kBrowser)), "<html>") << path;
    EXPECT_FALSE(Get(path, "application/json")) << path;
    EXPECT_FALSE(Get(path, "*/*")) << path;
    EXPECT_FALSE(Get(path, "text/html;q=0, */*")) << path;
  }
}

TEST_F(SiteTest, OtherMethodsAreTheApis) {
  request_.method = http::Method::kPost;
  EXPECT_FALSE(Get("/"));
  request_.method = http::Method::kHead;
  EXPECT_EQ(Body(Get("/")), "<html>");
}

TEST_F(SiteTest, TheBestCodingThatTheClientTakesIsSent) {
  EXPECT_EQ(Body(Get("/assets/app-1.js", "*/*", "gzip, deflate, br")), "br js");
  EXPECT_EQ(Field(Get("/assets/app-1.js", "*/*", "gzip, deflate, br"), "Content-Encoding"), "br");
  EXPECT_EQ(Body(Get("/assets/app-1.js", "*/*", "gzip;q=0.5, br;q=0")), "gz js");
  EXPECT_EQ(Body(Get("/assets/app-1.js", "*/*", "identity")), "plain js");
  EXPECT_EQ(Field(Get("/assets/app-1.js", "*/*", "identity"), "Content-Encoding"), "");
  EXPECT_EQ(Body(Get("/favicon.svg", "*/*", "br")), "<svg/>");
}

TEST_F(SiteTest, HashedFilesAreKeptAndOthersAskedForAgain) {
  EXPECT_EQ(Field(Get("/assets/app-1.js"), "Cache-Control"),
            "public, max-age=31536000, immutable, no-transform");
  EXPECT_EQ(Field(Get("/favicon.svg"), "Cache-Control"), "no-cache, no-transform");
  EXPECT_EQ(Field(Get("/"), "Vary"), "Accept-Encoding, Accept");

  const std::string tag = Field(Get("/", kBrowser, "br"), "ETag");
  EXPECT_EQ(tag, "\"cc-br\"");
  request_.headers.Set("If-None-Match", tag);
  const auto again = Get("/", kBrowser, "br");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->status, 304);
  EXPECT_EQ(Body(again), "");
  EXPECT_FALSE(Field(again, "Content-Security-Policy").empty());
  // Another coding is another representation.
  EXPECT_EQ(Get("/", kBrowser, "gzip")->status, 200);
}

TEST_F(SiteTest, ThePageAllowsNothingButItsOwnOrigin) {
  const std::string policy = Field(Get("/"), "Content-Security-Policy");
  EXPECT_TRUE(policy.starts_with("default-src 'none'; script-src 'self';")) << policy;
  EXPECT_EQ(policy.find("unsafe"), std::string::npos);
  EXPECT_EQ(policy.find("http"), std::string::npos);
  EXPECT_NE(policy.find("require-trusted-types-for 'script'"), std::string::npos);
  EXPECT_NE(policy.find("frame-ancestors 'none'"), std::string::npos);
}

TEST_F(SiteTest, WorkersMayAskTheirOwnOrigin) {
  EXPECT_EQ(Field(Get("/assets/app-1.js"), "Content-Security-Policy"),
            "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'");
  EXPECT_EQ(Field(Get("/favicon.svg"), "Content-Security-Policy"), "");
}

// Goal: what is linked in is the built app, complete: each file that index.html names is there.
TEST(EmbeddedSiteTest, HoldsTheBuiltApp) {
  const Site site(EmbeddedSite());
  http::Request request;
  request.path = "/";
  const auto page = site.Answer(request);
  ASSERT_TRUE(page);
  const std::string html = std::get<std::string>(page->body);
  int assets = 0;
  for (const std::string_view attribute : {"src=\"", "href=\""}) {
    for (std::size_t at = html.find(attribute); at != std::string::npos;
         at = html.find(attribute, at + 1)) {
      const std::size_t begin = at + attribute.size();
      request.path = html.substr(begin, html.find('"', begin) - begin);
      EXPECT_TRUE(site.Answer(request)) << request.path;
      assets += request.path.starts_with("/assets/") ? 1 : 0;
    }
  }
  EXPECT_GE(assets, 2);
  for (const char* path : {"/favicon.ico", "/manifest.webmanifest", "/sample.flac"}) {
    request.path = path;
    EXPECT_TRUE(site.Answer(request)) << path;
  }
}

}  // namespace
}  // namespace wt::web

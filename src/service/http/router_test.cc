#include "service/http/router.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "service/http/url.h"

namespace wt::http {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

Router Made() {
  Router router;
  EXPECT_TRUE(router.Add(Method::kGet, "/", 0).ok());
  EXPECT_TRUE(router.Add(Method::kGet, "/jobs", 1).ok());
  EXPECT_TRUE(router.Add(Method::kPost, "/jobs", 2).ok());
  EXPECT_TRUE(router.Add(Method::kGet, "/jobs/{job_id}", 3).ok());
  EXPECT_TRUE(router.Add(Method::kDelete, "/jobs/{id}", 4).ok());
  EXPECT_TRUE(router.Add(Method::kPost, "/jobs/batch", 5).ok());
  EXPECT_TRUE(router.Add(Method::kGet, "/jobs/{id}/audio", 6).ok());
  EXPECT_TRUE(router.Add(Method::kGet, "/users/{user}/jobs/{job}", 7).ok());
  EXPECT_TRUE(router.Add(Method::kGet, "/assets/{path...}", 8).ok());
  EXPECT_TRUE(router.Add(Method::kGet, "/assets/index.html", 9).ok());
  return router;
}

TEST(RouterTest, PathsFindTheirRoutesAndParameters) {
  const Router router = Made();
  EXPECT_EQ(router.Find(Method::kGet, "/").route, 0);
  EXPECT_EQ(router.Find(Method::kPost, "/jobs").route, 2);
  const RouteMatch job = router.Find(Method::kGet, "/jobs/7");
  EXPECT_EQ(job.route, 3);
  EXPECT_THAT(job.parameters, ElementsAre(Pair("job_id", "7")));
  EXPECT_THAT(router.Find(Method::kDelete, "/jobs/7").parameters, ElementsAre(Pair("id", "7")));
  EXPECT_THAT(router.Find(Method::kGet, "/users/a/jobs/b").parameters,
              ElementsAre(Pair("user", "a"), Pair("job", "b")));
  EXPECT_THAT(router.Find(Method::kGet, "/assets/a/b%20c.js").parameters,
              ElementsAre(Pair("path", "a/b c.js")));
  EXPECT_EQ(router.Find(Method::kGet, "/assets/index.html").route, 9);
}

TEST(RouterTest, ALiteralBeatsAParameterWhereItHasTheMethod) {
  const Router router = Made();
  EXPECT_EQ(router.Find(Method::kPost, "/jobs/batch").route, 5);
  EXPECT_THAT(router.Find(Method::kPost, "/jobs/batch").parameters, IsEmpty());
  EXPECT_EQ(router.Find(Method::kGet, "/jobs/batch").route, 3);
  // A branch that leads nowhere is left again.
  EXPECT_EQ(router.Find(Method::kGet, "/jobs/batch/audio").route, 6);
}

TEST(RouterTest, ATrailingSlashMakesNoDifferenceAndEmptySegmentsDo) {
  const Router router = Made();
  EXPECT_EQ(router.Find(Method::kGet, "/jobs/").route, 1);
  EXPECT_EQ(router.Find(Method::kGet, "/jobs/7/").route, 3);
  for (const char* path :
       {"//jobs", "/jobs//", "/jobs//audio", "//", "/assets", "/assets/", "/assets//"}) {
    const RouteMatch match = router.Find(Method::kGet, path);
    EXPECT_EQ(match.route, -1) << path;
    EXPECT_THAT(match.allowed, IsEmpty()) << path;
  }
}

TEST(RouterTest, AnIdMayHoldAnEncodedSlash) {
  const RouteMatch match = Made().Find(Method::kGet, "/jobs/a%2Fb");
  EXPECT_EQ(match.route, 3);
  EXPECT_THAT(match.parameters, ElementsAre(Pair("job_id", "a/b")));
}

TEST(RouterTest, TheMethodsOfAPathAreKnown) {
  const Router router = Made();
  const RouteMatch match = router.Find(Method::kPut, "/jobs");
  EXPECT_EQ(match.route, -1);
  EXPECT_THAT(match.allowed, UnorderedElementsAre(Method::kGet, Method::kHead, Method::kPost));
  EXPECT_THAT(router.Find(Method::kPut, "/jobs/batch").allowed,
              UnorderedElementsAre(Method::kGet, Method::kHead, Method::kPost, Method::kDelete));
  EXPECT_THAT(router.Find(Method::kGet, "/nowhere").allowed, IsEmpty());
}

TEST(RouterTest, HeadIsAnsweredByGet) {
  const Router router = Made();
  EXPECT_EQ(router.Find(Method::kHead, "/jobs").route, 1);
  EXPECT_EQ(router.Find(Method::kHead, "/jobs/batch").route, 3);
}

TEST(RouterTest, TwoRoutesForTheSameRequestsAreRefused) {
  Router router = Made();
  EXPECT_EQ(router.Add(Method::kGet, "/jobs/{other}", 20).code(), StatusCode::kAlreadyExists);
  EXPECT_EQ(router.Add(Method::kGet, "/jobs/", 20).code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(router.Add(Method::kPut, "/jobs/{other}", 20).ok());
}

TEST(RouterTest, BadPatternsAreRefused) {
  Router router;
  for (const char* pattern : {"", "jobs", "/a{b}", "/{b", "/{}", "/{a b}", "/{a}/{a}", "/a//b",
                              "/{rest...}/more", "/..", "/a b", "/{...}"}) {
    EXPECT_EQ(router.Add(Method::kGet, pattern, 1).code(), StatusCode::kInvalidArgument) << pattern;
  }
  EXPECT_EQ(router.Add(Method::kGet, "/fine", -1).code(), StatusCode::kInvalidArgument);
}

// All paths of up to three segments over a small alphabet, against a plain reading of the rules.
TEST(RouterTest, SmallRoutersAgreeWithTheRules) {
  const std::vector<std::string> patterns = {"/a",     "/{x}",   "/a/b",
                                             "/a/{x}", "/{x}/b", "/{x}/{y}/a"};
  Router router;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    ASSERT_TRUE(router.Add(Method::kGet, patterns[i], static_cast<int>(i)).ok());
  }
  const std::vector<std::string> words = {"a", "b", "c"};
  const auto expected = [](const std::vector<std::string>& s) {
    if (s.size() == 1) return s[0] == "a" ? 0 : 1;
    if (s.size() == 2) return s[0] == "a" ? (s[1] == "b" ? 2 : 3) : (s[1] == "b" ? 4 : -1);
    return s[2] == "a" ? 5 : -1;
  };
  for (const std::string& a : words) {
    EXPECT_EQ(router.Find(Method::kGet, "/" + a).route, expected({a}));
    for (const std::string& b : words) {
      EXPECT_EQ(router.Find(Method::kGet, "/" + a + "/" + b).route, expected({a, b}));
      for (const std::string& c : words) {
        EXPECT_EQ(router.Find(Method::kGet, "/" + a + "/" + b + "/" + c).route,
                  expected({a, b, c}));
      }
    }
  }
}

TEST(UrlTest, PathsHaveOneSpelling) {
  EXPECT_EQ(NormalizePath("/%6a%6Fbs/%c3%a9%2f").value(), "/jobs/%C3%A9%2F");
  EXPECT_EQ(NormalizePath("/~a-b._c").value(), "/~a-b._c");
  for (const char* bad : {"", "a", "/a/..", "/%2e%2e/", "/./a", "/a%", "/a%g0", "/%00", "/%ff",
                          "/a b", "/\\", "/\"", "/\xc3\xa9", "/%ed%a0%80"}) {
    EXPECT_FALSE(NormalizePath(bad).ok()) << bad;
  }
}

TEST(UrlTest, FormsAreDecodedOnceAndInOrder) {
  EXPECT_THAT(
      ParseForm("a=1&b=x+y%2B&a=2&c&&=d").value(),
      ElementsAre(Pair("a", "1"), Pair("b", "x y+"), Pair("a", "2"), Pair("c", ""), Pair("", "d")));
  EXPECT_THAT(ParseForm("a=%2525").value(), ElementsAre(Pair("a", "%25")));
  EXPECT_TRUE(ParseForm("").value().empty());
  for (const char* bad : {"a=%", "%zz=1", "a=%00", "a=%c0%af", "a=\xff"}) {
    EXPECT_FALSE(ParseForm(bad).ok()) << bad;
  }
  EXPECT_TRUE(ParseForm("a&b&c", 3).ok());
  EXPECT_FALSE(ParseForm("a&b&c&d", 3).ok());
}

TEST(UrlTest, EncodingIsUndoneByDecoding) {
  std::string all;
  for (int i = 1; i < 128; ++i) all += static_cast<char>(i);
  all += "\xf0\x9f\x8e\xa7";
  EXPECT_EQ(PercentDecode(PercentEncode(all)).value(), all);
  EXPECT_EQ(PercentDecode("a+b").value(), "a+b");
}

}  // namespace
}  // namespace wt::http

#include "service/http/router.h"

#include <gtest/gtest.h>

namespace wt::http {
namespace {

TEST(RouterTest, ALiteralBeatsAParameter) {
  Router router;
  ASSERT_TRUE(router.Add(Method::kGet, "/jobs/{id}", 1).ok());
  ASSERT_TRUE(router.Add(Method::kGet, "/jobs/all", 2).ok());
  EXPECT_EQ(router.Find(Method::kGet, "/jobs/all").route, 2);
  const RouteMatch match = router.Find(Method::kGet, "/jobs/7");
  EXPECT_EQ(match.route, 1);
  ASSERT_EQ(match.parameters.size(), 1U);
  EXPECT_EQ(match.parameters[0].first, "id");
  EXPECT_EQ(match.parameters[0].second, "7");
}

}  // namespace
}  // namespace wt::http

#include "service/api/models/model_routes.h"

#include <gtest/gtest.h>

#include "service/api/accounts/preference_routes.h"
#include "service/api/testing/api_harness.h"
#include "service/auth/testing/memory_store.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;

constexpr std::int64_t kGib = std::int64_t{1} << 30;

TEST(RecommendModelTest, FollowsProcessorsAndMemory) {
  EXPECT_EQ(RecommendModel({.cores = 16, .memory_bytes = 64 * kGib}).model, "large-v3-turbo");
  EXPECT_EQ(RecommendModel({.cores = 16, .memory_bytes = 8 * kGib}).model, "small");
  EXPECT_EQ(RecommendModel({.cores = 4, .memory_bytes = 64 * kGib}).model, "small");
  EXPECT_EQ(RecommendModel({.cores = 2, .memory_bytes = 64 * kGib}).model, "base");
  EXPECT_EQ(RecommendModel({.cores = 2, .memory_bytes = 1 * kGib}).model, "tiny");
}

class PreferencesTest : public ::testing::Test {
 protected:
  PreferencesTest() {
    EXPECT_TRUE(api_.routes.schemas().Add("Problem", R"({"type":"object"})").ok());
    EXPECT_TRUE(AddPreferenceSchemas(&api_.routes.schemas()).ok());
    AddPreferenceRoutes({&users_, &api_.clock}, &api_.routes);
    auth::User user;
    user.id = "u1";
    user.username = "ann";
    EXPECT_TRUE(users_.CreateUser(user, auth::CreateWhen::kAlways).ok());
  }

  testing::ApiHarness api_;
  auth::MemoryStore users_;
};

TEST_F(PreferencesTest, AreEmptyThenWhatWasPut) {
  EXPECT_EQ(api_.Json(Method::kGet, "/preferences"), json::object());
  const json wanted = {{"theme", "dark"},
                       {"language", "de"},
                       {"default_options", {{"beam_size", 5}, {"vad_filter", true}}},
                       {"keymap", {{"play", "Tab"}}},
                       {"vocabulary", {"Grünwald"}}};
  EXPECT_EQ(api_.Json(Method::kPut, "/preferences", {}, wanted.dump()), wanted);
  EXPECT_EQ(api_.Json(Method::kGet, "/preferences"), wanted);
}

TEST_F(PreferencesTest, RefuseWhatIsNotKnownOrTooLarge) {
  for (const char* bad :
       {R"({"theme":"pink"})", R"({"other":1})", R"({"keymap":{"play":["a"]}})",
        R"({"default_options":{"a":{"b":1}}})", R"({"vocabulary":[""]})", R"({"theme":1})"}) {
    api_.Json(Method::kPut, "/preferences", {}, bad);
    EXPECT_EQ(api_.last_status, 422) << bad;
  }
  api_.Json(Method::kPut, "/preferences", {},
            R"({"keymap":{"a":")" + std::string(70'000, 'a') + "\"}}");
  EXPECT_EQ(api_.last_status, 413);
  EXPECT_EQ(api_.Json(Method::kGet, "/preferences"), json::object());
}

}  // namespace
}  // namespace wt::api

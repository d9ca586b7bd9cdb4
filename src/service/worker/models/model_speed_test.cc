#include "service/worker/models/model_speed.h"

#include <gtest/gtest.h>

#include <thread>

namespace wt::worker {
namespace {

class MemorySettings : public jobs::RuntimeSettings {
 public:
  Result<std::optional<std::string>> GetSetting(const std::string& name) override {
    const auto found = values.find(name);
    return found == values.end() ? std::optional<std::string>() : std::optional(found->second);
  }
  Status SetSetting(const std::string& name, const std::string& value,
                    const std::string&) override {
    if (value.size() > 4'096) return Status(StatusCode::kInvalidArgument, "too long");
    values[name] = value;
    return {};
  }
  Status ClearSetting(const std::string& name) override {
    values.erase(name);
    return {};
  }
  std::map<std::string, std::string> values;
};

class ModelSpeedsTest : public ::testing::Test {
 protected:
  ModelSpeeds Make() {
    return ModelSpeeds(
        &settings_, &clock_,
        [this](const std::string&, const std::stop_token&) {
          clock_.Advance(5'000);  // Loading is not what is measured.
          return load_;
        },
        [this](const std::string&, const std::stop_token&) -> Result<double> {
          clock_.Advance(2'000);
          if (during_) during_();
          return audio_s_;
        });
  }

  MemorySettings settings_;
  base::ManualClock clock_;
  Status load_;
  Result<double> audio_s_ = 34.0;
  std::function<void()> during_;
};

TEST_F(ModelSpeedsTest, MeasuresWithoutLoadingAndRemembers) {
  ModelSpeeds speeds = Make();
  EXPECT_FALSE(speeds.Find("base"));
  const Result<ModelSpeed> speed = speeds.Measure("base", "ann", {});
  ASSERT_TRUE(speed.ok()) << speed.status().message();
  EXPECT_DOUBLE_EQ(speed->times(), 17);
  EXPECT_EQ(speed->measured_at, clock_.Now());
  const std::optional<ModelSpeed> later = Make().Find("base");
  ASSERT_TRUE(later);
  EXPECT_DOUBLE_EQ(later->times(), 17);
  speeds.Forget("base", "ann");
  EXPECT_FALSE(speeds.Find("base"));
  EXPECT_FALSE(Make().Find("base"));
}

TEST_F(ModelSpeedsTest, WhatFailsIsNoFigure) {
  ModelSpeeds speeds = Make();
  load_ = Status(StatusCode::kFailedPrecondition, "not installed");
  EXPECT_EQ(speeds.Measure("base", "ann", {}).status().message(), "not installed");
  load_ = {};
  audio_s_ = Status(StatusCode::kCancelled, "stopped");
  EXPECT_EQ(speeds.Measure("base", "ann", {}).status().code(), StatusCode::kCancelled);
  EXPECT_FALSE(speeds.Find("base"));
}

TEST_F(ModelSpeedsTest, OneAtATime) {
  ModelSpeeds speeds = Make();
  StatusCode second = StatusCode::kOk;
  int calls = 0;
  during_ = [&] {
    if (++calls > 1) return;
    std::thread([&] { second = speeds.Measure("tiny", "ann", {}).status().code(); }).join();
  };
  EXPECT_TRUE(speeds.Measure("base", "ann", {}).ok());
  EXPECT_EQ(second, StatusCode::kFailedPrecondition);
}

TEST_F(ModelSpeedsTest, TheOldestGoFirstAndDamageIsLeftOut) {
  ModelSpeeds speeds = Make();
  for (int i = 0; i < 40; ++i) {
    ASSERT_TRUE(speeds.Measure(std::string(60, 'a') + std::to_string(100 + i), "ann", {}).ok());
  }
  EXPECT_FALSE(speeds.Find(std::string(60, 'a') + "100"));
  EXPECT_TRUE(speeds.Find(std::string(60, 'a') + "139"));
  settings_.values["model_speeds"] = R"({"base":[34,0,1],"tiny":["x",1,1],"small":[34,2,1]})";
  EXPECT_FALSE(Make().Find("base"));
  EXPECT_FALSE(Make().Find("tiny"));
  EXPECT_TRUE(Make().Find("small"));
  settings_.values["model_speeds"] = "{";
  EXPECT_FALSE(Make().Find("small"));
}

}  // namespace
}  // namespace wt::worker

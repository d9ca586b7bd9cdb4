#include "service/worker/models/model_registry.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <future>
#include <thread>

#include "service/worker/testing/worker_fixture.h"

namespace wt::worker {
namespace {

class ModelRegistryTest : public testing::WorkerFixture {
 protected:
  void Make(const std::function<void(ModelRegistryOptions*)>& change = {}) {
    ModelRegistryOptions options;
    options.names.directories = {directory_.string()};
    if (change) change(&options);
    models_ = std::make_unique<ModelRegistry>(&engine_, options);
  }
  Result<ModelHandle> Get(const std::string& name) { return models_->Acquire(name, {}); }
  std::string Loads() {
    std::string text;
    for (const std::string& name : engine_.loads()) text += name + " ";
    return text;
  }
  ModelState StateOf(const std::string& name) {
    for (const ModelEntry& entry : models_->List()) {
      if (entry.name == name) return entry.state;
    }
    return ModelState::kAbsent;
  }
};

TEST_F(ModelRegistryTest, OneValidatorKnowsNamesAliasesAndTheOperatorsNames) {
  Install("large-v3");
  Make([](ModelRegistryOptions* options) {
    options->names.aliases = {{"whisper-1", "large"}, {"gpt-transcribe", "whisper-1"}};
    options->names.default_model = "base";
  });
  const ModelNames& names = models_->names();
  EXPECT_EQ(*names.Resolve("base"), "base");
  EXPECT_EQ(*names.Resolve("whisper-base"), "base");
  EXPECT_EQ(*names.Resolve("large"), "large-v3");
  EXPECT_EQ(*names.Resolve("whisper-1"), "large-v3");
  EXPECT_EQ(*names.Resolve("gpt-transcribe"), "large-v3");
  EXPECT_EQ(*names.Resolve(""), "base");
  const Status missing = names.Resolve("medium").status();
  EXPECT_EQ(missing.code(), StatusCode::kFailedPrecondition) << "nothing is substituted";
  EXPECT_NE(missing.message().find("models pull medium"), std::string::npos);
  const Status unknown = names.Resolve("../../etc/passwd").status();
  EXPECT_EQ(unknown.code(), StatusCode::kNotFound);
  for (const std::string& name : names.AllowedNames()) {
    EXPECT_NE(unknown.message().find(name), std::string::npos) << name;
  }
  EXPECT_EQ(names.Resolve("silero-vad").status().code(), StatusCode::kNotFound);
}

TEST_F(ModelRegistryTest, OnlyAvailableModelsAreListedAndUsed) {
  Install("large-v3");
  Install("small");
  Make([](ModelRegistryOptions* options) { options->names.available = {"base", "large"}; });
  const ModelNames& names = models_->names();
  EXPECT_EQ(names.AllowedNames(), (std::vector<std::string>{"large-v3", "base"}));
  EXPECT_EQ(names.Installed().size(), 2U);
  EXPECT_EQ(*names.Resolve("large-v3"), "large-v3");
  EXPECT_EQ(*names.Resolve(""), "large-v3");
  const Status refused = names.Resolve("small").status();
  EXPECT_EQ(refused.code(), StatusCode::kNotFound);
  EXPECT_EQ(refused.message().find("medium"), std::string::npos);
}

TEST_F(ModelRegistryTest, DefaultThatIsNotInstalledIsAnErrorAndNoneMeansTheBest) {
  Make([](ModelRegistryOptions* options) { options->names.default_model = "small"; });
  EXPECT_EQ(models_->names().Resolve("").status().code(), StatusCode::kFailedPrecondition);
  Make();
  EXPECT_EQ(*models_->names().Resolve(""), "base");
  std::filesystem::remove_all(directory_);
  EXPECT_EQ(models_->names().Resolve("").status().code(), StatusCode::kFailedPrecondition);
}

// ENG-09. Goal: one load for many callers. Method: the load is held until all of them wait.
TEST_F(ModelRegistryTest, ParallelFirstRequestsLoadOnce) {
  engine_.HoldLoads(true);
  std::vector<std::future<Result<ModelHandle>>> callers;
  for (int i = 0; i < 8; ++i) {
    callers.push_back(std::async(std::launch::async, [&] { return Get("base"); }));
  }
  ASSERT_TRUE(Eventually([&] { return engine_.loads().size() == 1; }));
  EXPECT_EQ(StateOf("base"), ModelState::kLoading);
  engine_.HoldLoads(false);
  for (auto& caller : callers) EXPECT_TRUE(caller.get().ok());
  EXPECT_TRUE(Get("base").ok());
  EXPECT_EQ(Loads(), "base ");
  EXPECT_EQ(models_->counters().loads, 1);
  EXPECT_GE(models_->counters().hits, 1);
}

TEST_F(ModelRegistryTest, LeastRecentlyUsedModelMakesRoom) {
  for (const char* name : {"tiny", "small"}) Install(name);
  Make([](ModelRegistryOptions* options) { options->models_max = 2; });
  ASSERT_TRUE(Get("base").ok());
  ASSERT_TRUE(Get("tiny").ok());
  ASSERT_TRUE(Get("base").ok());
  ASSERT_TRUE(Get("small").ok());
  EXPECT_EQ(StateOf("tiny"), ModelState::kUnloaded);
  EXPECT_EQ(StateOf("base"), ModelState::kReady);
  EXPECT_EQ(models_->counters().loaded, 2);
  EXPECT_EQ(models_->counters().loaded_bytes, 200);
}

// Goal: weights in use stay. Method: one place, its model held; another one is asked for.
TEST_F(ModelRegistryTest, ModelInUseIsNeverUnloaded) {
  Install("tiny");
  Make([](ModelRegistryOptions* options) { options->models_max = 1; });
  Result<ModelHandle> held = Get("base");
  ASSERT_TRUE(held.ok());
  auto other = std::async(std::launch::async, [&] { return Get("tiny"); });
  ASSERT_TRUE(Eventually([&] { return StateOf("tiny") == ModelState::kLoading; }));
  EXPECT_EQ(Loads(), "base ");
  ModelHandle copy = *held;
  held = Status(StatusCode::kCancelled, "gone");
  EXPECT_EQ(StateOf("base"), ModelState::kReady) << "a copy is still there";
  copy.reset();
  EXPECT_TRUE(other.get().ok());
  EXPECT_EQ(Loads(), "base tiny ");
  EXPECT_EQ(StateOf("base"), ModelState::kUnloaded);
}

TEST_F(ModelRegistryTest, BytesAreBoundedToo) {
  Install("tiny");
  Make([](ModelRegistryOptions* options) { options->weight_bytes_max = 150; });
  ASSERT_TRUE(Get("base").ok());
  ASSERT_TRUE(Get("tiny").ok());  // 7 bytes on disk, 100 once loaded: the first one goes before.
  ASSERT_TRUE(Get("base").ok());
  EXPECT_EQ(models_->counters().loaded_bytes, 100);
  Make([](ModelRegistryOptions* options) { options->weight_bytes_max = 6; });
  EXPECT_EQ(Get("base").status().code(), StatusCode::kResourceExhausted);
}

TEST_F(ModelRegistryTest, FailedLoadIsToldAndTriedAgain) {
  Make([](ModelRegistryOptions* options) { options->preload = {"base", "tiny"}; });
  engine_.FailLoads("base", Status(StatusCode::kDataCorrupt, "model.bin: cut off"));
  EXPECT_EQ(Get("base").status().code(), StatusCode::kDataCorrupt);
  EXPECT_EQ(StateOf("base"), ModelState::kFailed);
  const Readiness readiness = models_->CheckReadiness();
  EXPECT_FALSE(readiness.ready);
  ASSERT_EQ(readiness.waiting_for.size(), 2U);
  EXPECT_NE(readiness.waiting_for[0].find("cut off"), std::string::npos);
  EXPECT_NE(readiness.waiting_for[1].find("models pull tiny"), std::string::npos);
  engine_.FailLoads("base", Status());
}

TEST_F(ModelRegistryTest, ReadyOnceThePreloadListWasLoaded) {
  Install("tiny");
  Make([](ModelRegistryOptions* options) {
    options->preload = {"base", "whisper-tiny"};
    options->models_max = 1;
  });
  EXPECT_FALSE(models_->CheckReadiness().ready);
  models_->Preload();
  EXPECT_TRUE(Eventually([&] { return models_->CheckReadiness().ready; }));
  EXPECT_EQ(Loads(), "base tiny ");
}

TEST_F(ModelRegistryTest, WaitingEndsWithTheCallerOrItsTime) {
  engine_.HoldLoads(true);
  std::stop_source stop;
  auto caller =
      std::async(std::launch::async, [&] { return models_->Acquire("base", stop.get_token()); });
  ASSERT_TRUE(Eventually([&] { return engine_.loads().size() == 1; }));
  stop.request_stop();
  EXPECT_EQ(caller.get().status().code(), StatusCode::kCancelled);
  EXPECT_EQ(models_->Acquire("base", {}, ModelRegistry::Clock::now()).status().code(),
            StatusCode::kDeadlineExceeded);
  engine_.HoldLoads(false);
  EXPECT_TRUE(Get("base").ok());
}

TEST_F(ModelRegistryTest, RemovedFileMeansUnavailable) {
  ASSERT_TRUE(Get("base").ok());
  std::filesystem::remove_all(directory_);
  EXPECT_EQ(Get("base").status().code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(StateOf("base"), ModelState::kAbsent);
}

TEST_F(ModelRegistryTest, ListNamesEveryAllowedModelAndTheDefault) {
  const std::vector<ModelEntry> list = models_->List();
  EXPECT_EQ(list.size(), models_->names().AllowedNames().size());
  const auto base = std::find_if(list.begin(), list.end(),
                                 [](const ModelEntry& entry) { return entry.name == "base"; });
  ASSERT_NE(base, list.end());
  EXPECT_TRUE(base->is_default);
  EXPECT_TRUE(base->installed);
  EXPECT_EQ(base->state, ModelState::kUnloaded);
  EXPECT_EQ(std::count_if(list.begin(), list.end(), [](const auto& e) { return e.is_default; }), 1);
}

}  // namespace
}  // namespace wt::worker

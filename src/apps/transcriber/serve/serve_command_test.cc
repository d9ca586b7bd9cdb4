#include "apps/transcriber/serve/serve_command.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <deque>
#include <future>

#include <nlohmann/json.hpp>

#include "apps/transcriber/serve/data_directory.h"
#include "apps/transcriber/serve/service_manager.h"
#include "apps/transcriber/testing.h"

namespace wt::transcriber {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

/// Gives the events of a list, then stop.
class FakeSignals final : public ServiceSignals {
 public:
  explicit FakeSignals(std::deque<ServiceEvent> events) : events_(std::move(events)) {}
  ServiceEvent Wait(milliseconds) override {
    if (events_.empty()) return ServiceEvent::kTimeout;
    const ServiceEvent event = events_.front();
    events_.pop_front();
    return event;
  }

 private:
  std::deque<ServiceEvent> events_;
};

class ServeCommandTest : public ::testing::Test {
 protected:
  struct Seen {
    std::vector<std::string> calls;
    config::Settings settings;
    bool any_port = false;
    ServiceKind kind = ServiceKind::kServer;
    Status reload;
    /// Stop() waits for it when it is valid.
    std::shared_future<void> hold;
  };

  class FakeService final : public RunningService {
   public:
    explicit FakeService(Seen* seen) : seen_(seen) {}
    std::string description() const override { return "http://127.0.0.1:1"; }
    std::vector<std::string> notices() const override { return {"Setup token: tok-en"}; }
    bool alive() override { return true; }
    Status Reload() override {
      seen_->calls.push_back("reload");
      return seen_->reload;
    }
    void Stop(milliseconds grace) override {
      if (seen_->hold.valid()) seen_->hold.wait();
      seen_->calls.push_back("stop " + std::to_string(grace.count()));
    }

   private:
    Seen* seen_;
  };

  ServeCommandTest() {
    environment_.data_dir = directory_.Path("data");
    environment_.cache_dir = directory_.Path("cache");
    environment_.variables["LOG_TO_STDOUT"] = "false";
    environment_.variables["LOG_DIR"] = directory_.Path("logs");
    parts_.start = [this](const ServiceSetup& setup) -> Result<std::unique_ptr<RunningService>> {
      seen_.calls.push_back("start");
      seen_.settings = setup.configuration->settings;
      seen_.any_port = setup.any_port;
      seen_.kind = setup.kind;
      if (on_start_) on_start_(setup);
      if (!start_status_.ok()) return start_status_;
      return std::unique_ptr<RunningService>(std::make_unique<FakeService>(&seen_));
    };
    parts_.catch_signals = [this]() -> Result<std::unique_ptr<ServiceSignals>> {
      return std::unique_ptr<ServiceSignals>(std::make_unique<FakeSignals>(events_));
    };
    parts_.wake = [this] { ++wakes_; };
    parts_.end_process = [this](int status) {
      ended_with_ = status;
      if (on_end_) on_end_();
    };
  }

  // `worker --check` says what the program found and starts nothing.
  void UseWorker() { parts_.kind = ServiceKind::kWorker; }
  int Run(std::vector<std::string_view> arguments) {
    return RunServiceCommand(arguments, environment_, parts_, &console_);
  }

  testing::TemporaryDirectory directory_;
  testing::FakeConsole console_;
  Environment environment_;
  ServiceParts parts_;
  Seen seen_;
  Status start_status_;
  std::deque<ServiceEvent> events_ = {ServiceEvent::kStop};
  int ended_with_ = -1;
  int wakes_ = 0;
  std::function<void(const ServiceSetup&)> on_start_;
  std::function<void()> on_end_;
};

TEST_F(ServeCommandTest, CheckingAWorkerStartsNothing) {
  UseWorker();
  Result<std::string> found = std::string("1 alive on here");
  parts_.check = [&](const config::Settings&, const base::Clock&) { return found; };
  EXPECT_EQ(Run({"--check"}), 0);
  EXPECT_THAT(console_.output, HasSubstr("1 alive on here"));
  found = Status(StatusCode::kUnavailable, "No worker gave a sign of life.");
  EXPECT_EQ(Run({"--check"}), 1);
  EXPECT_THAT(console_.error, HasSubstr("No worker gave a sign of life."));
  EXPECT_THAT(seen_.calls, IsEmpty());
}

TEST_F(ServeCommandTest, StartsWithoutConfigurationAndStopsInOrder) {
  EXPECT_EQ(Run({}), 0) << console_.error;
  EXPECT_THAT(seen_.calls, ElementsAre("start", "stop 30000"));
  EXPECT_EQ(seen_.settings.auth.secret_key.size(), 64u);
  EXPECT_THAT(console_.error, HasSubstr("Ready: http://127.0.0.1:1"));
  EXPECT_THAT(console_.error, HasSubstr("Setup token: tok-en\n"));
  EXPECT_THAT(directory_.Read("logs/service.log"), HasSubstr("ready: http://127.0.0.1:1"));
  EXPECT_THAT(directory_.Read("logs/service.log"), HasSubstr("stopped"));
  EXPECT_THAT(directory_.Read("logs/service.log"), Not(HasSubstr("tok-en")));
  struct stat info{};
  for (const char* name : {"data", "data/models", "cache"}) {
    ASSERT_EQ(::stat(directory_.Path(name).c_str(), &info), 0) << name;
    EXPECT_EQ(info.st_mode & 0007, 0u) << name;
  }
}

TEST_F(ServeCommandTest, FlagsBecomeSettings) {
  EXPECT_EQ(Run({"--port", "0", "--single-user", "--model-dir", "/models"}), 0);
  EXPECT_TRUE(seen_.any_port);
  EXPECT_TRUE(seen_.settings.auth.single_user);
  EXPECT_EQ(seen_.settings.models.dir, "/models");
}

TEST_F(ServeCommandTest, ARestartReadsTheSettingsAgain) {
  int starts = 0;
  on_start_ = [&](const ServiceSetup& setup) {
    if (++starts == 1) {
      environment_.variables["PORT"] = "8123";
      setup.end_service(true);
    } else {
      setup.end_service(false);
    }
  };
  EXPECT_EQ(Run({}), 0) << console_.error;
  EXPECT_THAT(seen_.calls, ElementsAre("start", "stop 30000", "start", "stop 30000"));
  EXPECT_EQ(seen_.settings.server.port, 8123);
  EXPECT_EQ(wakes_, 2);
}

TEST_F(ServeCommandTest, TheTypeOfAServiceMakesItAWorker) {
  environment_.variables["SERVICE_TYPE"] = "worker";
  EXPECT_EQ(Run({}), 0);
  EXPECT_EQ(seen_.kind, ServiceKind::kWorker);
}

TEST_F(ServeCommandTest, DebugLogsEverything) {
  environment_.variables["ENVIRONMENT"] = "development";
  environment_.variables["DEBUG"] = "true";
  on_start_ = [](const ServiceSetup& setup) {
    setup.logger->Log(base::LogLevel::kDebug, "test", "a small thing");
  };
  EXPECT_EQ(Run({}), 0) << console_.error;
  EXPECT_THAT(directory_.Read("logs/service.log"), HasSubstr("a small thing"));
}

TEST_F(ServeCommandTest, WrongSettingsStartNothingAndLeaveNothing) {
  environment_.variables["ENVIRONMENT"] = "production";
  EXPECT_EQ(Run({}), 1);
  EXPECT_THAT(seen_.calls, IsEmpty());
  EXPECT_THAT(console_.error, HasSubstr("error: SECRET_KEY: is required in production"));
  EXPECT_FALSE(std::filesystem::exists(directory_.Path("data")));
}

TEST_F(ServeCommandTest, SecondServerIsRefusedAndAWorkerIsNot) {
  std::filesystem::create_directory(directory_.Path("data"));
  const Result<DataLock> first = DataLock::Take(environment_.data_dir);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(Run({}), 1);
  EXPECT_THAT(seen_.calls, IsEmpty());
  EXPECT_THAT(console_.error, HasSubstr("another server (process " + std::to_string(::getpid())));
  parts_.kind = ServiceKind::kWorker;
  EXPECT_EQ(Run({}), 0);
}

TEST_F(ServeCommandTest, LockGoesWithItsHolder) {
  EXPECT_EQ(Run({}), 0);
  EXPECT_EQ(Run({}), 0);
}

TEST_F(ServeCommandTest, ReloadGoesOnWhenItFails) {
  events_ = {ServiceEvent::kReload, ServiceEvent::kTimeout, ServiceEvent::kReload,
             ServiceEvent::kStop};
  seen_.reload = Status(StatusCode::kInvalidArgument, "the certificate does not fit the key");
  EXPECT_EQ(Run({}), 0);
  EXPECT_THAT(seen_.calls, ElementsAre("start", "reload", "reload", "stop 30000"));
  EXPECT_THAT(directory_.Read("logs/service.log"), HasSubstr("does not fit"));
}

TEST_F(ServeCommandTest, FailedStartSaysWhy) {
  start_status_ = Status(StatusCode::kUnavailable, "port 8001 is in use");
  EXPECT_EQ(Run({}), 1);
  EXPECT_THAT(console_.error, HasSubstr("error: port 8001 is in use"));
  EXPECT_THAT(directory_.Read("logs/service.log"), HasSubstr("port 8001 is in use"));
}

TEST_F(ServeCommandTest, SecondSignalEndsTheProcess) {
  std::promise<void> release;
  seen_.hold = release.get_future().share();
  on_end_ = [&release] { release.set_value(); };
  events_ = {ServiceEvent::kStop, ServiceEvent::kTimeout, ServiceEvent::kStop};
  EXPECT_EQ(Run({}), 0);
  EXPECT_EQ(ended_with_, 130);
}

TEST_F(ServeCommandTest, SecretsAreNotInTheLog) {
  environment_.variables["SECRET_KEY"] = "canary-0123456789-ABCDEFGHIJKLMNOP";
  start_status_ = Status(StatusCode::kInternal, "failed with canary-0123456789-ABCDEFGHIJKLMNOP");
  EXPECT_EQ(Run({}), 1);
  EXPECT_THAT(directory_.Read("logs/service.log"), Not(HasSubstr("canary")));
}

TEST_F(ServeCommandTest, WrongUsageIsStatusTwo) {
  EXPECT_EQ(Run({"--prot", "1"}), 2);
  EXPECT_EQ(Run({"now"}), 2);
  EXPECT_EQ(Run({"--help"}), 0);
  EXPECT_THAT(console_.output, HasSubstr("--single-user"));
}

TEST_F(ServeCommandTest, FolderThatCannotBeMadeNamesItsSetting) {
  environment_.variables["LOCAL_STORAGE_DIR"] = directory_.Make("file") + "/content";
  EXPECT_EQ(Run({}), 1);
  EXPECT_THAT(console_.error, HasSubstr("LOCAL_STORAGE_DIR"));
}

TEST(ServiceSignalsTest, SignalsBecomeEvents) {
  Result<std::unique_ptr<ServiceSignals>> signals = CatchServiceSignals();
  ASSERT_TRUE(signals.ok());
  EXPECT_EQ((*signals)->Wait(milliseconds(0)), ServiceEvent::kTimeout);
  // To this thread, where they are blocked and read from.
  ::pthread_kill(::pthread_self(), SIGHUP);
  EXPECT_EQ((*signals)->Wait(milliseconds(10'000)), ServiceEvent::kReload);
  ::pthread_kill(::pthread_self(), SIGTERM);
  EXPECT_EQ((*signals)->Wait(milliseconds(10'000)), ServiceEvent::kStop);
  ::pthread_kill(::pthread_self(), SIGINT);
  EXPECT_EQ((*signals)->Wait(milliseconds(10'000)), ServiceEvent::kStop);
}

TEST(ServiceSignalsTest, FileSizeLimitIsAnErrorAndNotTheEnd) {
  ::signal(SIGXFSZ, SIG_DFL);
  const Result<std::unique_ptr<ServiceSignals>> signals = CatchServiceSignals();
  ASSERT_TRUE(signals.ok());
  EXPECT_EQ(::signal(SIGXFSZ, SIG_DFL), SIG_IGN);
}

TEST(ServiceManagerTest, SaysReadyAndAliveOnItsSocket) {
  const testing::TemporaryDirectory directory;
  const std::string path = directory.Path("notify");
  const platform::FileDescriptor socket(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  ASSERT_LT(path.size(), sizeof address.sun_path);
  std::memcpy(address.sun_path, path.data(), path.size());
  ASSERT_EQ(::bind(socket.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const ServiceManager manager({{"NOTIFY_SOCKET", path}, {"WATCHDOG_USEC", "20000000"}});
  EXPECT_EQ(manager.alive_interval(), milliseconds(10'000));
  manager.Ready("http://x");
  manager.Alive();
  manager.Stopping();
  std::vector<std::string> messages;
  for (int i = 0; i < 3; ++i) {
    std::array<char, 256> text{};
    const ssize_t size = ::recv(socket.get(), text.data(), text.size(), MSG_DONTWAIT);
    messages.emplace_back(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  }
  EXPECT_THAT(messages, ElementsAre("READY=1\nSTATUS=http://x\n", "WATCHDOG=1\n", "STOPPING=1\n"));
  EXPECT_FALSE(ServiceManager({}).alive_interval());
  ServiceManager({}).Ready("nobody listens");
}

}  // namespace
}  // namespace wt::transcriber

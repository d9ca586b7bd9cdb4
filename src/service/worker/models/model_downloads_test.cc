#include "service/worker/models/model_downloads.h"

#include <gtest/gtest.h>

#include <future>

namespace wt::worker {
namespace {

/// A download that waits for the test, or for its cancellation.
struct Gate {
  std::promise<void> begun;
  std::promise<Status> end;

  ModelDownloads::PullFunction Pull() {
    return [this](const models::ModelStore&, const models::CatalogueEntry& entry,
                  const models::PullOptions& options,
                  models::PullObserver* observer) -> Result<models::PullOutcome> {
      observer->OnProgress("model", 5, 10);
      begun.set_value();
      auto outcome = end.get_future();
      while (outcome.wait_for(std::chrono::milliseconds(1)) != std::future_status::ready) {
        if (base::Cancelled(options.download.http.cancel)) {
          return Status(StatusCode::kCancelled, "cancelled");
        }
      }
      const Status status = outcome.get();
      if (!status.ok()) return status;
      models::PullOutcome done;
      done.model.name = entry.name;
      done.model.bytes = 10;
      return done;
    };
  }
};

/// Waits for a state of a model among what listeners are told.
std::future<ModelDownload> Until(ModelDownloads* downloads, DownloadState state) {
  auto reached = std::make_shared<std::promise<ModelDownload>>();
  std::future<ModelDownload> future = reached->get_future();
  downloads->Listen([reached, state](const ModelDownload& download) {
    if (download.state != state) return true;
    reached->set_value(download);
    return false;
  });
  return future;
}

TEST(ModelDownloadsTest, TellsHowFarItIsAndItsEnd) {
  Gate gate;
  ModelDownloads downloads("/nonexistent", gate.Pull());
  EXPECT_EQ(downloads.Start("no-such-model").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(downloads.Start("distil-large-v3").status().code(), StatusCode::kFailedPrecondition);
  ASSERT_TRUE(downloads.Start("whisper-tiny").ok());
  gate.begun.get_future().wait();
  EXPECT_EQ(downloads.Start("tiny")->state, DownloadState::kRunning) << "not begun twice";
  ASSERT_EQ(downloads.List().size(), 1U);
  EXPECT_EQ(downloads.List()[0].bytes_done, 5);
  auto done = Until(&downloads, DownloadState::kDone);
  gate.end.set_value(Status());
  EXPECT_EQ(done.get().bytes_total, 10);
}

TEST(ModelDownloadsTest, SaysWhyItFailed) {
  Gate gate;
  ModelDownloads downloads("/nonexistent", gate.Pull());
  gate.end.set_value(Status(StatusCode::kUnavailable, "no network"));
  ASSERT_TRUE(downloads.Start("tiny").ok());
  EXPECT_EQ(Until(&downloads, DownloadState::kFailed).get().message, "no network");
}

TEST(ModelDownloadsTest, CanBeCancelledWhileItRunsAndWhileItWaits) {
  Gate gate;
  ModelDownloads downloads("/nonexistent", gate.Pull());
  ASSERT_TRUE(downloads.Start("tiny").ok());
  gate.begun.get_future().wait();
  ASSERT_TRUE(downloads.Start("base").ok());
  ASSERT_TRUE(downloads.Cancel("base").ok());
  EXPECT_EQ(downloads.Cancel("base").code(), StatusCode::kNotFound);
  ASSERT_TRUE(downloads.Cancel("tiny").ok());
  EXPECT_EQ(Until(&downloads, DownloadState::kCancelled).get().state, DownloadState::kCancelled);
  EXPECT_EQ(downloads.Cancel("small").code(), StatusCode::kNotFound);
}

}  // namespace
}  // namespace wt::worker

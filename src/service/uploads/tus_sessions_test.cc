#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

#include "service/uploads/sessions.h"
#include "service/uploads/testing/upload_world.h"
#include "service/uploads/tus/upload_locks.h"

namespace wt::uploads {
namespace {

using std::chrono::milliseconds;
using testing::FakeWav;
using testing::PullOf;
using testing::UploadWorld;

class TusTest : public ::testing::Test {
 protected:
  TusTest() : world_(Limits()) {
    NewUpload upload;
    upload.kind = SessionKind::kTus;
    upload.filename = "a.wav";
    upload.bytes = static_cast<std::int64_t>(content_.size());
    id_ = world_.uploads->Create("ann", upload)->id;
  }
  static SessionLimits Limits() {
    SessionLimits limits;
    limits.tus_part_bytes = 4'000;
    limits.parts_max = 20;
    return limits;
  }
  Outcome<UploadStatus> Append(std::int64_t offset, Pull pull,
                               std::optional<DeclaredChecksum> checksum = std::nullopt,
                               std::optional<std::int64_t> length = std::nullopt) {
    const auto lease = world_.locks.Acquire(id_, milliseconds(0), {});
    TusBody body;
    body.offset = offset;
    body.length = length;
    body.checksum = std::move(checksum);
    body.pull = std::move(pull);
    return world_.uploads->Append("ann", id_, body, lease);
  }
  std::string_view From(std::int64_t offset, std::size_t count = std::string_view::npos) {
    return std::string_view(content_).substr(static_cast<std::size_t>(offset), count);
  }

  const std::string content_ = FakeWav(30'000);
  UploadWorld world_;
  std::string id_;
};

TEST_F(TusTest, AnUploadIsContinuedWhereItStands) {
  EXPECT_EQ(Append(0, PullOf(From(0, 11'000)))->offset, 11'000);
  EXPECT_EQ(world_.uploads->Get("ann", id_)->offset, 11'000);
  world_.Restart();
  EXPECT_EQ(Append(11'000, PullOf(From(11'000)))->offset, 30'000);
  const auto done = world_.uploads->Finalize("ann", id_, world_.MakeJobs());
  ASSERT_TRUE(done.ok() && done->complete);
  EXPECT_EQ(world_.jobs.size(), 1U);
  EXPECT_EQ(world_.uploads->Get("ann", id_)->offset, 30'000);
}

TEST_F(TusTest, AnotherOffsetIsAConflictAndChangesNothing) {
  EXPECT_EQ(Append(1, PullOf(From(1))).failure().error, UploadError::kOffsetConflict);
  ASSERT_TRUE(Append(0, PullOf(From(0, 10))).ok());
  EXPECT_EQ(Append(0, PullOf(From(0))).failure().error, UploadError::kOffsetConflict);
  EXPECT_EQ(Append(11, PullOf(From(11))).failure().error, UploadError::kOffsetConflict);
  EXPECT_EQ(world_.uploads->Get("ann", id_)->offset, 10);
}

TEST_F(TusTest, MoreThanDeclaredIsTooLarge) {
  EXPECT_EQ(Append(0, PullOf(From(0)), std::nullopt, 30'001).failure().error,
            UploadError::kFileTooLarge);
  EXPECT_EQ(world_.uploads->Get("ann", id_)->offset, 0);
  const std::string longer = content_ + "x";
  EXPECT_EQ(Append(0, PullOf(longer)).failure().error, UploadError::kFileTooLarge);
}

TEST_F(TusTest, WhatCameBeforeTheConnectionBrokeIsKept) {
  EXPECT_EQ(Append(0, PullOf(From(0), 1'000, 9'500)).failure().error, UploadError::kTransferBroken);
  EXPECT_EQ(world_.uploads->Get("ann", id_)->offset, 9'500);
}

TEST_F(TusTest, WithAChecksumItIsAllOrNothing) {
  DeclaredChecksum checksum;
  checksum.kind = ChecksumKind::kSha1;
  Checksum sum(ChecksumKind::kSha1);
  sum.Update(std::as_bytes(std::span(From(0, 9'000))));
  checksum.digest = sum.Finish();
  EXPECT_EQ(Append(0, PullOf(From(0, 9'000), 500, 8'000), checksum).failure().error,
            UploadError::kTransferBroken);
  EXPECT_EQ(Append(0, PullOf(From(0, 8'999)), checksum).failure().error,
            UploadError::kChecksumMismatch);
  EXPECT_EQ(world_.uploads->Get("ann", id_)->offset, 0);
  EXPECT_EQ(world_.CountBlobs(""), 0);
  EXPECT_EQ(Append(0, PullOf(From(0, 9'000)), checksum)->offset, 9'000);
  EXPECT_EQ(InfoOf(UploadError::kChecksumMismatch).http_status, 460);
}

TEST_F(TusTest, AnEmptyBodyChangesNothing) {
  EXPECT_EQ(Append(0, PullOf(""))->offset, 0);
  EXPECT_EQ(world_.CountBlobs(""), 0);
}

TEST_F(TusTest, ManySmallPartsAreRefusedAtTheLimit) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Append(i, PullOf(From(i, 1))).ok());
  EXPECT_EQ(Append(20, PullOf(From(20, 1))).failure().error, UploadError::kBadRequest);
}

TEST_F(TusTest, ChunksAndTusDoNotMix) {
  EXPECT_EQ(world_.uploads->PutChunk("ann", id_, 0, PullOf("x")).failure().error,
            UploadError::kNotFound);
}

// Goal: a request that hangs lets a newer one through, and what it brings later is refused. Method:
// the older body blocks until it is interrupted.
TEST_F(TusTest, ANewerRequestGetsTheUploadFromOneThatHangs) {
  std::promise<void> hanging;
  std::promise<void> interrupted;
  auto older = std::async(std::launch::async, [&] {
    const auto lease = world_.locks.Acquire(id_, milliseconds(0), [&] { interrupted.set_value(); });
    TusBody body;
    body.pull = [&, first = true](std::span<std::byte> out) mutable -> Result<std::size_t> {
      if (!first) {
        hanging.set_value();
        interrupted.get_future().wait();
        return Status(StatusCode::kCancelled, "closed");
      }
      first = false;
      std::fill_n(out.begin(), 100, std::byte{'R'});
      return std::size_t{100};
    };
    return world_.uploads->Append("ann", id_, body, lease);
  });
  hanging.get_future().wait();
  const auto newer = world_.locks.Acquire(id_, std::chrono::seconds(30), {});
  EXPECT_EQ(older.get().failure().error, UploadError::kTakenOver);
  EXPECT_EQ(world_.uploads->Get("ann", id_)->offset, 100) << "what it had is kept";
  EXPECT_FALSE(newer.asked_to_release());
}

TEST(UploadLocksTest, AHolderThatDoesNotReactIsOvertaken) {
  UploadLocks locks;
  auto stuck = std::make_unique<UploadLocks::Lease>(locks.Acquire("a", milliseconds(0), {}));
  const auto other = locks.Acquire("b", milliseconds(0), {});
  auto newer = locks.Acquire("a", milliseconds(1), {});
  EXPECT_TRUE(stuck->asked_to_release());
  stuck.reset();
  EXPECT_FALSE(newer.asked_to_release()) << "its end does not end the newer one";
  const auto third = locks.Acquire("a", milliseconds(1), {});
  EXPECT_TRUE(newer.asked_to_release());
  EXPECT_FALSE(other.asked_to_release());
}

}  // namespace
}  // namespace wt::uploads

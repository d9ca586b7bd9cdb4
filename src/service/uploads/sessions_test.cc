// Chunked sessions over stores in memory: the requirements ING-15 to ING-26, and crashes.
#include "service/uploads/sessions.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/random.h"
#include "platform/sha256.h"
#include "service/uploads/testing/upload_world.h"

namespace wt::uploads {
namespace {

using testing::FakeWav;
using testing::PullOf;
using testing::UploadWorld;

std::string ShaOf(const std::string& content) {
  return platform::Sha256Hex(std::as_bytes(std::span(content)));
}

class ChunkedTest : public ::testing::Test {
 protected:
  ChunkedTest() : world_(Limits()) {}
  static SessionLimits Limits() {
    SessionLimits limits;
    limits.chunk_bytes = 1'000;
    limits.active_per_owner_max = 3;
    return limits;
  }

  std::string Begin(const std::string& content, const std::string& sha256 = "") {
    NewUpload upload;
    upload.filename = "dir/talk.wav";
    upload.bytes = static_cast<std::int64_t>(content.size());
    upload.sha256 = sha256;
    upload.model = "base";
    upload.language = "fr";
    const auto session = world_.uploads->Create("ann", upload);
    EXPECT_TRUE(session.ok());
    return session->id;
  }
  Outcome<ChunkReceipt> Put(const std::string& id, const std::string& content, int index) {
    return world_.uploads->PutChunk(
        "ann", id, index,
        PullOf(std::string_view(content).substr(static_cast<std::size_t>(index) * 1'000, 1'000),
               300));
  }
  void PutAll(const std::string& id, const std::string& content) {
    for (int i = 0; i * 1'000 < static_cast<int>(content.size()); ++i) {
      ASSERT_TRUE(Put(id, content, i).ok());
    }
  }
  Outcome<Finalized> Finish(const std::string& id) {
    return world_.uploads->Finalize("ann", id, world_.MakeJobs());
  }

  UploadWorld world_;
};

TEST_F(ChunkedTest, ASessionSaysWhatItExpects) {
  NewUpload upload;
  upload.filename = "dir/talk.wav";
  upload.bytes = 2'500;
  upload.sha256 = std::string(64, 'A');
  const auto session = world_.uploads->Create("ann", upload);
  ASSERT_TRUE(session.ok());
  EXPECT_EQ(session->filename, "talk.wav");
  EXPECT_EQ(session->sha256, std::string(64, 'a'));
  EXPECT_EQ(ChunkCount(*session), 3);
  EXPECT_EQ(session->expires_at, world_.clock.Now() + 24 * 3'600'000);
}

TEST_F(ChunkedTest, ImpossibleSessionsAreRefused) {
  NewUpload upload;
  const auto error = [&] { return world_.uploads->Create("ann", upload).failure().error; };
  EXPECT_EQ(error(), UploadError::kEmptyFile);
  upload.bytes = -1;
  EXPECT_EQ(error(), UploadError::kBadRequest);
  upload.bytes = world_.limits.bytes_max + 1;
  EXPECT_EQ(error(), UploadError::kFileTooLarge);
  upload.bytes = world_.limits.bytes_max;
  EXPECT_TRUE(world_.uploads->Create("ann", upload).ok());
  upload.sha256 = "xyz";
  EXPECT_EQ(error(), UploadError::kBadRequest);
}

TEST_F(ChunkedTest, ChunksInAnyOrderBecomeOneRecordingAndOneJob) {
  const std::string content = FakeWav(50'321);
  const std::string id = Begin(content, ShaOf(content));
  std::vector<int> order(51);
  for (int i = 0; i < 51; ++i) order[static_cast<std::size_t>(i)] = i;
  base::Random random(3);
  for (std::size_t i = 50; i > 0; --i) std::swap(order[i], order[random.Below(i + 1)]);
  for (const int index : order) ASSERT_TRUE(Put(id, content, index).ok());
  const auto done = Finish(id);
  ASSERT_TRUE(done.ok());
  ASSERT_TRUE(done->complete);
  EXPECT_EQ(done->session.content_sha256, ShaOf(content));
  EXPECT_EQ(done->session.model + done->session.language, "basefr");
  ASSERT_EQ(world_.jobs.size(), 1U);
  EXPECT_EQ(world_.jobs.begin()->second.sha256, ShaOf(content));
  EXPECT_EQ(world_.CountBlobs("chunks/"), 0) << "the parts are deleted";
  EXPECT_EQ(world_.CountBlobs("media/"), 1);
  const auto again = Finish(id);
  EXPECT_TRUE(again->complete);
  EXPECT_EQ(again->session.job_id, done->session.job_id);
  EXPECT_EQ(world_.jobs.size(), 1U);
}

TEST_F(ChunkedTest, ChunksInParallelAreAllKept) {
  const std::string content = FakeWav(40'000);
  const std::string id = Begin(content);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (int i = t; i < 40; i += 4) {
        EXPECT_TRUE(Put(id, content, i).ok());
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(Finish(id)->session.content_sha256, ShaOf(content));
}

TEST_F(ChunkedTest, SendingAChunkAgainChangesNothingAndOtherContentIsAConflict) {
  const std::string content = FakeWav(2'500);
  const std::string id = Begin(content);
  const auto first = Put(id, content, 1);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(first->sha256, ShaOf(content.substr(1'000, 1'000)));
  EXPECT_FALSE(first->repeated);
  EXPECT_EQ(first->chunks_stored, 1);
  EXPECT_EQ(first->chunks_total, 3);
  const auto second = Put(id, content, 1);
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(second->repeated);
  EXPECT_EQ(second->sha256, first->sha256);
  EXPECT_EQ(second->chunks_stored, 1);
  EXPECT_EQ(second->index, 1);
  EXPECT_EQ(Put(id, FakeWav(2'500, 9), 1).failure().error, UploadError::kChunkConflict);
  EXPECT_EQ(world_.CountBlobs("chunks/"), 1);
}

TEST_F(ChunkedTest, ChunkLengthsAndIndexesAreExact) {
  const std::string content = FakeWav(2'500);
  const std::string id = Begin(content);
  const auto put = [&](std::int64_t index, std::size_t bytes) {
    const auto receipt = world_.uploads->PutChunk("ann", id, index, PullOf(FakeWav(bytes)));
    return receipt.ok() ? UploadError::kInternal : receipt.failure().error;
  };
  EXPECT_EQ(put(0, 999), UploadError::kChunkLength);
  EXPECT_EQ(put(0, 1'001), UploadError::kChunkLength);
  EXPECT_EQ(put(0, 0), UploadError::kChunkLength);
  EXPECT_EQ(put(2, 1'000), UploadError::kChunkLength);
  EXPECT_EQ(put(-1, 1'000), UploadError::kChunkIndex);
  EXPECT_EQ(put(3, 1'000), UploadError::kChunkIndex);
  EXPECT_EQ(world_.CountBlobs(""), 0);
  EXPECT_EQ(world_.uploads->PutChunk("ann", id, 0, PullOf(content, 100, 500)).failure().error,
            UploadError::kTransferBroken);
  EXPECT_EQ(world_.CountBlobs(""), 0);
}

TEST_F(ChunkedTest, EveryMissingChunkIsNamed) {
  const std::string content = FakeWav(100'000);
  const std::string id = Begin(content);
  for (int i = 0; i < 100; i += 2) ASSERT_TRUE(Put(id, content, i).ok());
  const auto finish = Finish(id);
  ASSERT_TRUE(finish.ok());
  EXPECT_FALSE(finish->complete);
  ASSERT_EQ(finish->missing_chunks.size(), 50U);
  for (int i = 0; i < 50; ++i)
    EXPECT_EQ(finish->missing_chunks[static_cast<std::size_t>(i)], 2 * i + 1);
  EXPECT_EQ(world_.uploads->Get("ann", id)->missing_chunks, finish->missing_chunks);
  EXPECT_TRUE(Put(id, content, 1).ok()) << "it goes on";
}

TEST_F(ChunkedTest, ItGoesOnAfterARestart) {
  const std::string content = FakeWav(3'000);
  const std::string id = Begin(content);
  ASSERT_TRUE(Put(id, content, 2).ok());
  world_.Restart();
  const auto status = world_.uploads->Get("ann", id);
  EXPECT_EQ(status->missing_chunks, (std::vector<std::int64_t>{0, 1}));
  ASSERT_TRUE(Put(id, content, 0).ok());
  ASSERT_TRUE(Put(id, content, 1).ok());
  EXPECT_TRUE(Finish(id)->complete);
}

TEST_F(ChunkedTest, AWrongDigestFailsTheSessionForGood) {
  const std::string content = FakeWav(2'000);
  const std::string id = Begin(content, std::string(64, '0'));
  PutAll(id, content);
  for (int i = 0; i < 2; ++i) {
    const auto failed = Finish(id);
    ASSERT_FALSE(failed.ok());
    EXPECT_EQ(failed.failure().error, UploadError::kHashMismatch);
  }
  EXPECT_EQ(world_.CountBlobs(""), 0);
  EXPECT_EQ(world_.uploads->Get("ann", id)->session.error_code, "HASH_MISMATCH");
  EXPECT_TRUE(world_.jobs.empty());
}

TEST_F(ChunkedTest, ContentThatIsNoRecordingMakesNoJob) {
  const std::string content = "PK\x03\x04" + std::string(1'500, '\1');
  const std::string id = Begin(content);
  PutAll(id, content);
  EXPECT_EQ(Finish(id).failure().error, UploadError::kUnsupportedMedia);
  EXPECT_EQ(world_.CountBlobs(""), 0);
  EXPECT_TRUE(world_.jobs.empty());
}

TEST_F(ChunkedTest, CancelDeletesTheBytesAndEndsIt) {
  const std::string content = FakeWav(2'000);
  const std::string id = Begin(content);
  PutAll(id, content);
  ASSERT_TRUE(world_.uploads->Cancel("ann", id).ok());
  EXPECT_TRUE(world_.uploads->Cancel("ann", id).ok());
  EXPECT_EQ(world_.CountBlobs(""), 0);
  EXPECT_EQ(Finish(id).failure().error, UploadError::kWrongState);
  EXPECT_EQ(InfoOf(Finish(id).failure().error).http_status, 409);
  EXPECT_EQ(Put(id, content, 0).failure().error, UploadError::kWrongState);
}

TEST_F(ChunkedTest, TheCleanerEndsWhatIsOverdueAlsoOfEarlierProcesses) {
  const std::string content = FakeWav(2'000);
  const std::string id = Begin(content);
  PutAll(id, content);
  world_.Restart();
  world_.clock.Advance(24 * 3'600'000 - 1);
  EXPECT_EQ(world_.cleaner->Step().expired, 0);
  world_.clock.Advance(1);
  EXPECT_EQ(Finish(id).failure().error, UploadError::kExpired) << "also before the cleaner came";
  EXPECT_EQ(Put(id, content, 0).failure().error, UploadError::kExpired);
  const CleanerReport report = world_.cleaner->Step();
  EXPECT_EQ(report.expired, 1);
  EXPECT_EQ(report.dropped, 1);
  EXPECT_EQ(world_.CountBlobs(""), 0);
  EXPECT_EQ(InfoOf(Finish(id).failure().error).http_status, 410);
  world_.clock.Advance(8LL * 24 * 3'600'000);
  EXPECT_EQ(world_.cleaner->Step().purged, 1);
  EXPECT_EQ(Finish(id).failure().error, UploadError::kNotFound);
}

TEST_F(ChunkedTest, AClockThatJumpsExpiresNothing) {
  const std::string id = Begin(FakeWav(2'000));
  world_.cleaner->Step();
  world_.clock.StepWall(49LL * 3'600'000);
  EXPECT_TRUE(world_.cleaner->Step().clock_jumped);
  EXPECT_TRUE(world_.cleaner->Step().clock_jumped) << "until somebody says that it is right";
  EXPECT_EQ(world_.sessions->Get(id, "")->state, SessionState::kActive);
  world_.cleaner->AcceptClock();
  EXPECT_EQ(world_.cleaner->Step().expired, 1);
}

TEST_F(ChunkedTest, StrangersFindNothing) {
  const std::string content = FakeWav(2'000);
  const std::string id = Begin(content);
  EXPECT_EQ(world_.uploads->Get("bob", id).failure().error, UploadError::kNotFound);
  EXPECT_EQ(world_.uploads->Cancel("bob", id).failure().error, UploadError::kNotFound);
  EXPECT_EQ(world_.uploads->PutChunk("bob", id, 0, PullOf(content)).failure().error,
            UploadError::kNotFound);
  EXPECT_EQ(world_.uploads->Finalize("bob", id, world_.MakeJobs()).failure().error,
            UploadError::kNotFound);
  EXPECT_TRUE(world_.uploads->List("bob", false, 10)->empty());
  EXPECT_EQ(world_.uploads->List("ann", true, 10)->size(), 1U);
}

TEST_F(ChunkedTest, OneOwnerHasSoManyOpenSessions) {
  for (int i = 0; i < 3; ++i) Begin(FakeWav(2'000));
  NewUpload upload;
  upload.bytes = 5;
  EXPECT_EQ(world_.uploads->Create("ann", upload).failure().error, UploadError::kTooManySessions);
  EXPECT_TRUE(world_.uploads->Create("bob", upload).ok());
}

TEST_F(ChunkedTest, ADamagedChunkIsAskedForAgain) {
  const std::string content = FakeWav(3'000);
  const std::string id = Begin(content);
  PutAll(id, content);
  const auto parts = world_.sessions->Parts(id);
  ASSERT_TRUE(world_.blobs->Delete((*parts)[1].blob_key).ok());
  const auto incomplete = Finish(id);
  ASSERT_TRUE(incomplete.ok());
  EXPECT_FALSE(incomplete->complete);
  EXPECT_EQ(incomplete->missing_chunks, std::vector<std::int64_t>{1});
  ASSERT_TRUE(Put(id, content, 1).ok());
  EXPECT_EQ(Finish(id)->session.content_sha256, ShaOf(content));
}

// Goal: finalise survives a failure, a lost answer and a late effect of every single call to its
// stores. Method: fail the N-th, then ask again as a client does; for all N until nothing fails.
TEST_F(ChunkedTest, AFailureAnywhereInFinaliseIsRepairedByAskingAgain) {
  using blob::BlobFault;
  const std::string content = FakeWav(3'500);
  for (const BlobFault fault : {BlobFault::kFails, BlobFault::kDiskFull, BlobFault::kLostReply,
                                BlobFault::kDelayed, BlobFault::kDuplicated}) {
    bool hit = true;
    for (int n = 1; hit; ++n) {
      UploadWorld world(Limits());
      NewUpload upload{.kind = SessionKind::kChunked,
                       .filename = "a.wav",
                       .bytes = 3'500,
                       .sha256 = ShaOf(content),
                       .model = "",
                       .language = "",
                       .options_json = ""};
      const std::string id = world.uploads->Create("ann", upload)->id;
      for (int i = 0; i < 4; ++i) {
        ASSERT_TRUE(world.uploads
                        ->PutChunk("ann", id, i,
                                   PullOf(std::string_view(content).substr(
                                       static_cast<std::size_t>(i) * 1'000, 1'000)))
                        .ok());
      }
      hit = false;
      world.memory_blobs.SetFaults([&, count = 0](blob::BlobOperation, const std::string&) mutable {
        hit = hit || ++count == n;
        return count == n ? fault : BlobFault::kNone;
      });
      (void)world.uploads->Finalize("ann", id, world.MakeJobs());
      world.memory_blobs.SetFaults({});
      world.memory_blobs.Settle();
      world.Restart();
      const auto done = world.uploads->Finalize("ann", id, world.MakeJobs());
      ASSERT_TRUE(done.ok()) << n << " " << done.failure().status.message();
      ASSERT_TRUE(done->complete);
      EXPECT_EQ(world.jobs.size(), 1U);
      world.clock.Advance(2 * 3'600'000);
      EXPECT_TRUE(world.cleaner->Step().status.ok());
      EXPECT_EQ(world.CountBlobs("chunks/"), 0) << n;
      EXPECT_EQ(world.CountBlobs("media/"), 1) << n;
      EXPECT_EQ(world.blobs->Open(world.jobs.begin()->second.blob_key).value()->info().sha256,
                ShaOf(content));
    }
  }
}

TEST_F(ChunkedTest, AnAnswerOfTheDatabaseThatIsLostIsRepairedByAskingAgain) {
  const std::string content = FakeWav(3'000);
  for (int n = 1; n <= 12; ++n) {
    UploadWorld world(Limits());
    int calls = 0;
    const auto arm = [&] {
      if (++calls == n) world.memory_sessions.LoseNextReply();
    };
    NewUpload upload;
    upload.filename = "a.wav";
    upload.bytes = 3'000;
    const std::string id = world.uploads->Create("ann", upload)->id;
    for (int i = 0; i < 3; ++i) {
      const auto put = [&] {
        arm();
        return world.uploads->PutChunk(
            "ann", id, i,
            PullOf(std::string_view(content).substr(static_cast<std::size_t>(i) * 1'000, 1'000)));
      };
      const bool stored = put().ok() || put().ok();
      ASSERT_TRUE(stored);
    }
    const auto finish = [&] {
      arm();
      return world.uploads->Finalize("ann", id, world.MakeJobs());
    };
    auto done = finish();
    for (int i = 0; i < 3 && !done.ok(); ++i) done = finish();
    ASSERT_TRUE(done.ok() && done->complete) << n;
    EXPECT_EQ(world.jobs.size(), 1U);
    EXPECT_EQ(done->session.content_sha256, ShaOf(content));
  }
}

TEST_F(ChunkedTest, BytesWithoutARowAreSweptWhenTheyAreOld) {
  const std::string id = Begin(FakeWav(2'000));
  world_.memory_sessions.SetFaults([](const char* operation) {
    return std::string_view(operation) == "add_part" ? Status(StatusCode::kUnavailable, "gone")
                                                     : Status();
  });
  EXPECT_EQ(Put(id, FakeWav(2'000), 0).failure().error, UploadError::kUnavailable);
  world_.memory_sessions.SetFaults({});
  EXPECT_EQ(world_.CountBlobs("chunks/"), 1) << "the row may exist: the object stays";
  EXPECT_EQ(world_.cleaner->Step().orphans_removed, 0) << "young";
  world_.clock.Advance(3'600'000);
  EXPECT_EQ(world_.cleaner->Step().orphans_removed, 1);
}

}  // namespace
}  // namespace wt::uploads

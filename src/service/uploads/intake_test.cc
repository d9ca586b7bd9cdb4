#include "service/uploads/intake.h"

#include <gtest/gtest.h>

#include "platform/sha256.h"
#include "service/uploads/testing/upload_world.h"

namespace wt::uploads {
namespace {

using testing::FakeWav;
using testing::PullOf;
using testing::UploadWorld;

IncomingFile FileNamed(const std::string& name) {
  IncomingFile file;
  file.owner = "ann";
  file.filename = name;
  return file;
}

UploadError ErrorOf(const Outcome<AcceptedMedia>& outcome) {
  EXPECT_FALSE(outcome.ok());
  return outcome.ok() ? UploadError::kInternal : outcome.failure().error;
}

TEST(IntakeTest, ARecordingIsStoredAndDescribed) {
  UploadWorld world;
  const std::string content = FakeWav(700'000);
  const auto accepted = world.intake->Receive(FileNamed("../a.WAV"), {}, PullOf(content, 1'000));
  ASSERT_TRUE(accepted.ok());
  const jobs::Media& media = accepted->media;
  EXPECT_EQ(media.filename, "a.WAV");
  EXPECT_EQ(media.bytes, 700'000);
  EXPECT_EQ(media.sha256, platform::Sha256Hex(std::as_bytes(std::span(content))));
  EXPECT_EQ(media.owner, "ann");
  EXPECT_EQ(media.blob_key, "media/ann/" + media.id);
  EXPECT_EQ(media.container, "wav");
  EXPECT_EQ(media.duration_s, 1.5);
  EXPECT_FALSE(accepted->extension_differs);
  EXPECT_EQ(accepted->duplicate_of, "");
  EXPECT_TRUE(world.blobs->Open(media.blob_key).ok());
}

TEST(IntakeTest, OnlyTheOperatorsFormatsAreStored) {
  UploadWorld world;
  world.allowed_types = *AllowedTypes::Parse({"mp3"});
  world.Restart();
  const auto refused = world.intake->Receive(FileNamed("a.mp3"), {}, PullOf(FakeWav(2'000), 7));
  EXPECT_EQ(ErrorOf(refused), UploadError::kUnsupportedMedia);
  EXPECT_NE(refused.failure().status.message().find("mp3"), std::string::npos);
  EXPECT_EQ(world.CountBlobs(""), 0);
  world.allowed_types = *AllowedTypes::Parse({"audio/wav"});
  world.Restart();
  EXPECT_TRUE(world.intake->Receive(FileNamed("a"), {}, PullOf(FakeWav(2'000), 7)).ok());
}

TEST(IntakeTest, AWrongExtensionOnGoodContentIsNoted) {
  UploadWorld world;
  const auto accepted = world.intake->Receive(FileNamed("a.mp3"), {}, PullOf(FakeWav(2'000), 7));
  ASSERT_TRUE(accepted.ok());
  EXPECT_TRUE(accepted->extension_differs);
}

TEST(IntakeTest, SizesAreCheckedOnBothSidesOfEachLimit) {
  UploadWorld world;
  IntakeLimits limits{.bytes_max = 2'000, .bytes_min = 1'024};
  const auto receive = [&](std::size_t bytes) {
    return world.intake->Receive(FileNamed("a.wav"), limits, PullOf(FakeWav(bytes)));
  };
  EXPECT_EQ(ErrorOf(receive(0)), UploadError::kEmptyFile);
  EXPECT_EQ(ErrorOf(receive(1'023)), UploadError::kTooSmall);
  EXPECT_TRUE(receive(1'024).ok());
  EXPECT_TRUE(receive(2'000).ok());
  EXPECT_EQ(ErrorOf(receive(2'001)), UploadError::kFileTooLarge);
  EXPECT_EQ(world.CountBlobs(""), 2) << "what is refused leaves nothing";
}

TEST(IntakeTest, ADeclaredSizeAboveTheLimitEndsItBeforeAByteIsRead) {
  UploadWorld world;
  IncomingFile file = FileNamed("a.wav");
  file.declared_bytes = (100LL << 20) + 1;
  const Pull pull = [](std::span<std::byte>) -> Result<std::size_t> {
    ADD_FAILURE() << "read";
    return std::size_t{0};
  };
  EXPECT_EQ(ErrorOf(world.intake->Receive(file, {}, pull)), UploadError::kFileTooLarge);
}

TEST(IntakeTest, OtherFilesAreRefusedAfterTheirFirstBytes) {
  UploadWorld world;
  std::size_t read = 0;
  const std::string zip = "PK\x03\x04" + std::string(1 << 20, '\1');
  Pull inner = PullOf(zip, 512);
  const Pull counting = [&](std::span<std::byte> out) {
    auto count = inner(out);
    read += *count;
    return count;
  };
  const auto refused = world.intake->Receive(FileNamed("a.wav"), {}, counting);
  EXPECT_EQ(ErrorOf(refused), UploadError::kUnsupportedMedia);
  EXPECT_EQ(InfoOf(refused.failure().error).number, 40001);
  EXPECT_LE(read, kSniffBytes);
  EXPECT_EQ(world.CountBlobs(""), 0);
}

TEST(IntakeTest, TheProbeDecides) {
  UploadWorld world;
  world.tracks = 0;
  EXPECT_EQ(ErrorOf(world.intake->Receive(FileNamed("a"), {}, PullOf(FakeWav(900)))),
            UploadError::kUnsupportedMedia);
  world.probe_fails = Status(StatusCode::kDataCorrupt, "/tmp/secret is broken");
  const auto refused = world.intake->Receive(FileNamed("a"), {}, PullOf(FakeWav(900)));
  EXPECT_EQ(ErrorOf(refused), UploadError::kUnsupportedMedia);
  EXPECT_EQ(refused.failure().status.message().find("secret"), std::string::npos);
  world.probe_fails = Status(StatusCode::kUnavailable, "no process");
  EXPECT_EQ(ErrorOf(world.intake->Receive(FileNamed("a"), {}, PullOf(FakeWav(900)))),
            UploadError::kUnavailable);
  EXPECT_EQ(world.CountBlobs(""), 0);
}

TEST(IntakeTest, ABrokenBodyAndAWrongDigestLeaveNothing) {
  UploadWorld world;
  EXPECT_EQ(ErrorOf(world.intake->Receive(FileNamed("a"), {}, PullOf(FakeWav(9'000), 999, 5'000))),
            UploadError::kTransferBroken);
  IncomingFile file = FileNamed("a");
  file.declared_sha256 = std::string(64, '0');
  EXPECT_EQ(ErrorOf(world.intake->Receive(file, {}, PullOf(FakeWav(9'000)))),
            UploadError::kHashMismatch);
  EXPECT_EQ(world.CountBlobs(""), 0);
}

TEST(IntakeTest, TheSameContentOfTheSameOwnerIsADuplicate) {
  UploadWorld world;
  const std::string content = FakeWav(3'000);
  const std::string sha = platform::Sha256Hex(std::as_bytes(std::span(content)));
  world.catalog.by_content["ann/" + sha] = "earlier";
  world.catalog.by_content["bob/" + sha] = "not yours";
  EXPECT_EQ(world.intake->Receive(FileNamed("a"), {}, PullOf(content))->duplicate_of, "earlier");
}

// Goal: many uploads at once do not pass a quota together. Method: the answers are kept, and with
// them the reservations, as long as no row counts the bytes.
TEST(IntakeTest, TheQuotaHoldsForUploadsAtTheSameTime) {
  UploadWorld world({}, 10'000);
  world.catalog.stored["ann"] = 1'000;
  std::vector<Outcome<AcceptedMedia>> kept;
  int accepted = 0;
  for (int i = 0; i < 50; ++i) {
    kept.push_back(world.intake->Receive(FileNamed("a"), {}, PullOf(FakeWav(2'000))));
    if (kept.back().ok()) ++accepted;
  }
  EXPECT_EQ(accepted, 4);
  EXPECT_EQ(ErrorOf(kept.back()), UploadError::kQuotaExceeded);
  kept.clear();
  EXPECT_TRUE(world.intake->Receive(FileNamed("a"), {}, PullOf(FakeWav(9'000))).ok());
}

TEST(IntakeTest, AFullDiskIsStorageFull) {
  UploadWorld world;
  // Create, three writes (the sniffed head, 256 KiB, the rest), commit.
  for (int n = 1; n <= 5; ++n) {
    world.memory_blobs.SetFaults(blob::FailNth(n, blob::BlobFault::kDiskFull));
    EXPECT_EQ(ErrorOf(world.intake->Receive(FileNamed("a"), {}, PullOf(FakeWav(300'000)))),
              UploadError::kStorageFull)
        << n;
  }
  EXPECT_EQ(InfoOf(UploadError::kStorageFull).http_status, 507);
  EXPECT_EQ(world.CountBlobs(""), 0);
  world.memory_blobs.SetFaults({});
  EXPECT_TRUE(world.intake->Receive(FileNamed("a"), {}, PullOf(FakeWav(300'000))).ok());
}

}  // namespace
}  // namespace wt::uploads

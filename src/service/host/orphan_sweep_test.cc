#include "service/host/orphan_sweep.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "service/blob/memory_store.h"

namespace wt::host {
namespace {

using ::testing::ElementsAre;

class KnownBlobs : public jobs::BlobReferences {
 public:
  explicit KnownBlobs(std::set<std::string> keys) : keys_(std::move(keys)) {}
  Result<std::vector<std::string>> ReferencedBlobs(const std::string&, int) override {
    return std::vector<std::string>(keys_.begin(), keys_.end());
  }
  Result<bool> IsReferenced(const std::string& key) override {
    if (fails) return Status(StatusCode::kUnavailable, "busy");
    return keys_.contains(key);
  }
  Result<std::vector<std::string>> Tombstones(int) override { return std::vector<std::string>(); }
  Status Bury(const std::vector<std::string>&) override { return {}; }

  bool fails = false;

 private:
  const std::set<std::string> keys_;
};

class OrphanSweepTest : public ::testing::Test {
 protected:
  void Put(const std::string& key) {
    auto writer = blobs_.Create(key);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE((*writer)->Write(std::as_bytes(std::span("x", 1))).ok());
    ASSERT_TRUE((*writer)->Commit().ok());
  }
  std::vector<std::string> Keys() {
    std::vector<std::string> keys;
    const std::vector<blob::BlobInfo> all = blobs_.List("", 100).value();
    for (const blob::BlobInfo& info : all) keys.push_back(info.key);
    return keys;
  }

  base::ManualClock clock_;
  blob::MemoryBlobStore blobs_{&clock_};
};

TEST_F(OrphanSweepTest, RemovesWhatNoRowNamesAndNothingElse) {
  for (const char* key : {"chunks/o/part", "media/o/kept", "media/o/lost", "peaks/o/p",
                          "transcripts/o/kept", "transcripts/o/lost"}) {
    Put(key);
  }
  KnownBlobs known({"media/o/kept", "transcripts/o/kept"});
  OrphanSweep sweep(&blobs_, &known, clock_.Now() + 1);
  for (int i = 0; i < 20 && !sweep.finished(); ++i) ASSERT_TRUE(sweep.Step(1).ok());
  EXPECT_TRUE(sweep.finished());
  EXPECT_EQ(sweep.removed(), 2);
  EXPECT_THAT(Keys(),
              ElementsAre("chunks/o/part", "media/o/kept", "peaks/o/p", "transcripts/o/kept"));
}

TEST_F(OrphanSweepTest, WhatIsNewStays) {
  Put("media/o/being-uploaded");
  KnownBlobs known({});
  OrphanSweep sweep(&blobs_, &known, clock_.Now());
  ASSERT_TRUE(sweep.Step(10).ok());
  EXPECT_THAT(Keys(), ElementsAre("media/o/being-uploaded"));
}

TEST_F(OrphanSweepTest, NothingIsRemovedWhileTheDatabaseDoesNotAnswer) {
  Put("media/o/lost");
  KnownBlobs known({});
  OrphanSweep sweep(&blobs_, &known, clock_.Now() + 1);
  known.fails = true;
  EXPECT_FALSE(sweep.Step(10).ok());
  EXPECT_THAT(Keys(), ElementsAre("media/o/lost"));
  known.fails = false;
  EXPECT_TRUE(sweep.Step(10).ok());
  EXPECT_THAT(Keys(), ElementsAre());
}

}  // namespace
}  // namespace wt::host

// What every blob store must do: in memory, on disk, and on disk with encryption.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "base/random.h"
#include "platform/sha256.h"
#include "service/blob/fs/fs_store.h"
#include "service/blob/key.h"
#include "service/blob/memory_store.h"
#include "service/blob/verify.h"

namespace wt::blob {
namespace {

std::vector<std::byte> Noise(std::size_t count, std::uint64_t seed) {
  base::Random random(seed);
  std::vector<std::byte> bytes(count);
  for (auto& b : bytes) b = static_cast<std::byte>(random.Next());
  return bytes;
}

class BlobStoreTest : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    if (GetParam() == "memory") {
      store_ = std::make_unique<MemoryBlobStore>(&clock_);
      return;
    }
    std::string name = std::filesystem::temp_directory_path() / "wt_blob_XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    directory_ = name;
    FsOptions options{.root = name + "/blobs", .free_floor_bytes = 0};
    if (GetParam() == "sealed") {
      NamedKey key{.id = "k1", .key = {}};
      key.key.fill(std::byte{7});
      auto ring = KeyRing::Create({key});
      ASSERT_TRUE(ring.ok());
      options.keys = std::make_shared<const KeyRing>(std::move(ring).value());
    }
    auto store = FsBlobStore::Open(std::move(options), disk_.get(), &clock_);
    ASSERT_TRUE(store.ok()) << store.status().detail().ForLog();
    store_ = std::move(store).value();
  }

  void TearDown() override {
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }

  std::vector<std::byte> Read(const std::string& key, std::int64_t offset, std::size_t count) {
    auto reader = store_->Open(key);
    EXPECT_TRUE(reader.ok());
    std::vector<std::byte> out(count);
    const auto read = (*reader)->ReadAt(offset, out);
    EXPECT_TRUE(read.ok());
    out.resize(*read);
    return out;
  }

  base::ManualClock clock_;
  std::unique_ptr<Disk> disk_ = MakePosixDisk();
  std::string directory_;
  std::unique_ptr<BlobStore> store_;
};

TEST_P(BlobStoreTest, WhatWasWrittenIsRead) {
  // Sizes around the block, written in portions that do not fit it.
  for (const std::size_t size : {0, 1, 65535, 65536, 65537, 131072, 300001}) {
    const auto content = Noise(size, size);
    const std::string key = "media/owner/n" + std::to_string(size);
    auto writer = store_->Create(key);
    ASSERT_TRUE(writer.ok());
    for (std::size_t at = 0; at < size; at += 70001) {
      ASSERT_TRUE(
          (*writer)
              ->Write(std::span(content).subspan(at, std::min<std::size_t>(70001, size - at)))
              .ok());
    }
    const auto info = (*writer)->Commit();
    ASSERT_TRUE(info.ok()) << info.status().detail().ForLog();
    EXPECT_EQ(info->key, key);
    EXPECT_EQ(info->bytes, static_cast<std::int64_t>(size));
    EXPECT_EQ(info->sha256, platform::Sha256Hex(content));
    EXPECT_EQ(info->created_at, clock_.Now());
    EXPECT_EQ(Read(key, 0, size + 10), content);
    EXPECT_TRUE(VerifyBlob(store_.get(), key).ok());
  }
}

TEST_P(BlobStoreTest, AnyRangeIsRead) {
  const auto content = Noise(200'000, 3);
  ASSERT_TRUE(WriteBlob(store_.get(), "media/o/a", content).ok());
  base::Random random(1);
  for (int i = 0; i < 200; ++i) {
    const auto from = static_cast<std::size_t>(random.Below(content.size() + 100));
    const auto count = static_cast<std::size_t>(random.Below(140'000));
    const std::size_t begin = std::min(from, content.size());
    const std::size_t end = std::min(from + count, content.size());
    EXPECT_EQ(Read("media/o/a", static_cast<std::int64_t>(from), count),
              std::vector<std::byte>(content.begin() + static_cast<std::ptrdiff_t>(begin),
                                     content.begin() + static_cast<std::ptrdiff_t>(end)));
  }
  auto reader = store_->Open("media/o/a");
  std::byte one;
  EXPECT_EQ((*reader)->ReadAt(-1, {&one, 1}).status().code(), StatusCode::kInvalidArgument);
}

TEST_P(BlobStoreTest, NothingIsThereBeforeCommit) {
  {
    auto writer = store_->Create("media/o/a");
    ASSERT_TRUE((*writer)->Write(Noise(100'000, 1)).ok());
    EXPECT_EQ(store_->Open("media/o/a").status().code(), StatusCode::kNotFound);
    EXPECT_TRUE(store_->List("", 10)->empty());
  }
  EXPECT_EQ(store_->Open("media/o/a").status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(WriteBlob(store_.get(), "media/o/a", Noise(5, 1)).ok());
}

TEST_P(BlobStoreTest, ATakenKeyIsRefusedAndKeepsItsContent) {
  auto late = store_->Create("media/o/a");
  ASSERT_TRUE((*late)->Write(Noise(9, 2)).ok());
  ASSERT_TRUE(WriteBlob(store_.get(), "media/o/a", Noise(5, 1)).ok());
  EXPECT_EQ(store_->Create("media/o/a").status().code(), StatusCode::kAlreadyExists);
  EXPECT_EQ((*late)->Commit().status().code(), StatusCode::kAlreadyExists);
  late->reset();
  EXPECT_EQ(Read("media/o/a", 0, 100), Noise(5, 1));
}

TEST_P(BlobStoreTest, DeletedIsGoneAndMayBeDeletedAgain) {
  ASSERT_TRUE(WriteBlob(store_.get(), "media/o/a", Noise(5, 1)).ok());
  auto reader = store_->Open("media/o/a");
  EXPECT_TRUE(store_->Delete("media/o/a").ok());
  EXPECT_TRUE(store_->Delete("media/o/a").ok());
  EXPECT_TRUE(store_->Delete("media/nobody/a").ok());
  EXPECT_EQ(store_->Open("media/o/a").status().code(), StatusCode::kNotFound);
  std::vector<std::byte> out(5);
  EXPECT_TRUE((*reader)->ReadAt(0, out).ok()) << "a reader goes on";
  EXPECT_TRUE(WriteBlob(store_.get(), "media/o/a", Noise(6, 1)).ok());
}

TEST_P(BlobStoreTest, ListPagesInOrder) {
  const std::vector<std::string> keys = {"chunks/a/x", "media/a/1",   "media/a/1-1", "media/a/1.x",
                                         "media/a/2",  "media/a-b/0", "media/b/1"};
  for (auto key = keys.rbegin(); key != keys.rend(); ++key) {
    ASSERT_TRUE(WriteBlob(store_.get(), *key, Noise(key->size(), 1)).ok());
  }
  std::vector<std::string> seen;
  std::string after;
  while (true) {
    const auto page = store_->List(after, 2);
    ASSERT_TRUE(page.ok());
    if (page->empty()) break;
    EXPECT_LE(page->size(), 2U);
    for (const BlobInfo& info : *page) {
      EXPECT_EQ(info.sha256, platform::Sha256Hex(Noise(info.key.size(), 1)));
      EXPECT_EQ(info.created_at, clock_.Now());
      seen.push_back(info.key);
    }
    after = page->back().key;
  }
  EXPECT_EQ(seen, keys);
}

TEST_P(BlobStoreTest, BadKeysAreRefusedEverywhere) {
  for (const std::string key : {"", "a", "a/b", "a/b/c/d", "/b/c", "a//c", "a/b/", "../b/c",
                                "a/../c", "a/b/..", "a/b/.", "A/b/c", "a/b/c d", "a/b/\xc3\xa9"}) {
    EXPECT_EQ(store_->Create(key).status().code(), StatusCode::kInvalidArgument) << key;
    EXPECT_EQ(store_->Open(key).status().code(), StatusCode::kInvalidArgument) << key;
    EXPECT_EQ(store_->Delete(key).code(), StatusCode::kInvalidArgument) << key;
  }
  EXPECT_TRUE(CheckKey("a/b/" + std::string(196, 'c')).ok());
  EXPECT_FALSE(CheckKey("a/b/" + std::string(197, 'c')).ok());
  EXPECT_TRUE(WriteBlob(store_.get(), "a/b/" + std::string(196, 'c'), Noise(3, 1)).ok());
  EXPECT_FALSE(CheckKey(std::string("a/b/c\0", 6)).ok());
}

TEST_P(BlobStoreTest, ADescriptorReadsThePlainContent) {
  const auto content = Noise(150'000, 4);
  ASSERT_TRUE(WriteBlob(store_.get(), "media/o/a", content).ok());
  auto reader = store_->Open("media/o/a");
  auto fd = (*reader)->OpenDescriptor();
  ASSERT_TRUE(fd.ok()) << fd.status().detail().ForLog();
  std::vector<std::byte> out(200'000);
  EXPECT_EQ(::read(fd->get(), out.data(), out.size()), 150'000);
  out.resize(150'000);
  EXPECT_EQ(out, content);
  EXPECT_EQ(::write(fd->get(), "x", 1), GetParam() == "memory" ? 1 : -1);
}

INSTANTIATE_TEST_SUITE_P(Stores, BlobStoreTest, testing::Values("memory", "plain", "sealed"),
                         [](const auto& param) { return param.param; });

}  // namespace
}  // namespace wt::blob

// Goal: what was packed comes back aligned and unchanged, and no other file is ever taken for it.
#include "engine/model/packed_cache.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>
#include <string>

#include "engine/model/testing/files.h"

namespace wt::model {
namespace {

using testing::AsBytes;
using testing::ReadFile;
using testing::TemporaryDirectory;
using testing::WriteFile;

const PackedKey kKey = {.source = "abc", .compute_type = "int8", .isa = "avx2"};

std::string Text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Three blobs, one of them empty, with sizes that need padding.
Status WriteThree(const std::string& path, const PackedKey& key = kKey) {
  auto writer = PackedCacheWriter::Create(path, key);
  if (!writer.ok()) return writer.status();
  Status status = writer->Add("b", {.tag = 7, .shape = {3, 5}}, AsBytes("hello"));
  if (status.ok()) status = writer->Add("a", {}, AsBytes(std::string(1000, 'x')));
  if (status.ok()) status = writer->Add("empty", {.tag = 1, .shape = {}}, {});
  return status.ok() ? writer->Commit() : status;
}

TEST(PackedCacheTest, BlobsComeBackAlignedWithTagAndShape) {
  const TemporaryDirectory dir;
  const std::string path = PackedCachePath(dir / "new/deep", kKey);
  ASSERT_TRUE(WriteThree(path).ok());
  const auto cache = PackedCache::Open(path, kKey);
  ASSERT_TRUE(cache.ok()) << cache.status().message();
  EXPECT_EQ((*cache)->blobs().size(), 3u);
  EXPECT_EQ(Text((*cache)->Find("b")), "hello");
  EXPECT_EQ(Text((*cache)->Find("a")), std::string(1000, 'x'));
  EXPECT_TRUE((*cache)->Find("empty").empty());
  EXPECT_NE((*cache)->FindBlob("empty"), nullptr);
  EXPECT_EQ((*cache)->FindBlob("c"), nullptr);
  EXPECT_EQ((*cache)->FindBlob("b")->info.tag, 7u);
  EXPECT_EQ((*cache)->FindBlob("b")->info.shape, (std::vector<std::int64_t>{3, 5}));
  for (const auto& [name, blob] : (*cache)->blobs()) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(blob.bytes.data()) % 64, 0u) << name;
  }
  EXPECT_TRUE((*cache)->VerifyData().ok());
}

TEST(PackedCacheTest, EveryPartOfTheKeyCounts) {
  const TemporaryDirectory dir;
  const std::string path = dir / "x.wtpack";
  ASSERT_TRUE(WriteThree(path).ok());
  for (const PackedKey& other :
       {PackedKey{.source = "abd", .compute_type = "int8", .isa = "avx2"},
        PackedKey{.source = "abc", .compute_type = "int8x", .isa = "avx2"},
        PackedKey{.source = "abc", .compute_type = "int8", .isa = "avx512"},
        PackedKey{.source = "abc", .compute_type = "int8", .isa = "avx2", .layout_version = 2}}) {
    EXPECT_EQ(PackedCache::Open(path, other).status().code(), StatusCode::kFailedPrecondition);
    EXPECT_NE(PackedCachePath(dir.path(), other), PackedCachePath(dir.path(), kKey));
  }
}

TEST(PackedCacheTest, FilesWithAFlippedByteAreFoundAndRemoved) {
  const TemporaryDirectory dir;
  const PackedKey other = {.source = "def", .compute_type = "int8", .isa = "avx2"};
  const std::string good = PackedCachePath(dir.path(), kKey);
  const std::string bad = PackedCachePath(dir.path(), other);
  ASSERT_TRUE(WriteThree(good).ok());
  ASSERT_TRUE(WriteThree(bad, other).ok());
  EXPECT_EQ(CheckPackedFiles(dir.path()).files, 2);
  std::string bytes = ReadFile(bad);
  bytes[bytes.find("hello") + 4] ^= 1;  // Opening does not read what the blobs hold.
  WriteFile(bad, bytes);
  ASSERT_TRUE(PackedCache::Open(bad, other).ok());

  const PackedFilesCheck check = CheckPackedFiles(dir.path());
  EXPECT_EQ(check.files, 1);
  EXPECT_EQ(check.bytes, static_cast<std::int64_t>(ReadFile(good).size()));
  ASSERT_EQ(check.damaged.size(), 1u);
  EXPECT_NE(check.damaged[0].find(bad), std::string::npos);
  EXPECT_NE(check.damaged[0].find("blob b"), std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(bad));
  EXPECT_TRUE(std::filesystem::exists(good));
  EXPECT_EQ(CheckPackedFiles(dir / "missing").files, 0);
}

TEST(PackedCacheTest, NothingIsThereBeforeCommitAndNothingStaysWithoutIt) {
  const TemporaryDirectory dir;
  const std::string path = dir / "x.wtpack";
  {
    auto writer = PackedCacheWriter::Create(path, kKey);
    ASSERT_TRUE(writer.ok());
    ASSERT_TRUE(writer->Add("a", {}, AsBytes("a")).ok());
    EXPECT_EQ(PackedCache::Open(path, kKey).status().code(), StatusCode::kNotFound);
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
}

TEST(PackedCacheTest, BadNamesAreRefused) {
  const TemporaryDirectory dir;
  auto writer = PackedCacheWriter::Create(dir / "x.wtpack", kKey);
  ASSERT_TRUE(writer.ok());
  EXPECT_TRUE(writer->Add("a", {}, {}).ok());
  EXPECT_FALSE(writer->Add("a", {}, {}).ok());
  EXPECT_FALSE(writer->Add("", {}, {}).ok());
  EXPECT_FALSE(writer->Add(std::string(257, 'n'), {}, {}).ok());
  EXPECT_TRUE(writer->Add(std::string(256, 'n'), {}, {}).ok());
  EXPECT_FALSE(writer->Add("five", {.tag = 0, .shape = {1, 1, 1, 1, 1}}, {}).ok());
}

TEST(PackedCacheTest, EveryTruncationIsNoticed) {
  const TemporaryDirectory dir;
  const std::string path = dir / "x.wtpack";
  ASSERT_TRUE(WriteThree(path).ok());
  const std::string whole = ReadFile(path);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    WriteFile(path, std::string_view(whole).substr(0, size));
    ASSERT_EQ(PackedCache::Open(path, kKey).status().code(), StatusCode::kDataCorrupt) << size;
  }
  WriteFile(path, whole + "x");
  EXPECT_EQ(PackedCache::Open(path, kKey).status().code(), StatusCode::kDataCorrupt);
}

TEST(PackedCacheTest, EveryFlippedByteIsNoticedByOpenOrVerify) {
  const TemporaryDirectory dir;
  const std::string path = dir / "x.wtpack";
  ASSERT_TRUE(WriteThree(path).ok());
  const std::string whole = ReadFile(path);
  int unnoticed = 0;
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string bad = whole;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    WriteFile(path, bad);
    const auto cache = PackedCache::Open(path, kKey);
    if (cache.ok() && (*cache)->VerifyData().ok()) ++unnoticed;
  }
  // 24 zeros in the header, and those between blobs (64 + 5 to 128), hold nothing.
  EXPECT_EQ(unnoticed, 24 + 59 + (1152 - 1128));
}

TEST(PackedCacheTest, DamagedFileIsReplacedByTheNextWrite) {
  const TemporaryDirectory dir;
  const std::string path = dir / "x.wtpack";
  WriteFile(path, "something else");
  EXPECT_EQ(PackedCache::Open(path, kKey).status().code(), StatusCode::kDataCorrupt);
  ASSERT_TRUE(WriteThree(path).ok());
  EXPECT_TRUE(PackedCache::Open(path, kKey).ok());
}

TEST(PackedCacheTest, LeastRecentlyUsedFilesGoFirst) {
  const TemporaryDirectory dir;
  std::vector<std::string> paths;
  const auto now = std::filesystem::file_time_type::clock::now();
  for (int i = 0; i < 4; ++i) {
    paths.push_back(dir / (std::to_string(i) + ".wtpack"));
    ASSERT_TRUE(WriteThree(paths.back()).ok());
    std::filesystem::last_write_time(paths.back(), now - std::chrono::hours(10 - i));
  }
  ASSERT_TRUE(PackedCache::Open(paths[1], kKey).ok());  // Used now: newer than 2 and 3.
  const auto size = static_cast<std::int64_t>(std::filesystem::file_size(paths[0]));
  RemoveOldPackedFiles(dir.path(), 2 * size, paths[0]);
  EXPECT_TRUE(std::filesystem::exists(paths[0]));  // Kept in any case.
  EXPECT_TRUE(std::filesystem::exists(paths[1]));
  EXPECT_FALSE(std::filesystem::exists(paths[2]));
  EXPECT_FALSE(std::filesystem::exists(paths[3]));
}

TEST(PackedCacheTest, OldTemporaryFilesAreRemovedAndNewOnesStay) {
  const TemporaryDirectory dir;
  const auto now = std::filesystem::file_time_type::clock::now();
  WriteFile(dir / "a.wtpack.tmp.AAAAAA", "old");
  WriteFile(dir / "b.wtpack.tmp.BBBBBB", "new");
  WriteFile(dir / "unrelated", "other");
  std::filesystem::last_write_time(dir / "a.wtpack.tmp.AAAAAA", now - std::chrono::hours(25));
  RemoveOldPackedFiles(dir.path(), 0, "");
  EXPECT_FALSE(std::filesystem::exists(dir / "a.wtpack.tmp.AAAAAA"));
  EXPECT_TRUE(std::filesystem::exists(dir / "b.wtpack.tmp.BBBBBB"));
  EXPECT_TRUE(std::filesystem::exists(dir / "unrelated"));
}

TEST(StagedFileTest, ExistingTargetsAreReplacedOnlyAtCommit) {
  const TemporaryDirectory dir;
  WriteFile(dir / "t", "before");
  auto file = StagedFile::Create(dir / "t");
  ASSERT_TRUE(file.ok());
  ASSERT_TRUE(file->Append("after").ok());
  ASSERT_TRUE(file->Rewrite(0, AsBytes("A")).ok());
  EXPECT_EQ(ReadFile(dir / "t"), "before");
  ASSERT_TRUE(file->Commit().ok());
  EXPECT_EQ(ReadFile(dir / "t"), "After");
  struct stat info{};
  ASSERT_EQ(::stat((dir / "t").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777u, 0644u);
}

TEST(StagedDirectoryTest, AppearsWholeOrNotAtAll) {
  const TemporaryDirectory dir;
  {
    auto lost = StagedDirectory::Create(dir / "t");
    ASSERT_TRUE(lost.ok());
    WriteFile(lost->PathOf("file"), "x");
  }
  EXPECT_TRUE(std::filesystem::is_empty(dir.path()));
  auto staged = StagedDirectory::Create((dir / "t") + "/");
  ASSERT_TRUE(staged.ok());
  WriteFile(staged->PathOf("file"), "x");
  EXPECT_FALSE(std::filesystem::exists(dir / "t"));
  ASSERT_TRUE(staged->Commit().ok());
  EXPECT_EQ(ReadFile(dir / "t/file"), "x");
  EXPECT_EQ(StagedDirectory::Create(dir / "t").status().code(), StatusCode::kAlreadyExists);
}

}  // namespace
}  // namespace wt::model

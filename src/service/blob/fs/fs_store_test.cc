// What only the store on a file system does: modes, the floor, sweeping, keys and their rotation.
#include "service/blob/fs/fs_store.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "service/blob/verify.h"

namespace wt::blob {
namespace {

namespace fs = std::filesystem;

std::vector<std::byte> Noise(std::size_t count, std::uint64_t seed = 1) {
  base::Random random(seed);
  std::vector<std::byte> bytes(count);
  for (auto& b : bytes) b = static_cast<std::byte>(random.Next());
  return bytes;
}

NamedKey MakeKey(const std::string& id, int fill) {
  NamedKey key{.id = id, .key = {}};
  key.key.fill(static_cast<std::byte>(fill));
  return key;
}

/// Says that so much is free, whatever the real disk has.
class SmallDisk : public Disk {
 public:
  explicit SmallDisk(DiskSpace has) : space(has) {}
  Result<std::unique_ptr<DiskFile>> Create(const std::string& path) override {
    return disk_->Create(path);
  }
  Result<std::unique_ptr<DiskFile>> Open(const std::string& path) override {
    return disk_->Open(path);
  }
  Status RenameNew(const std::string& from, const std::string& to) override {
    return disk_->RenameNew(from, to);
  }
  Status RenameOver(const std::string& from, const std::string& to) override {
    return disk_->RenameOver(from, to);
  }
  Status Remove(const std::string& path) override { return disk_->Remove(path); }
  bool IsAbandoned(const std::string& path, base::UnixMillis before) override {
    return disk_->IsAbandoned(path, before);
  }
  Result<bool> MakeDirectory(const std::string& path) override {
    return disk_->MakeDirectory(path);
  }
  Status SyncDirectory(const std::string& path) override { return disk_->SyncDirectory(path); }
  Result<std::vector<DiskEntry>> List(const std::string& path) override {
    return disk_->List(path);
  }
  Result<DiskSpace> Space(const std::string&) override { return space; }

  DiskSpace space;

 private:
  std::unique_ptr<Disk> disk_ = MakePosixDisk();
};

class FsStoreTest : public testing::Test {
 protected:
  FsStoreTest() {
    std::string name = fs::temp_directory_path() / "wt_fs_XXXXXX";
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    folder_ = name;
    clock_.StepWall(1'800'000'000'000'000 - clock_.Now());  // After the files of today.
  }
  ~FsStoreTest() override { fs::remove_all(folder_); }

  std::unique_ptr<FsBlobStore> Open(std::vector<NamedKey> keys = {},
                                    std::optional<std::int64_t> floor = 0, Disk* disk = nullptr) {
    FsOptions options;
    options.root = folder_ / "a/b/blobs";
    options.free_floor_bytes = floor;
    if (!keys.empty()) {
      options.keys =
          std::make_shared<const KeyRing>(std::move(KeyRing::Create(std::move(keys))).value());
    }
    auto store =
        FsBlobStore::Open(std::move(options), disk == nullptr ? disk_.get() : disk, &clock_);
    EXPECT_TRUE(store.ok()) << store.status().detail().ForLog();
    return std::move(store).value();
  }
  fs::path Owner() const { return folder_ / "a/b/blobs/media/ann"; }
  fs::path FileWith(const std::string& ending) const {
    for (const auto& entry : fs::directory_iterator(Owner())) {
      if (entry.path().string().ends_with(ending)) return entry.path();
    }
    return {};
  }
  int CountFiles() const {
    return static_cast<int>(std::distance(fs::directory_iterator(Owner()), {}));
  }

  fs::path folder_;
  base::ManualClock clock_;
  std::unique_ptr<Disk> disk_ = MakePosixDisk();
};

int ModeOf(const fs::path& path) {
  struct stat info{};
  EXPECT_EQ(::stat(path.c_str(), &info), 0);
  return info.st_mode & 0777;
}

TEST_F(FsStoreTest, FilesAndFoldersAreClosedToOthersAndSeparatedByOwner) {
  const mode_t before = ::umask(0);
  const auto store = Open();
  ASSERT_TRUE(WriteBlob(store.get(), "media/ann/x", Noise(9)).ok());
  ::umask(before);
  EXPECT_EQ(ModeOf(Owner()), 0750);
  EXPECT_EQ(ModeOf(Owner().parent_path()), 0750);
  EXPECT_EQ(ModeOf(FileWith(".data")), 0640);
  EXPECT_EQ(ModeOf(FileWith(".blob")), 0640);
}

TEST_F(FsStoreTest, PlainContentIsTheBytesThemselves) {
  const auto store = Open();
  const auto content = Noise(100'000);
  ASSERT_TRUE(WriteBlob(store.get(), "media/ann/x", content).ok());
  std::ifstream file(FileWith(".data"), std::ios::binary);
  const std::string stored((std::istreambuf_iterator<char>(file)), {});
  EXPECT_EQ(stored, std::string(reinterpret_cast<const char*>(content.data()), content.size()));
}

TEST_F(FsStoreTest, TheFloorIsTheLargerOfFivePercentAndTwoGib) {
  SmallDisk disk({.total_bytes = 100LL << 30, .free_bytes = 5LL << 30});
  const auto store = Open({}, std::nullopt, &disk);
  EXPECT_TRUE(store->CheckSpace(0).ok());
  EXPECT_EQ(store->CheckSpace(1).code(), StatusCode::kResourceExhausted);
  disk.space = {.total_bytes = 10LL << 30, .free_bytes = (2LL << 30) + 7};
  EXPECT_EQ(*store->FreeBytes(), 7);
  EXPECT_TRUE(store->CheckSpace(7).ok());
  EXPECT_FALSE(store->CheckSpace(8).ok());
}

TEST_F(FsStoreTest, TheFloorIsWatchedWhileBytesFlowAndReadingGoesOn) {
  SmallDisk disk({.total_bytes = 1LL << 40, .free_bytes = 2'000});
  const auto store = Open({}, 1'000, &disk);
  ASSERT_TRUE(WriteBlob(store.get(), "media/ann/old", Noise(9)).ok());
  const auto writer = store->Create("media/ann/new");
  ASSERT_TRUE(writer.ok());
  disk.space.free_bytes = 999;
  const auto portion = Noise(1 << 20);
  Status status;
  for (int i = 0; i < 3 && status.ok(); ++i) status = (*writer)->Write(portion);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_EQ((*writer)->Commit().status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(store->Create("media/ann/other").status().code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(VerifyBlob(store.get(), "media/ann/old").ok());
  EXPECT_TRUE(store->Delete("media/ann/old").ok());
  disk.space.free_bytes = 2'000;
  EXPECT_TRUE(WriteBlob(store.get(), "media/ann/new2", Noise(9)).ok()) << "without a restart";
}

TEST_F(FsStoreTest, SweepingRemovesWhatNoObjectAndNoWriterHas) {
  const auto store = Open();
  ASSERT_TRUE(WriteBlob(store.get(), "media/ann/kept", Noise(9)).ok());
  auto writing = store->Create("media/ann/writing");
  ASSERT_TRUE((*writing)->Write(Noise(200'000)).ok());
  for (const char* name :
       {"dead.0123456789abcdef.data", "dead.0123456789abcdef.new", "lone.blob"}) {
    std::ofstream(Owner() / name) << "x";
  }
  // A sidecar whose content is gone.
  ASSERT_TRUE(WriteBlob(store.get(), "media/ann/half", Noise(9)).ok());
  for (const auto& entry : fs::directory_iterator(Owner())) {
    const std::string name = entry.path().filename();
    if (name.starts_with("half.") && name.ends_with(".data")) fs::remove(entry.path());
  }
  EXPECT_EQ(store->Open("media/ann/half").status().code(), StatusCode::kNotFound);
  const auto young = store->Sweep(clock_.Now());
  EXPECT_EQ(young->files_removed, 0) << "not before its time";
  const auto report = store->Sweep(0);
  ASSERT_TRUE(report.ok());
  EXPECT_EQ(report->files_removed, 3) << "the damaged sidecar is kept for repair";
  EXPECT_TRUE((*writing)->Commit().ok());
  writing->reset();
  EXPECT_TRUE(VerifyBlob(store.get(), "media/ann/writing").ok());
  EXPECT_TRUE(VerifyBlob(store.get(), "media/ann/kept").ok());
}

TEST_F(FsStoreTest, ASidecarUnderAnotherNameIsDamage) {
  const auto store = Open();
  ASSERT_TRUE(WriteBlob(store.get(), "media/ann/x", Noise(9)).ok());
  fs::copy(FileWith(".blob"), Owner() / "y.blob");
  EXPECT_EQ(store->Open("media/ann/y").status().code(), StatusCode::kDataCorrupt);
  const auto list = store->List("", 9);
  ASSERT_EQ(list->size(), 2U);
  EXPECT_EQ((*list)[1].sha256, "") << "listed, and says that it cannot be read";
}

TEST_F(FsStoreTest, SealedContentIsNotOnTheDisk) {
  const auto store = Open({MakeKey("k1", 1)});
  const std::string text = "the secret words that nobody may find";
  ASSERT_TRUE(
      WriteBlob(store.get(), "media/ann/x", std::as_bytes(std::span(text.data(), text.size())))
          .ok());
  for (const auto& entry : fs::directory_iterator(Owner())) {
    std::ifstream file(entry.path(), std::ios::binary);
    const std::string stored((std::istreambuf_iterator<char>(file)), {});
    EXPECT_EQ(stored.find("secret"), std::string::npos);
  }
  EXPECT_EQ(*ReadBlob(store.get(), "media/ann/x", 100), text);
}

TEST_F(FsStoreTest, AnotherKeyOrNoneOpensNothing) {
  ASSERT_TRUE(WriteBlob(Open({MakeKey("k1", 1)}).get(), "media/ann/x", Noise(9)).ok());
  EXPECT_EQ(Open({MakeKey("k1", 2)})->Open("media/ann/x").status().code(),
            StatusCode::kDataCorrupt);
  EXPECT_EQ(Open({MakeKey("k2", 1)})->Open("media/ann/x").status().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(Open()->Open("media/ann/x").status().code(), StatusCode::kFailedPrecondition);
}

TEST_F(FsStoreTest, KeysRotateWithoutTouchingContent) {
  ASSERT_TRUE(WriteBlob(Open({MakeKey("old", 1)}).get(), "media/ann/x", Noise(90'000)).ok());
  const auto data_before = fs::last_write_time(FileWith(".data"));
  {
    const auto store = Open({MakeKey("new", 2), MakeKey("old", 1)});
    EXPECT_TRUE(VerifyBlob(store.get(), "media/ann/x").ok()) << "old keys are readable";
    ASSERT_TRUE(store->Rewrap("media/ann/x").ok());
    EXPECT_TRUE(store->Rewrap("media/ann/x").ok()) << "again is fine";
  }
  EXPECT_TRUE(VerifyBlob(Open({MakeKey("new", 2)}).get(), "media/ann/x").ok());
  EXPECT_EQ(Open({MakeKey("old", 1)})->Open("media/ann/x").status().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(fs::last_write_time(FileWith(".data")), data_before);
  EXPECT_EQ(CountFiles(), 2);
}

// Goal: sealed blocks that are swapped, repeated or cut off are found, though each of them is one
// that the key made.
TEST_F(FsStoreTest, BlocksInAnotherOrderAreFound) {
  const auto store = Open({MakeKey("k", 1)});
  ASSERT_TRUE(WriteBlob(store.get(), "media/ann/x", Noise(3 * kBlockBytes)).ok());
  const fs::path file = FileWith(".data");
  std::ifstream in(file, std::ios::binary);
  const std::string stored((std::istreambuf_iterator<char>(in)), {});
  const std::size_t block = stored.size() / 3;
  const std::string a = stored.substr(0, block);
  const std::string b = stored.substr(block, block);
  const std::string c = stored.substr(2 * block);
  for (const std::string& wrong : {b + a + c, a + a + c, a + c + b, a + b, a + c, a + b + c + c}) {
    std::ofstream(file, std::ios::binary) << wrong;
    EXPECT_EQ(VerifyBlob(store.get(), "media/ann/x").status().code(), StatusCode::kDataCorrupt);
  }
  std::ofstream(file, std::ios::binary) << stored;
  EXPECT_TRUE(VerifyBlob(store.get(), "media/ann/x").ok());
}

TEST_F(FsStoreTest, ALargeSealedObjectIsNotDecryptedIntoMemory) {
  FsOptions options;
  options.root = folder_ / "small";
  options.free_floor_bytes = 0;
  options.plain_copy_bytes_max = 100;
  options.keys =
      std::make_shared<const KeyRing>(std::move(KeyRing::Create({MakeKey("k", 1)})).value());
  const auto store = std::move(FsBlobStore::Open(std::move(options), disk_.get(), &clock_)).value();
  ASSERT_TRUE(WriteBlob(store.get(), "media/ann/x", Noise(101)).ok());
  EXPECT_EQ(store->Open("media/ann/x").value()->OpenDescriptor().status().code(),
            StatusCode::kResourceExhausted);
}

TEST(KeyRingTest, BadIdsAreRefused) {
  EXPECT_FALSE(KeyRing::Create({}).ok());
  EXPECT_FALSE(KeyRing::Create({MakeKey("", 1)}).ok());
  EXPECT_FALSE(KeyRing::Create({MakeKey("A", 1)}).ok());
  EXPECT_FALSE(KeyRing::Create({MakeKey(std::string(33, 'a'), 1)}).ok());
  EXPECT_FALSE(KeyRing::Create({MakeKey("a", 1), MakeKey("a", 2)}).ok());
  EXPECT_TRUE(KeyRing::Create({MakeKey("a", 1), MakeKey("b", 1)}).ok());
}

}  // namespace
}  // namespace wt::blob

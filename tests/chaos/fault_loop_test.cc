// Goal: a failure of any single operation of the disk, once or from then on, is an error to the
// caller and leaves every acknowledged object whole; a failed sync is never repeated. Bit rot is
// always found. Method: SQLite's loop: fail the N-th for N = 1, 2, 3 until nothing fails.
#include <gtest/gtest.h>

#include <cerrno>
#include <filesystem>
#include <fstream>

#include "base/random.h"
#include "base/status_macros.h"
#include "platform/sha256.h"
#include "service/blob/fs/fs_store.h"
#include "service/blob/verify.h"
#include "tests/chaos/power_cut_disk.h"

namespace wt::chaos {
namespace {

using blob::DiskFile;

/// Passes everything on, but for the calls that shall fail.
class FaultDisk : public blob::Disk {
 public:
  FaultDisk(blob::Disk* disk, int fail_at, bool for_good, int error)
      : disk_(disk), fail_at_(fail_at), for_good_(for_good), error_(error) {}

  bool hit() const { return hit_; }
  int repeated_syncs() const { return repeated_syncs_; }

  Status Next() {
    ++count_;
    const bool fails = count_ == fail_at_ || (for_good_ && count_ > fail_at_);
    hit_ = hit_ || fails;
    return fails ? blob::DiskStatus(error_, "fault", "fault") : Status();
  }

  class File : public DiskFile {
   public:
    File(FaultDisk* disk, std::unique_ptr<DiskFile> file) : disk_(disk), file_(std::move(file)) {}
    Status Write(std::span<const std::byte> bytes) override {
      if (const Status fault = disk_->Next(); !fault.ok()) {
        // A full disk takes some of it first.
        (void)file_->Write(bytes.first(bytes.size() / 2));
        return fault;
      }
      return file_->Write(bytes);
    }
    Status Sync() override {
      if (failed_) ++disk_->repeated_syncs_;
      const Status fault = disk_->Next();
      failed_ = failed_ || !fault.ok();
      return fault.ok() ? file_->Sync() : fault;
    }
    Result<std::size_t> ReadAt(std::int64_t offset, std::span<std::byte> out) override {
      WT_TRY(disk_->Next());
      return file_->ReadAt(offset, out);
    }
    Result<std::int64_t> Size() override { return file_->Size(); }
    Result<platform::FileDescriptor> Duplicate() override { return file_->Duplicate(); }

   private:
    FaultDisk* disk_;
    std::unique_ptr<DiskFile> file_;
    bool failed_ = false;
  };

  Result<std::unique_ptr<DiskFile>> Create(const std::string& path) override {
    WT_TRY(Next());
    WT_ASSIGN(auto file, disk_->Create(path));
    return std::unique_ptr<DiskFile>(std::make_unique<File>(this, std::move(file)));
  }
  Result<std::unique_ptr<DiskFile>> Open(const std::string& path) override {
    WT_TRY(Next());
    WT_ASSIGN(auto file, disk_->Open(path));
    return std::unique_ptr<DiskFile>(std::make_unique<File>(this, std::move(file)));
  }
  Status RenameNew(const std::string& from, const std::string& to) override {
    WT_TRY(Next());
    return disk_->RenameNew(from, to);
  }
  Status RenameOver(const std::string& from, const std::string& to) override {
    WT_TRY(Next());
    return disk_->RenameOver(from, to);
  }
  Status Remove(const std::string& path) override {
    WT_TRY(Next());
    return disk_->Remove(path);
  }
  bool IsAbandoned(const std::string& path, base::UnixMillis before) override {
    return disk_->IsAbandoned(path, before);
  }
  Result<bool> MakeDirectory(const std::string& path) override {
    WT_TRY(Next());
    return disk_->MakeDirectory(path);
  }
  Status SyncDirectory(const std::string& path) override {
    WT_TRY(Next());
    return disk_->SyncDirectory(path);
  }
  Result<std::vector<blob::DiskEntry>> List(const std::string& path) override {
    WT_TRY(Next());
    return disk_->List(path);
  }
  Result<blob::DiskSpace> Space(const std::string& path) override {
    WT_TRY(Next());
    return disk_->Space(path);
  }

 private:
  blob::Disk* disk_;
  const int fail_at_;
  const bool for_good_;
  const int error_;
  int count_ = 0;
  bool hit_ = false;
  int repeated_syncs_ = 0;
};

std::vector<std::byte> Noise(std::size_t count, std::uint64_t seed) {
  base::Random random(seed);
  std::vector<std::byte> bytes(count);
  for (auto& b : bytes) b = static_cast<std::byte>(random.Next());
  return bytes;
}

class FaultLoopTest : public testing::Test {
 protected:
  std::unique_ptr<blob::FsBlobStore> Open(blob::Disk* disk) {
    blob::FsOptions options;
    options.root = "root";
    options.free_floor_bytes = 0;
    auto store = blob::FsBlobStore::Open(std::move(options), disk, &clock_);
    return store.ok() ? std::move(store).value() : nullptr;
  }

  /// One round with the N-th operation failing; false when nothing was left to fail.
  bool Round(int n, bool for_good, int error) {
    PowerCutDisk disk;
    const std::string first = "media/o/first";
    EXPECT_TRUE(blob::WriteBlob(Open(&disk).get(), first, Noise(70'000, 1)).ok());
    FaultDisk faults(&disk, n, for_good, error);
    bool second_stored = false;
    Status deleted(StatusCode::kInternal, "not tried");
    if (const auto store = Open(&faults); store != nullptr) {
      const auto second = blob::WriteBlob(store.get(), "media/p/second", Noise(140'000, 2));
      second_stored = second.ok();
      if (!second.ok()) {
        EXPECT_EQ(second.status().code(),
                  error == ENOSPC ? StatusCode::kResourceExhausted : StatusCode::kUnavailable);
        EXPECT_EQ(second.status().message().find("root"), std::string::npos) << "no path";
      }
      deleted = store->Delete("media/o/gone");
    }
    EXPECT_EQ(faults.repeated_syncs(), 0) << n;
    const auto healed = Open(&disk);
    EXPECT_TRUE(blob::VerifyBlob(healed.get(), first).ok());
    const auto code = blob::VerifyBlob(healed.get(), "media/p/second").status().code();
    if (second_stored) {
      EXPECT_EQ(code, StatusCode::kOk) << n;
    }
    // "From then on" also keeps the store from taking a published name back.
    if (!second_stored && !for_good) {
      EXPECT_EQ(code, StatusCode::kNotFound) << n;
    }
    EXPECT_NE(code, StatusCode::kDataCorrupt);
    EXPECT_TRUE(healed->Sweep(0).ok());
    EXPECT_EQ(disk.Files().size(), 2 * healed->List("", 9)->size());
    EXPECT_TRUE(healed->Delete("media/p/second").ok());
    EXPECT_TRUE(blob::WriteBlob(healed.get(), "media/p/second", Noise(9, 3)).ok());
    return faults.hit();
  }

  base::ManualClock clock_;
};

TEST_F(FaultLoopTest, TheNthOperationFailsOnceOrFromThenOn) {
  for (const int error : {EIO, ENOSPC}) {
    for (const bool for_good : {false, true}) {
      int n = 1;
      while (Round(n, for_good, error)) ++n;
      EXPECT_GT(n, 15);
    }
  }
}

TEST(BitRotTest, EveryFlippedBitIsFound) {
  std::string folder = std::filesystem::temp_directory_path() / "wt_rot_XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  base::ManualClock clock;
  const auto disk = blob::MakePosixDisk();
  base::Random random(5);
  for (const bool sealed : {false, true}) {
    blob::FsOptions options;
    options.root = folder + (sealed ? "/sealed" : "/plain");
    options.free_floor_bytes = 0;
    if (sealed) {
      options.keys = std::make_shared<const blob::KeyRing>(
          std::move(blob::KeyRing::Create({{.id = "k", .key = {}}})).value());
    }
    const std::string where = options.root + "/media/o";
    const auto store =
        std::move(blob::FsBlobStore::Open(std::move(options), disk.get(), &clock)).value();
    ASSERT_TRUE(blob::WriteBlob(store.get(), "media/o/a", Noise(200'000, 1)).ok());
    std::vector<std::string> files;
    for (const auto& entry : std::filesystem::directory_iterator(where)) {
      files.push_back(entry.path());
    }
    ASSERT_EQ(files.size(), 2U);
    for (int i = 0; i < 100; ++i) {
      // One in three in the sidecar, which is small and the more delicate.
      std::sort(files.begin(), files.end());
      const std::string& file = files[i % 3 == 0 ? 1 : 0];
      const auto at = static_cast<std::streamoff>(random.Below(std::filesystem::file_size(file)));
      const char flip = static_cast<char>(1 << random.Below(8));
      const auto toggle = [&] {
        std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
        stream.seekg(at);
        char byte = 0;
        stream.get(byte);
        stream.seekp(at);
        stream.put(static_cast<char>(byte ^ flip));
      };
      toggle();
      const auto verified = blob::VerifyBlob(store.get(), "media/o/a");
      EXPECT_EQ(verified.status().code(), StatusCode::kDataCorrupt) << file << " " << at;
      EXPECT_EQ(store->Create("media/o/a").status().code(), StatusCode::kAlreadyExists)
          << "a damaged object is not overwritten";
      toggle();
    }
    EXPECT_TRUE(blob::VerifyBlob(store.get(), "media/o/a").ok());
  }
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace wt::chaos

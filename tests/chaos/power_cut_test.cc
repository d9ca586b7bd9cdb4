// Goal: no power cut at any moment loses what was acknowledged or brings back what was deleted
// (docs/promises.md, P1, P5, P8). Method: after every single operation of a workload several cut
// disks are opened and checked; two planted lies must be found.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>

#include "base/clock.h"
#include "platform/sha256.h"
#include "service/blob/fs/fs_store.h"
#include "service/blob/verify.h"
#include "tests/chaos/power_cut_disk.h"

namespace wt::chaos {
namespace {

constexpr int kCutsPerOperation = 4;

std::vector<std::byte> Content(int n) {
  base::Random random(static_cast<std::uint64_t>(n));
  std::vector<std::byte> content(900 + 33'000 * static_cast<std::size_t>(n % 3));
  for (auto& b : content) b = static_cast<std::byte>(random.Next());
  return content;
}

class Workload {
 public:
  Workload(PowerCutLies lies, bool sealed) : disk_(lies) {
    if (sealed) {
      blob::NamedKey key{.id = "k", .key = {}};
      keys_ =
          std::make_shared<const blob::KeyRing>(std::move(blob::KeyRing::Create({key})).value());
    }
    disk_.SetHook([this] {
      for (int i = 0; i < kCutsPerOperation; ++i) CheckCut();
    });
  }

  void Run() {
    const auto store = OpenStore(&disk_);
    for (int n = 0; n < 6; ++n) {
      const std::string key = "media/o" + std::to_string(n % 2) + "/n" + std::to_string(n);
      ASSERT_TRUE(blob::WriteBlob(store.get(), key, Content(n)).ok());
      acknowledged_[key] = n;
      if (n % 3 != 2) continue;
      const std::string old = acknowledged_.begin()->first;
      // From here on it may be there or not, and after the acknowledgement it must not.
      acknowledged_.erase(old);
      ASSERT_TRUE(store->Delete(old).ok());
      deleted_.insert(old);
    }
  }

  int cuts() const { return cuts_; }
  int losses() const { return losses_; }
  const std::string& first_loss() const { return first_loss_; }

 private:
  std::unique_ptr<blob::FsBlobStore> OpenStore(PowerCutDisk* disk) {
    blob::FsOptions options;
    options.root = "root";
    options.free_floor_bytes = 0;
    options.keys = keys_;
    auto store = blob::FsBlobStore::Open(std::move(options), disk, &clock_);
    EXPECT_TRUE(store.ok());
    return std::move(store).value();
  }

  void Lose(const std::string& what) {
    if (losses_++ == 0) first_loss_ = what;
  }

  void CheckCut() {
    ++cuts_;
    const auto disk = disk_.Cut(&random_);
    const auto store = OpenStore(disk.get());
    for (const auto& [key, n] : acknowledged_) {
      const auto info = blob::VerifyBlob(store.get(), key);
      if (!info.ok()) Lose(key + ": " + info.status().detail().ForLog());
      if (info.ok() && info->sha256 != platform::Sha256Hex(Content(n))) Lose(key + ": content");
    }
    for (int n = 0; n < 6; ++n) {
      // Whatever the moment: whole or not there, never damaged.
      const std::string key = "media/o" + std::to_string(n % 2) + "/n" + std::to_string(n);
      const auto code = blob::VerifyBlob(store.get(), key).status().code();
      if (code != StatusCode::kOk && code != StatusCode::kNotFound) Lose(key + ": damaged");
      if (code == StatusCode::kOk && deleted_.contains(key)) Lose(key + ": came back");
    }
    if (!store->Sweep(0).ok()) Lose("sweep");
    const auto listed = store->List("", 100);
    if (disk->Files().size() != 2 * listed->size()) Lose("files are left over");
    const auto again = blob::WriteBlob(store.get(), "media/o0/again", Content(1));
    if (!again.ok()) Lose("cannot go on");
    for (int n = 0; n < 6; ++n) {
      const std::string key = "media/o" + std::to_string(n % 2) + "/n" + std::to_string(n);
      if (acknowledged_.contains(key) || store->Open(key).ok()) continue;
      if (!blob::WriteBlob(store.get(), key, Content(n)).ok()) Lose(key + ": name is blocked");
    }
  }

  PowerCutDisk disk_;
  base::ManualClock clock_;
  std::shared_ptr<const blob::KeyRing> keys_;
  base::Random random_{1};
  std::map<std::string, int> acknowledged_;
  std::set<std::string> deleted_;
  int cuts_ = 0;
  int losses_ = 0;
  std::string first_loss_;
};

TEST(PowerCutTest, NothingAcknowledgedIsLostAndNothingDeletedComesBack) {
  for (const bool sealed : {false, true}) {
    Workload workload({}, sealed);
    workload.Run();
    EXPECT_EQ(workload.losses(), 0) << workload.first_loss();
    EXPECT_GT(workload.cuts(), 200);
  }
}

TEST(PowerCutTest, AStoreThatDoesNotSyncDirectoriesIsFoundOut) {
  Workload workload({.directory_sync = true}, false);
  workload.Run();
  EXPECT_GT(workload.losses(), 25) << "of " << workload.cuts();
}

TEST(PowerCutTest, AStoreThatDoesNotSyncFilesIsFoundOut) {
  Workload workload({.file_sync = true}, false);
  workload.Run();
  EXPECT_GT(workload.losses(), 25) << "of " << workload.cuts();
}

}  // namespace
}  // namespace wt::chaos

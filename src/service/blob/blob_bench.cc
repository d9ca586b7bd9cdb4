// Writing an object against the least that a careful copy does: write, SHA-256, fsync.
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "platform/sha256.h"
#include "platform/system_clock.h"
#include "service/blob/fs/fs_store.h"
#include "service/blob/verify.h"

namespace wt::blob {
namespace {

constexpr std::size_t kPortionBytes = 256 << 10;
constexpr std::int64_t kPortions = 1'024;  // 256 MiB.

std::string Folder() {
  std::string name = std::filesystem::temp_directory_path() / "wt_bench_XXXXXX";
  return ::mkdtemp(name.data()) == nullptr ? std::string(".") : name;
}

std::vector<std::byte> Portion() { return std::vector<std::byte>(kPortionBytes, std::byte{42}); }

void BM_CopyHashSync(benchmark::State& state) {
  const std::string folder = Folder();
  const auto portion = Portion();
  for (auto _ : state) {
    const int fd = ::open((folder + "/copy").c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600);
    platform::Sha256 hash;
    for (std::int64_t i = 0; i < kPortions; ++i) {
      hash.Update(portion);
      if (::write(fd, portion.data(), portion.size()) < 0) state.SkipWithError("write");
    }
    if (::fsync(fd) != 0) state.SkipWithError("fsync");
    ::close(fd);
    benchmark::DoNotOptimize(hash.Finish());
    ::unlink((folder + "/copy").c_str());
  }
  state.SetBytesProcessed(state.iterations() * kPortions *
                          static_cast<std::int64_t>(kPortionBytes));
  std::filesystem::remove_all(folder);
}

void BM_Blob(benchmark::State& state) {
  const std::string folder = Folder();
  const auto portion = Portion();
  const auto disk = MakePosixDisk();
  const platform::SystemClock clock;
  FsOptions options;
  options.root = folder;
  options.free_floor_bytes = 0;
  if (state.range(0) == 1) {
    options.keys = std::make_shared<const KeyRing>(
        std::move(KeyRing::Create({{.id = "k", .key = {}}})).value());
  }
  const auto store = std::move(FsBlobStore::Open(std::move(options), disk.get(), &clock)).value();
  for (auto _ : state) {
    const auto writer = store->Create("media/o/x");
    for (std::int64_t i = 0; i < kPortions; ++i) (void)(*writer)->Write(portion);
    if (!(*writer)->Commit().ok()) state.SkipWithError("commit");
    (void)store->Delete("media/o/x");
  }
  state.SetBytesProcessed(state.iterations() * kPortions *
                          static_cast<std::int64_t>(kPortionBytes));
  std::filesystem::remove_all(folder);
}

void BM_Verify(benchmark::State& state) {
  const std::string folder = Folder();
  const auto disk = MakePosixDisk();
  const platform::SystemClock clock;
  FsOptions options;
  options.root = folder;
  options.free_floor_bytes = 0;
  const auto store = std::move(FsBlobStore::Open(std::move(options), disk.get(), &clock)).value();
  (void)WriteBlob(store.get(), "media/o/x", std::vector<std::byte>(64 << 20, std::byte{1}));
  for (auto _ : state) benchmark::DoNotOptimize(store->Open("media/o/x").value()->OpenDescriptor());
  state.SetBytesProcessed(state.iterations() * (64 << 20));
  std::filesystem::remove_all(folder);
}

BENCHMARK(BM_CopyHashSync)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Blob)->ArgName("sealed")->Arg(0)->Arg(1)->UseRealTime()->Unit(benchmark::kMillisecond);
BENCHMARK(BM_Verify)->UseRealTime()->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wt::blob

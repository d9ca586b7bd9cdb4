#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <numeric>
#include <string>
#include <thread>
#include <vector>

#include "platform/cpu.h"
#include "platform/file.h"
#include "platform/memory.h"
#include "platform/thread_pool.h"

namespace wt::platform {
namespace {

std::string TempPath(const std::string& name) { return testing::TempDir() + "wt_platform_" + name; }

TEST(ThreadPoolTest, EveryIndexIsVisitedOnceInManySmallJobs) {
  // Goal: no chunk is lost or run twice when jobs of changing size follow each other closely.
  for (const int threads : {1, 2, 3, 5}) {
    ThreadPool pool(threads);
    for (int job = 0; job < 3'000; ++job) {
      const std::ptrdiff_t count = job % 97;
      std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
      pool.ParallelFor(count, 1 + job % 5, [&](std::ptrdiff_t begin, std::ptrdiff_t end, int) {
        for (std::ptrdiff_t i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
      });
      for (const auto& visit : visits) ASSERT_EQ(visit.load(), 1);
    }
  }
}

TEST(ThreadPoolTest, StartsAndStopsManyTimes) {
  for (int round = 0; round < 50; ++round) {
    ThreadPool pool(4);
    std::atomic<long> sum{0};
    pool.ParallelFor(100, 7, [&](std::ptrdiff_t begin, std::ptrdiff_t end, int) {
      for (std::ptrdiff_t i = begin; i < end; ++i) sum += i;
    });
    EXPECT_EQ(sum.load(), 4950);
  }
}

TEST(ThreadPoolTest, NestedCallsRunInline) {
  ThreadPool pool(2);
  std::atomic<int> calls{0};
  pool.ParallelFor(4, 1, [&](std::ptrdiff_t begin, std::ptrdiff_t end, int) {
    for (std::ptrdiff_t i = begin; i < end; ++i) {
      pool.ParallelFor(
          3, 1, [&](std::ptrdiff_t b, std::ptrdiff_t e, int) { calls += static_cast<int>(e - b); });
    }
  });
  EXPECT_EQ(calls.load(), 12);
}

// Visits every index of [0, count) once in chunks of `chunk`; no two threads as the same worker.
void VisitAll(ThreadPool* pool, std::ptrdiff_t count, std::ptrdiff_t chunk) {
  std::vector<std::atomic<int>> visits(static_cast<std::size_t>(count));
  std::vector<std::atomic<int>> inside(static_cast<std::size_t>(pool->threads()));
  pool->ParallelFor(count, chunk, [&](std::ptrdiff_t begin, std::ptrdiff_t end, int worker) {
    EXPECT_EQ(inside[static_cast<std::size_t>(worker)]++, 0);
    for (std::ptrdiff_t i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
    --inside[static_cast<std::size_t>(worker)];
  });
  for (const auto& visit : visits) EXPECT_EQ(visit.load(), 1);
}

TEST(ThreadPoolTest, ATaskAndTheOwnerShareOutJobsAtTheSameTime) {
  for (const int threads : {1, 2, 3, 5}) {
    ThreadPool pool(threads);
    for (int round = 0; round < 100; ++round) {
      std::atomic<bool> ended = false;
      pool.Start([&] {
        for (int job = 0; job < 30; ++job) VisitAll(&pool, job % 23, 1 + job % 3);
        ended = true;
        pool.Interrupt();
      });
      for (int job = 0; job < round % 40; ++job) VisitAll(&pool, job % 37, 1 + job % 4);
      pool.Assist(ended);
      EXPECT_TRUE(ended);
    }
  }
}

TEST(ThreadPoolTest, TheOwnerTakesPartInATaskWhereItAssists) {
  ThreadPool pool(2);
  std::atomic<bool> ended = false;
  std::atomic<int> inside = 0;
  bool met = false;
  pool.Start([&] {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::minutes(1);
    // Each part waits for the other one, so that one thread alone never ends.
    pool.ParallelFor(2, 1, [&](std::ptrdiff_t, std::ptrdiff_t, int) {
      ++inside;
      while (inside != 2 && std::chrono::steady_clock::now() < give_up) std::this_thread::yield();
    });
    met = inside == 2 && std::chrono::steady_clock::now() < give_up;
    ended = true;
    pool.Interrupt();
  });
  pool.Assist(ended);
  EXPECT_TRUE(met);
}

TEST(ThreadPoolTest, TheOwnersJobsDoNotWaitForATask) {
  for (const int threads : {2, 3, 4}) {
    ThreadPool pool(threads);
    std::atomic<bool> go_on = false, ended = false;
    pool.Start([&] {
      while (!go_on) std::this_thread::yield();
      ended = true;
      pool.Interrupt();
    });
    for (int job = 0; job < 100; ++job) VisitAll(&pool, 40, 1);
    EXPECT_FALSE(ended);
    go_on = true;
    pool.Assist(ended);
  }
}

TEST(FileTest, AtomicWriteIsReadBackAndReplacesTheOldContent) {
  const std::string path = TempPath("atomic");
  for (const std::string text : {"first", "second, longer"}) {
    ASSERT_TRUE(WriteFileAtomically(path, std::as_bytes(std::span(text))).ok());
    EXPECT_EQ(*ReadWholeFile(path, 100), text);
  }
  auto mapped = MappedFile::Open(path, 100);
  ASSERT_TRUE(mapped.ok());
  EXPECT_EQ(mapped->bytes().size(), 14u);
}

TEST(FileTest, LimitsAndMissingFilesAreNamed) {
  const std::string path = TempPath("limit");
  const std::string text = "12345";
  ASSERT_TRUE(WriteFileAtomically(path, std::as_bytes(std::span(text))).ok());
  EXPECT_TRUE(ReadWholeFile(path, 5).ok());
  EXPECT_EQ(ReadWholeFile(path, 4).status().code(), StatusCode::kResourceExhausted);
  EXPECT_EQ(MappedFile::Open(path, 4).status().code(), StatusCode::kResourceExhausted);
  const Status missing = MappedFile::Open(TempPath("missing"), 4).status();
  EXPECT_EQ(missing.code(), StatusCode::kNotFound);
  EXPECT_NE(missing.message().find("missing"), std::string::npos);
  EXPECT_EQ(ReadWholeFile(testing::TempDir(), 4).status().code(), StatusCode::kInvalidArgument);
}

TEST(CpuTest, FeaturesImplyEachOther) {
  const CpuFeatures features = DetectCpuFeatures();
  EXPECT_TRUE(!features.avx512 || features.avx2_fma);
  EXPECT_TRUE(!features.avx512_bf16 || features.avx512_vnni);
  EXPECT_TRUE(!features.amx || features.avx512_bf16);
  EXPECT_GE(UsableCpuCount(), 1);
}

// Pages of [data, data + pages * size) that this process holds (proc_pid_pagemap(5), bit 63).
int PagesHeld(const std::byte* data, int pages, std::size_t size) {
  const int map = ::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  int held = 0;
  for (int i = 0; i < pages; ++i) {
    std::uint64_t entry = 0;
    const auto at = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(data) / size * 8);
    if (::pread(map, &entry, sizeof entry, at + i * 8) != sizeof entry) break;
    held += static_cast<int>(entry >> 63);
  }
  ::close(map);
  return held;
}

TEST(MemoryTest, ReleasedPagesLeaveTheProcessAndComeBackAsTheyWere) {
  constexpr int kPages = 8;
  const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const int file = ::open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  ASSERT_GE(file, 0);
  void* mapped = ::mmap(nullptr, kPages * size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  ::close(file);
  ASSERT_NE(mapped, MAP_FAILED);
  const auto* data = static_cast<const std::byte*>(mapped);
  const std::vector<std::byte> before(data, data + kPages * size);
  if (PagesHeld(data, kPages, size) != kPages) GTEST_SKIP() << "pages cannot be counted here";
  // Half of the first page and half of the last are somebody else's.
  ReleaseMappedPages(data + size / 2, (kPages - 1) * size);
  EXPECT_EQ(PagesHeld(data, kPages, size), 2);
  EXPECT_TRUE(std::equal(before.begin(), before.end(), data));
  ::munmap(mapped, kPages * size);
}

}  // namespace
}  // namespace wt::platform

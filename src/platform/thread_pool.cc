#include "platform/thread_pool.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <vector>

#include "base/check.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace wt::platform {
namespace {

// About 2,000 pauses are 20-100 us: a decoder step issues a job every 10-30 us, so workers stay
// awake inside a step and sleep between steps. Longer spins would steal time from a busy host.
constexpr int kSpinPauses = 2'000;

void Pause() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

// Waits for a worker that is finishing its chunk. On a busy host it may have lost its processor:
// after a short spin the waiting thread gives its own away instead of keeping it from the worker.
void AwaitZero(const std::atomic<int>& count) {
  for (int i = 0; count.load() != 0; ++i) {
    if (i < kSpinPauses) {
      Pause();
    } else {
      ::sched_yield();
    }
  }
}

int Checked(int threads) {
  WT_CHECK(threads >= 1 && threads <= 256);
  return threads;
}

}  // namespace

struct ThreadPool::State {
  const int threads;
  std::vector<std::jthread> workers;

  // One job at a time. A share's counter holds the job's number in its upper half and the next of
  // its chunks in its lower half; job 0 means closed. Invariants:
  // 1. count, chunk, chunks and body are written only while all shares are closed and `busy` is 0.
  // 2. A worker raises `busy` before it looks at a share. In the total order of these sequentially
  //    consistent operations it therefore either holds up (1), or sees closed shares.
  struct alignas(64) Share {
    std::atomic<std::uint64_t> next{0};
  };
  std::vector<Share> shares;
  std::atomic<std::uint32_t> generation{0};
  std::atomic<int> busy{0};  // Workers inside the current job.
  std::atomic<bool> stopping{false};
  std::atomic<int> sleepers{0};
  std::mutex mutex;
  std::condition_variable wake;

  std::ptrdiff_t count = 0;
  std::ptrdiff_t chunk = 1;
  std::ptrdiff_t chunks = 0;
  const Body* body = nullptr;
  bool active = false;

  explicit State(int count_of_threads)
      : threads(count_of_threads), shares(static_cast<std::size_t>(count_of_threads)) {}

  // First chunk of a share, and one past the last of the share before.
  std::ptrdiff_t FirstChunk(int share) const { return chunks * share / threads; }

  void Open(std::uint32_t job) {
    for (int i = 0; i < threads; ++i) {
      shares[static_cast<std::size_t>(i)].next.store((static_cast<std::uint64_t>(job) << 32) |
                                                     static_cast<std::uint64_t>(FirstChunk(i)));
    }
  }
  void Close() {
    for (Share& share : shares) share.next.store(0);
  }

  // The share's next chunk, or -1 where it has none for this job.
  std::ptrdiff_t Take(int share, std::uint32_t job) {
    std::atomic<std::uint64_t>& next = shares[static_cast<std::size_t>(share)].next;
    std::uint64_t at = next.load();
    do {
      if (static_cast<std::uint32_t>(at >> 32) != job) return -1;
      if (static_cast<std::ptrdiff_t>(at & 0xFFFFFFFFu) >= FirstChunk(share + 1)) return -1;
    } while (!next.compare_exchange_weak(at, at + 1));
    return static_cast<std::ptrdiff_t>(at & 0xFFFFFFFFu);
  }

  void RunChunks(std::uint32_t job, int worker) {
    for (int i = 0; i < threads; ++i) {
      const int share = (worker + i) % threads;
      for (std::ptrdiff_t at = Take(share, job); at >= 0; at = Take(share, job)) {
        const std::ptrdiff_t begin = at * chunk;
        (*body)(begin, std::min(begin + chunk, count), worker);
      }
    }
  }

  // Waits for a job after `seen`; false when the pool stops.
  bool AwaitJob(std::uint32_t seen) {
    for (int i = 0; i < kSpinPauses; ++i) {
      if (generation.load(std::memory_order_acquire) != seen) return true;
      if (stopping.load(std::memory_order_relaxed)) return false;
      Pause();
    }
    std::unique_lock lock(mutex);
    sleepers.fetch_add(1);
    wake.wait(lock, [&] { return generation.load() != seen || stopping.load(); });
    sleepers.fetch_sub(1);
    return generation.load() != seen;
  }

  void Work(int worker) {
    std::uint32_t seen = 0;
    while (AwaitJob(seen)) {
      busy.fetch_add(1);
      seen = generation.load();
      RunChunks(seen, worker);
      busy.fetch_sub(1, std::memory_order_release);
    }
  }
};

ThreadPool::ThreadPool(int threads) : state_(std::make_unique<State>(Checked(threads))) {
  for (int i = 1; i < threads; ++i) {
    state_->workers.emplace_back([state = state_.get(), i] { state->Work(i); });
    pthread_setname_np(state_->workers.back().native_handle(), "wt-compute");
  }
}

ThreadPool::~ThreadPool() {
  {
    std::lock_guard lock(state_->mutex);
    state_->stopping.store(true);
  }
  state_->wake.notify_all();
  state_->workers.clear();
}

int ThreadPool::threads() const { return state_->threads; }

void ThreadPool::ParallelFor(std::ptrdiff_t count, std::ptrdiff_t chunk, const Body& body) {
  if (count <= 0) return;
  State& s = *state_;
  if (s.threads == 1 || count <= chunk || s.active) {
    body(0, count, 0);
    return;
  }
  // All shares are closed; wait for late workers that entered and found nothing to do.
  AwaitZero(s.busy);
  s.active = true;
  s.count = count;
  s.chunk = chunk;
  s.chunks = (count + chunk - 1) / chunk;
  s.body = &body;
  std::uint32_t job = s.generation.load() + 1;
  if (job == 0) job = 1;
  s.Open(job);
  s.generation.store(job);
  if (s.sleepers.load() > 0) {
    std::lock_guard lock(s.mutex);
    s.wake.notify_all();
  }
  s.RunChunks(job, 0);
  AwaitZero(s.busy);
  s.Close();
  s.active = false;
}

}  // namespace wt::platform

#include "platform/thread_pool.h"

#include <pthread.h>
#include <sched.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>
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
  // One job at a time. A share's counter holds the job's number in its upper half and the next of
  // its chunks in its lower half; job 0 means closed. Invariants:
  // 1. count, chunk, chunks and body are written only while all shares are closed and `busy` is 0.
  // 2. A helper raises `busy` before it looks at a share. In the total order of these sequentially
  //    consistent operations it therefore either holds up (1), or sees closed shares.
  struct Lane {
    struct alignas(64) Share {
      std::atomic<std::uint64_t> next{0};
    };
    std::vector<Share> shares;
    std::atomic<std::uint32_t> generation{0};
    std::atomic<int> busy{0};  // Helpers inside the current job.
    std::ptrdiff_t count = 0;
    std::ptrdiff_t chunk = 1;
    std::ptrdiff_t chunks = 0;
    const Body* body = nullptr;
  };
  static constexpr int kOwners = 0, kTasks = 1;

  const int threads;
  std::vector<std::jthread> workers;
  Lane lanes[2];
  std::function<void()> task;
  std::atomic<bool> task_waits{false};
  std::atomic<int> tasks{0};  // Started and not ended.
  std::atomic<bool> owner_assists{false};
  std::atomic<bool> stopping{false};
  std::atomic<int> sleepers{0};
  std::mutex mutex;
  std::condition_variable wake;

  explicit State(int count_of_threads) : threads(count_of_threads) {
    for (Lane& lane : lanes) lane.shares = std::vector<Lane::Share>(Size(threads));
  }
  static std::size_t Size(int count) { return static_cast<std::size_t>(count); }

  // Threads 0 .. owners - 1 are the owner's where both are at work; the last one runs the task.
  int owners() const { return (threads + 1) / 2; }
  bool Attends(int worker, int lane) const {
    if (lane == kOwners) return worker < owners() || tasks.load() == 0;
    return worker >= owners() || owner_assists.load();
  }

  // First chunk of a share, and one past the last of the share before.
  std::ptrdiff_t FirstChunk(const Lane& lane, int share) const {
    return lane.chunks * share / threads;
  }

  void Open(Lane& lane, std::uint32_t job) const {
    for (int i = 0; i < threads; ++i) {
      lane.shares[Size(i)].next.store((static_cast<std::uint64_t>(job) << 32) |
                                      static_cast<std::uint64_t>(FirstChunk(lane, i)));
    }
  }
  static void Close(Lane& lane) {
    for (Lane::Share& share : lane.shares) share.next.store(0);
  }

  // The share's next chunk, or -1 where it has none for this job.
  std::ptrdiff_t Take(Lane& lane, int share, std::uint32_t job) const {
    std::atomic<std::uint64_t>& next = lane.shares[Size(share)].next;
    std::uint64_t at = next.load();
    do {
      if (static_cast<std::uint32_t>(at >> 32) != job) return -1;
      if (static_cast<std::ptrdiff_t>(at & 0xFFFFFFFFu) >= FirstChunk(lane, share + 1)) return -1;
    } while (!next.compare_exchange_weak(at, at + 1));
    return static_cast<std::ptrdiff_t>(at & 0xFFFFFFFFu);
  }

  // Until there are none, or stays() is false.
  template <typename Stays>
  void RunChunks(Lane& lane, std::uint32_t job, int worker, const Stays& stays) {
    const Chunk outer = std::exchange(chunk_here, {this, worker});
    for (int i = 0; i < threads; ++i) {
      const int share = (worker + i) % threads;
      while (stays()) {
        const std::ptrdiff_t at = Take(lane, share, job);
        if (at < 0) break;
        const std::ptrdiff_t begin = at * lane.chunk;
        (*lane.body)(begin, std::min(begin + lane.chunk, lane.count), worker);
      }
    }
    chunk_here = outer;
  }

  template <typename Stays>
  void Help(Lane& lane, int worker, std::uint32_t* seen, const Stays& stays) {
    lane.busy.fetch_add(1);
    *seen = lane.generation.load();
    RunChunks(lane, *seen, worker, stays);
    lane.busy.fetch_sub(1, std::memory_order_release);
  }

  // The calling thread works too.
  void Share(Lane& lane, int worker, std::ptrdiff_t count, std::ptrdiff_t chunk, const Body& body) {
    // All shares are closed; wait for late helpers that entered and found nothing to do.
    AwaitZero(lane.busy);
    lane.count = count;
    lane.chunk = chunk;
    lane.chunks = (count + chunk - 1) / chunk;
    lane.body = &body;
    std::uint32_t job = lane.generation.load() + 1;
    if (job == 0) job = 1;
    Open(lane, job);
    lane.generation.store(job);
    WakeSleepers();
    RunChunks(lane, job, worker, [] { return true; });
    AwaitZero(lane.busy);
    Close(lane);
  }

  // After what they wait for is there.
  void WakeSleepers() {
    if (sleepers.load() == 0) return;
    std::lock_guard lock(mutex);
    wake.notify_all();
  }

  template <typename There>
  void Await(const There& there) {
    for (int i = 0; i < kSpinPauses; ++i) {
      if (there()) return;
      Pause();
    }
    std::unique_lock lock(mutex);
    sleepers.fetch_add(1);
    wake.wait(lock, there);
    sleepers.fetch_sub(1);
  }

  void Work(int worker) {
    const bool runs_tasks = worker == threads - 1;
    std::uint32_t seen[2] = {0, 0};
    const auto has_job = [&](int lane) {
      return lanes[lane].generation.load() != seen[lane] && Attends(worker, lane);
    };
    for (;;) {
      Await([&] {
        return stopping.load() || (runs_tasks && task_waits.load()) || has_job(kOwners) ||
               has_job(kTasks);
      });
      if (stopping.load()) return;
      if (runs_tasks && task_waits.load()) RunTask();
      for (const int lane : {kOwners, kTasks}) {
        if (!has_job(lane)) continue;
        Help(lanes[lane], worker, &seen[lane], [&] { return Attends(worker, lane); });
      }
    }
  }

  void RunTask() {
    const std::function<void()> run = std::move(task);
    task_waits.store(false);
    task_of = this;
    run();
    task_of = nullptr;
    tasks.fetch_sub(1);
  }

  // What the calling thread is in the midst of.
  struct Chunk {
    const State* pool = nullptr;
    int worker = 0;
  };
  static thread_local Chunk chunk_here;
  static thread_local const State* task_of;
};

thread_local ThreadPool::State::Chunk ThreadPool::State::chunk_here;
thread_local const ThreadPool::State* ThreadPool::State::task_of = nullptr;

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
  if (State::chunk_here.pool == &s) {
    body(0, count, State::chunk_here.worker);
    return;
  }
  const bool tasks = State::task_of == &s;
  const int worker = tasks ? s.threads - 1 : 0;
  const bool alone = !tasks && s.owners() == 1 && s.tasks.load() != 0;
  if (s.threads == 1 || count <= chunk || alone) {
    body(0, count, worker);
    return;
  }
  s.Share(s.lanes[tasks ? State::kTasks : State::kOwners], worker, count, chunk, body);
}

void ThreadPool::Start(std::function<void()> task) {
  State& s = *state_;
  if (s.threads == 1) {
    task();
    return;
  }
  WT_CHECK(!s.task_waits.load());
  s.task = std::move(task);
  s.tasks.fetch_add(1);
  s.task_waits.store(true);
  s.WakeSleepers();
}

void ThreadPool::Assist(const std::atomic<bool>& stop) {
  State& s = *state_;
  State::Lane& lane = s.lanes[State::kTasks];
  std::uint32_t seen = 0;
  s.owner_assists.store(true);
  s.WakeSleepers();
  while (!stop.load()) {
    s.Await([&] { return stop.load() || lane.generation.load() != seen; });
    s.Help(lane, 0, &seen, [&] { return !stop.load(); });
  }
  s.owner_assists.store(false);
}

void ThreadPool::Interrupt() { state_->WakeSleepers(); }

}  // namespace wt::platform

// A fixed set of named threads that share out index ranges, of two jobs at a time at most.
//
// ParallelFor splits [0, count) into a share for each thread, which it takes chunk by chunk, and
// then chunks of the others' shares: a thread that is held up by the host does not hold up the
// others for more than a chunk. What is next to each other is mostly done by one thread, so that
// what it asks of memory ahead of time is its own. The calling thread works too.
//
// The pool's owner calls ParallelFor from one thread at a time (the engine's scheduler). Beside
// that it can start one task on a thread of the pool, whose own calls of ParallelFor are shared out
// too. While the owner is at work as well, each has half of the threads; else either has all of
// them.
//
// Which thread runs a chunk has no influence on results: chunks must write to separate places and
// must not depend on each other. Calls from within a chunk run inline.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>

namespace wt::platform {

class ThreadPool {
 public:
  /// `threads` counts the owner's: threads - 1 are started. 1 .. 256.
  explicit ThreadPool(int threads);
  /// REQUIRES: no task is running.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  /// body(begin, end, worker): worker is 0 .. threads() - 1 and names the thread that runs the
  /// chunk, so that scratch memory can be kept per worker.
  using Body = std::function<void(std::ptrdiff_t, std::ptrdiff_t, int)>;

  /// Calls `body` for chunks of at most `chunk` indices until all of [0, count) is done.
  /// Called by the owner's thread or by the task.
  void ParallelFor(std::ptrdiff_t count, std::ptrdiff_t chunk, const Body& body);

  /// Runs `task` on a thread of the pool; where there is none, at once. The owner's thread only.
  /// REQUIRES: the last one has ended, but for returning from its function.
  void Start(std::function<void()> task);

  /// The owner's thread takes chunks of the task's jobs until `stop` is true.
  void Assist(const std::atomic<bool>& stop);
  /// Any thread, after it set the `stop` that the owner's thread may be assisting with.
  void Interrupt();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wt::platform

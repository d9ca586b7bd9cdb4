// A fixed set of named threads that share out index ranges.
//
// ParallelFor splits [0, count) into a share for each thread, which it takes chunk by chunk, and
// then chunks of the others' shares: a thread that is held up by the host does not hold up the
// others for more than a chunk. What is next to each other is mostly done by one thread, so that
// what it asks of memory ahead of time is its own. The calling thread works too.
// Which thread runs a chunk has no influence on results: chunks must write to separate places and
// must not depend on each other. ParallelFor is called from one thread at a time (the engine's
// scheduler); nested calls run inline.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>

namespace wt::platform {

class ThreadPool {
 public:
  /// `threads` counts the caller: threads - 1 are started. 1 .. 256.
  explicit ThreadPool(int threads);
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  int threads() const;

  /// body(begin, end, worker): worker is 0 .. threads() - 1 and names the thread that runs the
  /// chunk, so that scratch memory can be kept per worker.
  using Body = std::function<void(std::ptrdiff_t, std::ptrdiff_t, int)>;

  /// Calls `body` for chunks of at most `chunk` indices until all of [0, count) is done.
  void ParallelFor(std::ptrdiff_t count, std::ptrdiff_t chunk, const Body& body);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wt::platform

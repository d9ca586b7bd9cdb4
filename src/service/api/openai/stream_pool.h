// Threads for answers that go on after their handler returned. Bounded: at most `threads_max` at
// once, made when needed and kept. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace wt::api {

class StreamPool {
 public:
  explicit StreamPool(int threads_max) : threads_max_(threads_max) {}
  /// Requests a stop of what runs, drops what waits, and joins.
  ~StreamPool();

  /// False when all threads are busy: refuse the request.
  bool Run(std::function<void(const std::stop_token&)> work);

 private:
  void Loop(const std::stop_token& stop);

  const int threads_max_;
  std::mutex mutex_;
  std::condition_variable_any ready_;
  std::deque<std::function<void(const std::stop_token&)>> waiting_;
  int idle_ = 0;
  std::vector<std::jthread> threads_;
};

}  // namespace wt::api

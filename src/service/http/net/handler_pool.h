// The threads on which handlers run. They may block.
//
// New requests wait in a bounded queue; work that continues one already taken in (the next piece of
// a reply, the next message of a WebSocket) is always accepted, because its number is bounded by
// the connections. A thread that waits for a client's bytes says so, and another one stands in for
// it, so that slow uploads cannot hold all threads. Thread-safe.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace wt::http {

class HandlerPool {
 public:
  HandlerPool(int threads, int queue_max);
  ~HandlerPool();

  /// False when the queue is full or the pool has stopped; `job` is then dropped.
  bool TryPost(std::function<void()> job);
  /// Dropped only after Stop().
  void Post(std::function<void()> job);
  /// Drops the requests that wait, finishes what continues earlier ones and joins all threads.
  void Stop();

  /// Held by a pool thread while it waits for a client.
  class Blocked {
   public:
    explicit Blocked(HandlerPool* pool);
    ~Blocked();
    Blocked(const Blocked&) = delete;
    Blocked& operator=(const Blocked&) = delete;

   private:
    HandlerPool* pool_;
  };

 private:
  // Threads that stand in for blocked ones: 256 uploads at a crawl, each with a stack of which
  // some 16 KiB are touched.
  static constexpr int kStandInsMax = 256;

  struct Job {
    std::function<void()> run;
    bool is_request = false;
  };

  void Run();
  void SpawnLocked();
  /// Starts a thread when jobs wait, none is free and blocked threads hold places.
  void StandInLocked();

  const int threads_;
  const std::size_t queue_max_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Job> queue_;
  std::vector<std::thread> all_;
  std::vector<std::thread> ended_;
  int running_ = 0;
  int blocked_ = 0;
  int idle_ = 0;
  bool stopping_ = false;
};

}  // namespace wt::http

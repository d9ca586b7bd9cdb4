#include "service/http/net/handler_pool.h"

#include <algorithm>
#include <system_error>
#include <utility>

namespace wt::http {

HandlerPool::HandlerPool(int threads, int queue_max)
    : threads_(std::max(threads, 1)), queue_max_(static_cast<std::size_t>(std::max(queue_max, 1))) {
  const std::lock_guard lock(mutex_);
  for (int i = 0; i < threads_; ++i) SpawnLocked();
}

HandlerPool::~HandlerPool() { Stop(); }

void HandlerPool::SpawnLocked() {
  all_.emplace_back([this] { Run(); });
  ++running_;
}

void HandlerPool::StandInLocked() {
  if (stopping_ || queue_.empty() || idle_ > 0) return;
  if (running_ - blocked_ >= threads_ || running_ >= threads_ + kStandInsMax) return;
  try {
    SpawnLocked();
  } catch (const std::system_error&) {
    // The system has no thread to give; what waits is served when one comes back.
  }
}

bool HandlerPool::TryPost(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  if (stopping_ || queue_.size() >= queue_max_) return false;
  queue_.push_back({std::move(job), true});
  StandInLocked();
  wake_.notify_one();
  return true;
}

void HandlerPool::Post(std::function<void()> job) {
  const std::lock_guard lock(mutex_);
  if (stopping_) return;
  queue_.push_back({std::move(job), false});
  StandInLocked();
  wake_.notify_one();
}

void HandlerPool::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    wake_.wait(lock,
               [&] { return stopping_ || !queue_.empty() || running_ - blocked_ > threads_; });
    --idle_;
    if (stopping_ && queue_.empty()) return;
    if (!stopping_ && running_ - blocked_ > threads_) break;
    std::function<void()> job = std::move(queue_.front().run);
    queue_.pop_front();
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
  // More threads run than are wanted: those they stood in for are back.
  --running_;
  const auto self = std::find_if(all_.begin(), all_.end(), [](const std::thread& thread) {
    return thread.get_id() == std::this_thread::get_id();
  });
  std::vector<std::thread> earlier = std::exchange(ended_, {});
  ended_.push_back(std::move(*self));
  all_.erase(self);
  wake_.notify_one();
  lock.unlock();
  for (std::thread& thread : earlier) thread.join();
}

void HandlerPool::Stop() {
  std::vector<std::thread> threads;
  std::deque<Job> dropped;
  while (true) {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
      std::deque<Job> kept;
      for (Job& job : queue_) (job.is_request ? dropped : kept).push_back(std::move(job));
      queue_.swap(kept);
      threads = std::exchange(all_, {});
      for (std::thread& thread : ended_) threads.push_back(std::move(thread));
      ended_.clear();
    }
    wake_.notify_all();
    if (threads.empty()) return;
    for (std::thread& thread : threads) thread.join();
    threads.clear();
  }
}

HandlerPool::Blocked::Blocked(HandlerPool* pool) : pool_(pool) {
  const std::lock_guard lock(pool_->mutex_);
  ++pool_->blocked_;
  pool_->StandInLocked();
}

HandlerPool::Blocked::~Blocked() {
  const std::lock_guard lock(pool_->mutex_);
  --pool_->blocked_;
  if (pool_->idle_ > 0) pool_->wake_.notify_one();
}

}  // namespace wt::http

#include "service/api/openai/stream_pool.h"

namespace wt::api {

StreamPool::~StreamPool() {
  {
    const std::lock_guard lock(mutex_);
    waiting_.clear();
  }
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

bool StreamPool::Run(std::function<void(const std::stop_token&)> work) {
  const std::lock_guard lock(mutex_);
  if (idle_ <= static_cast<int>(waiting_.size())) {
    if (static_cast<int>(threads_.size()) >= threads_max_) return false;
    threads_.emplace_back([this](const std::stop_token& stop) { Loop(stop); });
  }
  waiting_.push_back(std::move(work));
  ready_.notify_one();
  return true;
}

void StreamPool::Loop(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (true) {
    ++idle_;
    const bool found = ready_.wait(lock, stop, [&] { return !waiting_.empty(); });
    --idle_;
    if (!found) return;
    const auto work = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    work(stop);
    lock.lock();
  }
}

}  // namespace wt::api

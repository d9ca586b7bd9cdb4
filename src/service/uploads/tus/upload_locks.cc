#include "service/uploads/tus/upload_locks.h"

#include <utility>

namespace wt::uploads {

UploadLocks::Lease::~Lease() {
  if (holder_ != nullptr) locks_->Release(id_, holder_);
}

bool UploadLocks::Lease::asked_to_release() const { return holder_->asked.load(); }

UploadLocks::Lease UploadLocks::Acquire(const std::string& id, std::chrono::milliseconds patience,
                                        std::function<void()> interrupt) {
  auto mine = std::make_shared<Holder>();
  mine->interrupt = std::move(interrupt);
  const auto until = std::chrono::steady_clock::now() + patience;
  std::unique_lock<std::mutex> lock(mutex_);
  while (true) {
    const auto found = holders_.find(id);
    if (found == holders_.end()) break;
    const std::shared_ptr<Holder> older = found->second;
    if (!older->asked.exchange(true) && older->interrupt) {
      // Outside of the lock: it may end the older request at once, on this very stack.
      lock.unlock();
      older->interrupt();
      lock.lock();
      continue;
    }
    if (released_.wait_until(lock, until) == std::cv_status::timeout) break;
  }
  holders_[id] = mine;
  return Lease(this, id, std::move(mine));
}

void UploadLocks::Release(const std::string& id, const std::shared_ptr<Holder>& holder) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    const auto found = holders_.find(id);
    // Overtaken: the entry is the newer one's.
    if (found != holders_.end() && found->second == holder) holders_.erase(found);
  }
  released_.notify_all();
}

}  // namespace wt::uploads

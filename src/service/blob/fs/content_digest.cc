#include "service/blob/fs/content_digest.h"

#include <system_error>
#include <utility>

namespace wt::blob {

ContentDigest::~ContentDigest() { Stop(); }

void ContentDigest::Update(std::span<const std::byte> block) {
  bytes_ += block.size();
  if (!thread_.joinable()) {
    hash_.Update(block);
    if (bytes_ < kBytesBeforeThread) return;
    try {
      thread_ = std::thread([this] { Run(); });
    } catch (const std::system_error&) {
      // No thread to be had: this one goes on hashing, and asks again after as many bytes.
      bytes_ = 0;
    }
    return;
  }
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return waiting_.size() < kBlocksWaiting; });
  Block copy;
  if (!empty_.empty()) {
    copy = std::move(empty_.back());
    empty_.pop_back();
  }
  lock.unlock();
  copy.assign(block.begin(), block.end());
  lock.lock();
  waiting_.push_back(std::move(copy));
  lock.unlock();
  changed_.notify_all();
}

std::string ContentDigest::Finish() {
  Stop();
  return hash_.Finish();
}

void ContentDigest::Stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void ContentDigest::Run() {
  std::unique_lock lock(mutex_);
  while (true) {
    changed_.wait(lock, [this] { return ended_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    Block block = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    changed_.notify_all();
    hash_.Update(block);
    lock.lock();
    empty_.push_back(std::move(block));
  }
}

}  // namespace wt::blob

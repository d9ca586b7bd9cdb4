#include "service/auth/keys/usage_recorder.h"

#include <algorithm>
#include <iterator>

#include "base/utf8.h"

namespace wt::auth {
namespace {

constexpr std::size_t kShortTextMax = 64;
constexpr std::size_t kLongTextMax = 300;

void Cut(std::string* text, std::size_t bytes_max) {
  if (text->size() > bytes_max) text->resize(bytes_max);
  if (!base::IsValidUtf8(*text)) *text = base::ReplaceInvalidUtf8(*text);
}

}  // namespace

UsageRecorder::UsageRecorder(KeyStore* store, std::size_t waiting_max)
    : store_(store), waiting_max_(waiting_max) {}

void UsageRecorder::Record(KeyUse use) {
  Cut(&use.method, kShortTextMax);
  Cut(&use.address, kShortTextMax);
  Cut(&use.route, kLongTextMax);
  Cut(&use.agent, kLongTextMax);
  const std::lock_guard lock(mutex_);
  if (waiting_.size() >= waiting_max_) {
    ++dropped_;
    return;
  }
  waiting_.push_back(std::move(use));
}

Status UsageRecorder::Flush() {
  std::vector<KeyUse> batch;
  {
    const std::lock_guard lock(mutex_);
    batch.swap(waiting_);
  }
  if (batch.empty()) return {};
  Status written = store_->AppendUses(batch);
  if (written.ok()) return {};
  const std::lock_guard lock(mutex_);
  const std::size_t room = waiting_max_ - std::min(waiting_max_, waiting_.size());
  if (batch.size() > room) {
    dropped_ += static_cast<std::int64_t>(batch.size() - room);
    batch.resize(room);
  }
  waiting_.insert(waiting_.begin(), std::make_move_iterator(batch.begin()),
                  std::make_move_iterator(batch.end()));
  return written;
}

std::int64_t UsageRecorder::dropped() const {
  const std::lock_guard lock(mutex_);
  return dropped_;
}

}  // namespace wt::auth

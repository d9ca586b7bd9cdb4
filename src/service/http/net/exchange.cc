#include "service/http/net/exchange.h"

#include <algorithm>
#include <cstring>

namespace wt::http {

Result<std::size_t> RequestBody::Read(std::span<std::byte> out) {
  if (out.empty()) return std::size_t{0};
  if (early_taken_ < early_.size()) {
    const std::size_t take = std::min(out.size(), early_.size() - early_taken_);
    std::memcpy(out.data(), early_.data() + early_taken_, take);
    early_taken_ += take;
    return take;
  }
  if (whole_ || ended_) return std::size_t{0};
  if (!failure_.ok()) return failure_;
  puller_->PostPull(this, out);
  const HandlerPool::Blocked blocked(pool_);
  std::unique_lock lock(mutex_);
  answered_.wait(lock, [&] { return answer_.has_value(); });
  Result<std::size_t> answer = *std::move(answer_);
  answer_.reset();
  if (!answer.ok()) failure_ = answer.status();
  ended_ = answer.ok() && *answer == 0;
  return answer;
}

void RequestBody::Complete(Result<std::size_t> result) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(result);
  answered_.notify_one();
}

}  // namespace wt::http

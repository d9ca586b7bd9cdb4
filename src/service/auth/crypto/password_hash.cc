#include "service/auth/crypto/password_hash.h"

#include <sodium.h>

#include <array>

#include "base/check.h"

namespace wt::auth {
namespace {

Status Busy() {
  return Status(StatusCode::kUnavailable,
                "Too many people are signing in at this moment. Try again in a few seconds.");
}

}  // namespace

/// Holds one of the `concurrency` places while it lives.
class ArgonHasher::Turn {
 public:
  explicit Turn(ArgonHasher* hasher) : hasher_(hasher) {
    std::unique_lock lock(hasher_->mutex_);
    if (hasher_->running_ >= hasher_->options_.concurrency) {
      if (hasher_->waiting_ >= hasher_->options_.waiting_max) return;
      ++hasher_->waiting_;
      hasher_->free_.wait(lock,
                          [this] { return hasher_->running_ < hasher_->options_.concurrency; });
      --hasher_->waiting_;
    }
    ++hasher_->running_;
    taken_ = true;
  }
  ~Turn() {
    if (!taken_) return;
    {
      const std::lock_guard lock(hasher_->mutex_);
      --hasher_->running_;
    }
    hasher_->free_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  bool taken() const { return taken_; }

 private:
  ArgonHasher* hasher_;
  bool taken_ = false;
};

ArgonHasher::ArgonHasher(const ArgonOptions& options) : options_(options) {
  // 1: it was done before. Safe from several threads.
  WT_CHECK(sodium_init() >= 0);
}

Result<std::string> ArgonHasher::Hash(std::string_view password) {
  WT_CHECK(password.size() <= kPasswordBytesMax);
  const Turn turn(this);
  if (!turn.taken()) return Busy();
  std::array<char, crypto_pwhash_STRBYTES> out;
  const int rc =
      crypto_pwhash_str_alg(out.data(), password.data(), password.size(), options_.passes,
                            options_.memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
  if (rc != 0) {
    return Status(StatusCode::kResourceExhausted,
                  "The password could not be processed: memory is short. Try again later.");
  }
  return std::string(out.data());
}

Result<bool> ArgonHasher::Verify(std::string_view password, const std::string& hash) {
  if (password.size() > kPasswordBytesMax) return false;
  const Turn turn(this);
  if (!turn.taken()) return Busy();
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool ArgonHasher::Outdated(const std::string& hash) const {
  return crypto_pwhash_str_needs_rehash(hash.c_str(), options_.passes, options_.memory_bytes) != 0;
}

}  // namespace wt::auth

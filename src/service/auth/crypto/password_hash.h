// Password hashes: Argon2id (RFC 9106) by libsodium, as "$argon2id$v=19$m=...,t=...,p=1$salt$hash".
//
// One hash takes 19 MiB and 20 ms (the OWASP minimum), so at most `concurrency` are computed at a
// time and at most `waiting_max` callers wait; more are told to come back. Thread-safe.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <string_view>

#include "whisper_transcriber/status.h"

namespace wt::auth {

/// Longer passwords are refused, never cut.
inline constexpr std::size_t kPasswordBytesMax = 1'024;

class PasswordHasher {
 public:
  virtual ~PasswordHasher() = default;
  /// kUnavailable when too many wait. REQUIRES: at most kPasswordBytesMax bytes.
  virtual Result<std::string> Hash(std::string_view password) = 0;
  /// False also for a damaged hash. The same work whatever the answer.
  virtual Result<bool> Verify(std::string_view password, const std::string& hash) = 0;
  /// The hash was made with weaker settings than today's.
  virtual bool Outdated(const std::string& hash) const = 0;
};

struct ArgonOptions {
  std::size_t memory_bytes = 19 << 20;
  unsigned passes = 2;
  int concurrency = 2;
  int waiting_max = 64;
};

class ArgonHasher : public PasswordHasher {
 public:
  explicit ArgonHasher(const ArgonOptions& options);
  Result<std::string> Hash(std::string_view password) override;
  Result<bool> Verify(std::string_view password, const std::string& hash) override;
  bool Outdated(const std::string& hash) const override;

 private:
  class Turn;
  const ArgonOptions options_;
  std::mutex mutex_;
  std::condition_variable free_;
  int running_ = 0;
  int waiting_ = 0;
};

}  // namespace wt::auth

// Collects the use of API keys and writes it in batches (KEY-12): no write per request.
//
// Bounded: what does not fit is counted and dropped. Thread-safe; Flush() is called every second or
// so, and at the end.
#pragma once

#include <cstdint>
#include <mutex>
#include <vector>

#include "service/auth/store/key_store.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

class UsageRecorder {
 public:
  explicit UsageRecorder(KeyStore* store, std::size_t waiting_max = 20'000);

  /// Cuts the texts.
  void Record(KeyUse use);
  /// What cannot be written waits for the next call.
  Status Flush();
  std::int64_t dropped() const;

 private:
  KeyStore* store_;
  const std::size_t waiting_max_;
  mutable std::mutex mutex_;
  std::vector<KeyUse> waiting_;
  std::int64_t dropped_ = 0;
};

}  // namespace wt::auth

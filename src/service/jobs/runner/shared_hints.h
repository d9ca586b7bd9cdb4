// JobHints between all processes that work on one data directory: a server and its workers.
//
// What is given here reaches the listeners of this process at once and those of the others over a
// socket in the directory (platform/local_bus.h). The rows stay the truth: a hint that is lost
// costs one poll. What comes over the socket is checked and never believed: it only says where to
// look. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "platform/local_bus.h"
#include "service/jobs/runner/local_hints.h"

namespace wt::jobs {

class SharedHints : public JobHints {
 public:
  /// Until then, and when it fails, hints stay in this process. Once, before the first hint.
  Status Connect(const std::string& directory);
  /// No listener is called from outside any more. REQUIRES: no hint is being given.
  void Disconnect() { bus_.reset(); }

  void JobAvailable() override;
  void CancelRequested(const std::string& job_id) override;
  void JobChanged(const std::string& job_id) override;

  [[nodiscard]] LocalHints::Subscription Subscribe(LocalHints::Listener listener) {
    return local_.Subscribe(std::move(listener));
  }

 private:
  void Tell(std::string_view what, const std::string& job_id);
  void Hear(std::string_view message);

  LocalHints local_;
  std::unique_ptr<platform::LocalBus> bus_;
};

}  // namespace wt::jobs

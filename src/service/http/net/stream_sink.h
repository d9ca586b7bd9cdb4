// The ByteSink behind a StreamBody: bytes wait here until the reactor takes them. Thread-safe.
#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "service/http/message.h"

namespace wt::http {

class StreamSink final : public ByteSink {
 public:
  /// `wake` posts to the reactor that there is something to take; called from any thread, at most
  /// once between two Take().
  StreamSink(std::size_t pending_max, std::function<void()> wake)
      : pending_max_(pending_max), wake_(std::move(wake)) {}

  bool Write(std::string_view bytes) override;
  void Close() override;
  bool closed() const override;
  void OnClosed(std::function<void()> f) override;

  struct Taken {
    std::string bytes;
    /// Nothing will follow.
    bool last = false;
    /// The client was too slow; what waited is dropped.
    bool overrun = false;
  };
  Taken Take();
  bool overrun() const;
  /// The reader is gone.
  void Break();

 private:
  enum class State { kOpen, kClosed, kOverrun, kBroken };
  void End(State state);

  const std::size_t pending_max_;
  const std::function<void()> wake_;
  mutable std::mutex mutex_;
  State state_ = State::kOpen;
  std::string pending_;
  bool woken_ = false;
  std::function<void()> on_closed_;
};

}  // namespace wt::http

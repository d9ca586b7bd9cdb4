#include "service/http/net/stream_sink.h"

#include <utility>

namespace wt::http {

bool StreamSink::Write(std::string_view bytes) {
  bool wake = false;
  bool overrun = false;
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::kOpen) return false;
    overrun = bytes.size() > pending_max_ - pending_.size();
    if (!overrun) {
      pending_ += bytes;
      wake = !std::exchange(woken_, true);
    }
  }
  if (overrun) {
    End(State::kOverrun);
    return false;
  }
  if (wake) wake_();
  return true;
}

void StreamSink::Close() { End(State::kClosed); }
void StreamSink::Break() { End(State::kBroken); }

void StreamSink::End(State state) {
  std::function<void()> f;
  bool wake = false;
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::kOpen) return;
    state_ = state;
    if (state != State::kClosed) pending_ = {};
    f = std::exchange(on_closed_, nullptr);
    wake = state != State::kBroken && !std::exchange(woken_, true);
  }
  if (wake) wake_();
  if (f != nullptr) f();
}

bool StreamSink::closed() const {
  const std::lock_guard lock(mutex_);
  return state_ != State::kOpen;
}

bool StreamSink::overrun() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::kOverrun;
}

void StreamSink::OnClosed(std::function<void()> f) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::kOpen) {
      on_closed_ = std::move(f);
      return;
    }
  }
  if (f != nullptr) f();
}

StreamSink::Taken StreamSink::Take() {
  const std::lock_guard lock(mutex_);
  woken_ = false;
  return {std::exchange(pending_, {}), state_ != State::kOpen, state_ == State::kOverrun};
}

}  // namespace wt::http

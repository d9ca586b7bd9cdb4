// The client's ends of a WebSocket and of an event stream, in memory. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "service/http/message.h"
#include "service/http/websocket.h"

namespace wt::api::testing {

class FakeSession : public http::WebSocketSession {
 public:
  bool SendText(std::string_view text) override {
    const std::lock_guard lock(mutex_);
    if (code_ != 0) return false;
    messages_.push_back(nlohmann::json::parse(text));
    changed_.notify_all();
    return true;
  }
  bool SendBinary(std::string_view) override { return false; }
  void Close(int code, std::string_view reason) override {
    const std::lock_guard lock(mutex_);
    if (code_ == 0) {
      code_ = code;
      reason_ = reason;
    }
    changed_.notify_all();
  }
  bool closed() const override { return code() != 0; }
  int code() const {
    const std::lock_guard lock(mutex_);
    return code_;
  }
  std::string reason() const {
    const std::lock_guard lock(mutex_);
    return reason_;
  }
  std::vector<nlohmann::json> messages() const {
    const std::lock_guard lock(mutex_);
    return messages_;
  }
  bool WaitForClose() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(20), [this] { return code_ != 0; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<nlohmann::json> messages_;
  int code_ = 0;
  std::string reason_;
};

class FakeSink : public http::ByteSink {
 public:
  bool Write(std::string_view bytes) override {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    text_ += bytes;
    return true;
  }
  void Close() override {
    std::function<void()> f;
    {
      const std::lock_guard lock(mutex_);
      if (std::exchange(closed_, true)) return;
      f = std::exchange(on_closed_, nullptr);
    }
    if (f) f();
  }
  bool closed() const override {
    const std::lock_guard lock(mutex_);
    return closed_;
  }
  void OnClosed(std::function<void()> f) override {
    {
      const std::lock_guard lock(mutex_);
      if (!closed_) {
        on_closed_ = std::move(f);
        return;
      }
    }
    f();
  }
  std::string text() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 private:
  mutable std::mutex mutex_;
  bool closed_ = false;
  std::string text_;
  std::function<void()> on_closed_;
};

}  // namespace wt::api::testing

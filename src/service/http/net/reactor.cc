#include <csignal>
#include <ctime>
#include <vector>

#include "service/http/content/http_date.h"
#include "service/http/net/core.h"

namespace wt::http {

Reactor::Reactor(ServerCore* core, std::chrono::milliseconds tick)
    : core_(core),
      tick_(tick),
      work_(boost::asio::make_work_guard(context_)),
      timer_(context_),
      buffers_(core->options.limits.header_bytes_max) {}

Reactor::~Reactor() { Stop(); }

void Reactor::Start() {
  ArmTimer();
  // Signals belong to the program's main thread; SIGPIPE of a closed connection to nobody.
  sigset_t all;
  sigset_t old;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &old);
  thread_ = std::thread([this] { context_.run(); });
  pthread_sigmask(SIG_SETMASK, &old, nullptr);
}

void Reactor::Stop() {
  if (!thread_.joinable()) return;
  Post([this] { timer_.cancel(); });
  work_.reset();
  context_.stop();
  thread_.join();
  // What was posted last holds connections, which hold this.
  context_.restart();
  context_.poll();
}

void Reactor::Track(std::shared_ptr<Tracked> item) {
  Tracked* const key = item.get();
  tracked_.emplace(key, std::move(item));
  const std::lock_guard lock(core_->open_mutex);
  ++core_->open;
}

void Reactor::Untrack(Tracked* item) {
  if (tracked_.erase(item) == 0) return;
  const std::lock_guard lock(core_->open_mutex);
  if (--core_->open == 0) core_->none_open.notify_all();
}

template <typename F>
void Reactor::ForAll(F f) {
  // A copy, because they may leave while they are called.
  std::vector<std::shared_ptr<Tracked>> items;
  items.reserve(tracked_.size());
  for (const auto& [key, item] : tracked_) items.push_back(item);
  for (const auto& item : items) f(*item);
}

void Reactor::StopAll() {
  ForAll([](Tracked& item) { item.OnStop(); });
}

void Reactor::AbortAll() {
  ForAll([](Tracked& item) { item.Abort(); });
}

void Reactor::ArmTimer() {
  timer_.expires_after(tick_);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) Tick();
  });
}

void Reactor::Tick() {
  const TimePoint time = now();
  ForAll([&](Tracked& item) { item.OnTick(time); });
  if (tick_hook_) tick_hook_();
  ArmTimer();
}

std::string_view Reactor::DateLine() {
  const std::int64_t second = std::time(nullptr);
  if (second != date_second_) {
    date_second_ = second;
    date_line_ = "Date: " + FormatHttpDate(second) + "\r\n";
  }
  return date_line_;
}

}  // namespace wt::http

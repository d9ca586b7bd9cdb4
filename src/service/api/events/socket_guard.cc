#include "service/api/events/socket_guard.h"

#include <algorithm>
#include <vector>

namespace wt::api {
namespace {

constexpr std::chrono::seconds kRound{1};

}  // namespace

SocketGuard::SocketGuard(const Options& options, const base::Clock* clock)
    : options_(options), clock_(clock) {
  if (options_.own_thread) thread_ = std::thread([this] { Run(); });
}

SocketGuard::~SocketGuard() { Stop(); }

SocketGuard::Entry SocketGuard::TryEnter(GuardedSocket* key, std::weak_ptr<GuardedSocket> socket,
                                         const std::string& user_id, const std::string& address) {
  const bool stranger = user_id.empty();
  const std::string who = stranger ? "from:" + address : "user:" + user_id;
  const std::size_t who_max = stranger ? options_.strangers_per_address_max : options_.per_user_max;
  const std::lock_guard lock(mutex_);
  const auto count = counts_.find(who);
  const std::size_t others = count == counts_.end() ? 0 : count->second;
  if (stopping_ || entries_.size() >= options_.sockets_max || others >= who_max) {
    ++refused_;
    return others >= who_max ? Entry::kTooManyOfOne : Entry::kFull;
  }
  ++counts_[who];
  entries_[key] = {std::move(socket), who};
  peak_ = std::max(peak_, entries_.size());
  return Entry::kEntered;
}

bool SocketGuard::Identify(GuardedSocket* key, const std::string& user_id) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return false;
  const std::string who = "user:" + user_id;
  std::size_t& count = counts_[who];
  if (count >= options_.per_user_max) {
    ++refused_;
    return false;
  }
  ++count;
  const auto before = counts_.find(entry->second.who);
  if (--before->second == 0) counts_.erase(before);
  entry->second.who = who;
  return true;
}

void SocketGuard::Leave(GuardedSocket* key) {
  const std::lock_guard lock(mutex_);
  const auto entry = entries_.find(key);
  if (entry == entries_.end()) return;
  const auto count = counts_.find(entry->second.who);
  if (--count->second == 0) counts_.erase(count);
  entries_.erase(entry);
}

SocketGuard::Numbers SocketGuard::numbers() const {
  const std::lock_guard lock(mutex_);
  return {.open = entries_.size(),
          .peak = peak_,
          .refused = refused_,
          .closed = counters_->closed,
          .sent = counters_->sent,
          .received = counters_->received};
}

void SocketGuard::ForEach(const std::function<void(GuardedSocket&)>& visit) {
  std::vector<std::shared_ptr<GuardedSocket>> sockets;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, entry] : entries_) {
      if (auto socket = entry.socket.lock()) sockets.push_back(std::move(socket));
    }
  }
  for (const auto& socket : sockets) visit(*socket);
}

void SocketGuard::Tick() {
  const base::BootMillis now = clock_->Boot();
  ForEach([now](GuardedSocket& socket) { socket.OnTick(now); });
}

void SocketGuard::Stop() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
  ForEach([](GuardedSocket& socket) { socket.OnStop(); });
}

void SocketGuard::Run() {
  std::unique_lock lock(mutex_);
  while (!changed_.wait_for(lock, kRound, [this] { return stopping_; })) {
    lock.unlock();
    Tick();
    lock.lock();
  }
}

}  // namespace wt::api

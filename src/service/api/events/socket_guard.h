// Open WebSockets as a whole: how many there may be, and that each still has a right to be.
//
// A socket lives for hours, a session may end at any moment: once a second those that are due are
// asked to look again (RT-02, RT-11), and those that still owe their credentials are closed. Holds
// no socket alive. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "base/clock.h"

namespace wt::api {

/// What the guard knows a socket by.
class GuardedSocket {
 public:
  virtual ~GuardedSocket() = default;
  /// About once a second, from the guard's thread. May ask the database, must not wait for long.
  virtual void OnTick(base::BootMillis now) = 0;
  /// The server stops.
  virtual void OnStop() = 0;
};

class SocketGuard {
 public:
  struct Options {
    std::size_t sockets_max = 10'000;
    std::size_t per_user_max = 100;
    /// Sockets from one address that have not shown credentials yet.
    std::size_t strangers_per_address_max = 20;
    /// Off: the test calls Tick() itself.
    bool own_thread = true;
  };
  struct Numbers {
    std::size_t open = 0;
    std::size_t peak = 0;
    /// For want of a place.
    std::int64_t refused = 0;
    /// Closed by this side for what the other one did or lacked.
    std::int64_t closed = 0;
    // Messages of WebSockets.
    std::int64_t sent = 0;
    std::int64_t received = 0;
  };
  /// What sockets count as they go; outlives the guard in their hands.
  struct Counters {
    std::atomic<std::int64_t> closed = 0;
    std::atomic<std::int64_t> sent = 0;
    std::atomic<std::int64_t> received = 0;
  };
  enum class Entry : std::uint8_t { kEntered, kTooManyOfOne, kFull };

  SocketGuard(const Options& options, const base::Clock* clock);
  ~SocketGuard();
  SocketGuard(const SocketGuard&) = delete;
  SocketGuard& operator=(const SocketGuard&) = delete;

  /// `user_id` empty: a stranger for now. Unless the answer is kEntered, it is not entered.
  Entry TryEnter(GuardedSocket* key, std::weak_ptr<GuardedSocket> socket,
                 const std::string& user_id, const std::string& address);
  /// The stranger turned out to be this user. False: the user has too many.
  bool Identify(GuardedSocket* key, const std::string& user_id);
  /// Fine when it was not entered.
  void Leave(GuardedSocket* key);
  Numbers numbers() const;
  const std::shared_ptr<Counters>& counters() const { return counters_; }

  /// One round over all sockets.
  void Tick();
  /// OnStop() for all, and the end of the thread. Idempotent.
  void Stop();

 private:
  struct Place {
    std::weak_ptr<GuardedSocket> socket;
    /// "user:..." or "from:...": what its cap counts by.
    std::string who;
  };
  void ForEach(const std::function<void(GuardedSocket&)>& visit);
  void Run();

  const Options options_;
  const base::Clock* clock_;
  const std::shared_ptr<Counters> counters_ = std::make_shared<Counters>();
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::map<GuardedSocket*, Place> entries_;
  std::map<std::string, std::size_t> counts_;
  std::size_t peak_ = 0;
  std::int64_t refused_ = 0;
  std::thread thread_;
};

}  // namespace wt::api

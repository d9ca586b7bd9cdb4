// What all connections of a server share, and one reactor: a thread, its loop and its connections.
//
// A connection belongs to one reactor and is touched by its thread only; others post to it. One
// coarse timer per reactor sweeps all deadlines, instead of a timer per read.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "service/http/net/buffer_pool.h"
#include "service/http/net/handler_pool.h"
#include "service/http/server.h"

namespace wt::http {

using TimePoint = std::chrono::steady_clock::time_point;

/// Shared by every connection of a server. Thread-safe.
struct ServerCore : std::enable_shared_from_this<ServerCore> {
  ServerCore(const ServerOptions& server_options, Handler* server_handler)
      : options(server_options),
        handler(server_handler),
        pool(server_options.handler_threads, server_options.limits.queue_max) {}

  const ServerOptions options;
  Handler* const handler;
  std::atomic<bool> stopping{false};
  std::atomic<std::int64_t> connections{0};
  std::atomic<std::int64_t> connections_refused{0};
  std::atomic<std::int64_t> requests{0};
  std::atomic<std::int64_t> requests_refused{0};
  std::atomic<std::int64_t> web_sockets{0};
  std::atomic<std::int64_t> streams{0};
  std::atomic<std::int64_t> exceptions{0};
  /// Connections of all kinds that are open, for Stop().
  std::mutex open_mutex;
  std::condition_variable none_open;
  int open = 0;
  HandlerPool pool;
};

/// Something with a socket that a reactor keeps alive. Used by the reactor's thread.
class Tracked {
 public:
  virtual ~Tracked() = default;
  virtual void OnTick(TimePoint now) = 0;
  /// The server stops: end soon, but finish what is under way.
  virtual void OnStop() = 0;
  /// End now.
  virtual void Abort() = 0;
};

class Reactor final : public std::enable_shared_from_this<Reactor> {
 public:
  Reactor(ServerCore* core, std::chrono::milliseconds tick);
  ~Reactor();

  void Start();
  /// REQUIRES: nothing is tracked any more. Joins the thread.
  void Stop();

  boost::asio::io_context& context() { return context_; }
  template <typename F>
  void Post(F f) {
    boost::asio::post(context_, std::move(f));
  }

  // The rest is for the reactor's own thread.
  void Track(std::shared_ptr<Tracked> item);
  void Untrack(Tracked* item);
  void StopAll();
  void AbortAll();
  BufferPool& buffers() { return buffers_; }
  /// The time of the last turn of the loop that asked; coarse on purpose.
  TimePoint now() const { return std::chrono::steady_clock::now(); }
  /// "Date: ...\r\n" of this second.
  std::string_view DateLine();
  /// Called at every tick besides.
  void SetTickHook(std::function<void()> hook) { tick_hook_ = std::move(hook); }

 private:
  void ArmTimer();
  void Tick();
  template <typename F>
  void ForAll(F f);

  ServerCore* const core_;
  const std::chrono::milliseconds tick_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  boost::asio::steady_timer timer_;
  BufferPool buffers_;
  std::unordered_map<Tracked*, std::shared_ptr<Tracked>> tracked_;
  std::function<void()> tick_hook_;
  std::int64_t date_second_ = -1;
  std::string date_line_;
  std::thread thread_;
};

}  // namespace wt::http

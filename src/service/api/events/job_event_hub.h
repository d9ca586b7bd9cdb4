// Brings the events of jobs to those who watch them: event streams, WebSockets, waiting calls.
//
// One thread reads new events from the store, after a hint at once and otherwise once per poll
// interval, so that what another process writes arrives too. Subscribers are called from that
// thread, in the order of seq, without gaps; they must not block. Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/log.h"
#include "service/jobs/job_store.h"

namespace wt::api {

class JobEventSubscriber {
 public:
  virtual ~JobEventSubscriber() = default;
  /// False ends the subscription.
  virtual bool OnEvent(const jobs::JobEvent& event) = 0;
  /// Called when nothing was sent for a keep-alive interval. False ends the subscription.
  virtual bool OnIdle() = 0;
  /// Last call: the job is in a terminal state and all its events were delivered (unless the watch
  /// goes on beyond), or it is gone, or the server stops.
  virtual void OnEnd() = 0;
};

/// How long a job is watched. Its transcript may be edited after it has ended.
enum class WatchUntil : std::uint8_t { kJobEnds, kJobIsGone };

class JobEventHub {
 public:
  struct Options {
    std::chrono::milliseconds poll_interval{1'000};
    std::chrono::milliseconds keep_alive{15'000};
    /// Events read from the store at once.
    int page = 256;
  };

  JobEventHub(jobs::JobStore* store, const Options& options, base::LogSink* log);
  ~JobEventHub();
  JobEventHub(const JobEventHub&) = delete;
  JobEventHub& operator=(const JobEventHub&) = delete;

  /// Delivers events with seq > after_seq.
  void Subscribe(const std::string& job_id, std::int64_t after_seq,
                 std::shared_ptr<JobEventSubscriber> subscriber,
                 WatchUntil until = WatchUntil::kJobEnds);
  /// A hint: this job has changed.
  void JobChanged(const std::string& job_id);
  std::size_t subscriptions() const;
  /// Ends all subscriptions and the thread. Idempotent.
  void Stop();

 private:
  struct Watch {
    std::int64_t seq = 0;
    std::shared_ptr<JobEventSubscriber> subscriber;
    std::chrono::steady_clock::time_point last_sent;
    WatchUntil until = WatchUntil::kJobEnds;
  };
  using Watches = std::multimap<std::string, Watch>;

  void Run();
  /// False: this watch is over.
  bool Serve(const std::string& job_id, Watch* watch);
  bool KeepAlive(Watch* watch);
  /// What was hinted at meanwhile; `all`: it is time to ask for every job.
  std::set<std::string> WaitForWork(bool* all);
  void ServeJob(const std::string& job_id);
  /// Asks for the news of all watched jobs in few queries, so that thousands who watch jobs that
  /// rest cost next to nothing.
  void PollAll();
  void PollPage(const std::vector<std::string>& ids);
  /// For each watch of that job: false ends it.
  void ForWatches(const std::string& job_id, const std::function<bool(Watch*)>& visit);

  jobs::JobStore* store_;
  const Options options_;
  base::LogSink* log_;

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  std::set<std::string> hinted_;
  /// Added by Subscribe, taken over by the thread, which alone uses watches_.
  Watches added_;
  Watches watches_;
  std::size_t count_ = 0;
  std::thread thread_;
};

}  // namespace wt::api

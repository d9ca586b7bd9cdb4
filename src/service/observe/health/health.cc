#include "service/observe/health/health.h"

#include <fmt/format.h>
#include <pthread.h>

#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace wt::observe {
namespace {

using SteadyClock = std::chrono::steady_clock;

double MillisSince(SteadyClock::time_point start) {
  return std::chrono::duration<double, std::milli>(SteadyClock::now() - start).count();
}

}  // namespace

// A thread that runs one check when it is asked to. Questions that come while it runs share its
// answer, so that a probe cannot pile up work on a slow dependency.
class HealthChecks::Runner {
 public:
  explicit Runner(HealthCheck check) : check_(std::move(check)), thread_([this] { Run(); }) {}

  ~Runner() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
  }

  /// The number of the run whose answer the caller wants.
  std::int64_t Ask() {
    const std::lock_guard lock(mutex_);
    if (asked_ == finished_) ++asked_;
    changed_.notify_all();
    return asked_;
  }

  CheckResult WaitFor(std::int64_t run, SteadyClock::time_point start) {
    std::unique_lock lock(mutex_);
    const bool done =
        changed_.wait_until(lock, start + check_.timeout, [&] { return finished_ >= run; });
    CheckResult result{.name = check_.name,
                       .need = check_.need,
                       .status = last_,
                       .milliseconds = MillisSince(start)};
    if (!done) {
      result.status = Status(StatusCode::kDeadlineExceeded,
                             fmt::format("no answer within {} ms", check_.timeout.count()));
    }
    return result;
  }

 private:
  void Run() {
    ::pthread_setname_np(::pthread_self(), "wt-health");
    std::unique_lock lock(mutex_);
    for (;;) {
      changed_.wait(lock, [this] { return stopping_ || asked_ > finished_; });
      if (stopping_) return;
      lock.unlock();
      Status status = check_.run();
      lock.lock();
      last_ = std::move(status);
      finished_ = asked_;
      changed_.notify_all();
    }
  }

  const HealthCheck check_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::int64_t asked_ = 0;
  std::int64_t finished_ = 0;
  Status last_;
  bool stopping_ = false;
  std::thread thread_;
};

HealthChecks::HealthChecks(std::function<void(const CheckResult&)> on_result)
    : on_result_(std::move(on_result)) {}
HealthChecks::~HealthChecks() = default;

void HealthChecks::Add(HealthCheck check) {
  runners_.push_back(std::make_unique<Runner>(std::move(check)));
}

Readiness HealthChecks::Check() {
  const SteadyClock::time_point start = SteadyClock::now();
  std::vector<std::int64_t> runs;
  for (const auto& runner : runners_) runs.push_back(runner->Ask());
  Readiness readiness;
  for (std::size_t i = 0; i < runners_.size(); ++i) {
    CheckResult result = runners_[i]->WaitFor(runs[i], start);
    if (!result.status.ok()) {
      readiness.healthy = false;
      readiness.ready = readiness.ready && result.need == Need::kOptional;
    }
    if (on_result_) on_result_(result);
    readiness.checks.push_back(std::move(result));
  }
  return readiness;
}

std::string Readiness::ToJson(bool details) const {
  nlohmann::ordered_json out;
  out["status"] = healthy ? "ready" : "degraded";
  out["checks"] = nlohmann::ordered_json::object();
  for (const CheckResult& check : checks) out["checks"][check.name] = check.status.ok();
  if (details) {
    out["details"] = nlohmann::ordered_json::object();
    for (const CheckResult& check : checks) {
      out["details"][check.name] = {{"required", check.need == Need::kRequired},
                                    {"milliseconds", check.milliseconds},
                                    {"code", StatusCodeName(check.status.code())},
                                    {"message", check.status.message()}};
    }
  }
  return base::JsonToText(out);
}

}  // namespace wt::observe

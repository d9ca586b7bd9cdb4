// Readiness: what the service depends on, each part asked by a check of its own with its own time.
//
// Checks run at the same time on threads of their own; one that does not answer in time counts as
// failed and holds up nobody (its thread goes on, and the next question finds it still busy). The
// destructor waits for running checks. Liveness needs none of this: a process that answers is
// alive. Add before the first Check; Check is thread-safe.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt::observe {

enum class Need : std::uint8_t {
  /// Without it the service is not ready (503).
  kRequired,
  /// Without it the service is degraded, but answers.
  kOptional,
};

struct HealthCheck {
  /// "database", "queue", "models", "storage", "disk", "workers".
  std::string name;
  Need need = Need::kRequired;
  std::chrono::milliseconds timeout{500};
  /// Ok, or why not. The public message may be shown to administrators.
  std::function<Status()> run;
};

struct CheckResult {
  std::string name;
  Need need = Need::kRequired;
  Status status;
  double milliseconds = 0;
};

struct Readiness {
  /// All required ones are fine.
  bool ready = true;
  /// All are.
  bool healthy = true;
  std::vector<CheckResult> checks;

  /// 200 or 503.
  int http_status() const { return ready ? 200 : 503; }
  /// {"status":"ready"|"degraded","checks":{"database":true,...}}; for administrators with
  /// "details" that hold reasons and times. Public answers hold no texts of checks.
  std::string ToJson(bool details) const;
};

class HealthChecks {
 public:
  /// `on_result` is called for each result, on the caller's thread (for a metric). May be empty.
  explicit HealthChecks(std::function<void(const CheckResult&)> on_result = {});
  ~HealthChecks();
  HealthChecks(const HealthChecks&) = delete;
  HealthChecks& operator=(const HealthChecks&) = delete;

  void Add(HealthCheck check);
  Readiness Check();

 private:
  class Runner;
  std::function<void(const CheckResult&)> on_result_;
  std::vector<std::unique_ptr<Runner>> runners_;
};

}  // namespace wt::observe

// Workers and their last signs of life (JOB-32). A port, implemented in store/sqlite. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "service/jobs/job.h"
#include "whisper_transcriber/status.h"

namespace wt::jobs {

struct WorkerBeat {
  /// Unique per process start.
  std::string worker_id;
  std::string host;
  std::int64_t process_id = 0;
  int slots = 0;
  std::vector<std::string> job_ids;
  std::vector<std::string> models;
};

struct WorkerState {
  WorkerBeat beat;
  UnixMillis started_at = 0;
  UnixMillis heartbeat_at = 0;
  /// By a clock that does not step; of another boot: -1.
  std::int64_t age_ms = 0;
  bool stale = false;
};

class WorkerRegistry {
 public:
  virtual ~WorkerRegistry() = default;
  virtual Status Beat(const WorkerBeat& beat) = 0;
  /// By id. Stale: no beat for `stale_ms`, or from another boot.
  virtual Result<std::vector<WorkerState>> Workers(std::int64_t stale_ms) = 0;
  /// At an orderly end. Fine when it is not there.
  virtual Status Leave(const std::string& worker_id) = 0;
  /// Drops those without a beat for `age_ms` by the wall clock.
  virtual Status Forget(std::int64_t age_ms) = 0;
};

}  // namespace wt::jobs

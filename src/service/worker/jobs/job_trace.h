// The spans of one attempt at a job: one for the whole, below the request that made the job, and
// one for each part of the work. Used by the attempt's thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "service/jobs/job.h"
#include "service/observe/traces/tracer.h"
#include "whisper_transcriber/status.h"

namespace wt::worker {

class JobTrace {
 public:
  /// `tracer` may be null: then nothing is traced. Both outlive this.
  JobTrace(observe::Tracer* tracer, const base::Clock* clock, const jobs::Job& job);

  base::UnixMillis Now() const { return clock_->Now(); }
  /// A part of the work that began at `start` ends now.
  void EndPart(std::string name, base::UnixMillis start, const Status& status);
  /// The attempt ends now. `error`: why it failed; empty: it did not.
  void End(const jobs::Job& job, std::string_view end, double audio_seconds, std::string error);
  /// Both empty without a tracer.
  std::string trace_id() const { return context_ ? context_->trace_id : std::string(); }
  std::string span_id() const { return context_ ? context_->span_id : std::string(); }

 private:
  observe::Tracer* tracer_;
  const base::Clock* clock_;
  std::optional<observe::TraceContext> parent_;
  std::optional<observe::TraceContext> context_;
  base::UnixMillis start_ = 0;
};

}  // namespace wt::worker

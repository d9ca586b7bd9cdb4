// Why a job ended badly: from the Status of a step to what the user reads and whether it is tried
// again. Pure functions: thread-safe.
#pragma once

#include <cstdint>
#include <string>

#include "service/jobs/job.h"
#include "whisper_transcriber/status.h"

namespace wt::worker {

/// The step that failed: the same code means different things in different steps.
enum class Step : std::uint8_t {
  kOptions,
  kModel,
  /// Reading the stored recording.
  kStorage,
  /// Making samples of it.
  kMedia,
  kEngine,
  /// Writing the result.
  kResult,
};

struct Failure {
  jobs::FailureKind kind = jobs::FailureKind::kUnknown;
  /// Stable, upper case: "MODEL_NOT_AVAILABLE" and so on.
  std::string code;
  /// For the user.
  std::string message;
  /// Tried again while attempts are left.
  bool transient = false;
};

/// `attempt` counts from 1: a decoder that crashed is given one more chance.
Failure DescribeFailure(Step step, const Status& status, int attempt);

/// The time limit of one attempt was reached.
Failure TimeoutFailure(std::int64_t limit_ms);

/// True when the media helper was ended by a signal: the input may be made to do that.
bool IsDecoderCrash(const Status& status);

}  // namespace wt::worker

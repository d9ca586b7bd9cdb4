// Who turns one recording into a transcript for a run: this machine's engine, or a server.
#pragma once

#include "apps/transcriber/transcribe/file_job.h"
#include "whisper_transcriber/status.h"
#include "whisper_transcriber/transcript.h"

namespace wt::transcriber {

/// Thread-safe.
class Recogniser {
 public:
  virtual ~Recogniser() = default;
  /// Blocks until the transcript of `job`'s input is there; tells `job` what happens meanwhile.
  virtual Result<Transcript> Transcribe(FileJob* job) = 0;
  /// Ends all recordings, also those not begun, with kCancelled. Does not wait for it.
  virtual void Cancel() = 0;
};

}  // namespace wt::transcriber

// The file of --checkpoint: where a long recording stands, kept across runs of the program.
//
//   "WTCKPT 1\n"   magic and version
//   one line       the recording: size, time of change, track and channel
//   the rest       the engine's checkpoint, which has a checksum and knows model and options
//
// A file that is there but does not belong to this run is an error and is never written over: it
// may be hours of work, or something else altogether. One thread at a time.
#pragma once

#include <optional>
#include <string>

#include "apps/transcriber/options/transcribe_options.h"
#include "whisper_transcriber/engine.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

class CheckpointFile {
 public:
  /// `path` is --checkpoint, `input` the one recording of the run.
  CheckpointFile(std::string path, const std::string& input, const TranscribeArguments& arguments);

  /// Nothing when there is no file. kFailedPrecondition when it is of another recording or no
  /// checkpoint.
  Result<std::optional<Checkpoint>> Load() const;
  /// Replaces the file in one step: there is always a complete one.
  Status Save(const Checkpoint& checkpoint) const;
  /// When the transcript is written.
  void Remove() const;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::string header_;
};

}  // namespace wt::transcriber

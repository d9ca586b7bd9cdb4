// The program's verbs: probe, decode and peaks. Each reads descriptor 0 and writes descriptor 1.
#pragma once

#include <cstdint>
#include <string>

#include "apps/transcriber_media/output.h"
#include "whisper_transcriber/status.h"

namespace wt::apps::transcriber_media {

struct VerbOptions {
  /// Extension of a raw codec, or empty.
  std::string hint;
  /// Index among the audio tracks; below 0: chosen by sound.
  int track = -1;
  /// Index of a channel; below 0: all are mixed.
  int channel = -1;
  /// Of `peaks`: 10 ms.
  std::uint32_t bucket_samples = 160;
};

/// Writes the tracks as JSON (docs/formats/media-stream.md).
Status Probe(const VerbOptions& options);

/// Decodes one track into `sink`. Damage in the middle is reported as a warning.
Status Decode(const VerbOptions& options, SampleSink* sink);

}  // namespace wt::apps::transcriber_media

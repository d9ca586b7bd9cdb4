// Where the transcription of one recording stands: a value that can be stored and resumed from.
//
// Everything that the next window depends on is here; audio, weights and options are not, but a
// checkpoint carries hashes of model and options and is refused for others. Thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/vad/vad.h"
#include "whisper_transcriber/engine.h"
#include "whisper_transcriber/transcript.h"

namespace wt::pipeline {

struct LongFormState {
  // Found by the first pass over the audio.
  bool first_pass_done = false;
  SampleIndex samples = 0;
  float log_mel_max = 0;
  VadMethod vad = VadMethod::kOff;
  std::vector<vad::SpeechSpan> speech;

  std::string language;
  double language_probability = 0;
  std::vector<LanguageProbability> language_candidates;

  /// Reference windowing: the next window's first frame (10 ms). Robust: its first sample.
  std::int64_t seek = 0;
  /// Robust: audio from here on is not accounted for by text; at most seek.
  SampleIndex lead_from = 0;
  /// Robust: seek is inside the window before, at its last timestamp.
  bool rest_pending = false;
  /// Robust: the end of the audio that windows have held.
  SampleIndex heard_to = 0;
  std::uint64_t clip = 0;
  std::uint64_t windows = 0;
  /// Tokens said since the prompt was last reset: the last n_text_ctx of them, more is never shown.
  std::vector<TokenId> history;
  bool history_was_reset = false;
  double last_speech_timestamp_s = 0;

  std::vector<Segment> segments;
  std::vector<DroppedSpan> dropped;
  bool finished = false;
};

/// What a checkpoint belongs to.
struct CheckpointKey {
  std::string model_identity;
  std::uint64_t options_hash = 0;
};

/// FNV-1a over every option that influences the result.
std::uint64_t HashRequest(const TranscriptionRequest& request);

Checkpoint SaveCheckpoint(const CheckpointKey& key, const LongFormState& state);
/// kInvalidArgument when the bytes are damaged, of another version, model or options.
Result<LongFormState> LoadCheckpoint(const CheckpointKey& key, const Checkpoint& checkpoint);

}  // namespace wt::pipeline

// The result of a transcription: a value, free of any reference to the engine.
//
// Times are seconds from the start of the audio (container clock). Segments are in order of start,
// never end before they start, and never lie beyond the audio. Thread-compatible.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "whisper_transcriber/options.h"

namespace wt {

struct Word {
  /// With its leading space, punctuation joined, as in the segment's text.
  std::string text;
  double start_s = 0;
  double end_s = 0;
  /// Mean probability of its tokens, 0 .. 1.
  double probability = 0;
  /// Who says it: "S1" and so on, in the order in which speakers begin. Empty: not known.
  std::string speaker = {};
};

/// One text token of a segment.
struct TokenLogprob {
  TokenId token = 0;
  /// What it writes: bytes, which may be a part of a UTF-8 character.
  std::string bytes;
  /// Natural log of its probability among the tokens that the decoding rules allowed there; 0 or
  /// less.
  double logprob = 0;
};

struct Segment {
  int id = 0;
  /// Start of the window, in frames of 10 ms.
  std::int64_t seek = 0;
  double start_s = 0;
  double end_s = 0;
  /// With its leading space, as the model writes it.
  std::string text;
  /// Timestamp tokens included.
  std::vector<TokenId> tokens;
  double temperature = 0;
  /// Mean log probability of the window's tokens.
  double avg_logprob = 0;
  /// UTF-8 bytes divided by zlib bytes of the window's text.
  double compression_ratio = 0;
  /// Probability of <|nospeech|> at the window's start, 0 .. 1.
  double no_speech_prob = 0;
  /// Set when words were asked for.
  std::optional<std::vector<Word>> words;
  /// Set when they were asked for: the text tokens, timestamps left out.
  std::optional<std::vector<TokenLogprob>> token_logprobs;
  /// Who says it, as in its words: a segment ends where the speaker changes. Empty: not known.
  std::string speaker = {};
};

/// A stretch in which one speaker speaks. Turns of two speakers may overlap.
struct SpeakerTurn {
  double start_s = 0;
  double end_s = 0;
  std::string speaker;
};

/// Why a part of the audio has no text although a window of it was decoded.
enum class DropReason : std::uint8_t {
  kNoSpeechProbability,
  kNoVoiceActivity,
  kRepetition,
  kOutsideAudio,
  kLowEvidence,
};

/// "no_speech_probability" and so on; stable, used in JSON.
std::string_view DropReasonName(DropReason reason);

struct DroppedSpan {
  double start_s = 0;
  double end_s = 0;
  DropReason reason = DropReason::kNoSpeechProbability;
  /// What the model wrote there.
  std::string text;
};

enum class VadMethod : std::uint8_t { kOff, kNetwork, kEnergy };
std::string_view VadMethodName(VadMethod method);

struct LanguageProbability {
  std::string language;
  double probability = 0;
};

struct Transcript {
  std::string text;
  /// The language of the text's model output; the first window's where they differ.
  std::string language;
  /// 1 when the language was given.
  double language_probability = 0;
  /// Most probable first; filled when the language was detected.
  std::vector<LanguageProbability> language_candidates;
  double duration_s = 0;
  /// The part of the audio that the voice activity detector called speech.
  double speech_s = 0;
  std::vector<Segment> segments;
  std::vector<DroppedSpan> dropped;
  std::string model;
  ComputeType compute_type = ComputeType::kFloat32;
  SpeechTask task = SpeechTask::kTranscribe;
  Windowing windowing = Windowing::kRobust;
  VadMethod vad = VadMethod::kOff;
  /// Set when speakers were told apart: who speaks when, in order of start.
  std::optional<std::vector<SpeakerTurn>> speaker_turns = std::nullopt;
  /// The number of speakers asked for is not the one that the recording speaks for: who is who is
  /// less sure than usual.
  bool speakers_forced = false;
};

std::string_view ComputeTypeName(ComputeType type);
std::string_view WindowingName(Windowing windowing);
std::string_view SpeechTaskName(SpeechTask task);

}  // namespace wt

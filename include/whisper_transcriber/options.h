// What to transcribe and how: plain structs, a field per option, with unit and default.
//
// Defaults are the product's, the same on every surface: beam 5, best_of 5, temperatures 0, 0.2 ...
// 1.0, seed 0, voice activity detection and the guard against invented text on. Names follow
// openai-whisper 20250625 (transcribe.py, decoding.py) and faster-whisper 1.2 where it has more.
// Structs are values: thread-compatible. Validate() of a request is called by Engine::Submit.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "whisper_transcriber/status.h"

namespace wt {

/// A token of a model's vocabulary, 0 .. n_vocab-1 (n_vocab is 51864 to 51866).
using TokenId = std::int32_t;
/// A position in 16 kHz audio.
using SampleIndex = std::int64_t;

inline constexpr int kSampleRate = 16'000;

enum class ComputeType : std::uint8_t {
  kFloat32,
  /// Matrix products on bfloat16 inputs with float32 sums; everything else float32.
  kBfloat16,
  /// Linear layers on bytes: weights with a scale per output column, inputs quantised row by row,
  /// in the decoder to 14 bits. So are keys and values of the decoder's cross attention. The
  /// encoder's attention and convolutions are in the faster of bfloat16 and float32; with AMX its
  /// projections are in bfloat16.
  kInt8,
  /// As kInt8, with all attention and convolutions in bfloat16 on every processor.
  kInt8Bfloat16,
  /// The fastest of these that keeps the accuracy of float32 on this processor (docs/adr/0023).
  kAuto,
};

/// What the decoder writes: the language spoken, or English.
enum class SpeechTask : std::uint8_t { kTranscribe, kTranslate };

enum class Windowing : std::uint8_t {
  /// Windows of at most 30 s, cut at silences found by the voice activity detector.
  kRobust,
  /// openai-whisper's: the next window starts at the last timestamp, silence is decoded too.
  kReference,
};

/// Order in which waiting work is served. A class is served before the next one.
enum class PriorityClass : std::uint8_t { kLive, kInteractive, kBatch };

struct TimeRange {
  double start_s = 0;
  /// Unset: to the end of the audio.
  std::optional<double> end_s;
};

/// How one window is turned into tokens (decoding.py, DecodingOptions).
struct DecodingOptions {
  SpeechTask task = SpeechTask::kTranscribe;
  /// Tried in order until a result is accepted; 0 = deterministic. Each 0.0 .. 1.0, at most 16.
  std::vector<double> temperatures = {0.0, 0.2, 0.4, 0.6, 0.8, 1.0};
  /// Rows of beam search at temperature 0; 1 is greedy search. 1 .. 16.
  int beam_size = 5;
  /// Candidates sampled at temperatures above 0. 1 .. 16.
  int best_of = 5;
  /// Beam search ends when beam_size * patience candidates are finished. 0 < p <= 16.
  double patience = 1.0;
  /// Exponent alpha of the length norm ((5 + length) / 6) ^ alpha; unset: divide by the length.
  std::optional<double> length_penalty;
  /// Above 1: tokens that occurred become less likely (CTRL, arXiv 1909.05858). 0.1 .. 10.
  double repetition_penalty = 1.0;
  /// No sequence of this many tokens occurs twice; 0 = off. 0 .. 64.
  int no_repeat_ngram_size = 0;
  /// Tokens that are never produced. -1 stands for the model's non-speech symbols.
  std::vector<TokenId> suppress_tokens = {-1};
  /// The first sampled token is neither a blank nor the end.
  bool suppress_blank = true;
  bool without_timestamps = false;
  /// The first timestamp is at most this many seconds; 0 or less: no limit, as in openai-whisper.
  double max_initial_timestamp_s = 1.0;
  /// Tokens sampled in a window at most; 0: half the text context (224).
  int max_new_tokens = 0;
  /// Seed of sampling. The same seed, audio and options give the same text.
  std::uint64_t seed = 0;
};

/// When a decoded window is refused and tried again, or taken for silence (transcribe.py).
struct FallbackOptions {
  /// Refused above this ratio of UTF-8 bytes to zlib bytes (a loop). Unset: not checked.
  std::optional<double> compression_ratio_threshold = 2.4;
  /// Refused below this mean log probability of its tokens. Unset: not checked.
  std::optional<double> logprob_threshold = -1.0;
  /// Silence above this no-speech probability, if the log probability is low too. Unset: never.
  std::optional<double> no_speech_threshold = 0.6;
};

/// Text the decoder sees before a window.
struct PromptOptions {
  /// Put before the first window. The last 223 tokens count.
  std::string initial_prompt;
  /// Put initial_prompt before every window.
  bool carry_initial_prompt = false;
  /// The first window's text starts with this.
  std::string prefix;
  /// Words to prefer, put before every window that has no prefix.
  std::string hotwords;
  /// Put a window's text before the next one. In robust windowing doubtful text is never carried.
  /// Unset: off in robust windowing, on in reference windowing (as openai-whisper has it).
  std::optional<bool> condition_on_previous_text;
  /// Forget earlier text after a window decoded at a temperature above this.
  double prompt_reset_on_temperature = 0.5;
};

struct LanguageOptions {
  /// ISO 639 code as in the model's list ("en", "yue"); empty: detected.
  std::string language;
  /// Windows of 30 s looked at until one is sure enough. 1 .. 100.
  int detection_segments = 1;
  /// Detection is sure at this probability. 0 .. 1.
  double detection_threshold = 0.5;
  /// Only these codes are considered; empty: all.
  std::vector<std::string> allowed;
  /// Detect again for every window.
  bool multilingual = false;
};

struct WordOptions {
  /// Give every word its times and probability (cross-attention alignment).
  bool word_timestamps = false;
  /// Joined to the following word.
  std::string prepend_punctuations = "\"'“¿([{-";
  /// Joined to the word before.
  std::string append_punctuations = "\"'.。,，!！?？:：”)]}、";
  /// Skip silences longer than this around text that looks invented. Needs word_timestamps.
  std::optional<double> hallucination_silence_threshold_s;
};

/// From speech probabilities to speech spans (Silero VAD's rules).
struct VadOptions {
  bool enabled = true;
  /// Speech starts at this probability. 0 .. 1.
  double onset = 0.5;
  /// Speech ends below this probability. 0 .. onset.
  double offset = 0.35;
  double min_speech_s = 0.25;
  double min_silence_s = 0.10;
  /// Added on both sides of a span.
  double padding_s = 0.2;
};

/// Voices that may be told apart: what a user may ask for.
inline constexpr int kSpeakersMax = 32;

/// Who speaks when.
struct DiarizationOptions {
  /// Names the speaker of each segment and word. Words are then given their times too.
  bool enabled = false;
  /// Exactly so many speakers, whatever the evidence says; 0: found out. 0 .. kSpeakersMax.
  int num_speakers = 0;
  /// At least and at most so many; 0: no limit. Not together with num_speakers.
  int min_speakers = 0;
  int max_speakers = 0;

  /// The largest of the three.
  int Largest() const {
    const int most = min_speakers > max_speakers ? min_speakers : max_speakers;
    return num_speakers > most ? num_speakers : most;
  }
};

/// Everything about one recording but its audio.
struct TranscriptionRequest {
  Windowing windowing = Windowing::kRobust;
  DecodingOptions decoding;
  FallbackOptions fallback;
  PromptOptions prompt;
  LanguageOptions language;
  WordOptions words;
  VadOptions vad;
  DiarizationOptions diarization;
  /// Drop text for which there is no evidence of speech (robust windowing only).
  bool guard = true;
  /// Parts of the audio to transcribe, in order, in seconds. Empty: all of it.
  std::vector<TimeRange> clips;
  /// Give every text token of a segment its log probability.
  bool token_logprobs = false;
  /// Windows of this file decoded together; 0: chosen by the engine. Does not change the text.
  int batch_size = 0;

  /// The first option that is out of range, by its command line name.
  Status Validate() const;
};

}  // namespace wt

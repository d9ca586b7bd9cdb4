// Words of a window's segments with times in the recording, and what they say about the text.
//
// openai-whisper, timing.py (add_word_timestamps) and transcribe.py
// (hallucination_silence_threshold and the place of the next window with word times). The rules are
// the reference's, so are the constants in them. Pure functions: thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/align/word_alignment.h"
#include "engine/tokenizer/tokenizer.h"
#include "whisper_transcriber/options.h"

namespace wt::align {

/// A segment with times in seconds of the recording.
struct SegmentWords {
  double start_s = 0;
  double end_s = 0;
  /// Timestamps included.
  std::vector<TokenId> tokens = {};
  /// Set by AddWordTimes.
  std::vector<TimedWord> words = {};
};

/// The text tokens of all segments one after another: what is aligned. `eot` ends ordinary text.
std::vector<TokenId> TextTokens(std::span<const SegmentWords> segments, TokenId eot);

struct WordTimesInput {
  /// FindAlignment of TextTokens().
  std::vector<TimedWord> alignment = {};
  const WordOptions* options = nullptr;
  TokenId eot = 0;
  /// Start of the window.
  double offset_s = 0;
  /// Where speech ended before this window.
  double last_speech_s = 0;
};

/// Gives each segment its words: shortens those that last too long at the ends of sentences, joins
/// punctuation, and moves borders of segments to their words (or the other way round where the
/// aligner put a first or last word far out).
void AddWordTimes(WordTimesInput input, std::vector<SegmentWords>* segments);

/// End of the last word; of the last segment when none has words; unset without segments (get_end).
std::optional<double> LastWordEnd(std::span<const SegmentWords> segments);

/// The higher, the less a word looks spoken: improbable, very short or very long.
double WordAnomalyScore(const TimedWord& word);

/// True when the first words (8 at most, without punctuation) look invented. False without words.
bool IsSegmentAnomaly(const SegmentWords* segment);

/// The first segment with words, or null.
const SegmentWords* NextWordsSegment(std::span<const SegmentWords> segments);

struct WindowPlace {
  std::int64_t seek_frames = 0;
  /// Frames of the window that are audio.
  std::int64_t window_frames = 0;
  /// Frames of the whole recording.
  std::int64_t content_frames = 0;
  /// Where the next window starts without word times (decode::SplitWindow).
  std::int64_t next_seek_frames = 0;
  bool single_timestamp_ending = false;
  /// Where speech ended before this window.
  double last_speech_s = 0;
};

struct WindowVerdict {
  /// Where the next window starts; always after this one.
  std::int64_t next_seek_frames = 0;
  /// Nothing of this window is kept: its beginning is skipped as silence.
  bool refused = false;
};

/// Places the next window by the words, and with `silence_threshold_s` removes segments from the
/// first one on that looks invented and has silence around it.
WindowVerdict JudgeWindow(const WindowPlace& place, std::optional<double> silence_threshold_s,
                          std::vector<SegmentWords>* segments);

}  // namespace wt::align

// Speech that a window's text passes over.
//
// Now and then the model leaves out a clause and stamps the next sentence behind it. Such a place
// is found by how little text stands for how much speech, and placed by the times of the words
// (cross-attention); the window is left in the pause before it, so that it is heard again by a
// window that begins there (ADR 6). Pure functions: thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string_view>

#include "engine/align/word_alignment.h"
#include "engine/decode/segments.h"
#include "engine/pipeline/windows/heard_text.h"
#include "engine/tokenizer/tokenizer.h"
#include "whisper_transcriber/transcript.h"

namespace wt::pipeline {

/// How long a text is when it is said: its code points, where a digit counts as a word.
std::size_t SpokenLength(std::string_view text);

/// The first segment of the window that has at least 3 s of speech more than its text takes and
/// whose text takes at most a third of its speech, at the pace of the window's other segments and
/// the last ones of `said`, which stand before it. None without 10 s of those.
std::optional<std::size_t> SegmentWithSkip(const HeardWindow& window,
                                           const tokenizer::Tokenizer& tokenizer,
                                           const decode::WindowSegments& split,
                                           std::span<const Segment> said);

struct BeforeSkip {
  /// Text tokens of the segment that were said before the skipped speech.
  std::size_t text_tokens = 0;
  /// Where the next window begins: in the first pause after them.
  SampleIndex rest = 0;

  bool operator==(const BeforeSkip&) const = default;
};

/// Where to leave the window before the speech that segment `index` passes over. `words` are those
/// of all segments. None when no pause lets it be heard again, or when a window before (they reach
/// to `heard_to`) has held it: nothing is heard a third time for this.
std::optional<BeforeSkip> LeaveBeforeSkip(const HeardWindow& window,
                                          const decode::WindowSegments& split, std::size_t index,
                                          std::span<const align::TimedWord> words, TokenId eot,
                                          SampleIndex heard_to);

/// Drops what segment `index` and those after it say behind `place`.
void KeepBeforeSkip(const BeforeSkip& place, std::size_t index, TokenId eot,
                    decode::WindowSegments* split);

}  // namespace wt::pipeline

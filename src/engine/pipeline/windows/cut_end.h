// Where a window that is cut in the middle of speech is left.
//
// Errors gather at such places (ADR 6): a window that begins inside a word loses or doubles it, and
// the model's last time is often behind the next word's onset. Pure functions: thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

#include "engine/decode/segments.h"
#include "engine/pipeline/windows/heard_text.h"
#include "engine/tokenizer/tokenizer.h"

namespace wt::pipeline {

struct CutEnd {
  /// The first segments, which are kept; the others are heard again.
  std::size_t segments = 0;
  /// Where the next window begins: in the pause after the kept segments where there is one.
  SampleIndex rest = 0;

  bool operator==(const CutEnd&) const = default;
};

/// Leaves the window after the last segment of its last third that ends a sentence and is followed
/// by a pause; without one, after the last that is followed by a pause; without one, after the last
/// that was not closed by the cut itself; else after all of them.
/// REQUIRES: window.plan.cut; split has segments, each of which ends with a timestamp.
CutEnd LeaveCut(const HeardWindow& window, const tokenizer::Tokenizer& tokenizer,
                const decode::WindowSegments& split);

/// True for text that ends in a full stop, question or exclamation mark of any script, quotes and
/// brackets behind it aside. Three dots are none: the model writes them where it was interrupted.
bool EndsSentence(std::string_view text);

}  // namespace wt::pipeline

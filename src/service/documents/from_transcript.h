// Between the machine's transcript and a document: how one becomes the other.
//
// Both ways are pure functions of their input, so a document that nobody has changed need not be
// stored: it is made again whenever it is read. Thread-safe.
#pragma once

#include <string>
#include <vector>

#include "service/documents/document.h"
#include "whisper_transcriber/status.h"
#include "whisper_transcriber/transcript.h"

namespace wt::documents {

/// A turn per segment ("t1", "t2" ...), its words with their times. Without word times the text is
/// cut at spaces (and between characters of scripts that have none) and times are interpolated.
/// kResourceExhausted when the transcript has more words than a document may hold.
Result<Document> FromTranscript(const std::string& job_id, const Transcript& transcript);

/// `machine` with the text of the document: a segment per turn with text, in order of start. What
/// the model measured of a segment (tokens, probabilities) stays where its words are unchanged and
/// is not a number elsewhere.
struct EditedTranscript {
  Transcript transcript;
  /// Name of each segment's speaker; all empty when none is named.
  std::vector<std::string> speakers;
};
EditedTranscript ToTranscript(const Document& document, const Transcript& machine);

/// The n-th of `count` positions, from 1: base 62, equally long, never ending in '0', in the form
/// of the usual fractional indexes ("a0V"), so that there is room before, between and behind.
std::string PositionAt(std::int64_t n, std::int64_t count);

}  // namespace wt::documents

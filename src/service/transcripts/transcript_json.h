// Reads a stored transcript back: the inverse of formats/json.h.
//
// The bytes come from the blob store, where their checksum was verified; they are believed no more
// than any input: bounded, strict JSON, every number in its range, members that this version does
// not know are passed over. What is read and written again is the same text. Pure: thread-safe.
#pragma once

#include <cstddef>
#include <string_view>

#include "whisper_transcriber/status.h"
#include "whisper_transcriber/transcript.h"

namespace wt::transcripts {

/// A week of fast speech with word times: 1.8 million words of 100 bytes and as many tokens.
inline constexpr std::size_t kTranscriptJsonBytesMax = 256 << 20;

/// kDataCorrupt with what is wrong and where; kResourceExhausted beyond the limit.
Result<Transcript> ReadTranscriptJson(std::string_view json);

}  // namespace wt::transcripts

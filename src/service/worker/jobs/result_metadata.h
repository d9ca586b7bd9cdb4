// What is told about a finished transcript besides its text (JOB-26). Pure functions: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "service/jobs/job.h"
#include "whisper_transcriber/transcript.h"

namespace wt::worker {

/// Words of a text: runs of characters between white space; in scripts written without spaces each
/// wide character counts as one.
std::int64_t CountWords(std::string_view text);

/// The first `characters` code points, cut at a word where there is one near.
std::string Abstract(std::string_view text, std::size_t characters);

/// metadata.json.
std::string MetadataJson(const jobs::Job& job, const Transcript& transcript,
                         base::UnixMillis generated_at);

}  // namespace wt::worker

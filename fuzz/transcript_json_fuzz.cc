// Stored transcripts: what is read can be written, and then reads as the same.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/check.h"
#include "formats/json.h"
#include "service/transcripts/transcript_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view json(reinterpret_cast<const char*>(data), size);
  const wt::Result<wt::Transcript> transcript = wt::transcripts::ReadTranscriptJson(json);
  if (!transcript.ok()) return 0;
  const std::string written = wt::formats::WriteJson(*transcript);
  const wt::Result<wt::Transcript> again = wt::transcripts::ReadTranscriptJson(written);
  WT_CHECK(again.ok() && wt::formats::WriteJson(*again) == written);
  return 0;
}

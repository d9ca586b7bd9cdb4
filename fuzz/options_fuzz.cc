// Goal: no argument vector crashes, and what the parser accepts the engine accepts too.
// Method: bytes are split at line feeds into arguments of `transcriber transcribe`.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "apps/transcriber/options/arguments.h"
#include "apps/transcriber/options/transcribe_options.h"
#include "base/check.h"
#include "base/utf8.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const std::vector<std::string_view> arguments = wt::transcriber::SplitList(bytes, '\n');
  const wt::Result<wt::transcriber::TranscribeArguments> parsed =
      wt::transcriber::ParseTranscribeArguments(arguments);
  if (!parsed.ok()) {
    const wt::Status status = parsed.status();
    WT_CHECK(status.code() == wt::StatusCode::kInvalidArgument);
    WT_CHECK(!status.message().empty() && wt::base::IsValidUtf8(status.message()));
    return 0;
  }
  if (parsed->help) return 0;
  const wt::Status valid = parsed->request.Validate();
  // Texts and lists have no limit on the command line but the system's; the engine has one.
  const bool too_long = valid.message().find("longer than") != std::string::npos;
  WT_CHECK(valid.ok() || too_long);
  WT_CHECK(parsed->subtitles.Validate().ok());
  return 0;
}

// From a command line to what a server is asked for. Pure but for the key's file: thread-safe.
#pragma once

#include <string>

#include "apps/transcriber/environment.h"
#include "apps/transcriber/options/transcribe_options.h"
#include "apps/transcriber/remote/http_client.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

/// The options that differ from the product's defaults, as fields of a form by their names in the
/// API; the others are the server's choice.
HttpFields FieldsOf(const TranscribeArguments& arguments);

/// From --api-key-file, else WHISPER_API_KEY; empty: none. kInvalidArgument for what is no key.
Result<std::string> FindApiKey(const TranscribeArguments& arguments,
                               const Environment& environment);

/// "talk.mp3" for "/a/talk.mp3", "stdin" for "-": the name that the server shows.
std::string ServerFileName(const std::string& input);

}  // namespace wt::transcriber

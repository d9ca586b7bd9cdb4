// A request to /v1 as it arrives: multipart form, JSON with base64 audio, or a chat message.
//
// Reads everything that clients send (50-api-dialects.md, section 1): parts in any order, the file
// without a name or type that means anything, arrays with and without "[]". One thread.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "platform/file.h"
#include "service/api/error.h"
#include "service/api/rest/options_form.h"
#include "service/api/route.h"
#include "service/transcripts/openai_json.h"
#include "service/uploads/content/allowed_types.h"

namespace wt::api {

struct AudioLimits {
  std::int64_t bytes_max = 25'000'000;
  std::int64_t bytes_min = 1'024;
  /// Where the file is kept while it is worked on; it has no name there.
  std::string temp_dir;
  uploads::AllowedTypes allowed_types = {};
};

struct AudioRequest {
  platform::FileDescriptor file;
  std::int64_t bytes = 0;
  std::string filename;
  OptionsForm options;
  transcripts::OpenAiFormat format = transcripts::OpenAiFormat::kJson;
  transcripts::Granularities granularities;
  bool stream = false;
  /// The JSON form of old clients, with an answer of its own (spec OAI-01).
  bool json_body = false;
};

/// Multipart or JSON by the Content-Type; `translate` makes the task fixed.
std::variant<AudioRequest, ApiError> ReadAudioRequest(Call& call, const AudioLimits& limits,
                                                      bool translate);
/// The audio part of the last user message of a chat body.
std::variant<AudioRequest, ApiError> ReadChatRequest(Call& call, const AudioLimits& limits);

/// 400 with the field it is about.
ApiError BadField(std::string_view field, std::string_view message);
ApiError AudioTooLarge(std::int64_t bytes_max);

}  // namespace wt::api

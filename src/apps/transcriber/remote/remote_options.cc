#include "apps/transcriber/remote/remote_options.h"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "apps/transcriber/transcribe/output_plan.h"
#include "base/json_text.h"
#include "base/status_macros.h"
#include "platform/file.h"
#include "service/worker/options/request_options.h"

namespace wt::transcriber {
namespace {

using Json = nlohmann::ordered_json;

// Keys have 46 characters, access tokens some hundred.
constexpr std::int64_t kKeyFileBytesMax = 8 << 10;

// As service/worker/options reads a field: lists with commas, ranges one after another.
std::string FieldText(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "none";
  if (!value.is_array()) return base::JsonToText(value);
  std::string text;
  for (const Json& item : value) {
    // The end of the audio is an end that is not there.
    if (item.is_null()) continue;
    text += (text.empty() ? "" : ",") + FieldText(item);
  }
  return text;
}

}  // namespace

HttpFields FieldsOf(const TranscribeArguments& arguments) {
  worker::RequestOptions options;
  options.model = arguments.model;
  options.request = arguments.request;
  options.track = arguments.track;
  options.channel = arguments.channel;
  HttpFields fields;
  const Json chosen = base::OrderedJsonFromText(worker::WriteRequestOptions(options));
  for (const auto& [name, value] : chosen.items()) {
    std::string text = FieldText(value);
    // One number alone would stand for the first of a ladder.
    if (name == "temperature" && value.size() == 1) text += ',';
    fields.emplace_back(name, std::move(text));
  }
  // The server may have a language of its own for requests without one.
  const bool detects = arguments.language_named && arguments.request.language.language.empty();
  if (detects) fields.emplace_back("language", "auto");
  return fields;
}

Result<std::string> FindApiKey(const TranscribeArguments& arguments,
                               const Environment& environment) {
  std::string key = environment.api_key;
  std::string from = "WHISPER_API_KEY";
  if (!arguments.api_key_file.empty()) {
    from = arguments.api_key_file;
    WT_ASSIGN(key, platform::ReadWholeFile(from, kKeyFileBytesMax));
  }
  const auto is_space = [](char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; };
  while (!key.empty() && is_space(key.back())) key.pop_back();
  key.erase(0, static_cast<std::size_t>(std::find_if_not(key.begin(), key.end(), is_space) -
                                        key.begin()));
  const bool readable =
      std::all_of(key.begin(), key.end(), [](char c) { return c > ' ' && c < '\x7f'; });
  if (!readable || (key.empty() && !arguments.api_key_file.empty())) {
    // What is in there is not shown: it may be another secret.
    return Status(StatusCode::kInvalidArgument, from + ": holds no API key; give the key alone");
  }
  return key;
}

std::string ServerFileName(const std::string& input) {
  if (input == kStandardStream) return OutputStem(input);
  const std::string name = input.substr(input.rfind('/') + 1);
  return name.empty() ? input : name;
}

}  // namespace wt::transcriber

#include "service/api/openai/audio_request.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "platform/unnamed_file.h"
#include "service/http/content/body_limit.h"
#include "service/http/content/multipart.h"
#include "service/uploads/intake.h"
#include "service/uploads/tus/checksum.h"

namespace wt::api {
namespace {

using nlohmann::json;

constexpr std::size_t kPieceBytes = 256 << 10;

std::optional<ApiError> CheckSize(std::int64_t bytes, const AudioLimits& limits) {
  if (bytes == 0) return BadField("file", "The file is empty.");
  if (bytes < limits.bytes_min) {
    return BadField("file", fmt::format("The file has {} bytes; a recording has at least {}.",
                                        bytes, limits.bytes_min));
  }
  return std::nullopt;
}

/// ALLOWED_FILE_TYPES. `head` is the beginning of the file.
std::optional<ApiError> CheckType(std::span<const std::byte> head, const AudioLimits& limits) {
  if (limits.allowed_types.everything()) return std::nullopt;
  if (limits.allowed_types.AllowsSignature(uploads::Sniff(head))) return std::nullopt;
  return BadField("file", "This server takes recordings of these formats only: " +
                              limits.allowed_types.Describe() + ".");
}

bool IsTrue(std::string_view text) { return text == "true" || text == "1" || text == "True"; }

class AudioReader {
 public:
  AudioReader(Call& call, const AudioLimits& limits, bool translate)
      : call_(call), limits_(limits), translate_(translate) {}

  std::variant<AudioRequest, ApiError> ReadForm(const std::string& boundary) {
    http::MultipartReader reader(call_.request.body, boundary, {});
    while (true) {
      const Result<std::optional<http::PartHead>> part = reader.NextPart();
      if (!part.ok()) return BodyError(part.status());
      if (!*part) break;
      const bool is_file = (*part)->name == "file";
      if (std::optional<ApiError> error =
              is_file ? TakeFile(&reader, **part) : TakePart(&reader, (*part)->name)) {
        return *std::move(error);
      }
    }
    if (!request_.file.valid()) return BadField("file", "The file is missing.");
    return Finish();
  }

  std::variant<AudioRequest, ApiError> ReadJson(const json& body) {
    request_.json_body = true;
    std::string audio = body.value("audio", "");
    if (audio.empty() && body.contains("audio_options")) {
      audio = body["audio_options"].value("data", "");
    }
    if (audio.empty() && body.contains("messages")) audio = AudioOfMessages(body["messages"]);
    if (audio.empty()) return BadField("audio", "The audio is missing: base64 text.");
    if (std::optional<ApiError> error = TakeBase64(audio)) return *std::move(error);
    for (const auto& [name, value] : body.items()) {
      if (name == "audio" || name == "audio_options" || name == "messages") continue;
      if (std::optional<ApiError> error = TakeJsonField(name, value)) return *std::move(error);
    }
    return Finish();
  }

 private:
  static std::string AudioOfMessages(const json& messages) {
    if (!messages.is_array()) return {};
    for (auto message = messages.rbegin(); message != messages.rend(); ++message) {
      if (!message->is_object() || !message->contains("content")) continue;
      const json& content = (*message)["content"];
      if (!content.is_array()) continue;
      for (const json& part : content) {
        for (const char* name : {"input_audio", "audio"}) {
          if (!part.is_object() || !part.contains(name) || !part[name].is_object()) continue;
          const json& inner = part[name];
          if (inner.contains("data") && inner["data"].is_string()) return inner["data"];
        }
      }
    }
    return {};
  }

  static ApiError BodyError(const Status& status) {
    if (status.code() == StatusCode::kDataCorrupt ||
        status.code() == StatusCode::kResourceExhausted) {
      return BadField("body", status.message());
    }
    return FromStatus(status);
  }

  std::optional<ApiError> TakeFile(http::MultipartReader* reader, const http::PartHead& part) {
    Result<platform::UnnamedFile> audio = platform::UnnamedFile::Create(limits_.temp_dir);
    if (!audio.ok()) return FromStatus(audio.status());
    std::vector<std::byte> piece(kPieceBytes);
    while (true) {
      const Result<std::size_t> got = uploads::PullFull(
          [reader](std::span<std::byte> out) { return reader->ReadPart(out); }, piece);
      if (!got.ok()) return BodyError(got.status());
      if (*got == 0) break;
      if (audio->bytes() == 0) {
        const auto head = std::span<const std::byte>(piece).first(*got);
        if (std::optional<ApiError> error = CheckType(head, limits_)) return error;
      }
      if (audio->bytes() + static_cast<std::int64_t>(*got) > limits_.bytes_max) {
        return AudioTooLarge(limits_.bytes_max);
      }
      const Status wrote = audio->Write(std::span<const std::byte>(piece).first(*got));
      if (!wrote.ok()) return FromStatus(wrote);
    }
    request_.filename = part.file_name.value_or("");
    return Keep(&*audio);
  }

  std::optional<ApiError> TakeBase64(std::string_view text) {
    // Three bytes in four characters: too large is seen before anything is decoded.
    if (static_cast<std::int64_t>(text.size() / 4 * 3) > limits_.bytes_max + 3) {
      return AudioTooLarge(limits_.bytes_max);
    }
    if (const auto comma = text.find(','); text.starts_with("data:") && comma < 256) {
      text.remove_prefix(comma + 1);
    }
    const std::optional<std::string> bytes = uploads::DecodeBase64(text);
    if (!bytes) return BadField("audio", "The audio is not valid base64.");
    Result<platform::UnnamedFile> audio = platform::UnnamedFile::Create(limits_.temp_dir);
    if (!audio.ok()) return FromStatus(audio.status());
    const auto content = std::as_bytes(std::span<const char>(*bytes));
    if (std::optional<ApiError> error = CheckType(content, limits_)) return error;
    const Status wrote = audio->Write(content);
    if (!wrote.ok()) return FromStatus(wrote);
    return Keep(&*audio);
  }

  std::optional<ApiError> Keep(platform::UnnamedFile* audio) {
    if (std::optional<ApiError> error = CheckSize(audio->bytes(), limits_)) return error;
    request_.bytes = audio->bytes();
    request_.file = audio->Take();
    return std::nullopt;
  }

  std::optional<ApiError> TakePart(http::MultipartReader* reader, const std::string& name) {
    const Result<std::string> text = reader->ReadPartText(kFormFieldBytesMax);
    if (text.status().code() == StatusCode::kResourceExhausted) {
      return BadField(name, "The field is longer than 65536 bytes.");
    }
    if (!text.ok()) return BodyError(text.status());
    return TakeField(name, *text);
  }

  std::optional<ApiError> TakeJsonField(const std::string& name, const json& value) {
    if (value.is_null()) return std::nullopt;
    if (value.is_array()) {
      for (const json& entry : value) {
        const std::string text =
            entry.is_string() ? entry.get<std::string>() : base::JsonToText(entry);
        if (std::optional<ApiError> error = TakeField(name, text)) return error;
      }
      return std::nullopt;
    }
    return TakeField(name, value.is_string() ? value.get<std::string>() : base::JsonToText(value));
  }

  std::optional<ApiError> TakeField(std::string_view name, const std::string& text) {
    std::string_view plain = name.ends_with("[]") ? name.substr(0, name.size() - 2) : name;
    if (plain == "response_format") {
      const auto format = transcripts::ParseOpenAiFormat(text);
      if (!format.ok()) return BadField(name, format.status().message());
      request_.format = *format;
      if (*format == transcripts::OpenAiFormat::kDiarizedJson) {
        request_.options.mutable_options()->request.diarization.enabled = true;
      }
      return std::nullopt;
    }
    if (plain == "timestamp_granularities") return TakeGranularities(text);
    if (plain == "include") {
      const Status status = transcripts::CheckInclude(text);
      if (!status.ok()) return BadField(name, status.message());
      request_.options.mutable_options()->request.token_logprobs = true;
      return std::nullopt;
    }
    if (plain == "stream") {
      request_.stream = IsTrue(text);
      return std::nullopt;
    }
    if (plain == "known_speaker_names" || plain == "known_speaker_references") {
      return BadField(name,
                      "Voices are not compared with samples by this server; leave the field out, "
                      "and speakers are called A, B and so on.");
    }
    worker::RequestOptions* options = request_.options.mutable_options();
    if (plain == "languages") return TakeLanguages(text);
    if (plain == "keywords") {
      std::string& words = options->request.prompt.hotwords;
      words += (words.empty() ? "" : " ") + text;
      return std::nullopt;
    }
    auto taken = request_.options.Take(plain, text);
    if (auto* error = std::get_if<ApiError>(&taken)) {
      return BadField(plain, error->fields.empty() ? error->message : error->fields[0].message);
    }
    // chunking_strategy, user and what later clients add have no meaning here: windows are always
    // cut by voice activity.
    return std::nullopt;
  }

  std::optional<ApiError> TakeGranularities(std::string_view text) {
    while (!text.empty()) {
      const std::string_view one = text.substr(0, text.find(','));
      text.remove_prefix(std::min(text.size(), one.size() + 1));
      const Status added = transcripts::AddGranularity(one, &request_.granularities);
      if (!added.ok()) return BadField("timestamp_granularities", added.message());
    }
    if (request_.granularities.word) {
      request_.options.mutable_options()->request.words.word_timestamps = true;
    }
    return std::nullopt;
  }

  std::optional<ApiError> TakeLanguages(const std::string& text) {
    Result<std::string> code = worker::NormaliseLanguage(text);
    if (!code.ok()) return BadField("languages", code.status().message());
    auto& allowed = request_.options.mutable_options()->request.language.allowed;
    if (!code->empty()) allowed.push_back(*std::move(code));
    return std::nullopt;
  }

  AudioRequest Finish() {
    if (translate_) {
      request_.options.mutable_options()->request.decoding.task = SpeechTask::kTranslate;
    }
    return std::move(request_);
  }

  Call& call_;
  const AudioLimits& limits_;
  const bool translate_;
  AudioRequest request_;
};

std::variant<json, ApiError> ReadJsonBody(Call& call, const AudioLimits& limits) {
  JsonLimits json_limits;
  // Base64 is four characters for three bytes; the rest of the body is small.
  json_limits.bytes_max = static_cast<std::size_t>(limits.bytes_max / 3 * 4 + (1 << 20));
  const Result<std::string> text =
      http::ReadAll(call.request.body, static_cast<std::int64_t>(json_limits.bytes_max));
  if (text.status().code() == StatusCode::kResourceExhausted) {
    return AudioTooLarge(limits.bytes_max);
  }
  if (!text.ok()) return FromStatus(text.status());
  Result<json> parsed = ParseJson(*text, json_limits);
  if (!parsed.ok()) return BadField("body", parsed.status().message());
  if (!parsed->is_object()) return BadField("body", "The body must be a JSON object.");
  return *std::move(parsed);
}

}  // namespace

ApiError BadField(std::string_view field, std::string_view message) {
  ApiError error = BadRequest("INVALID_REQUEST", message);
  error.param = field;
  error.openai_code = field == "file" || field == "audio" ? "unsupported_audio" : "invalid_value";
  return error;
}

ApiError AudioTooLarge(std::int64_t bytes_max) {
  ApiError error = BadField(
      "file", fmt::format("The file is larger than the {} bytes that this server accepts here "
                          "(setting MAX_AUDIO_FILE_SIZE_MB); POST /jobs takes longer ones.",
                          bytes_max));
  error.status = 413;
  error.openai_code = "file_too_large";
  return error;
}

std::variant<AudioRequest, ApiError> ReadAudioRequest(Call& call, const AudioLimits& limits,
                                                      bool translate) {
  const std::string_view type = call.request.headers.Find("Content-Type").value_or("");
  AudioReader reader(call, limits, translate);
  if (const Result<std::string> boundary = http::MultipartBoundary(type); boundary.ok()) {
    return reader.ReadForm(*boundary);
  }
  if (!type.starts_with("application/json")) {
    return BadField("body", "The body must be multipart/form-data or application/json.");
  }
  auto body = ReadJsonBody(call, limits);
  if (auto* error = std::get_if<ApiError>(&body)) return std::move(*error);
  try {
    return reader.ReadJson(std::get<json>(body));
  } catch (const json::exception&) {  // A member of another type than value() expects.
    return BadField("body", "A field of the JSON body has the wrong type.");
  }
}

std::variant<AudioRequest, ApiError> ReadChatRequest(Call& call, const AudioLimits& limits) {
  auto body = ReadJsonBody(call, limits);
  if (auto* error = std::get_if<ApiError>(&body)) return std::move(*error);
  try {
    // Only what chooses the model is taken from a chat body: its temperature means another thing.
    const json& chat = std::get<json>(body);
    json audio = json::object();
    for (const char* name : {"model", "messages", "audio_options", "language"}) {
      if (chat.contains(name)) audio[name] = chat[name];
    }
    return AudioReader(call, limits, false).ReadJson(audio);
  } catch (const json::exception&) {
    return BadField("body", "A field of the JSON body has the wrong type.");
  }
}

}  // namespace wt::api

#include "service/api/uploads/batch_form.h"

#include <algorithm>
#include <charconv>

#include "base/json_text.h"
#include "service/api/rest/job_routes.h"

namespace wt::api {
namespace {

constexpr std::size_t kNameBytesMax = 255;
constexpr std::size_t kDescriptionBytesMax = 4'096;

ApiError LimitError(int status, const std::string& message) {
  ApiError error = BadRequest("BATCH_LIMIT", message);
  error.status = status;
  return error;
}

std::optional<ApiError> BodyError(const Status& status) {
  if (status.code() == StatusCode::kDataCorrupt ||
      status.code() == StatusCode::kResourceExhausted) {
    return Invalid({{"body", status.message()}});
  }
  return FromStatus(status);
}

}  // namespace

std::optional<ApiError> BatchForm::Read() {
  const Result<std::string> boundary =
      http::MultipartBoundary(call_.request.headers.Find("Content-Type").value_or(""));
  if (!boundary.ok()) return Invalid({{"body", boundary.status().message()}});
  http::MultipartReader reader(call_.request.body, *boundary, {});
  while (true) {
    const Result<std::optional<http::PartHead>> part = reader.NextPart();
    if (!part.ok()) return BodyError(part.status());
    if (!*part) break;
    std::optional<ApiError> error;
    if ((*part)->file_name || (*part)->name == "files" || (*part)->name == "files[]") {
      error = TakeFile(&reader, **part);
    } else {
      const Result<std::string> text = reader.ReadPartText(kFormFieldBytesMax);
      if (text.status().code() == StatusCode::kResourceExhausted) {
        return Invalid({{(*part)->name, "is longer than 65536 bytes"}});
      }
      if (!text.ok()) return BodyError(text.status());
      error = TakeField((*part)->name, *text);
    }
    if (error) return error;
  }
  if (accepted.empty() && rejected.empty()) {
    return BadRequest("VALIDATION_ERROR", "The batch has no files: send them as files[].");
  }
  if (accepted.empty()) {
    ApiError error = BadRequest("UNSUPPORTED_MEDIA", "None of the files is a recording.");
    error.extra_json.emplace_back("errors", base::JsonToText(rejected));
    return error;
  }
  return options.Finish(*parts_.models);
}

void BatchForm::Discard() const {
  for (const uploads::AcceptedMedia& media : accepted) {
    // What cannot be removed now is found by the sweeper: nothing refers to it.
    static_cast<void>(parts_.intake->Discard(media.media).ok());
  }
}

std::optional<ApiError> BatchForm::TakeFile(http::MultipartReader* reader,
                                            const http::PartHead& part) {
  const std::string name = part.file_name.value_or("");
  if (static_cast<int>(accepted.size() + rejected.size()) >= parts_.limits.jobs_max) {
    return LimitError(400, "'" + name + "' is one file too many: a batch has at most " +
                               std::to_string(parts_.limits.jobs_max) + ".");
  }
  const std::int64_t left = parts_.total_bytes_max - bytes_;
  uploads::IncomingFile file;
  file.owner = OwnerOf(call_.principal);
  file.filename = name;
  auto media =
      parts_.intake->Receive(file, {.bytes_max = std::min(left, parts_.file_bytes_max)},
                             [reader](std::span<std::byte> out) { return reader->ReadPart(out); });
  if (media.ok()) {
    bytes_ += media->media.bytes;
    accepted.push_back(std::move(media).value());
    return std::nullopt;
  }
  ApiError error = UploadFailure(media.failure());
  if (media.failure().error == uploads::UploadError::kFileTooLarge) {
    const bool total = left < parts_.file_bytes_max;
    return LimitError(
        413, "'" + name + "' is too large: " + (total ? "a batch" : "a file") + " has at most " +
                 std::to_string(total ? parts_.total_bytes_max : parts_.file_bytes_max) +
                 " bytes.");
  }
  const bool its_fault =
      error.status == 400 && media.failure().error != uploads::UploadError::kTransferBroken;
  if (!its_fault) return error;
  rejected.push_back(
      {{"filename", name}, {"error_code", error.error_code}, {"message", error.message}});
  return std::nullopt;
}

std::optional<ApiError> BatchForm::TakeParallel(const std::string& text) {
  const char* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, batch.parallel_max);
  if (parsed.ec == std::errc() && parsed.ptr == end && batch.parallel_max >= 1 &&
      batch.parallel_max <= parts_.limits.parallel_max) {
    return std::nullopt;
  }
  return LimitError(
      400, "max_parallel_jobs must be 1 to " + std::to_string(parts_.limits.parallel_max) + ".");
}

std::optional<ApiError> BatchForm::TakeField(std::string_view name, const std::string& text) {
  if (name == "config_json") return TakeConfig(text);
  if (name == "batch_name" || name == "name") {
    batch.name = text;
    if (text.size() > kNameBytesMax) return Invalid({{"batch_name", "has more than 255 bytes"}});
  } else if (name == "description") {
    batch.description = text;
    if (text.size() > kDescriptionBytesMax) {
      return Invalid({{"description", "has more than 4096 bytes"}});
    }
  } else if (name == "priority") {
    const std::optional<jobs::Priority> priority = jobs::ParsePriority(text);
    if (!priority) return Invalid({{"priority", "must be low, normal, high or urgent"}});
    batch.priority = *priority;
  } else if (name == "auto_start") {
    if (text != "true" && text != "1" && text != "false" && text != "0") {
      return Invalid({{"auto_start", "must be true or false"}});
    }
    const bool now = text == "true" || text == "1";
    start = now ? jobs::BatchStart::kNow : jobs::BatchStart::kLater;
  } else if (name == "max_parallel_jobs") {
    return TakeParallel(text);
  } else {
    auto taken = options.Take(name, text);
    if (auto* error = std::get_if<ApiError>(&taken)) return std::move(*error);
  }
  return std::nullopt;
}

std::optional<ApiError> BatchForm::TakeConfig(const std::string& text) {
  const Result<nlohmann::json> config = ParseJson(text, JsonLimits{});
  if (!config.ok()) return Invalid({{"config_json", config.status().message()}});
  if (!config->is_object()) return Invalid({{"config_json", "must be an object"}});
  for (const auto& [name, value] : config->items()) {
    if (name == "config_json" || value.is_null() || value.is_structured()) continue;
    const std::string plain =
        value.is_string() ? value.get<std::string>() : base::JsonToText(value);
    if (std::optional<ApiError> error = TakeField(name, plain)) return error;
  }
  return std::nullopt;
}

}  // namespace wt::api

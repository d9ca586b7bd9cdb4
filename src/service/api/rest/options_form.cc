#include "service/api/rest/options_form.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"

namespace wt::api {
namespace {

/// Names that forms use for options of another name.
std::string_view OptionName(std::string_view field) {
  if (field.ends_with("[]")) field.remove_suffix(2);
  if (field == "model_name") return "model";
  if (field == "prompt") return "initial_prompt";
  return field;
}

}  // namespace

ApiError ModelError(const Status& status, const worker::ModelNames& names) {
  const bool known = status.code() == StatusCode::kFailedPrecondition;
  ApiError error = BadRequest(known ? "MODEL_NOT_INSTALLED" : "INVALID_MODEL", status.message());
  error.param = "model";
  error.openai_code = "model_not_found";
  error.extra_json.emplace_back("allowed_models",
                                base::JsonToText(nlohmann::json(names.AllowedNames())));
  return error;
}

std::variant<bool, ApiError> OptionsForm::Take(std::string_view name, const std::string& value) {
  const std::string_view option = OptionName(name);
  if (option == "timestamp_granularities") {
    if (value == "word") options_.request.words.word_timestamps = true;
    if (value == "word" || value == "segment") return true;
    return Invalid({{std::string(name), "must be word or segment"}});
  }
  if (!worker::IsOption(option)) return false;
  language_named_ = language_named_ || option == "language";
  const Status set = worker::SetOption(option, value, &options_);
  if (!set.ok()) return Invalid({{std::string(name), set.message()}});
  return true;
}

std::optional<ApiError> OptionsForm::Finish(const worker::ModelNames& names) {
  std::string& language = options_.request.language.language;
  const LanguageOptions& chosen = options_.request.language;
  if (!language_named_ && chosen.allowed.empty() && !chosen.multilingual) {
    language = names.options().default_language;
  }
  if (const Status status = worker::CheckOptions(options_); !status.ok()) {
    return Invalid({{"form", status.message()}});
  }
  const Result<std::string> model = names.Resolve(options_.model);
  if (!model.ok()) return ModelError(model.status(), names);
  model_ = *model;
  if (options_.request.diarization.enabled) {
    if (const Result<std::string> found = names.SpeakerDir(); !found.ok()) {
      ApiError error = BadRequest("MODEL_NOT_INSTALLED", found.status().message());
      error.param = "diarize";
      error.openai_code = "speaker_model_not_installed";
      return error;
    }
  }
  return std::nullopt;
}

}  // namespace wt::api

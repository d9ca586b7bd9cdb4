// The options of a transcription from a form or a query: what every surface that takes a recording
// shares. Pure but for model names, which are looked up: thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "service/api/error.h"
#include "service/worker/models/model_names.h"
#include "service/worker/options/request_options.h"

namespace wt::api {

/// Largest value of a plain form field.
inline constexpr std::size_t kFormFieldBytesMax = 64 << 10;

/// What a form says so far. Errors name the field.
class OptionsForm {
 public:
  /// Takes one field. False: it is none of an option's names (the surface decides what then).
  std::variant<bool, ApiError> Take(std::string_view name, const std::string& value);

  /// Checks what only holds between options, takes the operator's language where the client named
  /// none, and resolves the model: 400 INVALID_MODEL with the
  /// allowed names (spec ING-11), and 400 MODEL_NOT_INSTALLED with how to get it.
  std::optional<ApiError> Finish(const worker::ModelNames& names);

  const worker::RequestOptions& options() const { return options_; }
  worker::RequestOptions* mutable_options() { return &options_; }
  /// Canonical; after Finish().
  const std::string& model() const { return model_; }

 private:
  worker::RequestOptions options_;
  std::string model_;
  bool language_named_ = false;
};

/// 400 INVALID_MODEL or MODEL_NOT_INSTALLED of the REST API.
ApiError ModelError(const Status& status, const worker::ModelNames& names);

}  // namespace wt::api

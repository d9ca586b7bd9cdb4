// The form of POST /batch/upload: options of all jobs, and files that are stored while it is read.
// One thread.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "service/api/uploads/batch_routes.h"
#include "service/http/content/multipart.h"

namespace wt::api {

class BatchForm {
 public:
  BatchForm(const BatchRouteParts& parts, Call& call) : parts_(parts), call_(call) {}

  /// Reads and checks all of it; what was stored is the caller's to discard after an error too.
  std::optional<ApiError> Read();
  /// For files that did not become jobs.
  void Discard() const;

  OptionsForm options;
  jobs::Batch batch;
  jobs::BatchStart start = jobs::BatchStart::kNow;
  std::vector<uploads::AcceptedMedia> accepted;
  /// {filename, error_code, message} of each file that is no recording.
  nlohmann::ordered_json rejected = nlohmann::ordered_json::array();

 private:
  std::optional<ApiError> TakeFile(http::MultipartReader* reader, const http::PartHead& part);
  std::optional<ApiError> TakeField(std::string_view name, const std::string& text);
  std::optional<ApiError> TakeConfig(const std::string& text);

  const BatchRouteParts& parts_;
  Call& call_;
  std::int64_t bytes_ = 0;
};

}  // namespace wt::api

// Stands in for the weight tools of the engine while a build has none: they say so.
#include "whisper_transcriber/models.h"

namespace wt {

Result<WeightsInfo> InspectModel(const std::string& path) {
  return Status(StatusCode::kUnsupported, path + ": this build has no tools for weight files");
}

Status ConvertModel(const std::string& source, const std::string&, const ConvertOptions&) {
  return Status(StatusCode::kUnsupported, source + ": this build has no tools for weight files");
}

}  // namespace wt

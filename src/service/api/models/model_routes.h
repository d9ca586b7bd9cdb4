// The models of this server: what is there, what this machine can run, fetching and removing.
//
// Everybody may read the list; an administrator fetches, brings in, measures and removes. What is
// recommended follows from the processors and the memory by the rule that the answer states.
// Handlers are called from many threads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "service/api/accounts/account_json.h"
#include "service/api/route.h"
#include "service/worker/models/model_downloads.h"
#include "service/worker/models/model_registry.h"
#include "service/worker/models/model_speed.h"
#include "whisper_transcriber/status.h"

namespace wt::api {

struct MachineFacts {
  int cores = 1;
  /// What this process may use.
  std::int64_t memory_bytes = 0;
  /// "avx512_vnni" and so on, best last.
  std::vector<std::string> instruction_sets = {};
};

struct ModelRouteParts {
  worker::ModelRegistry* registry = nullptr;
  worker::ModelDownloads* downloads = nullptr;
  worker::ModelSpeeds* speeds = nullptr;
  MachineFacts machine;
  /// Whether recordings are being transcribed now.
  std::function<bool()> busy;
  /// A weight file of so many bytes becomes the model of that name.
  std::function<Status(const std::string& model, const std::string& filename, std::int64_t bytes,
                       http::BodySource* body)>
      bring_in;
  AuditFunction audit;
};

/// The name of the published model that suits the machine, and why.
struct Recommendation {
  std::string model;
  std::string reason;
};
Recommendation RecommendModel(const MachineFacts& machine);

/// What is pointed to outlives the table. Needs the schemas of AddModelSchemas.
void AddModelRoutes(const ModelRouteParts& parts, RouteTable* table);
Status AddModelSchemas(Schemas* schemas);

}  // namespace wt::api

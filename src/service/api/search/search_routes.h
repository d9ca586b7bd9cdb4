// Search over the caller's own jobs (spec 06-srch.md). Handlers are called from many threads.
#pragma once

#include "base/clock.h"
#include "service/api/route.h"
#include "service/search/search.h"
#include "whisper_transcriber/status.h"

namespace wt::api {

struct SearchRouteParts {
  search::Search* search = nullptr;
  const base::Clock* clock = nullptr;
};

/// What is pointed to outlives the table. Needs the schemas of AddSearchSchemas.
void AddSearchRoutes(const SearchRouteParts& parts, RouteTable* table);
Status AddSearchSchemas(Schemas* schemas);

}  // namespace wt::api

// What a user has set for himself: how the pages look and what new jobs begin with. The server
// keeps it and reads nothing of it but the rules below. Handlers are called from many threads.
#pragma once

#include "service/api/route.h"
#include "service/auth/store/user_store.h"
#include "whisper_transcriber/status.h"

namespace wt::api {

struct PreferenceRouteParts {
  auth::UserStore* users = nullptr;
  const base::Clock* clock = nullptr;
};

/// What is pointed to outlives the table. Needs the schemas of AddPreferenceSchemas.
void AddPreferenceRoutes(const PreferenceRouteParts& parts, RouteTable* table);
Status AddPreferenceSchemas(Schemas* schemas);

}  // namespace wt::api

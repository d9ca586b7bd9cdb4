// API keys: the owner's routes and the administrator's view (spec 09-key.md).
//
// /api/keys is the canonical path: the dispatcher takes /api off, so that patterns here begin with
// /keys. A secret is in the reply that made it and in no other. A foreign key and a missing one
// are the same 404. Handlers are called from many threads.
#pragma once

#include "base/clock.h"
#include "service/api/accounts/account_json.h"
#include "service/api/route.h"
#include "service/auth/keys/api_keys.h"

namespace wt::api {

struct KeyRouteParts {
  auth::ApiKeys* keys = nullptr;
  const base::Clock* clock = nullptr;
  AuditFunction audit;
};

/// What the parts point to must outlive the table. Needs AddAccountSchemas and AddJobSchemas.
void AddKeyRoutes(const KeyRouteParts& parts, RouteTable* table);

}  // namespace wt::api

// WebSockets (spec RT-01 to RT-06, RT-08, RT-13): one job's progress or log, what happens to a
// user's jobs and to the topics that he subscribes to, how his batches get on, and the system.
//
// A foreign job and a missing one close with 4404 alike. Handlers are called from many threads.
#pragma once

#include "service/api/accounts/account_json.h"
#include "service/api/events/feeds.h"
#include "service/api/events/job_event_hub.h"
#include "service/api/events/socket_base.h"
#include "service/api/route.h"
#include "service/jobs/batch_store.h"
#include "service/jobs/job_store.h"

namespace wt::api {

struct SocketRouteParts {
  const AuthAdapter* adapter = nullptr;
  SocketGuard* guard = nullptr;
  JobEventHub* hub = nullptr;
  jobs::JobStore* jobs = nullptr;
  const base::Clock* clock = nullptr;
  /// Null: there is no socket of batches.
  jobs::BatchStore* batches = nullptr;
  /// What is missing here has no sockets either.
  SystemSources system;
  AuditFunction audit;
};

/// What the parts point to must outlive the table and every socket.
void AddSocketRoutes(const SocketRouteParts& parts, RouteTable* table);

}  // namespace wt::api

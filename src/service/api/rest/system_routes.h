// What operators and documents need: probes, version, metrics, the OpenAPI document and its page.
//
// Probes are public and say no secret and no path; whoever may read metrics also gets reasons.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/api/route.h"

namespace wt::api {

struct ReadinessCheck {
  /// "database", "migrations", "queue", "models", "storage", "disk", "workers".
  std::string name;
  bool ok = true;
  /// An optional dependency only degrades.
  bool required = true;
  /// For operators.
  std::string reason;
};

struct VersionInfo {
  std::string version;
  std::string build_sha;
  std::string build_date;
};

struct SystemRouteParts {
  VersionInfo version;
  bool docs = true;
  /// HEALTH_STATUS_WORD: what GET /health says when all is well.
  std::string health_word = "ok";
  /// SECURITY_CONTACT; empty: no security.txt.
  std::string security_contact;
  /// METRICS_OPEN: anybody may read them.
  bool metrics_open = false;
  const base::Clock* clock = nullptr;
  /// Ok when the database answers.
  std::function<Status()> ping_database;
  std::function<std::vector<ReadinessCheck>()> readiness;
  /// The exposition text, and whether the caller of a public /metrics is let in by its token.
  std::function<std::string()> metrics;
};

/// `table` must stay where it is: the document is made from it at the first request.
void AddSystemRoutes(const SystemRouteParts& parts, RouteTable* table);

/// Schemas Health, Readiness, Version.
Status AddSystemSchemas(Schemas* schemas);

}  // namespace wt::api

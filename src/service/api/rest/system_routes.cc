#include "service/api/rest/system_routes.h"

#include <memory>
#include <mutex>

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "service/api/docs/docs_files.h"
#include "service/api/openapi.h"
#include "service/api/rest/job_routes.h"

namespace wt::api {
namespace {

using auth::Permission;
using http::Method;
using Json = nlohmann::ordered_json;

constexpr std::string_view kDocsPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

Route SystemRoute(std::string pattern, std::string operation, std::string summary,
                  Permission permission, HandlerFunction handler) {
  Route route = PlainRoute(Method::kGet, std::move(pattern), std::move(operation),
                           std::move(summary), "system", permission, std::move(handler));
  route.rate = RateClass::kNone;
  return route;
}

Reply Health(const SystemRouteParts& parts) {
  const bool ok = parts.ping_database().ok();
  return JsonResponse(ok ? 200 : 503, Json{{"status", ok ? parts.health_word : "db_error"},
                                           {"service", "whisper-transcriber"}});
}

Reply Readiness(const SystemRouteParts& parts, bool with_reasons) {
  Json checks = Json::object();
  bool ready = true;
  bool degraded = false;
  for (const ReadinessCheck& check : parts.readiness()) {
    ready = ready && (check.ok || !check.required);
    degraded = degraded || !check.ok;
    if (with_reasons) {
      checks[check.name] = {
          {"ok", check.ok}, {"required", check.required}, {"reason", check.reason}};
    } else {
      checks[check.name] = check.ok;
    }
  }
  const char* word = !ready ? "not_ready" : degraded ? "degraded" : "ready";
  return JsonResponse(ready ? 200 : 503, Json{{"status", word}, {"checks", std::move(checks)}});
}

http::Response DocsFile(std::string_view text, std::string_view type) {
  http::Response response = http::Response::Text(200, std::string(text), type);
  response.headers.Set("Content-Security-Policy", std::string(kDocsPolicy));
  // The page belongs to this build; its files have no hash in their names.
  response.headers.Set("Cache-Control", "no-cache");
  return response;
}

void AddDocs(const SystemRouteParts& parts, RouteTable* table) {
  struct Document {
    std::once_flag made;
    std::string text;
  };
  const auto document = std::make_shared<Document>();
  const std::string version = parts.version.version;
  table->Add(SystemRoute("/openapi.json", "getOpenApi", "This API as an OpenAPI 3.1 document",
                         Permission::kPublic, [table, document, version](Call&) -> Reply {
                           std::call_once(document->made,
                                          [&] { document->text = MakeOpenApi(*table, version); });
                           return http::Response::Text(200, document->text, "application/json");
                         }));
  Route page =
      SystemRoute("/docs", "getDocs", "Reference with requests to try", Permission::kPublic,
                  [](Call&) -> Reply { return DocsFile(kDocsHtml, "text/html; charset=utf-8"); });
  page.response_type = "text/html";
  page.aliases = {"/redoc"};
  table->Add(std::move(page));
  Route script = SystemRoute(
      "/docs/docs.js", "getDocsScript", "The reference page's script", Permission::kPublic,
      [](Call&) -> Reply { return DocsFile(kDocsScript, "text/javascript; charset=utf-8"); });
  script.response_type = "text/javascript";
  table->Add(std::move(script));
  Route style = SystemRoute(
      "/docs/docs.css", "getDocsStyle", "The reference page's style", Permission::kPublic,
      [](Call&) -> Reply { return DocsFile(kDocsStyle, "text/css; charset=utf-8"); });
  style.response_type = "text/css";
  table->Add(std::move(style));
}

/// RFC 9116. It must not be older than its Expires field says, so that is always half a year away.
void AddSecurityText(const SystemRouteParts& parts, RouteTable* table) {
  constexpr base::UnixMillis kHalfYearMs = 182LL * 86'400'000;
  Route text = SystemRoute(
      "/.well-known/security.txt", "getSecurityText", "Whom to tell of a vulnerability",
      Permission::kPublic, [parts](Call&) -> Reply {
        return http::Response::Text(200, "Contact: " + parts.security_contact + "\nExpires: " +
                                             base::FormatTime(parts.clock->Now() + kHalfYearMs) +
                                             "\nPreferred-Languages: en, de\n");
      });
  text.response_type = "text/plain";
  text.rate = RateClass::kGeneral;
  table->Add(std::move(text));
}

}  // namespace

Status AddSystemSchemas(Schemas* schemas) {
  const std::pair<const char*, const char*> all[] = {
      {"Health", R"({"type":"object","required":["status"],"properties":{
        "status":{"type":"string"},"service":{"type":"string"},"message":{"type":"string"}}})"},
      {"Readiness", R"({"type":"object","required":["status","checks"],"properties":{
        "status":{"enum":["ready","degraded","not_ready"]},"checks":{"type":"object"}}})"},
      {"Version", R"({"type":"object","required":["version"],"properties":{
        "version":{"type":"string"},"build_sha":{"type":"string"},
        "build_date":{"type":"string"}}})"},
  };
  for (const auto& [name, schema] : all) {
    if (Status status = schemas->Add(name, schema); !status.ok()) return status;
  }
  return {};
}

void AddSystemRoutes(const SystemRouteParts& parts, RouteTable* table) {
  Route health = SystemRoute("/health", "getHealth", "Does the server reach its database",
                             Permission::kPublic, [parts](Call&) { return Health(parts); });
  health.response_schema = "Health";
  health.errors = {503};
  table->Add(std::move(health));

  Route live = SystemRoute("/health/livez", "getLiveness", "Does the process answer",
                           Permission::kPublic, [](Call&) -> Reply {
                             return JsonResponse(
                                 200, Json{{"status", "ok"}, {"message", "The process is alive."}});
                           });
  live.response_schema = "Health";
  live.aliases = {"/livez"};
  table->Add(std::move(live));

  Route ready =
      SystemRoute("/health/readyz", "getReadiness", "Can the server take work", Permission::kPublic,
                  [parts](Call&) { return Readiness(parts, false); });
  ready.response_schema = "Readiness";
  ready.errors = {503};
  ready.aliases = {"/readyz"};
  table->Add(std::move(ready));

  Route reasons = SystemRoute("/health/readyz/details", "getReadinessDetails",
                              "Readiness with the reason of each check", Permission::kMetrics,
                              [parts](Call&) { return Readiness(parts, true); });
  reasons.response_schema = "Readiness";
  reasons.errors = {503};
  table->Add(std::move(reasons));

  const VersionInfo version = parts.version;
  Route which = SystemRoute("/version", "getVersion", "Which build this is", Permission::kPublic,
                            [version](Call&) -> Reply {
                              return JsonResponse(200, Json{{"version", version.version},
                                                            {"build_sha", version.build_sha},
                                                            {"build_date", version.build_date}});
                            });
  which.response_schema = "Version";
  table->Add(std::move(which));

  Route metrics = SystemRoute(
      "/metrics", "getMetrics", "Prometheus metrics",
      parts.metrics_open ? Permission::kPublic : Permission::kMetrics, [parts](Call&) -> Reply {
        return http::Response::Text(200, parts.metrics(),
                                    "text/plain; version=0.0.4; charset=utf-8");
      });
  metrics.response_type = "text/plain";
  table->Add(std::move(metrics));
  if (!parts.security_contact.empty()) AddSecurityText(parts, table);
  if (parts.docs) AddDocs(parts, table);
}

}  // namespace wt::api

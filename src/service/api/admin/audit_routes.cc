#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "service/api/admin/admin_internal.h"
#include "service/api/rest/job_routes.h"

namespace wt::api {
namespace {

using audit::EventType;
using http::Method;
using Json = nlohmann::ordered_json;

Json EntryToJson(const audit::Entry& entry) {
  const audit::Event& event = entry.event;
  Json json;
  json["seq"] = entry.seq;
  json["timestamp"] = base::FormatTime(entry.time);
  json["event_type"] = audit::EventTypeName(event.type);
  json["severity"] = audit::SeverityName(event.severity);
  json["outcome"] = audit::OutcomeName(event.outcome);
  json["action"] = event.action;
  json["resource"] = event.resource;
  json["request_id"] = event.request_id;
  json["user_id"] = event.user_id;
  json["username"] = event.username;
  json["ip_address"] = event.address;
  json["user_agent"] = event.agent;
  json["detail"] = event.detail;
  json["previous_hash"] = entry.previous_hash;
  json["hash"] = entry.hash;
  return json;
}

std::variant<audit::Filter, ApiError> ReadFilter(const Call& call) {
  audit::Filter filter;
  const PageWanted page = ReadPage(call);
  filter.limit = page.limit;
  filter.offset = page.skip;
  if (const std::string name = call.Query("event_type"); !name.empty()) {
    filter.type = audit::ParseEventType(name);
    if (!filter.type) return Invalid({{"query.event_type", "is not a kind of event"}});
  }
  if (const std::string name = call.Query("severity"); !name.empty()) {
    filter.severity = audit::ParseSeverity(name);
    if (!filter.severity) return Invalid({{"query.severity", "is not a severity"}});
  }
  if (const std::string name = call.Query("outcome"); !name.empty()) {
    filter.outcome = audit::ParseOutcome(name);
    if (!filter.outcome) return Invalid({{"query.outcome", "is not an outcome"}});
  }
  filter.user_id = call.Query("user_id");
  filter.address = call.Query("ip_address");
  filter.request_id = call.Query("request_id");
  filter.since = base::ParseTime(call.Query("since"));
  filter.until = base::ParseTime(call.Query("until"));
  return filter;
}

Reply ListAudit(const AdminRouteParts& parts, Call& call) {
  const auto read = ReadFilter(call);
  if (const auto* error = std::get_if<ApiError>(&read)) return *error;
  const auto& filter = std::get<audit::Filter>(read);
  const Result<audit::Page> page = parts.audit_log->List(filter);
  if (!page.ok()) return page.status();
  Audit(parts.audit, MakeEvent(call, EventType::kAdminAction, "audit.read"));
  Json list = Json::array();
  for (const audit::Entry& entry : page->entries) list.push_back(EntryToJson(entry));
  const std::size_t shown = list.size();
  Json body;
  body["entries"] = std::move(list);
  AddPage(page->total, filter.offset, filter.limit, shown, &body);
  return JsonResponse(200, body);
}

Reply VerifyAudit(const AdminRouteParts& parts, Call& call) {
  const Result<audit::Verification> found = parts.audit_log->Verify();
  if (!found.ok()) return found.status();
  Audit(parts.audit, MakeEvent(call, EventType::kAdminAction, "audit.verify"));
  return JsonResponse(200, Json{{"intact", found->intact},
                                {"entries", found->entries},
                                {"broken_seq", found->intact ? Json() : Json(found->broken_seq)},
                                {"message", found->message}});
}

}  // namespace

void AddAuditRoutes(const AdminRouteParts& parts, RouteTable* table) {
  Route list = AdminRoute(parts, Method::kGet, "/admin/security/audit-logs", "listAuditLog",
                          "The audit record, newest first", ListAudit);
  list.query = PageQuery();
  for (const char* name :
       {"event_type", "severity", "outcome", "user_id", "ip_address", "request_id"}) {
    list.query.push_back({name, R"({"type":"string","maxLength":128})", "Exactly this"});
  }
  for (const char* name : {"since", "until"}) {
    list.query.push_back({name, R"({"type":"string","format":"date-time"})", "A time"});
  }
  list.aliases = {"/admin/events"};
  table->Add(std::move(list));
  table->Add(AdminRoute(parts, Method::kGet, "/admin/security/audit-logs/verify", "verifyAuditLog",
                        "Check the chain of the whole record", VerifyAudit));
}

}  // namespace wt::api

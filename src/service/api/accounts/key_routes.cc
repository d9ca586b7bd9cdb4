#include "service/api/accounts/key_routes.h"

#include <nlohmann/json.hpp>

#include "base/ids.h"
#include "service/api/rest/job_routes.h"
#include "service/auth/scopes.h"

namespace wt::api {
namespace {

using audit::EventType;
using auth::Permission;
using http::Method;
using Json = nlohmann::ordered_json;

constexpr int kUsageDaysDefault = 30;
constexpr int kUsageRowsShown = 100;

/// Whose keys a route may touch.
enum class Whose { kOwn, kEveryones };

std::string OwnerFor(const Call& call, Whose whose) {
  return whose == Whose::kOwn ? call.principal.user_id : "";
}

auth::Granter GranterOf(const Call& call) {
  return call.principal.is_admin ? auth::Granter::kAdmin : auth::Granter::kUser;
}

ApiError KeyError(const Status& status) {
  switch (status.code()) {
    case StatusCode::kNotFound: return NotFound("API key");
    case StatusCode::kInvalidArgument: return Invalid({{"body", std::string(status.message())}});
    // A limit of the user, not of the server: waiting does not help.
    case StatusCode::kResourceExhausted: return Conflict("KEY_LIMIT_REACHED", status.message());
    case StatusCode::kPermissionDenied:
      return Forbidden("INSUFFICIENT_PERMISSIONS", status.message());
    default: return FromStatus(status);
  }
}

/// A member that is there and not null.
const nlohmann::json* Given(const nlohmann::json& body, const char* name) {
  const auto found = body.find(name);
  return found == body.end() || found->is_null() ? nullptr : &*found;
}

auth::KeyChange ReadChange(const nlohmann::json& body) {
  auth::KeyChange change;
  if (const auto* value = Given(body, "name")) change.name = value->get<std::string>();
  if (const auto* value = Given(body, "description")) {
    change.description = value->get<std::string>();
  }
  for (const char* name : {"scopes", "permissions"}) {
    if (const auto* value = Given(body, name)) {
      change.scopes = value->get<std::vector<std::string>>();
    }
  }
  if (const auto* value = Given(body, "allowed_ips")) {
    change.allowed_ips = value->get<std::vector<std::string>>();
  }
  for (const char* name : {"expires_in_days", "expires_days"}) {
    if (const auto* value = Given(body, name)) change.expires_days = value->get<int>();
  }
  if (const auto* value = Given(body, "hourly_limit")) {
    change.hourly_limit = value->get<std::int64_t>();
  }
  if (const auto* value = Given(body, "daily_quota")) {
    change.daily_quota = value->get<std::int64_t>();
  }
  if (const auto* value = Given(body, "monthly_quota")) {
    change.monthly_quota = value->get<std::int64_t>();
  }
  return change;
}

auth::NewKey ReadNew(const nlohmann::json& body) {
  const auth::KeyChange given = ReadChange(body);
  auth::NewKey wanted;
  wanted.name = given.name.value_or("");
  wanted.description = given.description.value_or("");
  wanted.scopes = given.scopes.value_or(wanted.scopes);
  wanted.allowed_ips = given.allowed_ips.value_or(wanted.allowed_ips);
  wanted.expires_days = given.expires_days.value_or(wanted.expires_days);
  wanted.hourly_limit = given.hourly_limit.value_or(wanted.hourly_limit);
  wanted.daily_quota = given.daily_quota.value_or(0);
  wanted.monthly_quota = given.monthly_quota.value_or(0);
  return wanted;
}

/// Scopes beyond the caller's own: a key must not make a stronger one than itself.
std::optional<ApiError> CheckGrant(const Call& call, const std::vector<std::string>& scopes) {
  if (call.principal.credential != auth::Credential::kApiKey) return std::nullopt;
  const auto names = auth::CanonicalScopes(scopes, GranterOf(call));
  if (!names.ok()) return KeyError(names.status());
  for (const Permission permission : auth::PermissionsOfScopes(*names, GranterOf(call))) {
    if (call.principal.Has(permission)) continue;
    return Forbidden("INSUFFICIENT_PERMISSIONS",
                     "A key cannot grant permissions that it does not have itself.");
  }
  return std::nullopt;
}

http::Response WithSecret(int status, const auth::KeyWithSecret& made) {
  Json body = KeyToJson(made.key);
  body["api_key"] = made.secret;
  body["message"] = "Keep the key now: it is not shown again.";
  return JsonResponse(status, body);
}

Reply CreateKey(const KeyRouteParts& parts, Call& call, Whose) {
  const auth::NewKey wanted = ReadNew(*call.json);
  if (auto error = CheckGrant(call, wanted.scopes)) return *std::move(error);
  const auto made = parts.keys->Create(call.principal.user_id, wanted, GranterOf(call));
  if (!made.ok()) return KeyError(made.status());
  Audit(parts.audit, MakeEvent(call, EventType::kApiKeyChange, "key.create", made->key.id));
  return WithSecret(201, *made);
}

Reply ListKeys(const KeyRouteParts& parts, Call& call, Whose whose) {
  const PageWanted page = ReadPage(call);
  auth::KeyFilter filter;
  filter.user_id = OwnerFor(call, whose);
  if (whose == Whose::kEveryones) filter.user_id = call.Query("user_id");
  if (const std::string status = call.Query("status"); !status.empty()) {
    filter.status = auth::ParseKeyStatus(status);
  }
  filter.search = call.Query("search");
  filter.limit = page.limit;
  filter.offset = page.skip;
  const Result<auth::KeyPage> found = parts.keys->List(filter);
  if (!found.ok()) return found.status();
  Json list = Json::array();
  for (const auth::ApiKey& key : found->keys) list.push_back(KeyToJson(key));
  Json body;
  const std::size_t shown = list.size();
  body["keys"] = std::move(list);
  AddPage(found->total, page.skip, page.limit, shown, &body);
  return JsonResponse(200, body);
}

Reply GetKey(const KeyRouteParts& parts, Call& call, Whose whose) {
  const auto key = parts.keys->Get(OwnerFor(call, whose), call.Parameter("key_id"));
  if (!key.ok()) return KeyError(key.status());
  return JsonResponse(200, KeyToJson(*key));
}

Reply UpdateKey(const KeyRouteParts& parts, Call& call, Whose whose) {
  const auth::KeyChange change = ReadChange(*call.json);
  if (change.scopes) {
    if (auto error = CheckGrant(call, *change.scopes)) return *std::move(error);
  }
  const auto key =
      parts.keys->Update(OwnerFor(call, whose), call.Parameter("key_id"), change, GranterOf(call));
  if (!key.ok()) return KeyError(key.status());
  Audit(parts.audit, MakeEvent(call, EventType::kApiKeyChange, "key.update", key->id));
  return JsonResponse(200, KeyToJson(*key));
}

/// The key after a change of its status.
Reply Changed(const KeyRouteParts& parts, const Call& call, Whose whose, const char* action,
              const Status& status) {
  if (!status.ok()) return KeyError(status);
  const auto key = parts.keys->Get(OwnerFor(call, whose), call.Parameter("key_id"));
  if (!key.ok()) return KeyError(key.status());
  Audit(parts.audit, MakeEvent(call, EventType::kApiKeyChange, action, key->id));
  return JsonResponse(200, KeyToJson(*key));
}

Reply RevokeKey(const KeyRouteParts& parts, Call& call, Whose whose) {
  return Changed(parts, call, whose, "key.revoke",
                 parts.keys->Revoke(OwnerFor(call, whose), call.Parameter("key_id")));
}

Reply SuspendKey(const KeyRouteParts& parts, Call& call, Whose whose) {
  return Changed(parts, call, whose, "key.suspend", parts.keys->Suspend(call.Parameter("key_id")));
}

Reply UnsuspendKey(const KeyRouteParts& parts, Call& call, Whose whose) {
  return Changed(parts, call, whose, "key.unsuspend",
                 parts.keys->Unsuspend(call.Parameter("key_id")));
}

Reply RegenerateKey(const KeyRouteParts& parts, Call& call, Whose whose) {
  const std::string owner = OwnerFor(call, whose);
  const auto old = parts.keys->Get(owner, call.Parameter("key_id"));
  if (!old.ok()) return KeyError(old.status());
  if (auto error = CheckGrant(call, old->scopes)) return *std::move(error);
  const auto made = parts.keys->Regenerate(owner, old->id);
  if (!made.ok()) return KeyError(made.status());
  Audit(parts.audit, MakeEvent(call, EventType::kApiKeyChange, "key.regenerate", made->key.id));
  return WithSecret(200, *made);
}

Json DayToJson(const auth::KeyUseDay& day) {
  const double mean = day.requests == 0 ? 0
                                        : static_cast<double>(day.latency_ms_sum) /
                                              static_cast<double>(day.requests);
  return {{"date", day.day},           {"requests", day.requests}, {"errors", day.errors},
          {"limited", day.limited},    {"latency_ms_mean", mean},  {"bytes_in", day.bytes_in},
          {"bytes_out", day.bytes_out}};
}

Reply KeyUsage(const KeyRouteParts& parts, Call& call, Whose whose) {
  const std::string owner = OwnerFor(call, whose);
  const std::string& id = call.Parameter("key_id");
  const std::string days_text = call.Query("days");
  const int days = days_text.empty() ? kUsageDaysDefault : std::stoi(days_text);
  const auto by_day = parts.keys->UseByDay(owner, id, days);
  if (!by_day.ok()) return KeyError(by_day.status());
  const auto uses = parts.keys->Uses(owner, id, kUsageRowsShown);
  if (!uses.ok()) return KeyError(uses.status());
  Json body;
  body["key_id"] = id;
  body["days"] = days;
  Json list = Json::array();
  auth::KeyUseDay sum;
  for (const auth::KeyUseDay& day : *by_day) {
    sum.requests += day.requests;
    sum.errors += day.errors;
    sum.limited += day.limited;
    list.push_back(DayToJson(day));
  }
  body["total_requests"] = sum.requests;
  body["total_errors"] = sum.errors;
  body["total_limited"] = sum.limited;
  body["by_day"] = std::move(list);
  Json recent = Json::array();
  for (const auth::KeyUse& use : *uses) {
    recent.push_back({{"at", base::FormatTime(use.at)},
                      {"method", use.method},
                      {"route", use.route},
                      {"status", use.status},
                      {"latency_ms", use.latency_ms},
                      {"address", use.address},
                      {"user_agent", use.agent}});
  }
  body["recent"] = std::move(recent);
  return JsonResponse(200, body);
}

Reply KeySummary(const KeyRouteParts& parts, Call& call, Whose whose) {
  const auto summary = parts.keys->Summary(OwnerFor(call, whose));
  if (!summary.ok()) return summary.status();
  return JsonResponse(200, Json{{"total", summary->total},
                                {"active", summary->active},
                                {"revoked", summary->revoked},
                                {"expired", summary->expired},
                                {"suspended", summary->suspended},
                                {"requests_total", summary->requests_total}});
}

Reply AvailablePermissions(const KeyRouteParts&, Call& call, Whose) {
  Json list = Json::array();
  for (const auth::Scope& scope : auth::AllScopes()) {
    if (scope.admin_only && !call.principal.is_admin) continue;
    list.push_back({{"name", scope.name},
                    {"description", scope.description},
                    {"admin_only", scope.admin_only}});
  }
  return JsonResponse(200, Json{{"permissions", std::move(list)}});
}

/// Any credential may ask what it is: that is what the route is for.
Reply TestKey(const KeyRouteParts& parts, Call& call, Whose) {
  if (call.principal.credential != auth::Credential::kApiKey) {
    return BadRequest("NOT_AN_API_KEY", "Send the key to test in X-API-Key.");
  }
  const auto key = parts.keys->Get(call.principal.user_id, call.principal.credential_id);
  if (!key.ok()) return KeyError(key.status());
  Json body{{"valid", true}};
  body["key"] = KeyToJson(*key);
  return JsonResponse(200, body);
}

Reply CleanUp(const KeyRouteParts& parts, Call& call, Whose) {
  const Result<std::int64_t> expired = parts.keys->ExpireDue();
  if (!expired.ok()) return expired.status();
  Audit(parts.audit, MakeEvent(call, EventType::kAdminAction, "key.expire_due"));
  return JsonResponse(200, Json{{"expired", *expired}});
}

using KeyFunction = Reply (*)(const KeyRouteParts&, Call&, Whose);

/// "listKeys" of the owner, "adminListKeys" of the administrator.
std::string OperationName(bool own, std::string operation) {
  if (!own) return "admin" + operation;
  operation.front() = static_cast<char>(operation.front() - 'A' + 'a');
  return operation;
}

/// Routes of one of the two views.
class View {
 public:
  View(const KeyRouteParts& parts, RouteTable* table, Whose whose)
      : parts_(parts), table_(table), whose_(whose) {}

  Route Make(Method method, const std::string& rest, const std::string& operation,
             const std::string& summary, KeyFunction function) const {
    const bool own = whose_ == Whose::kOwn;
    const std::string root = own ? "/keys" : "/admin/api-keys";
    const std::string other = own ? "/api-keys" : "/admin/security/api-keys";
    Route route = AccountRoute(method, root + rest, OperationName(own, operation), summary,
                               own ? Permission::kKeysManage : Permission::kAdmin,
                               [parts = parts_, function, whose = whose_](Call& call) {
                                 return function(parts, call, whose);
                               });
    route.tag = own ? "keys" : "administration";
    route.response_schema = "ApiKey";
    if (method != Method::kGet) route.errors = {409};
    route.aliases = {other + rest};
    return route;
  }
  /// `more`: other paths below the root.
  void Add(Route route, const std::vector<std::string>& more = {}) const {
    const bool own = whose_ == Whose::kOwn;
    for (const std::string& rest : more) {
      route.aliases.push_back((own ? "/keys" : "/admin/api-keys") + rest);
      route.aliases.push_back((own ? "/api-keys" : "/admin/security/api-keys") + rest);
    }
    table_->Add(std::move(route));
  }

 private:
  const KeyRouteParts& parts_;
  RouteTable* table_;
  Whose whose_;
};

void AddShared(const View& view) {
  Route list = view.Make(Method::kGet, "", "ListKeys", "API keys, newest first", ListKeys);
  list.query = PageQuery();
  list.query.push_back({"status",
                        R"({"type":"string","enum":["active","revoked","expired","suspended"]})",
                        "Only these"});
  list.query.push_back({"search", R"({"type":"string","maxLength":255})", "Part of the name"});
  list.query.push_back({"user_id", R"({"type":"string","maxLength":64})", "Administration only"});
  list.response_schema = "ApiKeyList";
  view.Add(std::move(list));
  view.Add(view.Make(Method::kGet, "/{key_id}", "GetKey", "One API key", GetKey));
  view.Add(
      view.Make(Method::kPost, "/{key_id}/revoke", "RevokeKey", "End a key for good", RevokeKey));
  view.Add(view.Make(Method::kDelete, "/{key_id}", "DeleteKey", "The same as revoke", RevokeKey));
  Route usage = view.Make(Method::kGet, "/{key_id}/usage", "GetKeyUsage", "What a key was used for",
                          KeyUsage);
  usage.query = {{"days", R"({"type":"integer","minimum":1,"maximum":365})", "Default: 30"}};
  usage.response_schema = "";
  view.Add(std::move(usage), {"/{key_id}/statistics"});
  Route summary =
      view.Make(Method::kGet, "/stats/summary", "GetKeySummary", "Keys in numbers", KeySummary);
  summary.response_schema = "";
  view.Add(std::move(summary), {"/stats"});
}

void AddOwn(const View& view) {
  Route create =
      view.Make(Method::kPost, "", "CreateKey", "Make a key; its secret is shown once", CreateKey);
  TakesJson("NewKeyRequest", &create);
  create.success_status = 201;
  create.errors = {403, 409, 422};
  view.Add(std::move(create));
  Route update = view.Make(Method::kPut, "/{key_id}", "UpdateKey", "Change a key", UpdateKey);
  TakesJson("KeyChangeRequest", &update);
  view.Add(std::move(update));
  Route patch = view.Make(Method::kPatch, "/{key_id}", "PatchKey", "Change a key", UpdateKey);
  TakesJson("KeyChangeRequest", &patch);
  view.Add(std::move(patch));
  view.Add(view.Make(Method::kPost, "/{key_id}/regenerate", "RegenerateKey",
                     "A new secret; the old one ends at once", RegenerateKey));
  Route permissions = view.Make(Method::kGet, "/permissions/available", "ListKeyPermissions",
                                "What keys may be allowed", AvailablePermissions);
  permissions.response_schema = "";
  view.Add(std::move(permissions));
  for (const Method method : {Method::kGet, Method::kPost}) {
    Route test = view.Make(method, "/test", method == Method::kGet ? "TestKey" : "TestKeyByPost",
                           "Does this key work", TestKey);
    test.permission = Permission::kSignedIn;
    test.response_schema = "";
    view.Add(std::move(test));
  }
}

}  // namespace

void AddKeyRoutes(const KeyRouteParts& parts, RouteTable* table) {
  const View own(parts, table, Whose::kOwn);
  AddShared(own);
  AddOwn(own);
  const View all(parts, table, Whose::kEveryones);
  AddShared(all);
  all.Add(
      all.Make(Method::kPost, "/{key_id}/suspend", "SuspendKey", "Switch a key off", SuspendKey));
  all.Add(all.Make(Method::kPost, "/{key_id}/unsuspend", "UnsuspendKey", "Switch it on again",
                   UnsuspendKey));
  Route clean =
      all.Make(Method::kPost, "/cleanup", "CleanUpKeys", "Mark keys beyond their time", CleanUp);
  clean.response_schema = "";
  all.Add(std::move(clean), {"/cleanup-expired"});
}

}  // namespace wt::api

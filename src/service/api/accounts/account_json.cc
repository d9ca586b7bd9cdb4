#include "service/api/accounts/account_json.h"

#include <nlohmann/json.hpp>

#include "base/ids.h"

namespace wt::api {
namespace {

using Json = nlohmann::ordered_json;

// A credential or a form of one: far more than any of them needs.
constexpr std::int64_t kBodyBytesMax = 32 << 10;
constexpr int kLimitDefault = 100;

/// The same of API keys.
Status AddKeySchemas(Schemas* schemas) {
  const std::pair<const char*, const char*> all[] = {
      {"ApiKey", R"({"type":"object","required":["id","name","prefix","permissions","status"],
        "properties":{"id":{"type":"string"},"user_id":{"type":"string"},
        "name":{"type":"string"},"description":{"type":"string"},"prefix":{"type":"string"},
        "api_key":{"type":"string"},
        "permissions":{"type":"array","items":{"type":"string"}},
        "allowed_ips":{"type":"array","items":{"type":"string"}},
        "status":{"enum":["active","revoked","expired","suspended"]},
        "hourly_limit":{"type":"integer"},"daily_quota":{"type":["integer","null"]},
        "monthly_quota":{"type":["integer","null"]},"requests_total":{"type":"integer"},
        "created_at":{"type":["string","null"]},"expires_at":{"type":["string","null"]},
        "last_used_at":{"type":["string","null"]},"revoked_at":{"type":["string","null"]}}})"},
      {"ApiKeyList", R"({"type":"object","properties":{"keys":{"type":"array",
        "items":{"$ref":"#/components/schemas/ApiKey"}},"total":{"type":"integer"}}})"},
      {"NewKeyRequest", R"({"type":"object","required":["name"],"properties":{
        "name":{"type":"string","minLength":1,"maxLength":255},
        "description":{"type":["string","null"],"maxLength":2000},
        "permissions":{"type":"array","maxItems":32,"items":{"type":"string","maxLength":64}},
        "scopes":{"type":"array","maxItems":32,"items":{"type":"string","maxLength":64}},
        "allowed_ips":{"type":["array","null"],"maxItems":100,
          "items":{"type":"string","maxLength":64}},
        "expires_days":{"type":["integer","null"],"minimum":1,"maximum":3650},
        "expires_in_days":{"type":["integer","null"],"minimum":1,"maximum":3650},
        "hourly_limit":{"type":["integer","null"],"minimum":1,"maximum":10000},
        "daily_quota":{"type":["integer","null"],"minimum":0,"maximum":1000000000},
        "monthly_quota":{"type":["integer","null"],"minimum":0,"maximum":1000000000}}})"},
      {"KeyChangeRequest", R"({"type":"object","properties":{
        "name":{"type":["string","null"],"minLength":1,"maxLength":255},
        "description":{"type":["string","null"],"maxLength":2000},
        "permissions":{"type":["array","null"],"maxItems":32,
          "items":{"type":"string","maxLength":64}},
        "scopes":{"type":["array","null"],"maxItems":32,
          "items":{"type":"string","maxLength":64}},
        "allowed_ips":{"type":["array","null"],"maxItems":100,
          "items":{"type":"string","maxLength":64}},
        "expires_days":{"type":["integer","null"],"minimum":1,"maximum":3650},
        "expires_in_days":{"type":["integer","null"],"minimum":1,"maximum":3650},
        "hourly_limit":{"type":["integer","null"],"minimum":1,"maximum":10000},
        "daily_quota":{"type":["integer","null"],"minimum":0,"maximum":1000000000},
        "monthly_quota":{"type":["integer","null"],"minimum":0,"maximum":1000000000}}})"},
  };
  for (const auto& [name, schema] : all) {
    if (Status status = schemas->Add(name, schema); !status.ok()) return status;
  }
  return {};
}

}  // namespace

Json TimeOrNull(base::UnixMillis time) { return time == 0 ? Json() : Json(base::FormatTime(time)); }

Json UserToJson(const auth::User& user) {
  const char* role = user.is_admin ? "admin" : "user";
  Json json;
  json["id"] = user.id;
  json["username"] = user.username;
  json["email"] = user.email;
  json["is_active"] = user.is_active;
  json["is_admin"] = user.is_admin;
  json["role"] = role;
  json["roles"] = Json::array({role});
  json["must_change_password"] = user.must_change_password;
  json["created_at"] = TimeOrNull(user.created_at);
  json["updated_at"] = TimeOrNull(user.updated_at);
  json["last_login_at"] = TimeOrNull(user.last_login_at);
  json["storage_quota_bytes"] = user.storage_quota_bytes ? Json(*user.storage_quota_bytes) : Json();
  return json;
}

Json SessionToJson(const auth::Session& session, bool current) {
  Json json;
  json["id"] = session.id;
  json["current"] = current;
  json["created_at"] = TimeOrNull(session.created_at);
  json["last_seen_at"] = TimeOrNull(session.last_seen_at);
  json["address"] = session.address;
  json["user_agent"] = session.agent;
  return json;
}

Json KeyToJson(const auth::ApiKey& key) {
  Json json;
  json["id"] = key.id;
  json["user_id"] = key.user_id;
  json["name"] = key.name;
  json["description"] = key.description;
  json["prefix"] = key.prefix;
  json["permissions"] = key.scopes;
  json["allowed_ips"] = key.allowed_ips;
  json["status"] = auth::KeyStatusName(key.status);
  json["hourly_limit"] = key.hourly_limit;
  json["daily_quota"] = key.daily_quota == 0 ? Json() : Json(key.daily_quota);
  json["monthly_quota"] = key.monthly_quota == 0 ? Json() : Json(key.monthly_quota);
  json["requests_total"] = key.requests_total;
  json["created_at"] = TimeOrNull(key.created_at);
  json["expires_at"] = TimeOrNull(key.expires_at);
  json["last_used_at"] = TimeOrNull(key.last_used_at);
  json["revoked_at"] = TimeOrNull(key.revoked_at);
  return json;
}

void AddPage(std::int64_t total, std::int64_t skip, std::int64_t limit, std::size_t shown,
             Json* body) {
  (*body)["total"] = total;
  (*body)["skip"] = skip;
  (*body)["limit"] = limit;
  (*body)["pagination"] = {{"total", total},
                           {"skip", skip},
                           {"limit", limit},
                           {"has_more", skip + static_cast<std::int64_t>(shown) < total}};
}

audit::Event MakeEvent(const Call& call, audit::EventType type, std::string action,
                       std::string resource) {
  audit::Event event;
  event.type = type;
  event.severity = audit::UsualSeverity(type);
  event.action = std::move(action);
  event.resource = std::move(resource);
  event.request_id = call.request_id;
  event.user_id = call.principal.user_id;
  event.username = call.principal.username;
  event.address = call.client_address;
  event.agent = std::string(call.request.headers.Find("User-Agent").value_or(""));
  return event;
}

void Audit(const AuditFunction& function, const audit::Event& event) {
  if (function) function(event);
}

Route AccountRoute(http::Method method, std::string pattern, std::string operation,
                   std::string summary, auth::Permission permission, HandlerFunction handler) {
  return PlainRoute(method, std::move(pattern), std::move(operation), std::move(summary),
                    "accounts", permission, std::move(handler));
}

void TakesJson(const char* schema, Route* route) {
  route->body = BodyKind::kJson;
  route->body_bytes_max = kBodyBytesMax;
  route->request_schema = schema;
  route->errors.push_back(422);
}

std::vector<QueryField> PageQuery() {
  return {
      {"skip", R"({"type":"integer","minimum":0,"maximum":1000000000})", "Entries to pass over"},
      {"limit", R"({"type":"integer","minimum":1,"maximum":1000})", "Entries on a page"}};
}

PageWanted ReadPage(const Call& call) {
  PageWanted wanted;
  const std::string skip = call.Query("skip");
  const std::string limit = call.Query("limit");
  wanted.skip = skip.empty() ? 0 : std::stoll(skip);
  wanted.limit = limit.empty() ? kLimitDefault : std::stoi(limit);
  return wanted;
}

Status AddAccountSchemas(Schemas* schemas) {
  const std::pair<const char*, const char*> all[] = {
      {"LoginRequest", R"({"type":"object","required":["username","password"],"properties":{
        "username":{"type":"string","minLength":1,"maxLength":254},
        "password":{"type":"string","minLength":1,"maxLength":1024}}})"},
      {"RefreshRequest", R"({"type":"object","properties":{
        "refresh_token":{"type":"string","maxLength":256}}})"},
      {"TokenReply", R"({"type":"object","required":["access_token","token_type","expires_in"],
        "properties":{"access_token":{"type":"string"},"token_type":{"const":"bearer"},
        "expires_in":{"type":"integer"},"refresh_token":{"type":"string"},
        "refresh_expires_in":{"type":"integer"},"csrf_token":{"type":"string"},
        "must_change_password":{"type":"boolean"},"user":{"$ref":"#/components/schemas/User"}}})"},
      {"User", R"({"type":"object","required":["id","username","is_active","is_admin","roles"],
        "properties":{"id":{"type":"string"},"username":{"type":"string"},
        "email":{"type":"string"},"is_active":{"type":"boolean"},"is_admin":{"type":"boolean"},
        "role":{"enum":["user","admin"]},"roles":{"type":"array","items":{"type":"string"}},
        "must_change_password":{"type":"boolean"},"created_at":{"type":["string","null"]},
        "updated_at":{"type":["string","null"]},"last_login_at":{"type":["string","null"]},
        "storage_quota_bytes":{"type":["integer","null"]}}})"},
      {"UserList", R"({"type":"object","properties":{"users":{"type":"array",
        "items":{"$ref":"#/components/schemas/User"}},"total":{"type":"integer"}}})"},
      {"UserCreated", R"({"type":"object","properties":{
        "user":{"$ref":"#/components/schemas/User"},"one_time_password":{"type":"string"}}})"},
      {"NewUserRequest", R"({"type":"object","required":["username"],"properties":{
        "username":{"type":"string","maxLength":64},"email":{"type":"string","maxLength":254},
        "password":{"type":"string","maxLength":1024},"role":{"enum":["user","admin"]},
        "must_change_password":{"type":"boolean"}}})"},
      {"UserChangeRequest", R"({"type":"object","properties":{
        "username":{"type":"string","maxLength":64},"email":{"type":"string","maxLength":254},
        "role":{"enum":["user","admin"]},"is_active":{"type":"boolean"},
        "is_admin":{"type":"boolean"},"storage_quota_bytes":{"type":["integer","null"],
        "minimum":0,"maximum":1152921504606846976}}})"},
      {"ProfileRequest", R"({"type":"object","required":["email"],"properties":{
        "email":{"type":"string","maxLength":254}}})"},
      {"RegisterRequest", R"({"type":"object","required":["username","email","password"],
        "properties":{"username":{"type":"string","minLength":3,"maxLength":64},
        "email":{"type":"string","minLength":3,"maxLength":254},
        "password":{"type":"string","minLength":1,"maxLength":1024}}})"},
      {"SetupRequest", R"({"type":"object","required":["token","username","password"],
        "properties":{"token":{"type":"string","maxLength":256},
        "username":{"type":"string","minLength":3,"maxLength":64},
        "email":{"type":"string","maxLength":254},
        "password":{"type":"string","minLength":1,"maxLength":1024}}})"},
      {"SetupState", R"({"type":"object","properties":{"awaits_setup":{"type":"boolean"}}})"},
      {"PasswordRequest", R"({"type":"object","required":["current_password","new_password"],
        "properties":{"current_password":{"type":"string","minLength":1,"maxLength":1024},
        "new_password":{"type":"string","minLength":1,"maxLength":1024}}})"},
      {"SessionList", R"({"type":"object","properties":{"sessions":{"type":"array",
        "items":{"type":"object"}}}})"},
      {"CsrfToken", R"({"type":"object","properties":{"csrf_token":{"type":"string"}}})"},
      {"SocketTicket", R"({"type":"object","properties":{"ticket":{"type":"string"},
        "expires_in":{"type":"integer"}}})"},
      {"OneTimePassword", R"({"type":"object","properties":{
        "one_time_password":{"type":"string"}}})"},
  };
  for (const auto& [name, schema] : all) {
    if (Status status = schemas->Add(name, schema); !status.ok()) return status;
  }
  return AddKeySchemas(schemas);
}

}  // namespace wt::api

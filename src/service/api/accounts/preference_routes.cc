#include "service/api/accounts/preference_routes.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "service/api/rest/job_routes.h"

namespace wt::api {
namespace {

using auth::Permission;
using http::Method;
using nlohmann::json;

constexpr char kDocument[] = "preferences";
// A vocabulary of 1,000 words of 50 bytes, and the rest.
constexpr std::int64_t kBytesMax = 64 << 10;
constexpr std::size_t kMembersMax = 200;
constexpr std::size_t kMemberBytesMax = 1'000;

/// Options and shortcuts: flat objects of short values.
std::optional<FieldError> CheckFlat(const json& body, const char* name) {
  if (!body.contains(name)) return std::nullopt;
  const std::string field = std::string("body.") + name;
  if (body[name].size() > kMembersMax) return FieldError{field, "has too many members"};
  for (const auto& [member, value] : body[name].items()) {
    const bool too_long =
        value.is_string() && value.get_ref<const std::string&>().size() > kMemberBytesMax;
    if (value.is_structured() || too_long || member.size() > kMemberBytesMax) {
      return FieldError{field + "." + member.substr(0, 64), "must be a short text, number or flag"};
    }
  }
  return std::nullopt;
}

Reply GetPreferences(const PreferenceRouteParts& parts, Call& call) {
  const Result<std::string> stored = parts.users->GetDocument(call.principal.user_id, kDocument);
  if (!stored.ok()) return stored.status();
  return http::Response::Text(200, stored->empty() ? "{}" : *stored, "application/json");
}

Reply PutPreferences(const PreferenceRouteParts& parts, Call& call) {
  for (const char* name : {"default_options", "keymap"}) {
    if (auto wrong = CheckFlat(*call.json, name)) return Invalid({*std::move(wrong)});
  }
  std::string text = base::JsonToText(*call.json);
  const Status put =
      parts.users->PutDocument(call.principal.user_id, kDocument, text, parts.clock->Now());
  if (!put.ok()) return put;
  return http::Response::Text(200, std::move(text), "application/json");
}

}  // namespace

Status AddPreferenceSchemas(Schemas* schemas) {
  return schemas->Add("Preferences", R"({"type":"object","additionalProperties":false,
    "properties":{"theme":{"enum":["system","light","dark"]},
    "language":{"type":"string","maxLength":16},
    "default_model":{"type":"string","maxLength":100},
    "default_language":{"type":"string","maxLength":16},
    "default_format":{"type":"string","maxLength":16},
    "default_options":{"type":"object"},"keymap":{"type":"object"},
    "vocabulary":{"type":"array","maxItems":1000,
    "items":{"type":"string","minLength":1,"maxLength":100}}}})");
}

void AddPreferenceRoutes(const PreferenceRouteParts& parts, RouteTable* table) {
  Route get = PlainRoute(Method::kGet, "/preferences", "getPreferences", "The caller's settings",
                         "account", Permission::kSignedIn,
                         [parts](Call& call) { return GetPreferences(parts, call); });
  get.response_schema = "Preferences";
  table->Add(std::move(get));
  Route put = PlainRoute(Method::kPut, "/preferences", "putPreferences",
                         "Replace the caller's settings", "account", Permission::kSignedIn,
                         [parts](Call& call) { return PutPreferences(parts, call); });
  put.body = BodyKind::kJson;
  put.body_bytes_max = kBytesMax;
  put.request_schema = "Preferences";
  put.response_schema = "Preferences";
  table->Add(std::move(put));
}

}  // namespace wt::api

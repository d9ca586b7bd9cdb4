// Accounts, sessions and keys as the API shows them: never a hash, never a secret. Pure:
// thread-safe.
#pragma once

#include <functional>

#include <nlohmann/json_fwd.hpp>

#include "base/clock.h"
#include "service/api/route.h"
#include "service/api/schema.h"
#include "service/audit/event.h"
#include "service/auth/store/key_store.h"
#include "service/auth/store/session_store.h"
#include "service/auth/store/user_store.h"
#include "whisper_transcriber/status.h"

namespace wt::api {

/// Where handlers put what only they know; empty: nowhere.
using AuditFunction = std::function<void(const audit::Event&)>;

nlohmann::ordered_json UserToJson(const auth::User& user);
/// `current`: the session that asks.
nlohmann::ordered_json SessionToJson(const auth::Session& session, bool current);
nlohmann::ordered_json KeyToJson(const auth::ApiKey& key);
/// Null for 0: "never".
nlohmann::ordered_json TimeOrNull(base::UnixMillis time);
/// total, skip, limit and the pagination object, as every list of the API has them.
void AddPage(std::int64_t total, std::int64_t skip, std::int64_t limit, std::size_t shown,
             nlohmann::ordered_json* body);

/// An event with the caller's part filled in.
audit::Event MakeEvent(const Call& call, audit::EventType type, std::string action,
                       std::string resource = "");
void Audit(const AuditFunction& function, const audit::Event& event);

/// A route of accounts: JSON in and out, nothing cached, general rate.
Route AccountRoute(http::Method method, std::string pattern, std::string operation,
                   std::string summary, auth::Permission permission, HandlerFunction handler);
/// Gives it a JSON body.
void TakesJson(const char* schema, Route* route);
/// skip and limit.
std::vector<QueryField> PageQuery();
struct PageWanted {
  std::int64_t skip = 0;
  int limit = 100;
};
PageWanted ReadPage(const Call& call);

/// Schemas of all requests and replies of accounts and administration.
Status AddAccountSchemas(Schemas* schemas);

}  // namespace wt::api

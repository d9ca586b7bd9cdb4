#include "service/api/accounts/user_routes.h"

#include <nlohmann/json.hpp>

#include "service/api/rest/job_routes.h"

namespace wt::api {
namespace {

using audit::EventType;
using auth::Permission;
using http::Method;
using Json = nlohmann::ordered_json;

ApiError UserError(const Status& status) {
  switch (status.code()) {
    case StatusCode::kNotFound: return NotFound("User");
    case StatusCode::kInvalidArgument: return Invalid({{"body", std::string(status.message())}});
    case StatusCode::kFailedPrecondition: return Conflict("LAST_ADMINISTRATOR", status.message());
    default: return FromStatus(status);
  }
}

Reply ListUsers(const UserRouteParts& parts, Call& call) {
  const PageWanted page = ReadPage(call);
  auth::UserFilter filter;
  filter.search = call.Query("search");
  filter.limit = page.limit;
  filter.offset = page.skip;
  const Result<auth::UserPage> found = parts.users->List(filter);
  if (!found.ok()) return found.status();
  Json list = Json::array();
  for (const auth::User& user : found->users) list.push_back(UserToJson(user));
  const std::size_t shown = list.size();
  Json body;
  body["users"] = std::move(list);
  AddPage(found->total, page.skip, page.limit, shown, &body);
  return JsonResponse(200, body);
}

Reply CreateUser(const UserRouteParts& parts, Call& call) {
  const nlohmann::json& given = *call.json;
  auth::NewUser wanted;
  wanted.username = given.value("username", "");
  wanted.email = given.value("email", "");
  wanted.password = given.value("password", "");
  wanted.role = given.value("role", "") == "admin" ? auth::Role::kAdmin : auth::Role::kUser;
  // A password that an administrator chose is known to two people.
  wanted.must_change_password = given.value("must_change_password", true);
  const Result<auth::CreatedUser> created = parts.users->Create(wanted);
  if (!created.ok()) return UserError(created.status());
  Audit(parts.audit, MakeEvent(call, EventType::kAccountChange, "user.create", created->user.id));
  Json body;
  body["user"] = UserToJson(created->user);
  if (!created->one_time_password.empty()) body["one_time_password"] = created->one_time_password;
  return JsonResponse(201, body);
}

Reply GetUser(const UserRouteParts& parts, Call& call) {
  const Result<auth::User> user = parts.users->Get(call.Parameter("user_id"));
  if (!user.ok()) return UserError(user.status());
  return JsonResponse(200, UserToJson(*user));
}

Reply UpdateUser(const UserRouteParts& parts, Call& call) {
  const nlohmann::json& given = *call.json;
  auth::UserChange change;
  if (given.contains("username")) change.username = given["username"].get<std::string>();
  if (given.contains("email")) change.email = given["email"].get<std::string>();
  if (given.contains("is_active")) change.is_active = given["is_active"].get<bool>();
  if (given.contains("storage_quota_bytes")) {
    const nlohmann::json& bytes = given["storage_quota_bytes"];
    change.storage_quota_bytes =
        bytes.is_null() ? std::nullopt : std::optional(bytes.get<std::int64_t>());
  }
  std::optional<bool> admin;
  if (given.contains("is_admin")) admin = given["is_admin"].get<bool>();
  if (given.contains("role")) admin = given["role"] == "admin";
  if (admin) change.role = *admin ? auth::Role::kAdmin : auth::Role::kUser;
  const Result<auth::User> user = parts.users->Update(call.Parameter("user_id"), change);
  if (!user.ok()) return UserError(user.status());
  audit::Event event = MakeEvent(call, EventType::kAccountChange, "user.update", user->id);
  for (const auto& [name, value] : given.items()) event.detail += name + " ";
  Audit(parts.audit, event);
  return JsonResponse(200, UserToJson(*user));
}

Reply ResetPassword(const UserRouteParts& parts, Call& call) {
  const std::string& id = call.Parameter("user_id");
  const Result<std::string> password = parts.users->ResetPassword(id);
  if (!password.ok()) return UserError(password.status());
  Audit(parts.audit, MakeEvent(call, EventType::kPasswordChange, "user.reset_password", id));
  return JsonResponse(200, Json{{"one_time_password", *password}});
}

Reply DeleteUser(const UserRouteParts& parts, Call& call) {
  const std::string& id = call.Parameter("user_id");
  auth::UserChange off;
  off.is_active = false;
  const Result<auth::User> user = parts.users->Update(id, off);
  if (!user.ok()) return UserError(user.status());
  const Status emptied = parts.delete_data(id);
  if (emptied.code() == StatusCode::kFailedPrecondition) {
    ApiError error = Conflict("JOB_RUNNING",
                              "The user is switched off and running jobs are being stopped. "
                              "Delete the user again in a moment.");
    error.retry_after_s = 1;
    return error;
  }
  if (!emptied.ok()) return emptied;
  const Status deleted = parts.users->Delete(id);
  if (!deleted.ok()) return UserError(deleted);
  Audit(parts.audit, MakeEvent(call, EventType::kAccountChange, "user.delete", id));
  return http::Response::Text(204, "");
}

}  // namespace

void AddUserRoutes(const UserRouteParts& parts, RouteTable* table) {
  const auto make = [parts](Method method, const char* rest, const char* operation,
                            const char* summary, Reply (*function)(const UserRouteParts&, Call&)) {
    Route route =
        AccountRoute(method, std::string("/users") + rest, operation, summary, Permission::kAdmin,
                     [parts, function](Call& call) { return function(parts, call); });
    route.tag = "administration";
    route.response_schema = "User";
    route.aliases = {std::string("/admin/users") + rest};
    return route;
  };
  Route list = make(Method::kGet, "", "listUsers", "All accounts, oldest first", ListUsers);
  list.query = PageQuery();
  list.query.push_back(
      {"search", R"({"type":"string","maxLength":254})", "Part of name or e-mail"});
  list.response_schema = "UserList";
  table->Add(std::move(list));

  Route create =
      make(Method::kPost, "", "createUser",
           "Make an account; without a password one is made up and shown once", CreateUser);
  TakesJson("NewUserRequest", &create);
  create.success_status = 201;
  create.response_schema = "UserCreated";
  create.errors = {409, 422};
  table->Add(std::move(create));

  table->Add(make(Method::kGet, "/{user_id}", "getUser", "One account", GetUser));
  for (const auto& [method, operation] :
       {std::pair(Method::kPut, "updateUser"), std::pair(Method::kPatch, "patchUser")}) {
    Route update = make(method, "/{user_id}", operation,
                        "Change name, e-mail, role or whether it is active", UpdateUser);
    TakesJson("UserChangeRequest", &update);
    update.errors = {409, 422};
    table->Add(std::move(update));
  }
  Route reset = make(Method::kPost, "/{user_id}/reset-password", "resetPassword",
                     "A one-time password, shown once; all sessions end", ResetPassword);
  reset.response_schema = "OneTimePassword";
  reset.errors = {409};
  table->Add(std::move(reset));
  Route remove = make(Method::kDelete, "/{user_id}", "deleteUser",
                      "Delete an account with everything it owns", DeleteUser);
  remove.response_schema = "";
  remove.success_status = 204;
  remove.errors = {409};
  table->Add(std::move(remove));
}

}  // namespace wt::api

#include "service/api/accounts/auth_routes.h"

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "service/api/accounts/session_cookies.h"
#include "service/api/rest/job_routes.h"
#include "service/http/content/body_limit.h"
#include "service/http/url.h"

namespace wt::api {
namespace {

using audit::EventType;
using auth::Credential;
using auth::LoginResult;
using auth::Permission;
using http::Method;
using Json = nlohmann::ordered_json;

constexpr std::int64_t kTokenBodyBytesMax = 16 << 10;
constexpr int kTicketSeconds = 30;

auth::Source SourceOf(const Call& call) {
  return {call.client_address, std::string(call.request.headers.Find("User-Agent").value_or(""))};
}

std::string Text(const Call& call, const char* name) { return call.json->value(name, ""); }

/// Where the tokens of a reply go.
enum class Delivery { kCookies, kBody };

Reply Deliver(const AuthRouteParts& parts, const Call& call, const LoginResult& result,
              Delivery delivery) {
  const auth::Tokens& tokens = result.tokens;
  Json body;
  body["access_token"] = tokens.access_token;
  body["token_type"] = "bearer";
  body["expires_in"] = tokens.expires_in_s;
  if (delivery == Delivery::kBody) {
    body["refresh_token"] = tokens.refresh_token;
    body["refresh_expires_in"] = tokens.refresh_expires_in_s;
  }
  body["csrf_token"] = tokens.csrf_token;
  body["must_change_password"] = result.user.must_change_password;
  body["user"] = UserToJson(result.user);
  http::Response response = JsonResponse(200, body);
  if (delivery == Delivery::kCookies) {
    SetSessionCookies(tokens, parts.adapter->CookiesFor(call.request), call.request.path,
                      &response);
  }
  return response;
}

/// The reply of a login that was not accepted: its reason goes to the audit record only.
ApiError Refusal(const LoginResult& result) {
  if (result.verdict == LoginResult::Verdict::kThrottled) {
    ApiError error;
    error.status = 429;
    error.error_code = "RATE_LIMIT_EXCEEDED";
    error.message = result.message;
    error.retry_after_s = static_cast<int>(std::max<std::int64_t>(1, result.retry_after_s));
    return error;
  }
  ApiError error = Unauthorized(result.message);
  error.error_code = "INVALID_CREDENTIALS";
  return error;
}

void AuditLogin(const AuthRouteParts& parts, const Call& call, const char* action,
                const std::string& login, const LoginResult& result) {
  const bool accepted = result.verdict == LoginResult::Verdict::kAccepted;
  const EventType type = accepted ? EventType::kAuthSuccess
                         : result.verdict == LoginResult::Verdict::kThrottled
                             ? EventType::kRateLimitViolation
                             : EventType::kAuthFailure;
  audit::Event event = MakeEvent(call, type, action, result.tokens.session_id);
  event.outcome = accepted ? audit::Outcome::kSuccess : audit::Outcome::kDenied;
  event.user_id = accepted ? result.user.id : result.user_id;
  // A name that nobody has may be a password in the wrong field.
  if (!event.user_id.empty()) event.username = accepted ? result.user.username : login;
  event.detail = result.reason;
  Audit(parts.audit, event);
}

Reply LoginWith(const AuthRouteParts& parts, const Call& call, const std::string& login,
                const std::string& password, Delivery delivery) {
  const Result<LoginResult> result = parts.sessions->Login(login, password, SourceOf(call));
  if (!result.ok()) return result.status();
  AuditLogin(parts, call, "login", login, *result);
  if (result->verdict != LoginResult::Verdict::kAccepted) return Refusal(*result);
  return Deliver(parts, call, *result, delivery);
}

ApiError ForeignPage() {
  return Forbidden("CSRF_FAILED",
                   "The request comes from a page of another site and was not carried out.");
}

Reply Login(const AuthRouteParts& parts, Call& call) {
  // Else another site could sign its visitor in to an account of its own.
  if (parts.adapter->IsForeignPage(call.request)) return ForeignPage();
  return LoginWith(parts, call, Text(call, "username"), Text(call, "password"), Delivery::kCookies);
}

/// JSON, or a form as OAuth2's password grant sends it.
Reply Token(const AuthRouteParts& parts, Call& call) {
  const Result<std::string> read = http::ReadAll(call.request.body, kTokenBodyBytesMax);
  if (!read.ok()) return read.status();
  const std::string& body = *read;
  std::string username;
  std::string password;
  const std::string_view type = call.request.headers.Find("Content-Type").value_or("");
  if (type.starts_with("application/json")) {
    JsonLimits limits;
    limits.bytes_max = static_cast<std::size_t>(kTokenBodyBytesMax);
    const Result<nlohmann::json> parsed = ParseJson(body, limits);
    if (!parsed.ok()) return BadRequest("INVALID_JSON", parsed.status().message());
    for (const auto& [name, target] : {std::pair("username", &username), {"password", &password}}) {
      if (parsed->is_object() && parsed->contains(name) && (*parsed)[name].is_string()) {
        *target = (*parsed)[name].get<std::string>();
      }
    }
  } else {
    const auto pairs = http::ParseForm(body);
    if (!pairs.ok()) return BadRequest("INVALID_FORM", pairs.status().message());
    for (const auto& [name, value] : *pairs) {
      if (name == "username") username = value;
      if (name == "password") password = value;
      if (name == "grant_type" && value != "password") {
        return BadRequest("UNSUPPORTED_GRANT_TYPE", "Only the grant type \"password\" is known.");
      }
    }
  }
  std::vector<FieldError> wrong;
  if (username.empty()) wrong.push_back({"body.username", "is missing"});
  if (password.empty()) wrong.push_back({"body.password", "is missing"});
  if (password.size() > auth::kPasswordBytesMax) wrong.push_back({"body.password", "is too long"});
  if (!wrong.empty()) return Invalid(std::move(wrong));
  return LoginWith(parts, call, username, password, Delivery::kBody);
}

Reply Refresh(const AuthRouteParts& parts, Call& call) {
  std::string token = Text(call, "refresh_token");
  const Delivery delivery = token.empty() ? Delivery::kCookies : Delivery::kBody;
  if (token.empty()) {
    if (parts.adapter->IsForeignPage(call.request)) return ForeignPage();
    token = RefreshCookie(call.request).value_or("");
  }
  if (token.empty()) return Unauthorized("There is no refresh token. Sign in again.");
  const Result<LoginResult> result = parts.sessions->Refresh(token, SourceOf(call));
  if (!result.ok()) return result.status();
  if (result->verdict != LoginResult::Verdict::kAccepted) {
    AuditLogin(parts, call, "refresh", "", *result);
    return Refusal(*result);
  }
  return Deliver(parts, call, *result, delivery);
}

/// The session in use; empty for keys and other credentials that have none.
std::string SessionOf(const Call& call) {
  const Credential kind = call.principal.credential;
  const bool session = kind == Credential::kBearer || kind == Credential::kCookie;
  return session ? call.principal.credential_id : "";
}

ApiError NeedsSession() {
  return Forbidden("SESSION_REQUIRED",
                   "This is only for people who signed in with a password, not for API keys.");
}

Reply Logout(const AuthRouteParts& parts, Call& call) {
  const std::string session = SessionOf(call);
  if (!session.empty()) {
    if (const Status ended = parts.sessions->Logout(session); !ended.ok()) return ended;
    Audit(parts.audit, MakeEvent(call, EventType::kAuthLogout, "logout", session));
  }
  http::Response response = JsonResponse(200, Json{{"message", "Signed out."}});
  ClearSessionCookies(parts.adapter->CookiesFor(call.request), &response);
  return response;
}

Reply Me(const AuthRouteParts& parts, Call& call) {
  const Result<auth::User> user = parts.users->Get(call.principal.user_id);
  if (!user.ok()) return user.status();
  Json body = UserToJson(*user);
  Json permissions = Json::array();
  for (const Permission permission : call.principal.permissions) {
    permissions.push_back(auth::PermissionName(permission));
  }
  body["permissions"] = std::move(permissions);
  body["credential"] = auth::CredentialName(call.principal.credential);
  return JsonResponse(200, body);
}

Reply UpdateMe(const AuthRouteParts& parts, Call& call) {
  if (SessionOf(call).empty()) return NeedsSession();
  auth::UserChange change;
  change.email = Text(call, "email");
  const Result<auth::User> user = parts.users->Update(call.principal.user_id, change);
  if (!user.ok()) return user.status();
  Audit(parts.audit, MakeEvent(call, EventType::kAccountChange, "account.email", user->id));
  return JsonResponse(200, UserToJson(*user));
}

Reply ChangePassword(const AuthRouteParts& parts, Call& call) {
  if (SessionOf(call).empty()) return NeedsSession();
  const Result<LoginResult> result =
      parts.sessions->ChangePassword(call.principal.user_id, Text(call, "current_password"),
                                     Text(call, "new_password"), SourceOf(call));
  if (!result.ok()) {
    if (result.status().code() != StatusCode::kInvalidArgument) return result.status();
    return Invalid({{"body.new_password", std::string(result.status().message())}});
  }
  const bool changed = result->verdict == LoginResult::Verdict::kAccepted;
  audit::Event event = MakeEvent(call, EventType::kPasswordChange, "password.change");
  event.outcome = changed ? audit::Outcome::kSuccess : audit::Outcome::kDenied;
  event.detail = result->reason;
  Audit(parts.audit, event);
  if (!changed) {
    ApiError error = Refusal(*result);
    // Not 401: the session is fine, and a browser would sign out.
    if (error.status == 401) {
      error = BadRequest("WRONG_PASSWORD", "The current password is not right.");
    }
    return error;
  }
  const Delivery delivery =
      call.principal.credential == Credential::kCookie ? Delivery::kCookies : Delivery::kBody;
  Reply reply = Deliver(parts, call, *result, delivery);
  auto& text = std::get<std::string>(reply.response().body);
  Json body = base::OrderedJsonFromText(text);
  body["message"] = "The password was changed. All other sessions have ended.";
  text = base::JsonToText(body);
  return reply;
}

Reply Register(const AuthRouteParts& parts, Call& call) {
  if (!parts.allow_registration) {
    return Forbidden("REGISTRATION_DISABLED",
                     "Accounts are made by the administrator of this server.");
  }
  auth::NewUser wanted;
  wanted.username = Text(call, "username");
  wanted.email = Text(call, "email");
  wanted.password = Text(call, "password");
  const Result<auth::CreatedUser> created = parts.users->Create(wanted);
  if (created.status().code() == StatusCode::kInvalidArgument) {
    return Invalid({{"body", std::string(created.status().message())}});
  }
  if (!created.ok()) return created.status();
  audit::Event event = MakeEvent(call, EventType::kAccountChange, "register", created->user.id);
  event.user_id = created->user.id;
  event.username = created->user.username;
  Audit(parts.audit, event);
  return JsonResponse(201, UserToJson(created->user));
}

Reply Setup(const AuthRouteParts& parts, Call& call) {
  if (!parts.first_run->awaits_setup()) {
    return Conflict("SETUP_DONE", "This server has an administrator already. Sign in.");
  }
  auth::NewUser admin;
  admin.username = Text(call, "username");
  admin.email = Text(call, "email");
  admin.password = Text(call, "password");
  const Result<auth::User> user = parts.first_run->Complete(Text(call, "token"), admin);
  audit::Event event = MakeEvent(call, EventType::kAdminAction, "setup");
  event.severity = audit::Severity::kHigh;
  event.outcome = user.ok() ? audit::Outcome::kSuccess : audit::Outcome::kDenied;
  if (user.ok()) event.user_id = user->id;
  Audit(parts.audit, event);
  switch (user.status().code()) {
    case StatusCode::kOk: return JsonResponse(201, UserToJson(*user));
    case StatusCode::kInvalidArgument:
      return Invalid({{"body", std::string(user.status().message())}});
    case StatusCode::kFailedPrecondition:
      return Conflict("SETUP_DONE", "This server has an administrator already. Sign in.");
    default: return user.status();
  }
}

Reply ListSessions(const AuthRouteParts& parts, Call& call) {
  if (SessionOf(call).empty()) return NeedsSession();
  const Result<std::vector<auth::Session>> found = parts.sessions->List(call.principal.user_id);
  if (!found.ok()) return found.status();
  Json list = Json::array();
  for (const auth::Session& session : *found) {
    list.push_back(SessionToJson(session, session.id == SessionOf(call)));
  }
  return JsonResponse(200, Json{{"sessions", std::move(list)}});
}

Reply EndSession(const AuthRouteParts& parts, Call& call) {
  if (SessionOf(call).empty()) return NeedsSession();
  const std::string& id = call.Parameter("session_id");
  const Status ended = parts.sessions->Revoke(call.principal.user_id, id);
  if (ended.code() == StatusCode::kNotFound) return NotFound("Session");
  if (!ended.ok()) return ended;
  Audit(parts.audit, MakeEvent(call, EventType::kAuthLogout, "session.revoke", id));
  return http::Response::Text(204, "");
}

Reply EndSessions(const AuthRouteParts& parts, Call& call) {
  if (SessionOf(call).empty()) return NeedsSession();
  const Status ended = parts.sessions->RevokeAll(call.principal.user_id);
  if (!ended.ok()) return ended;
  Audit(parts.audit, MakeEvent(call, EventType::kAuthLogout, "session.revoke_all"));
  http::Response response = http::Response::Text(204, "");
  ClearSessionCookies(parts.adapter->CookiesFor(call.request), &response);
  return response;
}

Reply Csrf(const AuthRouteParts& parts, Call& call) {
  const std::string session = SessionOf(call);
  if (session.empty()) return NeedsSession();
  return JsonResponse(200, Json{{"csrf_token", parts.sessions->CsrfToken(session)}});
}

Reply SocketTicket(const AuthRouteParts& parts, Call& call) {
  const Result<std::string> ticket = parts.authenticator->IssueTicket(call.principal);
  if (!ticket.ok()) return ticket.status();
  return JsonResponse(200, Json{{"ticket", *ticket}, {"expires_in", kTicketSeconds}});
}

using Bind = std::function<HandlerFunction(Reply (*)(const AuthRouteParts&, Call&))>;

void AddSigningIn(const Bind& bind, RouteTable* table) {
  Route login = AccountRoute(Method::kPost, "/auth/login", "login", "Sign in with a password",
                             Permission::kPublic, bind(Login));
  TakesJson("LoginRequest", &login);
  login.rate = RateClass::kLogin;
  login.response_schema = "TokenReply";
  login.errors = {401, 403, 422, 429};
  login.aliases = {"/login"};
  table->Add(std::move(login));

  Route token =
      AccountRoute(Method::kPost, "/token", "createToken", "Sign in with a password, for programs",
                   Permission::kPublic, bind(Token));
  token.body = BodyKind::kForm;
  token.body_bytes_max = kTokenBodyBytesMax;
  token.request_schema = "LoginRequest";
  token.rate = RateClass::kLogin;
  token.response_schema = "TokenReply";
  token.errors = {401, 422, 429};
  token.aliases = {"/auth/token"};
  table->Add(std::move(token));

  Route refresh = AccountRoute(Method::kPost, "/auth/refresh", "refreshToken",
                               "Exchange a refresh token", Permission::kPublic, bind(Refresh));
  TakesJson("RefreshRequest", &refresh);
  refresh.body = BodyKind::kOptionalJson;
  refresh.rate = RateClass::kLogin;
  refresh.response_schema = "TokenReply";
  refresh.errors = {401, 403, 422};
  table->Add(std::move(refresh));

  Route logout = AccountRoute(Method::kPost, "/auth/logout", "logout", "End this session",
                              Permission::kSignedIn, bind(Logout));
  logout.response_schema = "Message";
  logout.before_password_change = true;
  logout.aliases = {"/logout"};
  table->Add(std::move(logout));

  Route csrf =
      AccountRoute(Method::kGet, "/auth/csrf", "getCsrfToken",
                   "The token for changes with a cookie", Permission::kSignedIn, bind(Csrf));
  csrf.response_schema = "CsrfToken";
  csrf.before_password_change = true;
  table->Add(std::move(csrf));

  Route ticket = AccountRoute(Method::kPost, "/ws/ticket", "createSocketTicket",
                              "A short-lived ticket for opening one WebSocket",
                              Permission::kSignedIn, bind(SocketTicket));
  ticket.response_schema = "SocketTicket";
  table->Add(std::move(ticket));
}

void AddOwnAccount(const Bind& bind, RouteTable* table) {
  Route me = AccountRoute(Method::kGet, "/auth/me", "getMe", "Who these credentials are",
                          Permission::kSignedIn, bind(Me));
  me.response_schema = "User";
  me.before_password_change = true;
  me.aliases = {"/auth/user"};
  table->Add(std::move(me));

  Route update = AccountRoute(Method::kPut, "/auth/user", "updateMe", "Change the own e-mail",
                              Permission::kSignedIn, bind(UpdateMe));
  TakesJson("ProfileRequest", &update);
  update.response_schema = "User";
  update.aliases = {"/auth/me"};
  table->Add(std::move(update));

  Route password = AccountRoute(Method::kPost, "/change-password", "changePassword",
                                "Change the own password; all other sessions end",
                                Permission::kSignedIn, bind(ChangePassword));
  TakesJson("PasswordRequest", &password);
  password.response_schema = "TokenReply";
  password.errors = {400, 403, 422, 429};
  password.before_password_change = true;
  password.aliases = {"/auth/change-password"};
  table->Add(std::move(password));

  Route list = AccountRoute(Method::kGet, "/auth/sessions", "listSessions", "Own open sessions",
                            Permission::kSignedIn, bind(ListSessions));
  list.response_schema = "SessionList";
  table->Add(std::move(list));

  Route end = AccountRoute(Method::kDelete, "/auth/sessions/{session_id}", "endSession",
                           "End one of the own sessions", Permission::kSignedIn, bind(EndSession));
  end.success_status = 204;
  table->Add(std::move(end));

  Route all = AccountRoute(Method::kDelete, "/auth/sessions", "endSessions", "End all own sessions",
                           Permission::kSignedIn, bind(EndSessions));
  all.success_status = 204;
  table->Add(std::move(all));
}

void AddFirstSteps(const AuthRouteParts& parts, const Bind& bind, RouteTable* table) {
  Route enrol = AccountRoute(Method::kPost, "/register", "register", "Make an account",
                             Permission::kPublic, bind(Register));
  TakesJson("RegisterRequest", &enrol);
  enrol.rate = RateClass::kLogin;
  enrol.success_status = 201;
  enrol.response_schema = "User";
  enrol.errors = {403, 409, 422};
  enrol.aliases = {"/auth/register"};
  table->Add(std::move(enrol));

  Route setup = AccountRoute(Method::kPost, "/setup", "completeSetup",
                             "Make the first administrator with the token from the console",
                             Permission::kPublic, bind(Setup));
  TakesJson("SetupRequest", &setup);
  setup.rate = RateClass::kLogin;
  setup.success_status = 201;
  setup.response_schema = "User";
  setup.errors = {403, 409, 422};
  table->Add(std::move(setup));

  Route state = AccountRoute(
      Method::kGet, "/setup", "getSetup", "Does this server wait for its first administrator",
      Permission::kPublic, [parts](Call&) -> Reply {
        return JsonResponse(200, Json{{"awaits_setup", parts.first_run->awaits_setup()}});
      });
  state.response_schema = "SetupState";
  table->Add(std::move(state));
}

}  // namespace

void AddAuthRoutes(const AuthRouteParts& parts, RouteTable* table) {
  const Bind bind = [parts](Reply (*function)(const AuthRouteParts&, Call&)) -> HandlerFunction {
    return [parts, function](Call& call) { return function(parts, call); };
  };
  AddSigningIn(bind, table);
  AddOwnAccount(bind, table);
  AddFirstSteps(parts, bind, table);
}

}  // namespace wt::api

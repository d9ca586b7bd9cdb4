#include "service/api/accounts/auth_adapter.h"

#include <algorithm>

#include "service/auth/access/header_fields.h"
#include "service/http/text.h"

namespace wt::api {
namespace {

using auth::AuthResult;
using auth::Credential;
using Verdict = AuthResult::Verdict;

// Each must be single: two values mean that someone between here and the client was fooled.
constexpr std::string_view kCredentialFields[] = {"Authorization",   "X-API-Key",     "Cookie",
                                                  "X-Metrics-Token", "X-Admin-Token", "X-User-ID",
                                                  "Origin",          "X-CSRF-Token"};
constexpr std::string_view kProxyFields[] = {"X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"};

std::string_view Field(const http::Request& request, std::string_view name) {
  return request.headers.Find(name).value_or("");
}

ApiError Limited(const AuthResult& result) {
  const auth::QuotaDecision& quota = result.quota;
  ApiError error;
  error.status = 429;
  error.error_code = quota.hourly ? "RATE_LIMIT_EXCEEDED" : "QUOTA_EXCEEDED";
  error.openai_code = quota.hourly ? "rate_limit_exceeded" : "insufficient_quota";
  error.message = result.reason.message();
  error.retry_after_s = static_cast<int>(std::max<std::int64_t>(1, quota.retry_after_s));
  error.headers = {{"X-RateLimit-Limit", std::to_string(quota.limit)},
                   {"X-RateLimit-Remaining", std::to_string(quota.remaining)},
                   {"X-RateLimit-Reset", std::to_string(quota.reset_s)}};
  return error;
}

auth::RateClass ToAuthClass(RateClass rate_class, const auth::Principal& principal) {
  switch (rate_class) {
    case RateClass::kNone: return auth::RateClass::kNone;
    // Logins have limits of their own by account and source (auth::Sessions); this bounds the work
    // that one source can cause over all accounts.
    case RateClass::kLogin: return auth::RateClass::kAnonymous;
    case RateClass::kUploadChunk: return auth::RateClass::kUploadChunk;
    case RateClass::kUpload: return auth::RateClass::kUpload;
    case RateClass::kOpenAi: return auth::RateClass::kOpenAi;
    case RateClass::kAdmin:
      // Whoever is no administrator is refused behind this, at the pace of everybody.
      if (principal.is_admin) return auth::RateClass::kAdmin;
      break;
    case RateClass::kGeneral: break;
  }
  return principal.signed_in() ? auth::RateClass::kUser : auth::RateClass::kAnonymous;
}

}  // namespace

Caller ToCaller(const AuthResult& result) {
  switch (result.verdict) {
    case Verdict::kAccepted: return result.principal;
    case Verdict::kAnonymous:
      return Unauthorized("Sign in, or send an access token or an API key.");
    case Verdict::kRefused: {
      ApiError error = Unauthorized(result.reason.message());
      error.error_code = "INVALID_CREDENTIALS";
      return error;
    }
    case Verdict::kForbidden:
      return Forbidden(result.forged ? "CSRF_FAILED" : "ACCESS_DENIED", result.reason.message());
    case Verdict::kLimited: return Limited(result);
    case Verdict::kUnavailable: break;
  }
  ApiError error;
  error.status = 503;
  error.error_code = "UNAVAILABLE";
  error.message = "Credentials cannot be checked at the moment. Try again soon.";
  error.retry_after_s = 5;
  return error;
}

AuthAdapter::AuthAdapter(AuthAdapterParts parts) : parts_(std::move(parts)) {}

std::string AuthAdapter::ClientAddress(const http::Request& request) const {
  return parts_.addresses.Resolve(request.remote_address,
                                  request.headers.FindAll("X-Forwarded-For"));
}

bool AuthAdapter::IsSecure(const http::Request& request) const {
  if (request.secure) return true;
  return parts_.addresses.IsTrustedProxy(request.remote_address) &&
         http::EqualsIgnoreCase(Field(request, "X-Forwarded-Proto"), "https");
}

CookieRules AuthAdapter::CookiesFor(const http::Request& request) const {
  const bool fixed = parts_.cookie_secure != CookieSecure::kAuto;
  const bool secure = fixed ? parts_.cookie_secure == CookieSecure::kAlways : IsSecure(request);
  return {secure, parts_.cookie_same_site, parts_.cookie_seconds_max};
}

auth::Credentials AuthAdapter::ReadCredentials(const http::Request& request,
                                               const std::string& client_address) const {
  auth::Credentials read;
  read.authorization = Field(request, "Authorization");
  read.api_key = Field(request, "X-API-Key");
  read.cookie = Field(request, "Cookie");
  read.metrics_token = Field(request, "X-Metrics-Token");
  read.admin_token = Field(request, "X-Admin-Token");
  read.legacy_user = Field(request, "X-User-ID");
  for (const std::string_view name : kCredentialFields) {
    read.ambiguous = read.ambiguous || request.headers.FindAll(name).size() > 1;
  }
  read.client_address = client_address;
  read.peer_address = request.remote_address;
  for (const std::string_view name : kProxyFields) {
    read.forwarded = read.forwarded || request.headers.Find(name).has_value();
  }
  read.trusted_proxy = parts_.addresses.IsTrustedProxy(request.remote_address);
  const bool safe = request.method == http::Method::kGet || request.method == http::Method::kHead ||
                    request.method == http::Method::kOptions;
  read.safe_method = safe && !request.headers.Find("Upgrade").has_value();
  read.host = Field(request, "Host");
  read.secure = IsSecure(request);
  read.origin = Field(request, "Origin");
  read.sec_fetch_site = Field(request, "Sec-Fetch-Site");
  read.csrf_token = Field(request, "X-CSRF-Token");
  read.requested_with = Field(request, "X-Requested-With");
  return read;
}

Caller AuthAdapter::Authenticate(const http::Request& request,
                                 const std::string& client_address) const {
  return ToCaller(parts_.authenticator->Authenticate(ReadCredentials(request, client_address)));
}

Caller AuthAdapter::AuthenticateSocket(const http::Request& request,
                                       const std::string& client_address) const {
  auth::Credentials read = ReadCredentials(request, client_address);
  // A page cannot add fields to a handshake. Its Origin, which is checked, has to be enough.
  read.safe_method = false;
  read.requested_with = "WebSocket";
  return ToCaller(parts_.authenticator->Authenticate(read));
}

Caller AuthAdapter::AuthenticateToken(std::string_view token,
                                      const std::string& client_address) const {
  const std::string field = "Bearer " + std::string(token);
  auth::Credentials read;
  read.authorization = field;
  read.client_address = client_address;
  return ToCaller(parts_.authenticator->Authenticate(read));
}

Caller AuthAdapter::RedeemTicket(const std::string& ticket,
                                 const std::string& client_address) const {
  return ToCaller(parts_.authenticator->RedeemTicket(ticket, client_address));
}

bool AuthAdapter::StillHolds(const auth::Principal& principal,
                             const std::string& client_address) const {
  const AuthResult now = parts_.authenticator->Reload(principal, client_address);
  // A database that is slow for a moment is no reason to drop every socket.
  if (now.verdict == Verdict::kUnavailable) return true;
  return now.verdict == Verdict::kAccepted && now.principal.user_id == principal.user_id &&
         now.principal.is_admin == principal.is_admin;
}

RateDecision AuthAdapter::Admit(RateClass rate_class, const auth::Principal& principal,
                                const std::string& client_address) const {
  RateDecision decision;
  // Single-user mode has nobody to protect from anybody.
  if (parts_.limiter == nullptr || principal.credential == Credential::kLoopback) return decision;
  const bool by_user = principal.signed_in() && rate_class != RateClass::kLogin;
  const auth::RateDecision found =
      parts_.limiter->Check(ToAuthClass(rate_class, principal),
                            by_user ? "user:" + principal.user_id : "from:" + client_address);
  decision.allowed = found.allowed;
  decision.limit = static_cast<int>(found.limit);
  decision.remaining = static_cast<int>(found.remaining);
  decision.reset_s = static_cast<int>(found.reset_s);
  decision.retry_after_s = static_cast<int>(found.retry_after_s);
  return decision;
}

void AuthAdapter::RecordUse(const CallRecord& record) const {
  if (parts_.usage == nullptr || record.principal.credential != Credential::kApiKey) return;
  auth::KeyUse use;
  use.key_id = record.principal.credential_id;
  use.at = parts_.clock->Now();
  use.method = record.method;
  use.route = record.route;
  use.status = record.status;
  use.latency_ms = static_cast<std::int64_t>(record.seconds * 1e3);
  use.address = record.client_address;
  use.agent = record.user_agent;
  use.bytes_out = std::max<std::int64_t>(0, record.response_bytes);
  use.limited = record.status == 429;
  parts_.usage->Record(std::move(use));
}

bool AuthAdapter::IsForeignPage(const http::Request& request) const {
  const std::string_view site = Field(request, "Sec-Fetch-Site");
  const std::string_view text = Field(request, "Origin");
  if (text.empty()) return site == "cross-site";
  const std::optional<auth::Origin> origin = auth::ParseOrigin(text);
  if (!origin) return true;
  const auto host = auth::ParseHost(Field(request, "Host"), IsSecure(request));
  if (host && auth::SameOrigin(*origin, *host)) return false;
  return std::none_of(parts_.allowed_origins.begin(), parts_.allowed_origins.end(),
                      [&](const std::string& allowed) {
                        const auto ours = auth::ParseOrigin(allowed);
                        return ours && auth::SameOrigin(*origin, *ours);
                      });
}

void AuthAdapter::FillPorts(DispatcherPorts* ports) const {
  ports->client_address = [this](const http::Request& request) { return ClientAddress(request); };
  ports->authenticate = [this](const http::Request& request, const std::string& client_address) {
    return Authenticate(request, client_address);
  };
  ports->admit = [this](RateClass rate_class, const auth::Principal& principal,
                        const std::string& client_address) {
    return Admit(rate_class, principal, client_address);
  };
}

}  // namespace wt::api

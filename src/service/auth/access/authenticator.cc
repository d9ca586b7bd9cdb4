#include "service/auth/access/authenticator.h"

#include <algorithm>
#include <limits>

#include "base/status_macros.h"
#include "platform/system_clock.h"
#include "service/auth/access/header_fields.h"
#include "service/auth/crypto/digest.h"
#include "service/auth/keys/api_keys.h"

namespace wt::auth {
namespace {

using Verdict = AuthResult::Verdict;

/// How old the knowledge about other processes' changes may be.
constexpr std::int64_t kFreshMs = 1'000;
constexpr std::int64_t kTicketMs = 30'000;
/// A session's "last seen" is written this often.
constexpr std::int64_t kTouchMs = 60'000;
constexpr base::BootMillis kNever = std::numeric_limits<base::BootMillis>::max();

Status Invalid(std::string reason) {
  return Status(StatusCode::kPermissionDenied,
                "The credentials are not valid. Sign in again or use another key.",
                InternalDetail(std::move(reason)));
}

/// Marks refusals that are 403 and not 401.
Status Forbidden(std::string message) {
  return Status(StatusCode::kFailedPrecondition, std::move(message));
}

AuthResult Refusal(Status reason) {
  AuthResult result;
  switch (reason.code()) {
    case StatusCode::kPermissionDenied:
    case StatusCode::kNotFound: result.verdict = Verdict::kRefused; break;
    case StatusCode::kFailedPrecondition: result.verdict = Verdict::kForbidden; break;
    default: result.verdict = Verdict::kUnavailable;
  }
  result.reason = std::move(reason);
  return result;
}

AuthResult Accepted(Principal principal) {
  AuthResult result;
  result.verdict = Verdict::kAccepted;
  result.principal = std::move(principal);
  return result;
}

Principal ForUser(const User& user, Credential kind, std::string credential_id) {
  Principal principal;
  principal.user_id = user.id;
  principal.username = user.username;
  principal.is_admin = user.is_admin;
  principal.must_change_password = user.must_change_password;
  principal.credential = kind;
  principal.credential_id = std::move(credential_id);
  principal.permissions = PermissionsOfUser(user.is_admin ? Granter::kAdmin : Granter::kUser);
  return principal;
}

/// A missing row makes the credential invalid; other faults stay what they are.
template <typename T>
Result<T> OrInvalid(Result<T> found, const char* what) {
  if (found.status().code() == StatusCode::kNotFound) {
    return Invalid(std::string("no such ") + what);
  }
  return found;
}

bool FromAnotherSite(const Credentials& credentials) {
  return !credentials.sec_fetch_site.empty() && credentials.sec_fetch_site != "same-origin" &&
         credentials.sec_fetch_site != "none";
}

}  // namespace

Authenticator::Authenticator(const AuthenticatorOptions& options, const Dependencies& dependencies)
    : options_(options),
      deps_(dependencies),
      hash_key_(HashKey::Random()),
      fresh_at_(std::numeric_limits<base::BootMillis>::min()) {}

AuthResult Authenticator::Authenticate(const Credentials& credentials) {
  AuthResult result = Identify(credentials);
  if (result.verdict != Verdict::kAccepted && options_.single_user) {
    const AuthResult local = FromThisMachine(credentials);
    if (local.verdict == Verdict::kAccepted) result = local;
  }
  if (result.verdict != Verdict::kAccepted) return result;
  if (const Status forged = CheckRequestForgery(credentials, result.principal); !forged.ok()) {
    AuthResult refusal = Refusal(forged);
    refusal.forged = true;
    return refusal;
  }
  return result;
}

AuthResult Authenticator::Identify(const Credentials& credentials) {
  if (credentials.ambiguous) return Refusal(Invalid("a credential field came twice"));
  if (!credentials.metrics_token.empty()) {
    return FromSharedToken(credentials.metrics_token, options_.metrics_token,
                           Credential::kMetricsToken, Permission::kMetrics);
  }
  if (!credentials.admin_token.empty()) {
    return FromSharedToken(credentials.admin_token, options_.admin_token, Credential::kAdminToken,
                           Permission::kUploadAdmin);
  }
  using Scheme = AuthorizationField::Scheme;
  const AuthorizationField field = ParseAuthorization(credentials.authorization);
  if (field.scheme == Scheme::kBearer || field.scheme == Scheme::kToken) {
    return FromBearer(field.token, credentials, Credential::kBearer);
  }
  if (!credentials.api_key.empty()) {
    return FromKey(credentials.api_key, credentials.client_address);
  }
  for (const std::string_view name : {"__Host-auth_token", "auth_token"}) {
    const std::optional<std::string_view> cookie = FindCookie(credentials.cookie, name);
    if (cookie && !cookie->empty()) return FromBearer(*cookie, credentials, Credential::kCookie);
  }
  if (!credentials.legacy_user.empty() && options_.legacy_user_header &&
      credentials.trusted_proxy) {
    return FromLegacyHeader(credentials);
  }
  return {};
}

AuthResult Authenticator::FromSharedToken(std::string_view given, const std::string& expected,
                                          Credential kind, Permission permission) const {
  if (expected.empty() || !ConstantTimeEqual(given, expected)) {
    return Refusal(Invalid("wrong " + std::string(CredentialName(kind))));
  }
  Principal principal;
  principal.credential = kind;
  principal.permissions = {permission};
  return Accepted(std::move(principal));
}

AuthResult Authenticator::FromBearer(std::string_view token, const Credentials& credentials,
                                     Credential kind) {
  if (kind == Credential::kBearer) {
    if (LooksLikeKey(token)) return FromKey(token, credentials.client_address);
    // Scrapers know only bearer tokens.
    if (!options_.metrics_token.empty() && ConstantTimeEqual(token, options_.metrics_token)) {
      return FromSharedToken(token, options_.metrics_token, Credential::kMetricsToken,
                             Permission::kMetrics);
    }
  }
  AuthResult result = Finish(Cached(token, &Authenticator::LoadToken), credentials.client_address,
                             /*charge=*/true);
  if (result.verdict == Verdict::kAccepted) result.principal.credential = kind;
  return result;
}

AuthResult Authenticator::FromKey(std::string_view secret, std::string_view client_address) {
  if (!LooksLikeKey(secret)) return Refusal(Invalid("not a key of ours"));
  return Finish(Cached(secret, &Authenticator::LoadKeySecret), client_address, /*charge=*/true);
}

AuthResult Authenticator::FromLegacyHeader(const Credentials& credentials) {
  const std::string name(credentials.legacy_user);
  Result<User> user = deps_.users->GetUser(name);
  if (user.status().code() == StatusCode::kNotFound) user = deps_.users->FindUser(name);
  user = OrInvalid(std::move(user), "user of the proxy");
  if (!user.ok()) return Refusal(user.status());
  if (!user->is_active) return Refusal(Invalid("user is not active"));
  if (!options_.multi_user && !user->is_admin) {
    return Refusal(Forbidden("Multi-user mode is disabled: only administrators have access."));
  }
  return Accepted(ForUser(*user, Credential::kProxyHeader, ""));
}

AuthResult Authenticator::FromThisMachine(const Credentials& credentials) const {
  const std::optional<IpAddress> peer = IpAddress::Parse(credentials.peer_address);
  // A proxy on this machine passes on strangers.
  if (!peer || !peer->is_loopback() || credentials.forwarded) return {};
  // A foreign name that points here belongs to a page of its owner (DNS rebinding).
  const std::optional<Origin> host = ParseHost(credentials.host, credentials.secure);
  if (!host || !IsLoopbackHost(host->host)) return {};
  if (FromAnotherSite(credentials) && !IsOwnOrigin(credentials)) return {};
  User local;
  local.id = options_.local_user_id;
  local.username = "local";
  local.is_admin = true;
  return Accepted(ForUser(local, Credential::kLoopback, ""));
}

bool Authenticator::IsOwnOrigin(const Credentials& credentials) const {
  const std::optional<Origin> origin = ParseOrigin(credentials.origin);
  if (!origin) return false;
  const std::optional<Origin> host = ParseHost(credentials.host, credentials.secure);
  if (host && SameOrigin(*origin, *host)) return true;
  return std::any_of(options_.allowed_origins.begin(), options_.allowed_origins.end(),
                     [&](const std::string& text) {
                       const std::optional<Origin> allowed = ParseOrigin(text);
                       return allowed && SameOrigin(*origin, *allowed);
                     });
}

Status Authenticator::CheckRequestForgery(const Credentials& credentials,
                                          const Principal& principal) const {
  if (credentials.safe_method) return {};
  const bool cookie = principal.credential == Credential::kCookie;
  if (!cookie && principal.credential != Credential::kLoopback) return {};
  if (!credentials.origin.empty() && !IsOwnOrigin(credentials)) {
    return Forbidden("The request comes from a page of another site and was not carried out.");
  }
  // Programs on this machine send no Origin; browsers do with every change.
  if (!cookie) return {};
  if (!credentials.csrf_token.empty()) {
    const std::string expected =
        Base64UrlEncode(HmacSha256(options_.csrf_key, "csrf:" + principal.credential_id));
    if (ConstantTimeEqual(credentials.csrf_token, expected)) return {};
    return Forbidden("The X-CSRF-Token is not this session's. Load the page again.");
  }
  if (!credentials.requested_with.empty() && !credentials.origin.empty()) return {};
  return Forbidden(
      "A change with a cookie needs the X-CSRF-Token of the session. Send it, or use a bearer "
      "token.");
}

Status Authenticator::EnsureFresh() {
  const base::BootMillis now = deps_.clock->Boot();
  if (now < fresh_at_.load(std::memory_order_acquire)) return {};
  const std::lock_guard lock(fresh_mutex_);
  if (now < fresh_at_.load(std::memory_order_acquire)) return {};
  WT_ASSIGN(const std::int64_t generation, deps_.sessions->Generation());
  if (generation != generation_) deps_.cache->Clear();
  generation_ = generation;
  fresh_at_.store(now + kFreshMs, std::memory_order_release);
  return {};
}

Authenticator::Loaded Authenticator::Cached(std::string_view token,
                                            Loaded (Authenticator::*load)(std::string_view)) {
  WT_TRY(EnsureFresh());
  const Hash128 credential = KeyedHash(hash_key_, token);
  const std::uint64_t epoch = deps_.cache->epoch();
  std::shared_ptr<const Verified> found = deps_.cache->Find(credential);
  if (found != nullptr && deps_.clock->Now() < found->expires_wall &&
      deps_.clock->Boot() < found->expires_boot) {
    return found;
  }
  WT_ASSIGN(std::shared_ptr<const Verified> loaded, (this->*load)(token));
  deps_.cache->Put(credential, loaded, epoch);
  return loaded;
}

Authenticator::Loaded Authenticator::LoadToken(std::string_view token) {
  WT_ASSIGN(const Claims claims, VerifyToken(token, options_.jwt, deps_.clock->Now()));
  WT_ASSIGN(const std::shared_ptr<const Verified> session, LoadSession(claims.sid));
  if (session->principal.user_id != claims.sub) return Invalid("session of another user");
  auto verified = std::make_shared<Verified>();
  verified->principal = session->principal;
  verified->expires_wall = std::min(session->expires_wall, claims.exp * 1'000);
  verified->expires_boot = session->expires_boot;
  return std::shared_ptr<const Verified>(std::move(verified));
}

Authenticator::Loaded Authenticator::LoadSession(const std::string& session_id) {
  WT_ASSIGN(const Session session, OrInvalid(deps_.sessions->GetSession(session_id), "session"));
  if (session.ended_at != 0) return Invalid("session ended: " + session.end_reason);
  const std::int64_t left_ms =
      Remaining(session.access_expires, *deps_.clock, options_.access_minutes * 60'000);
  if (left_ms <= 0) return Invalid("session's access has expired");
  WT_ASSIGN(const User user, OrInvalid(deps_.users->GetUser(session.user_id), "user"));
  if (!user.is_active) return Invalid("user is not active");
  if (!options_.multi_user && !user.is_admin) {
    return Forbidden("Multi-user mode is disabled: only administrators have access.");
  }
  const base::UnixMillis now = deps_.clock->Now();
  if (now - session.last_seen_at > kTouchMs) {
    // For the list of sessions only: not worth refusing a request.
    static_cast<void>(deps_.sessions->TouchSession(session.id, now));
  }
  auto verified = std::make_shared<Verified>();
  verified->principal = ForUser(user, Credential::kBearer, session.id);
  verified->expires_wall = now + left_ms;
  verified->expires_boot = deps_.clock->Boot() + left_ms;
  return std::shared_ptr<const Verified>(std::move(verified));
}

Authenticator::Loaded Authenticator::LoadKeySecret(std::string_view secret) {
  const std::string hash = HashToken(secret);
  WT_ASSIGN(ApiKey key, OrInvalid(deps_.keys->FindKey(hash), "key"));
  if (!ConstantTimeEqual(key.secret_hash, hash)) return Invalid("another key's hash");
  return LoadKey(std::move(key));
}

Authenticator::Loaded Authenticator::LoadKey(Result<ApiKey> found) {
  WT_ASSIGN(ApiKey key, OrInvalid(std::move(found), "key"));
  if (key.status != KeyStatus::kActive) {
    return Invalid("key is " + std::string(KeyStatusName(key.status)));
  }
  if (key.expires_at <= deps_.clock->Now()) return Invalid("key has expired");
  WT_ASSIGN(const User user, OrInvalid(deps_.users->GetUser(key.user_id), "user of the key"));
  if (!user.is_active) return Invalid("user of the key is not active");
  if (!options_.multi_user && !user.is_admin) {
    return Forbidden("Multi-user mode is disabled: only administrators have access.");
  }
  auto verified = std::make_shared<Verified>();
  WT_ASSIGN(verified->allowed, ParseCidrs(key.allowed_ips, kAllowedIpsMax));
  verified->principal = ForUser(user, Credential::kApiKey, key.id);
  const Granter granter = user.is_admin ? Granter::kAdmin : Granter::kUser;
  verified->principal.permissions = PermissionsOfScopes(key.scopes, granter);
  verified->principal.is_admin = verified->principal.Has(Permission::kAdmin);
  verified->expires_wall = key.expires_at;
  verified->expires_boot = kNever;
  verified->key = std::make_unique<const ApiKey>(std::move(key));
  return std::shared_ptr<const Verified>(std::move(verified));
}

AuthResult Authenticator::Finish(const Loaded& loaded, std::string_view client_address,
                                 bool charge) {
  if (!loaded.ok()) return Refusal(loaded.status());
  const Verified& verified = **loaded;
  if (!verified.allowed.empty()) {
    const std::optional<IpAddress> address = IpAddress::Parse(client_address);
    if (!address || !AnyContains(verified.allowed, *address)) {
      return Refusal(Forbidden("This key may not be used from this address."));
    }
  }
  AuthResult result = Accepted(verified.principal);
  if (verified.key == nullptr || !charge) return result;
  const Result<QuotaDecision> quota = deps_.quota->Take(*verified.key);
  if (!quota.ok()) return Refusal(quota.status());
  result.has_quota = true;
  result.quota = *quota;
  if (!quota->allowed) {
    result.verdict = Verdict::kLimited;
    result.reason = Status(StatusCode::kResourceExhausted,
                           quota->hourly ? "The key's hourly limit is used up. Wait and try again."
                                         : "The key's quota is used up. Wait and try again.");
  }
  return result;
}

AuthResult Authenticator::Reload(const Principal& principal, std::string_view client_address) {
  AuthResult result;
  switch (principal.credential) {
    case Credential::kBearer:
    case Credential::kCookie:
      result = Finish(LoadSession(principal.credential_id), client_address, /*charge=*/false);
      break;
    case Credential::kApiKey:
      result = Finish(LoadKey(deps_.keys->GetKey(principal.credential_id)), client_address,
                      /*charge=*/false);
      break;
    default: return Accepted(principal);
  }
  if (result.verdict == Verdict::kAccepted) result.principal.credential = principal.credential;
  return result;
}

Result<std::string> Authenticator::IssueTicket(const Principal& principal) {
  const bool local = principal.credential == Credential::kLoopback;
  if (!principal.signed_in() || (principal.credential_id.empty() && !local)) {
    return Status(StatusCode::kPermissionDenied, "Sign in to get a ticket.");
  }
  std::string text = platform::NewToken(32);
  Ticket ticket;
  ticket.hash = HashToken(text);
  ticket.credential_id = principal.credential_id;
  ticket.credential = CredentialName(principal.credential);
  ticket.expires = InFuture(*deps_.clock, kTicketMs);
  WT_TRY(deps_.sessions->PutTicket(ticket));
  return text;
}

AuthResult Authenticator::RedeemTicket(const std::string& ticket, std::string_view client_address) {
  const Result<Ticket> taken = OrInvalid(deps_.sessions->TakeTicket(HashToken(ticket)), "ticket");
  if (!taken.ok()) return Refusal(taken.status());
  if (Remaining(taken->expires, *deps_.clock, kTicketMs) <= 0) {
    return Refusal(Invalid("ticket has expired"));
  }
  Principal principal;
  principal.credential_id = taken->credential_id;
  for (const Credential kind : {Credential::kBearer, Credential::kCookie, Credential::kApiKey}) {
    if (taken->credential == CredentialName(kind)) principal.credential = kind;
  }
  if (principal.credential != Credential::kNone) return Reload(principal, client_address);
  if (!options_.single_user) return Refusal(Invalid("ticket of single-user mode"));
  User local;
  local.id = options_.local_user_id;
  local.username = "local";
  local.is_admin = true;
  return Accepted(ForUser(local, Credential::kLoopback, ""));
}

}  // namespace wt::auth

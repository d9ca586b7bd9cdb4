// Who sends this request: from the values of its header fields to a principal, or a refusal.
//
// Order: X-Metrics-Token, X-Admin-Token, Authorization (Bearer or Token) or X-API-Key, the session
// cookie, the legacy header of a trusted proxy, single-user mode. The first that is present
// decides; a wrong one is never passed over for a later one, except that in single-user mode any
// caller from this machine has the same rights anyway (clients send made-up keys).
//
// Credentials that a browser sends by itself (cookie, single-user mode) need proof that the page
// is ours before anything is changed (AUTH-17). A verified credential is cached; revocation acts on
// the next request in this process and within a second in others. Thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "service/auth/access/principal_cache.h"
#include "service/auth/accounts/sessions.h"
#include "service/auth/limits/key_quota.h"
#include "service/auth/principal.h"
#include "service/auth/store/key_store.h"
#include "service/auth/store/session_store.h"
#include "service/auth/store/user_store.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

/// The values of a request that matter here; empty where a field is absent.
struct Credentials {
  std::string_view authorization;
  std::string_view api_key;
  std::string_view cookie;
  std::string_view metrics_token;
  std::string_view admin_token;
  /// X-User-ID.
  std::string_view legacy_user;
  /// Some credential field came more than once: refused.
  bool ambiguous = false;

  /// The resolved address of the client, and the socket's peer.
  std::string_view client_address;
  std::string_view peer_address;
  /// X-Forwarded-For, Forwarded, X-Real-IP or Via is there.
  bool forwarded = false;
  /// ClientAddress::IsTrustedProxy(peer_address).
  bool trusted_proxy = false;

  /// GET, HEAD or OPTIONS without an upgrade.
  bool safe_method = false;
  std::string_view host;
  /// The client's side of the connection is TLS.
  bool secure = false;
  std::string_view origin;
  std::string_view sec_fetch_site;
  std::string_view csrf_token;
  std::string_view requested_with;
};

struct AuthResult {
  enum class Verdict {
    kAccepted,
    /// No credentials: the principal is nobody. 401 unless the route is public.
    kAnonymous,
    /// 401 INVALID_CREDENTIALS.
    kRefused,
    /// 403: CSRF, address not allowed, single-admin mode.
    kForbidden,
    /// 429, see `quota`.
    kLimited,
    /// 503: the store does not answer.
    kUnavailable,
  };
  Verdict verdict = Verdict::kAnonymous;
  Principal principal;
  /// Forbidden because the request may come from a page of another site (CSRF).
  bool forged = false;
  /// Public text and detail for the log, unless accepted or anonymous.
  Status reason;
  /// For API keys.
  bool has_quota = false;
  QuotaDecision quota;
};

struct AuthenticatorOptions {
  JwtKeys jwt;
  std::string csrf_key;
  /// Empty: switched off.
  std::string metrics_token;
  std::string admin_token;
  bool multi_user = true;
  /// Callers from this machine are the administrator. The id comes from Users::EnsureLocalUser().
  bool single_user = false;
  std::string local_user_id;
  bool legacy_user_header = false;
  /// "https://example.org": other origins whose pages count as ours (CORS_ORIGINS).
  std::vector<std::string> allowed_origins;
  /// Session life, for the bound on stored times.
  std::int64_t access_minutes = 60;
};

class Authenticator {
 public:
  /// All must outlive it.
  struct Dependencies {
    UserStore* users = nullptr;
    SessionStore* sessions = nullptr;
    KeyStore* keys = nullptr;
    KeyQuota* quota = nullptr;
    PrincipalCache* cache = nullptr;
    const base::Clock* clock = nullptr;
  };
  Authenticator(const AuthenticatorOptions& options, const Dependencies& dependencies);

  AuthResult Authenticate(const Credentials& credentials);

  /// The same principal as it is now, for what lives long (WebSockets: every few seconds). Charges
  /// no quota.
  AuthResult Reload(const Principal& principal, std::string_view client_address);

  /// A token for POST /ws/ticket: 30 s, one use, bound to the caller's session or key.
  Result<std::string> IssueTicket(const Principal& principal);
  AuthResult RedeemTicket(const std::string& ticket, std::string_view client_address);

 private:
  using Loaded = Result<std::shared_ptr<const Verified>>;

  AuthResult Identify(const Credentials& credentials);
  AuthResult FromBearer(std::string_view token, const Credentials& credentials, Credential kind);
  AuthResult FromKey(std::string_view secret, std::string_view client_address);
  AuthResult FromLegacyHeader(const Credentials& credentials);
  AuthResult FromThisMachine(const Credentials& credentials) const;
  AuthResult FromSharedToken(std::string_view given, const std::string& expected, Credential kind,
                             Permission permission) const;
  AuthResult Finish(const Loaded& loaded, std::string_view client_address, bool charge);
  Status CheckRequestForgery(const Credentials& credentials, const Principal& principal) const;
  bool IsOwnOrigin(const Credentials& credentials) const;

  Loaded Cached(std::string_view token, Loaded (Authenticator::*load)(std::string_view));
  Loaded LoadToken(std::string_view token);
  Loaded LoadKeySecret(std::string_view secret);
  Loaded LoadSession(const std::string& session_id);
  Loaded LoadKey(Result<ApiKey> found);
  Status EnsureFresh();

  const AuthenticatorOptions options_;
  const Dependencies deps_;
  const HashKey hash_key_;
  /// Boot time of the last look at the store's generation.
  std::atomic<base::BootMillis> fresh_at_;
  std::mutex fresh_mutex_;
  std::int64_t generation_ = -1;
};

}  // namespace wt::auth

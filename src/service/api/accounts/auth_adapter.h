// From an HTTP request to a caller: what the dispatcher asks of accounts and limits.
//
// Reads the header fields, asks auth::Authenticator and auth::RateLimiter, and words the answers as
// errors of the API. Sockets use it too: a browser's handshake carries the cookie and an Origin,
// and nothing else that proves whose page it is. Thread-safe after construction.
#pragma once

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "service/api/accounts/session_cookies.h"
#include "service/api/dispatcher.h"
#include "service/auth/access/authenticator.h"
#include "service/auth/access/client_address.h"
#include "service/auth/keys/usage_recorder.h"
#include "service/auth/limits/rate_limiter.h"

namespace wt::api {

/// COOKIE_SECURE: by the connection, or fixed.
enum class CookieSecure : std::uint8_t { kAuto, kAlways, kNever };

struct AuthAdapterParts {
  auth::Authenticator* authenticator = nullptr;
  /// Null: nothing is limited.
  auth::RateLimiter* limiter = nullptr;
  /// Null: uses of keys are not recorded.
  auth::UsageRecorder* usage = nullptr;
  const base::Clock* clock = nullptr;
  auth::ClientAddress addresses;
  CookieSecure cookie_secure = CookieSecure::kAuto;
  SameSite cookie_same_site = SameSite::kStrict;
  /// Of the session's cookie at most; 0: as long as its token.
  std::int64_t cookie_seconds_max = 0;
  /// Other origins whose pages count as ours, as in auth::AuthenticatorOptions.
  std::vector<std::string> allowed_origins;
};

using Caller = std::variant<auth::Principal, ApiError>;

class AuthAdapter {
 public:
  explicit AuthAdapter(AuthAdapterParts parts);

  std::string ClientAddress(const http::Request& request) const;
  /// 401 for nobody and for wrong credentials, 403, 429 with the key's numbers, 503.
  Caller Authenticate(const http::Request& request, const std::string& client_address) const;
  /// For the handshake of a socket: a cookie counts only beside an Origin of ours.
  Caller AuthenticateSocket(const http::Request& request, const std::string& client_address) const;
  /// A token or an API key that came as text: in the first message of a socket.
  Caller AuthenticateToken(std::string_view token, const std::string& client_address) const;
  Caller RedeemTicket(const std::string& ticket, const std::string& client_address) const;
  /// False once the principal's session, key or user has lost what it had.
  bool StillHolds(const auth::Principal& principal, const std::string& client_address) const;

  RateDecision Admit(RateClass rate_class, const auth::Principal& principal,
                     const std::string& client_address) const;
  /// The row of a key's usage log (KEY-12); other callers leave none.
  void RecordUse(const CallRecord& record) const;

  /// TLS up to the server or to a trusted proxy.
  bool IsSecure(const http::Request& request) const;
  CookieRules CookiesFor(const http::Request& request) const;
  /// A browser says that the request was made by a page of another site.
  bool IsForeignPage(const http::Request& request) const;

  /// The three functions of the dispatcher that this class is for; others are left empty. It must
  /// outlive the dispatcher.
  void FillPorts(DispatcherPorts* ports) const;

 private:
  auth::Credentials ReadCredentials(const http::Request& request,
                                    const std::string& client_address) const;

  const AuthAdapterParts parts_;
};

/// The verdict as the dispatcher wants it.
Caller ToCaller(const auth::AuthResult& result);

}  // namespace wt::api

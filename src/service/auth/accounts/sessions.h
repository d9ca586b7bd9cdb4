// Signing in and staying signed in (AUTH-01 to AUTH-09, AUTH-15, AUTH-16, AUTH-24).
//
// A login makes a session: a row that every later token points to, so that ending it ends them all.
// Access tokens are short-lived JWTs; refresh tokens are random, stored as hashes, and good for one
// exchange. One that is used twice was stolen or copied: the session ends. A refused login looks
// and costs the same whether the user exists or not. Thread-safe.
#pragma once

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/auth/access/principal_cache.h"
#include "service/auth/accounts/users.h"
#include "service/auth/crypto/jwt.h"
#include "service/auth/crypto/password_hash.h"
#include "service/auth/limits/login_throttle.h"
#include "service/auth/limits/rate_limiter.h"
#include "service/auth/store/session_store.h"
#include "service/auth/store/user_store.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

struct SessionOptions {
  int access_minutes = 60;
  /// Without a refresh for so long a session is over.
  int refresh_days = 7;
  /// It is over then, however often it was refreshed.
  int session_days_max = 30;
  int sessions_per_user_max = 50;
  /// Off: only administrators can sign in (MULTI_USER_MODE_ENABLED).
  bool multi_user = true;
  JwtKeys jwt;
  /// Signs CSRF tokens.
  std::string csrf_key;
};

/// Where a call comes from: the resolved client address and the User-Agent.
struct Source {
  std::string address;
  std::string agent;
};

struct Tokens {
  std::string session_id;
  std::string access_token;
  std::int64_t expires_in_s = 0;
  std::string refresh_token;
  std::int64_t refresh_expires_in_s = 0;
  /// For X-CSRF-Token; holds as long as the session.
  std::string csrf_token;
};

struct LoginResult {
  enum class Verdict {
    kAccepted,
    /// 401, one text for every reason.
    kRefused,
    /// 429 with Retry-After.
    kThrottled,
  };
  Verdict verdict = Verdict::kRefused;
  std::int64_t retry_after_s = 0;
  /// When refused or throttled.
  std::string message;
  /// For audit and log: "unknown_user", "wrong_password", "inactive", "single_admin_mode",
  /// "reused_refresh_token", ...
  std::string reason;
  /// Set when the name belongs to someone, also when refused; never shown then.
  std::string user_id;
  /// Set when accepted.
  User user;
  Tokens tokens;
};

class Sessions {
 public:
  /// All must outlive it; `limiter` may be null.
  struct Dependencies {
    Users* accounts = nullptr;
    UserStore* users = nullptr;
    SessionStore* sessions = nullptr;
    PasswordHasher* hasher = nullptr;
    LoginThrottle* throttle = nullptr;
    RateLimiter* limiter = nullptr;
    PrincipalCache* cache = nullptr;
    const base::Clock* clock = nullptr;
  };
  Sessions(const SessionOptions& options, const Dependencies& dependencies);

  /// `login`: user name or e-mail address. An error status means that it could not be decided.
  Result<LoginResult> Login(const std::string& login, const std::string& password,
                            const Source& source);
  /// Exchanges a refresh token; never kThrottled.
  Result<LoginResult> Refresh(const std::string& refresh_token, const Source& source);
  Status Logout(const std::string& session_id);
  /// The other way out: the session that a refresh token belongs to, if any.
  Status LogoutByRefresh(const std::string& refresh_token);

  /// Checks the current password (guesses are throttled as at the login), sets the new one, ends
  /// every session and opens a new one for the caller. kRefused: the current one is wrong. A new
  /// one that breaks the rules: kInvalidArgument.
  Result<LoginResult> ChangePassword(const std::string& user_id, const std::string& current,
                                     const std::string& wanted, const Source& source);

  Result<std::vector<Session>> List(const std::string& user_id);
  /// kNotFound also for another user's.
  Status Revoke(const std::string& user_id, const std::string& session_id);
  Status RevokeAll(const std::string& user_id);

  /// HMAC of the session: whoever can compute it has read a page of ours.
  std::string CsrfToken(const std::string& session_id) const;

 private:
  struct Check {
    bool right = false;
    std::string reason;
    User user;
  };
  Result<Check> CheckPassword(const Result<User>& found, const std::string& password);
  Result<std::string> DummyHash();
  Result<LoginResult> Accept(User user, const Source& source);
  Tokens MakeTokens(const User& user, const std::string& session_id) const;
  LoginResult Refuse(std::string reason, std::string user_id) const;
  LoginResult Throttle(std::int64_t retry_after_s, std::string reason) const;
  Result<LoginResult> EndReused(const Session& session);
  std::string WhyOver(const Session& session) const;

  const SessionOptions options_;
  const Dependencies deps_;
  std::mutex dummy_mutex_;
  std::string dummy_hash_;
};

}  // namespace wt::auth

#include "service/auth/accounts/sessions.h"

#include <algorithm>

#include "base/status_macros.h"
#include "base/utf8.h"
#include "platform/system_clock.h"
#include "service/auth/crypto/digest.h"

namespace wt::auth {
namespace {

constexpr std::int64_t kDayMs = 24LL * 3'600'000;
constexpr std::size_t kLoginBytesMax = 255;
/// Browsers send 100 to 300 bytes.
constexpr std::size_t kAgentBytesMax = 300;
constexpr const char* kRefusedText = "The user name or the password is not right.";

std::string Cut(const std::string& text, std::size_t bytes_max) {
  return text.substr(0, bytes_max);
}

/// What the login rate is counted by.
std::string RateKey(const std::string& login, const std::string& address) {
  std::string key = address + '\n';
  for (const char c : login) key += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return key;
}

}  // namespace

Sessions::Sessions(const SessionOptions& options, const Dependencies& dependencies)
    : options_(options), deps_(dependencies) {}

LoginResult Sessions::Refuse(std::string reason, std::string user_id) const {
  LoginResult result;
  result.message = kRefusedText;
  result.reason = std::move(reason);
  result.user_id = std::move(user_id);
  return result;
}

LoginResult Sessions::Throttle(std::int64_t retry_after_s, std::string reason) const {
  LoginResult result;
  result.verdict = LoginResult::Verdict::kThrottled;
  result.retry_after_s = std::max<std::int64_t>(retry_after_s, 1);
  result.message = "Too many attempts to sign in. Wait " + std::to_string(result.retry_after_s) +
                   " seconds and try again.";
  result.reason = std::move(reason);
  return result;
}

Result<std::string> Sessions::DummyHash() {
  const std::lock_guard lock(dummy_mutex_);
  if (dummy_hash_.empty()) {
    WT_ASSIGN(dummy_hash_, deps_.hasher->Hash(platform::NewToken(16)));
  }
  return dummy_hash_;
}

Result<Sessions::Check> Sessions::CheckPassword(const Result<User>& found,
                                                const std::string& password) {
  if (!found.ok() && found.status().code() != StatusCode::kNotFound) return found.status();
  Check check;
  // Always made, so that the first login with an unknown name costs what the others cost.
  WT_ASSIGN(const std::string dummy, DummyHash());
  const bool has_hash = found.ok() && !found->password_hash.empty();
  WT_ASSIGN(const bool right,
            deps_.hasher->Verify(password, has_hash ? found->password_hash : dummy));
  if (!found.ok()) {
    check.reason = "unknown_user";
    return check;
  }
  check.user = *found;
  if (!has_hash || !right) {
    check.reason = "wrong_password";
  } else if (!found->is_active) {
    check.reason = "inactive";
  } else if (!options_.multi_user && !found->is_admin) {
    check.reason = "single_admin_mode";
  } else {
    check.right = true;
  }
  return check;
}

Result<LoginResult> Sessions::Login(const std::string& login, const std::string& password,
                                    const Source& source) {
  const std::string name = Cut(login, kLoginBytesMax);
  const std::string rate_key = RateKey(name, source.address);
  if (deps_.limiter != nullptr) {
    const RateDecision rate = deps_.limiter->Check(RateClass::kLogin, rate_key);
    if (!rate.allowed) return Throttle(rate.retry_after_s, "login_rate");
  }
  WT_ASSIGN(const ThrottleVerdict throttle, deps_.throttle->Begin(name, source.address));
  if (!throttle.allowed) return Throttle(throttle.retry_after_s, "login_delay");
  WT_ASSIGN(Check check, CheckPassword(deps_.users->FindUser(name), password));
  if (!check.right) return Refuse(check.reason, check.user.id);
  WT_TRY(deps_.throttle->Succeeded(name, source.address));
  if (deps_.limiter != nullptr) deps_.limiter->Refund(RateClass::kLogin, rate_key);
  User& user = check.user;
  if (deps_.hasher->Outdated(user.password_hash)) {
    WT_ASSIGN(user.password_hash, deps_.hasher->Hash(password));
    WT_TRY(deps_.users->UpdateUser(user));
  }
  WT_TRY(deps_.users->SetLastLogin(user.id, deps_.clock->Now()));
  user.last_login_at = deps_.clock->Now();
  return Accept(std::move(user), source);
}

Tokens Sessions::MakeTokens(const User& user, const std::string& session_id) const {
  Tokens tokens;
  tokens.session_id = session_id;
  tokens.expires_in_s = 60LL * options_.access_minutes;
  tokens.refresh_expires_in_s = options_.refresh_days * kDayMs / 1'000;
  Claims claims;
  claims.sub = user.id;
  claims.role = user.is_admin ? "admin" : "user";
  claims.sid = session_id;
  claims.jti = platform::NewId(*deps_.clock);
  claims.iat = deps_.clock->Now() / 1'000;
  claims.exp = claims.iat + tokens.expires_in_s;
  tokens.access_token = SignToken(claims, options_.jwt);
  tokens.refresh_token = platform::NewToken(32);
  tokens.csrf_token = CsrfToken(session_id);
  return tokens;
}

Result<LoginResult> Sessions::Accept(User user, const Source& source) {
  LoginResult result;
  result.verdict = LoginResult::Verdict::kAccepted;
  result.tokens = MakeTokens(user, platform::NewId(*deps_.clock));
  Session session;
  session.id = result.tokens.session_id;
  session.user_id = user.id;
  session.created_at = deps_.clock->Now();
  session.last_seen_at = session.created_at;
  session.expires = InFuture(*deps_.clock, options_.refresh_days * kDayMs);
  session.access_expires = InFuture(*deps_.clock, 60'000LL * options_.access_minutes);
  session.address = source.address;
  // Cut first: a character cut in half is replaced too.
  session.agent = base::ReplaceInvalidUtf8(Cut(source.agent, kAgentBytesMax));
  WT_TRY(deps_.sessions->CreateSession(session, HashToken(result.tokens.refresh_token),
                                       options_.sessions_per_user_max));
  result.user_id = user.id;
  result.user = std::move(user);
  return result;
}

std::string Sessions::WhyOver(const Session& session) const {
  if (session.ended_at != 0) return "session_ended";
  if (Remaining(session.expires, *deps_.clock, options_.refresh_days * kDayMs) <= 0) {
    return "session_expired";
  }
  if (deps_.clock->Now() - session.created_at > options_.session_days_max * kDayMs) {
    return "session_too_old";
  }
  return "";
}

Result<LoginResult> Sessions::EndReused(const Session& session) {
  WT_TRY(deps_.sessions->EndSession(session.id, "reuse", deps_.clock->Now()));
  deps_.cache->Clear();
  return Refuse("reused_refresh_token", session.user_id);
}

Result<LoginResult> Sessions::Refresh(const std::string& refresh_token, const Source&) {
  const std::string hash = HashToken(refresh_token);
  const Result<RefreshToken> token = deps_.sessions->FindRefresh(hash);
  if (token.status().code() == StatusCode::kNotFound) return Refuse("unknown_refresh_token", "");
  if (!token.ok()) return token.status();
  WT_ASSIGN(const Session session, deps_.sessions->GetSession(token->session_id));
  if (token->used) return EndReused(session);
  if (std::string why = WhyOver(session); !why.empty()) return Refuse(why, session.user_id);
  WT_ASSIGN(User user, deps_.users->GetUser(session.user_id));
  if (!user.is_active) return Refuse("inactive", user.id);
  if (!options_.multi_user && !user.is_admin) return Refuse("single_admin_mode", user.id);
  LoginResult result;
  result.tokens = MakeTokens(user, session.id);
  SessionRenewal renewal;
  renewal.old_hash = hash;
  renewal.new_hash = HashToken(result.tokens.refresh_token);
  renewal.expires = InFuture(*deps_.clock, options_.refresh_days * kDayMs);
  renewal.access_expires = InFuture(*deps_.clock, 60'000LL * options_.access_minutes);
  renewal.now = deps_.clock->Now();
  const Status renewed = deps_.sessions->RenewSession(renewal);
  if (renewed.code() == StatusCode::kAborted) return EndReused(session);
  WT_TRY(renewed);
  result.verdict = LoginResult::Verdict::kAccepted;
  result.user_id = user.id;
  result.user = std::move(user);
  return result;
}

Status Sessions::Logout(const std::string& session_id) {
  const Status ended = deps_.sessions->EndSession(session_id, "logout", deps_.clock->Now());
  deps_.cache->Clear();
  return ended;
}

Status Sessions::LogoutByRefresh(const std::string& refresh_token) {
  WT_ASSIGN(const RefreshToken token, deps_.sessions->FindRefresh(HashToken(refresh_token)));
  return Logout(token.session_id);
}

Result<LoginResult> Sessions::ChangePassword(const std::string& user_id, const std::string& current,
                                             const std::string& wanted, const Source& source) {
  WT_ASSIGN(const User before, deps_.users->GetUser(user_id));
  WT_ASSIGN(const ThrottleVerdict throttle, deps_.throttle->Begin(before.username, source.address));
  if (!throttle.allowed) return Throttle(throttle.retry_after_s, "login_delay");
  WT_ASSIGN(const Check check, CheckPassword(before, current));
  if (!check.right) return Refuse(check.reason, user_id);
  WT_TRY(deps_.throttle->Succeeded(before.username, source.address));
  WT_TRY(deps_.accounts->SetPassword(before, wanted, /*must_change=*/false));
  WT_TRY(deps_.sessions->EndSessionsOf(user_id, "", "password_change", deps_.clock->Now()));
  deps_.cache->Clear();
  WT_ASSIGN(User user, deps_.users->GetUser(user_id));
  return Accept(std::move(user), source);
}

Result<std::vector<Session>> Sessions::List(const std::string& user_id) {
  WT_ASSIGN(std::vector<Session> sessions, deps_.sessions->ListSessions(user_id));
  std::erase_if(sessions, [&](const Session& session) { return !WhyOver(session).empty(); });
  return sessions;
}

Status Sessions::Revoke(const std::string& user_id, const std::string& session_id) {
  WT_ASSIGN(const Session session, deps_.sessions->GetSession(session_id));
  if (session.user_id != user_id) {
    return Status(StatusCode::kNotFound, "There is no such session.");
  }
  const Status ended = deps_.sessions->EndSession(session_id, "revoked", deps_.clock->Now());
  deps_.cache->Clear();
  return ended;
}

Status Sessions::RevokeAll(const std::string& user_id) {
  const Status ended = deps_.sessions->EndSessionsOf(user_id, "", "revoked", deps_.clock->Now());
  deps_.cache->Clear();
  return ended;
}

std::string Sessions::CsrfToken(const std::string& session_id) const {
  return Base64UrlEncode(HmacSha256(options_.csrf_key, "csrf:" + session_id));
}

}  // namespace wt::auth

// Sessions, refresh tokens and WebSocket tickets as rows: a port, implemented in store/sqlite.
//
// Tokens are stored as their SHA-256 (HashToken). Every call is one transaction. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/auth/store/durable_time.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

struct Session {
  std::string id;
  std::string user_id;
  base::UnixMillis created_at = 0;
  base::UnixMillis last_seen_at = 0;
  /// When refreshing is over, unless it is renewed first.
  DurableTime expires;
  /// When the newest access token ends: no token of the session lives longer, whatever the wall
  /// clock says.
  DurableTime access_expires;
  std::string address;
  std::string agent;
  /// 0: it goes on.
  base::UnixMillis ended_at = 0;
  /// "logout", "password_change", "reuse", "revoked", "user_disabled".
  std::string end_reason;
};

struct RefreshToken {
  std::string hash;
  std::string session_id;
  /// Was exchanged for the next one.
  bool used = false;
};

struct SessionRenewal {
  std::string old_hash;
  std::string new_hash;
  DurableTime expires;
  DurableTime access_expires;
  base::UnixMillis now = 0;
};

struct Ticket {
  std::string hash;
  /// Session or API key that asked for it.
  std::string credential_id;
  /// CredentialName of it.
  std::string credential;
  DurableTime expires;
};

class SessionStore {
 public:
  virtual ~SessionStore() = default;
  /// Of the user's sessions the oldest beyond `per_user_max` end (reason "replaced").
  virtual Status CreateSession(const Session& session, const std::string& refresh_hash,
                               int per_user_max) = 0;
  virtual Result<Session> GetSession(const std::string& id) = 0;
  virtual Result<RefreshToken> FindRefresh(const std::string& hash) = 0;
  /// kAborted when the old token was used meanwhile or the session has ended.
  virtual Status RenewSession(const SessionRenewal& renewal) = 0;
  virtual Status TouchSession(const std::string& id, base::UnixMillis now) = 0;
  /// Fine when it has ended already. kNotFound.
  virtual Status EndSession(const std::string& id, const std::string& reason,
                            base::UnixMillis now) = 0;
  /// All of a user's but `except_id` (may be empty).
  virtual Status EndSessionsOf(const std::string& user_id, const std::string& except_id,
                               const std::string& reason, base::UnixMillis now) = 0;
  /// Those that go on, newest first.
  virtual Result<std::vector<Session>> ListSessions(const std::string& user_id) = 0;
  /// Deletes sessions that ended or expired before `before`, and tickets; returns how many.
  virtual Result<std::int64_t> SweepSessions(base::UnixMillis before) = 0;

  virtual Status PutTicket(const Ticket& ticket) = 0;
  /// Deletes and returns it: a second call is kNotFound, in whatever process.
  virtual Result<Ticket> TakeTicket(const std::string& hash) = 0;

  /// Grows whenever a user, session or key changed in a way that may take rights away. Cheap.
  virtual Result<std::int64_t> Generation() = 0;
};

}  // namespace wt::auth

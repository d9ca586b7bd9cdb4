// Accounts, sessions, keys, limits and the audit record of a server, made from the settings.
// Thread-safe as its parts are.
#pragma once

#include <memory>
#include <string>

#include "service/api/accounts/auth_adapter.h"
#include "service/audit/audit_log.h"
#include "service/auth/access/authenticator.h"
#include "service/auth/accounts/first_run.h"
#include "service/auth/accounts/sessions.h"
#include "service/auth/accounts/users.h"
#include "service/auth/keys/api_keys.h"
#include "service/auth/keys/usage_recorder.h"
#include "service/auth/limits/key_quota.h"
#include "service/auth/limits/login_throttle.h"
#include "service/auth/limits/rate_limiter.h"
#include "service/host/core.h"
#include "service/store/sqlite/audit/audit_repository.h"
#include "service/store/sqlite/auth/key_repository.h"
#include "service/store/sqlite/auth/limit_repository.h"
#include "service/store/sqlite/auth/session_repository.h"
#include "service/store/sqlite/auth/user_repository.h"

namespace wt::host {

class Accounts {
 public:
  /// `core` outlives it. Makes the first administrator, or the local user of single-user mode.
  static Result<std::unique_ptr<Accounts>> Open(Core* core);

  /// Counters into the database; call every second or so, and at the end.
  Status Sync();

  store::SqliteUserStore user_store;
  store::SqliteSessionStore session_store;
  store::SqliteKeyStore key_store;
  store::SqliteLimitStore limit_store;
  store::SqliteAuditStore audit_store;
  auth::PrincipalCache cache;
  auth::ArgonHasher hasher{auth::ArgonOptions()};
  auth::RateLimiter limiter;
  auth::LoginThrottle throttle;
  auth::KeyQuota quota;
  auth::UsageRecorder usage;
  auth::Users users;
  auth::Sessions sessions;
  auth::FirstRun first_run;
  auth::ApiKeys keys;
  std::unique_ptr<audit::FileLineSink> audit_file;
  std::unique_ptr<audit::AuditLog> audit;
  std::unique_ptr<auth::Authenticator> authenticator;
  std::unique_ptr<api::AuthAdapter> adapter;

 private:
  explicit Accounts(Core* core);
  Status Prepare();

  Core* core_;
};

}  // namespace wt::host

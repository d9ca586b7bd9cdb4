// Signing in, staying signed in, own account (spec AUTH-01 to AUTH-12, AUTH-24; RT-02's ticket).
//
// Browsers use /auth/login: tokens come as HttpOnly cookies, and the reply never holds the refresh
// token. Programs use /token: both tokens in the body, no cookie. A failed login is the same reply
// for every reason. Handlers are called from many threads.
#pragma once

#include "service/api/accounts/account_json.h"
#include "service/api/accounts/auth_adapter.h"
#include "service/api/route.h"
#include "service/auth/accounts/first_run.h"
#include "service/auth/accounts/sessions.h"
#include "service/auth/accounts/users.h"

namespace wt::api {

struct AuthRouteParts {
  const AuthAdapter* adapter = nullptr;
  auth::Authenticator* authenticator = nullptr;
  auth::Sessions* sessions = nullptr;
  auth::Users* users = nullptr;
  auth::FirstRun* first_run = nullptr;
  AuditFunction audit;
  /// ALLOW_REGISTRATION, and multi-user mode is on.
  bool allow_registration = false;
};

/// What the parts point to must outlive the table. Needs AddAccountSchemas and AddJobSchemas.
void AddAuthRoutes(const AuthRouteParts& parts, RouteTable* table);

}  // namespace wt::api

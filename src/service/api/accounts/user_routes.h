// Accounts of others: the administrator's routes (spec AUTH-14, AUTH-23).
//
// A user who is deleted is switched off first, so that nothing new begins, then loses the jobs and
// at last the account: whatever fails in between can be repeated. The last administrator cannot be
// switched off, so nothing of theirs is touched. Handlers are called from many threads.
#pragma once

#include <functional>
#include <string>

#include "service/api/accounts/account_json.h"
#include "service/api/route.h"
#include "service/auth/accounts/users.h"

namespace wt::api {

struct UserRouteParts {
  auth::Users* users = nullptr;
  /// Deletes jobs, recordings and results of a user. kFailedPrecondition: some still run and are
  /// being stopped.
  std::function<Status(const std::string& user_id)> delete_data;
  AuditFunction audit;
};

/// What the parts point to must outlive the table. Needs AddAccountSchemas.
void AddUserRoutes(const UserRouteParts& parts, RouteTable* table);

}  // namespace wt::api

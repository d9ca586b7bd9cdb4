// Shared by the files of this folder only. Pure functions that fill a table: thread-compatible.
#pragma once

#include "service/api/admin/admin_routes.h"

namespace wt::api {

using AdminFunction = Reply (*)(const AdminRouteParts&, Call&);

Route AdminRoute(const AdminRouteParts& parts, http::Method method, const char* pattern,
                 const char* operation, const char* summary, AdminFunction function);

/// /admin/jobs...: everybody's jobs, and the dead letters.
void AddAdminJobRoutes(const AdminRouteParts& parts, RouteTable* table);
/// /admin/security/audit-logs...
void AddAuditRoutes(const AdminRouteParts& parts, RouteTable* table);

}  // namespace wt::api

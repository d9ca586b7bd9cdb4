#include "service/auth/principal.h"

#include <algorithm>

namespace wt::auth {

std::string_view PermissionName(Permission permission) {
  switch (permission) {
    case Permission::kPublic: return "public";
    case Permission::kSignedIn: return "signed_in";
    case Permission::kJobsRead: return "jobs:read";
    case Permission::kJobsCreate: return "jobs:create";
    case Permission::kJobsDelete: return "jobs:delete";
    case Permission::kExportDownload: return "export:download";
    case Permission::kBatch: return "batch";
    case Permission::kAnalytics: return "analytics";
    case Permission::kKeysManage: return "keys:manage";
    case Permission::kAdmin: return "admin";
    case Permission::kMetrics: return "metrics";
    case Permission::kUploadAdmin: return "uploads:admin";
  }
  return "";
}

std::string_view CredentialName(Credential credential) {
  switch (credential) {
    case Credential::kNone: return "none";
    case Credential::kBearer: return "bearer";
    case Credential::kCookie: return "cookie";
    case Credential::kApiKey: return "api_key";
    case Credential::kMetricsToken: return "metrics_token";
    case Credential::kLoopback: return "loopback";
    case Credential::kAdminToken: return "admin_token";
    case Credential::kProxyHeader: return "proxy_header";
  }
  return "";
}

bool Principal::Has(Permission permission) const {
  if (permission == Permission::kPublic) return true;
  if (permission == Permission::kSignedIn) return signed_in();
  if (must_change_password) return false;
  return std::find(permissions.begin(), permissions.end(), permission) != permissions.end();
}

}  // namespace wt::auth

// Who asks, and what they may do. Values: thread-compatible.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wt::auth {

/// What a route needs. Deny by default: a principal has a permission or the answer is 403.
enum class Permission : std::uint8_t {
  /// No credentials needed.
  kPublic,
  /// Any principal, whatever its scopes (own profile, logout).
  kSignedIn,
  kJobsRead,
  kJobsCreate,
  kJobsDelete,
  kExportDownload,
  kBatch,
  kAnalytics,
  kKeysManage,
  kAdmin,
  /// Administrator, or the metrics token.
  kMetrics,
  /// Administrator, or the shared token of the upload administration (X-Admin-Token).
  kUploadAdmin,
};
std::string_view PermissionName(Permission permission);

enum class Credential : std::uint8_t {
  kNone,
  kBearer,
  kCookie,
  kApiKey,
  kMetricsToken,
  kLoopback,
  kAdminToken,
  /// X-User-ID from a trusted proxy, where that is switched on.
  kProxyHeader,
};
std::string_view CredentialName(Credential credential);

struct Principal {
  /// Opaque user id; "" is nobody.
  std::string user_id;
  std::string username;
  bool is_admin = false;
  /// Everything but the password change is refused until it is done.
  bool must_change_password = false;
  Credential credential = Credential::kNone;
  /// The session or API key in use, for revocation and audit.
  std::string credential_id;
  /// Granted to this credential.
  std::vector<Permission> permissions;

  bool signed_in() const { return !user_id.empty(); }
  /// kSignedIn needs a user; everything else must be granted, and is not while
  /// `must_change_password`.
  bool Has(Permission permission) const;
};

}  // namespace wt::auth

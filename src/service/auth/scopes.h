// What API keys may be allowed: the names of scopes, in all spellings that clients use, and the
// permissions they stand for (KEY-05, C-41). Pure: thread-safe.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/auth/principal.h"
#include "whisper_transcriber/status.h"

namespace wt::auth {

struct Scope {
  /// As stored and shown.
  std::string_view name;
  std::string_view description;
  bool admin_only = false;
  std::vector<Permission> permissions;
};

/// All scopes under their stored names, for "available permissions".
const std::vector<Scope>& AllScopes();

enum class Granter { kUser, kAdmin };

/// Stored names of the scopes asked for, each once, in the order of AllScopes(). kInvalidArgument
/// for an unknown name or none at all, kPermissionDenied for one that only administrators grant.
Result<std::vector<std::string>> CanonicalScopes(const std::vector<std::string>& asked,
                                                 Granter granter);

/// Permissions of a key: what its scopes say, without the administrator's part unless its user is
/// one now. Names that are not known (any more) grant nothing.
std::vector<Permission> PermissionsOfScopes(std::span<const std::string> scopes, Granter granter);

/// Permissions of a person who signed in.
std::vector<Permission> PermissionsOfUser(Granter granter);

}  // namespace wt::auth

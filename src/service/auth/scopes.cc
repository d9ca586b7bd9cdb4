#include "service/auth/scopes.h"

#include <algorithm>
#include <array>
#include <utility>

namespace wt::auth {
namespace {

using enum Permission;

/// Spellings of other products and of older versions, and what they mean here.
constexpr auto kAliases = std::to_array<std::pair<std::string_view, std::string_view>>({
    {"transcribe_audio", "jobs:create"},
    {"transcribe", "jobs:create"},
    {"jobs:write", "jobs:create"},
    {"view_transcripts", "read"},
    {"export_transcripts", "export:download"},
    {"keys", "keys:manage"},
});

void AddOnce(const std::vector<Permission>& more, Granter granter, std::vector<Permission>* out) {
  for (const Permission permission : more) {
    const bool admins =
        permission == kAdmin || permission == kMetrics || permission == kUploadAdmin;
    if (admins && granter != Granter::kAdmin) continue;
    if (std::find(out->begin(), out->end(), permission) == out->end()) out->push_back(permission);
  }
}

const Scope* Find(std::string_view name) {
  const auto& all = AllScopes();
  const auto it =
      std::find_if(all.begin(), all.end(), [&](const Scope& scope) { return scope.name == name; });
  return it == all.end() ? nullptr : &*it;
}

}  // namespace

const std::vector<Scope>& AllScopes() {
  static const std::vector<Scope> kScopes = {
      {"read", "See own jobs and download their results", false, {kJobsRead, kExportDownload}},
      {"write", "Create jobs, change their transcripts", false, {kJobsCreate}},
      {"delete", "Delete own jobs", false, {kJobsDelete}},
      {"batch", "Create and control batches", false, {kBatch}},
      {"analytics", "See own statistics", false, {kAnalytics}},
      {"admin",
       "Everything an administrator may do",
       true,
       {kJobsRead, kJobsCreate, kJobsDelete, kExportDownload, kBatch, kAnalytics, kKeysManage,
        kAdmin, kMetrics, kUploadAdmin}},
      {"jobs:read", "See own jobs", false, {kJobsRead}},
      {"jobs:create", "Create jobs", false, {kJobsCreate}},
      {"jobs:delete", "Delete own jobs", false, {kJobsDelete}},
      {"export:download", "Download results", false, {kExportDownload}},
      {"keys:manage", "Create and revoke own API keys", false, {kKeysManage}},
  };
  return kScopes;
}

Result<std::vector<std::string>> CanonicalScopes(const std::vector<std::string>& asked,
                                                 Granter granter) {
  std::vector<std::string> names;
  for (const std::string& name : asked) {
    const auto alias = std::find_if(kAliases.begin(), kAliases.end(),
                                    [&](const auto& pair) { return pair.first == name; });
    const Scope* scope = Find(alias == kAliases.end() ? name : alias->second);
    if (scope == nullptr) {
      return Status(StatusCode::kInvalidArgument, "\"" + name.substr(0, 64) +
                                                      "\" is not a permission. See the list of "
                                                      "available permissions.");
    }
    if (scope->admin_only && granter != Granter::kAdmin) {
      return Status(StatusCode::kPermissionDenied,
                    "Only an administrator can grant the permission \"admin\".");
    }
    names.emplace_back(scope->name);
  }
  if (names.empty()) {
    return Status(StatusCode::kInvalidArgument, "A key needs at least one permission.");
  }
  std::vector<std::string> ordered;
  for (const Scope& scope : AllScopes()) {
    if (std::find(names.begin(), names.end(), scope.name) != names.end()) {
      ordered.emplace_back(scope.name);
    }
  }
  return ordered;
}

std::vector<Permission> PermissionsOfScopes(std::span<const std::string> scopes, Granter granter) {
  std::vector<Permission> out;
  for (const std::string& name : scopes) {
    const Scope* scope = Find(name);
    if (scope == nullptr || (scope->admin_only && granter != Granter::kAdmin)) continue;
    AddOnce(scope->permissions, granter, &out);
  }
  return out;
}

std::vector<Permission> PermissionsOfUser(Granter granter) {
  std::vector<Permission> out;
  AddOnce({kJobsRead, kJobsCreate, kJobsDelete, kExportDownload, kBatch, kAnalytics, kKeysManage,
           kAdmin, kMetrics, kUploadAdmin},
          granter, &out);
  return out;
}

}  // namespace wt::auth

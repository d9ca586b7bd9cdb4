#include "service/auth/store/key_store.h"

namespace wt::auth {

std::string_view KeyStatusName(KeyStatus status) {
  switch (status) {
    case KeyStatus::kActive: return "active";
    case KeyStatus::kRevoked: return "revoked";
    case KeyStatus::kExpired: return "expired";
    case KeyStatus::kSuspended: return "suspended";
  }
  return "";
}

std::optional<KeyStatus> ParseKeyStatus(std::string_view name) {
  for (const KeyStatus status :
       {KeyStatus::kActive, KeyStatus::kRevoked, KeyStatus::kExpired, KeyStatus::kSuspended}) {
    if (KeyStatusName(status) == name) return status;
  }
  return std::nullopt;
}

}  // namespace wt::auth

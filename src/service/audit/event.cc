#include "service/audit/event.h"

#include <array>

namespace wt::audit {
namespace {

constexpr std::array<std::string_view, kEventTypes> kTypeNames = {
    "auth_success",      "auth_failure",         "auth_logout",
    "password_change",   "account_change",       "api_key_change",
    "access_denied",     "rate_limit_violation", "suspicious_input",
    "suspicious_header", "file_upload",          "file_download",
    "file_delete",       "api_access",           "admin_action",
    "config_change",     "data_export",          "backup",
    "restore",           "system_access",        "security_violation"};
constexpr std::array<std::string_view, 4> kSeverityNames = {"low", "medium", "high", "critical"};
constexpr std::array<std::string_view, 3> kOutcomeNames = {"success", "failure", "denied"};

template <typename T, std::size_t kCount>
std::optional<T> Parse(const std::array<std::string_view, kCount>& names, std::string_view name) {
  for (std::size_t i = 0; i < kCount; ++i) {
    if (names[i] == name) return static_cast<T>(i);
  }
  return std::nullopt;
}

}  // namespace

std::string_view EventTypeName(EventType type) {
  return kTypeNames[static_cast<std::size_t>(type)];
}

std::optional<EventType> ParseEventType(std::string_view name) {
  return Parse<EventType>(kTypeNames, name);
}

std::string_view SeverityName(Severity severity) {
  return kSeverityNames[static_cast<std::size_t>(severity)];
}

std::optional<Severity> ParseSeverity(std::string_view name) {
  return Parse<Severity>(kSeverityNames, name);
}

std::string_view OutcomeName(Outcome outcome) {
  return kOutcomeNames[static_cast<std::size_t>(outcome)];
}

std::optional<Outcome> ParseOutcome(std::string_view name) {
  return Parse<Outcome>(kOutcomeNames, name);
}

Severity UsualSeverity(EventType type) {
  switch (type) {
    case EventType::kSecurityViolation:
    case EventType::kRestore: return Severity::kHigh;
    case EventType::kAuthFailure:
    case EventType::kPasswordChange:
    case EventType::kAccountChange:
    case EventType::kApiKeyChange:
    case EventType::kAccessDenied:
    case EventType::kRateLimitViolation:
    case EventType::kSuspiciousInput:
    case EventType::kSuspiciousHeader:
    case EventType::kAdminAction:
    case EventType::kConfigChange:
    case EventType::kDataExport:
    case EventType::kBackup: return Severity::kMedium;
    default: return Severity::kLow;
  }
}

}  // namespace wt::audit

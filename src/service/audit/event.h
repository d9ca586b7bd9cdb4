// What is written into the audit record (SEC-14): kinds, severities, texts. Values:
// thread-compatible.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace wt::audit {

enum class EventType : std::uint8_t {
  kAuthSuccess,
  kAuthFailure,
  kAuthLogout,
  kPasswordChange,
  kAccountChange,
  kApiKeyChange,
  kAccessDenied,
  kRateLimitViolation,
  kSuspiciousInput,
  kSuspiciousHeader,
  kFileUpload,
  kFileDownload,
  kFileDelete,
  kApiAccess,
  kAdminAction,
  kConfigChange,
  kDataExport,
  kBackup,
  kRestore,
  kSystemAccess,
  kSecurityViolation,
};
inline constexpr int kEventTypes = 21;
/// "auth_success", ...: stable, clients filter by them.
std::string_view EventTypeName(EventType type);
std::optional<EventType> ParseEventType(std::string_view name);

enum class Severity : std::uint8_t { kLow, kMedium, kHigh, kCritical };
std::string_view SeverityName(Severity severity);
std::optional<Severity> ParseSeverity(std::string_view name);
/// What an event of this kind has unless the caller knows better.
Severity UsualSeverity(EventType type);

enum class Outcome : std::uint8_t { kSuccess, kFailure, kDenied };
std::string_view OutcomeName(Outcome outcome);
std::optional<Outcome> ParseOutcome(std::string_view name);

/// Bytes of each text at most; longer ones are cut.
inline constexpr std::size_t kTextBytesMax = 512;
inline constexpr std::size_t kDetailBytesMax = 4'096;

struct Event {
  EventType type = EventType::kApiAccess;
  Severity severity = Severity::kLow;
  Outcome outcome = Outcome::kSuccess;
  /// What was done: "key.create", "POST /jobs".
  std::string action;
  /// To what: an id, never content.
  std::string resource;
  std::string request_id;
  /// Opaque; stays when the person is forgotten.
  std::string user_id;
  // Personal: can be erased without breaking the chain.
  std::string username;
  std::string address;
  std::string agent;
  /// More, as text for people. No secrets, no content.
  std::string detail;
};

/// An event in its place in the chain.
struct Entry {
  /// From 1, without gaps.
  std::int64_t seq = 0;
  base::UnixMillis time = 0;
  Event event;
  /// Empty: the personal part was erased.
  std::string personal_salt;
  std::string personal_hash;
  std::string previous_hash;
  std::string hash;
};

}  // namespace wt::audit

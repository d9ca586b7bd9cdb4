#include "service/uploads/session.h"

#include <algorithm>

namespace wt::uploads {
namespace {

constexpr std::array<std::string_view, 6> kStates = {"active", "assembling", "completed",
                                                     "failed", "cancelled",  "expired"};
constexpr std::array<std::string_view, 2> kKinds = {"chunked", "tus"};

template <typename Enum, std::size_t N>
std::optional<Enum> ParseName(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<Enum>(found - names.begin());
}

}  // namespace

std::string_view SessionKindName(SessionKind kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

std::optional<SessionKind> ParseSessionKind(std::string_view name) {
  return ParseName<SessionKind>(kKinds, name);
}

std::string_view SessionStateName(SessionState state) {
  return kStates[static_cast<std::size_t>(state)];
}

std::optional<SessionState> ParseSessionState(std::string_view name) {
  return ParseName<SessionState>(kStates, name);
}

bool IsTerminal(SessionState state) {
  return state != SessionState::kActive && state != SessionState::kAssembling;
}

std::int64_t ChunkCount(const Session& session) {
  if (session.chunk_bytes <= 0) return 0;
  return session.bytes / session.chunk_bytes + (session.bytes % session.chunk_bytes != 0 ? 1 : 0);
}

}  // namespace wt::uploads

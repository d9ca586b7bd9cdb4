// An upload in several requests: what is declared, where it stands, and the port that keeps it.
//
// States: active -> assembling -> completed | failed; active -> cancelled | expired;
// assembling -> active when a stored part turns out to be damaged. Terminal states are never left.
// Parts exist as objects first and as rows second, and lose their rows last (docs/promises.md, P5):
// a crash leaves objects that nothing refers to, never the reverse. Values: thread-compatible.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "whisper_transcriber/status.h"

namespace wt::uploads {

using base::UnixMillis;

/// Chunks come in any order at their index; tus parts follow each other.
enum class SessionKind : std::uint8_t { kChunked, kTus };
std::string_view SessionKindName(SessionKind kind);
std::optional<SessionKind> ParseSessionKind(std::string_view name);

enum class SessionState : std::uint8_t {
  kActive,
  kAssembling,
  kCompleted,
  kFailed,
  kCancelled,
  kExpired,
};
std::string_view SessionStateName(SessionState state);
std::optional<SessionState> ParseSessionState(std::string_view name);
bool IsTerminal(SessionState state);

struct Session {
  std::string id;
  std::string owner;
  SessionKind kind = SessionKind::kChunked;
  SessionState state = SessionState::kActive;
  /// Cleaned.
  std::string filename;
  /// Declared length of the whole.
  std::int64_t bytes = 0;
  /// Declared SHA-256, lower-case hex; empty: none.
  std::string sha256;
  /// Of chunks; 0 for tus.
  std::int64_t chunk_bytes = 0;
  std::string model;
  std::string language;
  /// What the surface wants back when the job is made; opaque here.
  std::string options_json;
  /// Chosen at the beginning, so that assembling twice gives one recording.
  std::string media_id;
  UnixMillis created_at = 0;
  UnixMillis updated_at = 0;
  UnixMillis expires_at = 0;
  /// Of a completed one.
  std::string job_id;
  std::string content_sha256;
  /// Of a failed one: slug and text for the user.
  std::string error_code;
  std::string error_message;
};

/// ceil(bytes / chunk_bytes) of a chunked session.
std::int64_t ChunkCount(const Session& session);

struct Part {
  std::string session_id;
  std::int64_t offset = 0;
  std::int64_t bytes = 0;
  std::string sha256;
  std::string blob_key;
};

struct AddedPart {
  /// The part at that offset: the one given, or the one that was there before.
  Part stored;
  std::int64_t parts = 0;
  std::int64_t bytes = 0;
};

/// One conditional update.
struct SessionChange {
  std::string id;
  /// Empty: whoever owns it.
  std::string owner;
  std::vector<SessionState> from;
  SessionState to = SessionState::kActive;
  UnixMillis now = 0;
  std::string job_id;
  std::string content_sha256;
  std::string error_code;
  std::string error_message;
};

struct SessionCounts {
  /// By SessionState.
  std::array<std::int64_t, 6> sessions{};
  std::int64_t parts = 0;
  std::int64_t part_bytes = 0;
};

/// Every call is one transaction and durable when it returns ok. Thread-safe.
class SessionStore {
 public:
  virtual ~SessionStore() = default;
  /// kResourceExhausted when the owner has `active_max` active ones.
  virtual Status Create(const Session& session, int active_max) = 0;
  /// kNotFound also when `owner` is given and another one's.
  virtual Result<Session> Get(const std::string& id, const std::string& owner) = 0;
  /// Newest first.
  virtual Result<std::vector<Session>> List(const std::string& owner, bool active_only,
                                            int limit) = 0;
  /// By offset.
  virtual Result<std::vector<Part>> Parts(const std::string& id) = 0;
  /// The first part at an offset stays. kFailedPrecondition when the session is not active,
  /// kAborted when a tus part does not begin where the last one ended.
  virtual Result<AddedPart> AddPart(const Part& part, UnixMillis now) = 0;
  /// Forgets one part of an active or assembling session, so that it is sent again.
  virtual Status DropPart(const std::string& id, std::int64_t offset) = 0;
  /// kFailedPrecondition when the state is none of `from`, kNotFound.
  virtual Result<Session> Change(const SessionChange& change) = 0;
  /// Active and past their end, or assembling and untouched since `stale`; oldest first.
  virtual Result<std::vector<Session>> Due(UnixMillis now, UnixMillis stale, int limit) = 0;
  /// Terminal with parts left.
  virtual Result<std::vector<Session>> WithGarbage(int limit) = 0;
  /// Of a terminal session, once the objects are gone.
  virtual Status ForgetParts(const std::string& id) = 0;
  /// Removes terminal sessions without parts that ended before; gives their number.
  virtual Result<int> Purge(UnixMillis before, int limit) = 0;
  /// Whether a part has that object.
  virtual Result<bool> IsReferenced(const std::string& blob_key) = 0;
  /// Declared bytes of the owner's active and assembling sessions.
  virtual Result<std::int64_t> ReservedBytes(const std::string& owner) = 0;
  virtual Result<SessionCounts> Counts() = 0;
};

}  // namespace wt::uploads

// What documents need of a database: a port, implemented in store/sqlite/documents and in memory.
// tests/conformance runs the same list of cases over every implementation.
//
// Every call is one transaction and durable when it returns ok. A row of a document lives from the
// revision that wrote it to the one that replaced it; replaced rows stay as long as a version needs
// them, so a version costs one row. Whoever changes a document also leaves an event of type
// "document" with {"revision"} in the job's stream; of these only the last is kept. A document goes
// with its job. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "service/documents/document.h"
#include "whisper_transcriber/status.h"

namespace wt::documents {

inline constexpr std::size_t kChangesPerSetMax = 2'000;
inline constexpr std::size_t kChangeIdBytesMax = 64;
inline constexpr std::size_t kLabelBytesMax = 200;
/// Answers to repeated sets are kept for so many revisions.
inline constexpr std::int64_t kRepeatsKept = 1'000;
/// Deleted items that Since() knows of; beyond, clients read the whole document again.
inline constexpr std::int64_t kDeletedKept = 10'000;
/// Versions of people; the oldest without a label gives way.
inline constexpr std::int64_t kVersionsMax = 200;
/// After so long the next change makes a version of what was there before it.
inline constexpr std::int64_t kVersionEveryMs = 10 * 60 * 1'000;

enum class VersionKind : std::uint8_t { kMachine, kEdit, kRestore };
/// "machine", "edit", "restore".
std::string_view VersionKindName(VersionKind kind);
std::optional<VersionKind> ParseVersionKind(std::string_view name);

struct Version {
  /// From 1, never used twice.
  std::int64_t version = 0;
  VersionKind kind = VersionKind::kMachine;
  /// The document's revision it names; 0 for the machine's, whose content is the stored transcript.
  std::int64_t revision = 0;
  /// The machine's transcript, for kMachine.
  std::string result_id;
  std::string label;
  /// Who made it; empty for the machine.
  std::string author;
  std::int64_t words = 0;
  base::UnixMillis created_at = 0;
};

struct Head {
  std::int64_t revision = 0;
  /// The machine's transcript that the document was made from last.
  std::string result_id;
  std::string language;
  double duration_s = 0;
  std::int64_t turns = 0;
  std::int64_t words = 0;
  /// Nothing was changed by people since the machine's transcript.
  bool untouched = true;
};

struct NewDocument {
  std::string job_id;
  std::string owner;
  std::string result_id;
  std::string language;
  double duration_s = 0;
  std::int64_t revision = 1;
  Content content;
  /// Of the machine, oldest first; those that are there already (by result_id) are passed over.
  std::vector<Version> machine_versions;
};

enum class Op : std::uint8_t { kPutTurn, kDeleteTurn, kPutSpeaker, kDeleteSpeaker };

struct Change {
  Op op = Op::kPutTurn;
  /// The revision the writer has seen; 0: the item must not exist.
  std::int64_t if_rev = 0;
  std::string id;
  /// For the two puts; `rev` is the store's.
  Turn turn = {};
  Speaker speaker = {};
};

struct ChangeSet {
  /// Chosen by the client: the same id again gives the first answer.
  std::string change_id;
  /// Of the request; the same id with another digest is kAlreadyExists.
  std::string digest;
  std::string author;
  std::vector<Change> changes;
};

enum class ConflictReason : std::uint8_t {
  /// The item is not what the writer has seen.
  kRevision,
  /// A turn names a speaker that is not there.
  kMissingSpeaker,
  /// A speaker is to go whom turns still name.
  kSpeakerInUse,
};
std::string_view ConflictReasonName(ConflictReason reason);

struct Conflict {
  std::size_t index = 0;
  /// Of the item that is in the way.
  std::string id;
  ConflictReason reason = ConflictReason::kRevision;
  /// What is there now; neither: nothing.
  std::optional<Turn> turn = std::nullopt;
  std::optional<Speaker> speaker = std::nullopt;
};

struct Applied {
  std::int64_t revision = 0;
  bool replayed = false;
  /// When there is any, nothing was applied.
  std::vector<Conflict> conflicts = {};
};

struct Delta {
  std::int64_t revision = 0;
  /// What was asked for is not known any more: read the whole document.
  bool too_old = false;
  std::vector<Turn> turns = {};
  std::vector<Speaker> speakers = {};
  std::vector<std::string> deleted_turns = {};
  std::vector<std::string> deleted_speakers = {};
};

struct Replacement {
  std::string job_id;
  VersionKind kind = VersionKind::kRestore;
  Content content;
  std::string label;
  std::string author;
  /// For kMachine: the new transcript, and the versions to add.
  std::string result_id;
  std::string language;
  double duration_s = 0;
  std::vector<Version> machine_versions;
};

class DocumentStore {
 public:
  virtual ~DocumentStore() = default;

  /// kNotFound while there is none.
  virtual Result<Head> GetHead(const std::string& job_id) = 0;
  /// Its first revision. Does nothing when there is one already.
  virtual Status Begin(const NewDocument& document) = 0;
  /// All or nothing. kNotFound without a document, kAlreadyExists (change id with another digest),
  /// kResourceExhausted when the document would be larger than allowed.
  virtual Result<Applied> Apply(const std::string& job_id, const ChangeSet& set) = 0;
  /// The live content, or that of a revision that a version names.
  virtual Result<Document> Read(const std::string& job_id,
                                std::optional<std::int64_t> revision = std::nullopt) = 0;
  virtual Result<Delta> Since(const std::string& job_id, std::int64_t revision) = 0;
  /// Oldest first; empty without a document.
  virtual Result<std::vector<Version>> Versions(const std::string& job_id) = 0;
  /// A version of what is live; the last one when it is that already and no label was given.
  virtual Result<Version> Snapshot(const std::string& job_id, const std::string& label,
                                   const std::string& author) = 0;
  /// Makes `content` the live one in a new revision, which keeps what is the same; unsaved edits
  /// become a version first. Returns the last version.
  virtual Result<Version> Replace(const Replacement& replacement) = 0;
};

}  // namespace wt::documents

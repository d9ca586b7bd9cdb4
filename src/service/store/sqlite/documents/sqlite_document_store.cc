#include "service/store/sqlite/documents/sqlite_document_store.h"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "base/status_macros.h"
#include "service/store/sqlite/documents/document_rows.h"

namespace wt::store {
namespace {

using documents::Applied;
using documents::Change;
using documents::ChangeSet;
using documents::Conflict;
using documents::ConflictReason;
using documents::Content;
using documents::Delta;
using documents::Document;
using documents::Op;
using documents::Speaker;
using documents::Turn;
using documents::Version;
using documents::VersionKind;

/// The job's watchers learn of the revision; only the last event of the kind is of use.
Status Announce(Connection& connection, const std::string& job_id, std::int64_t revision,
                base::UnixMillis now) {
  WT_TRY(connection.Execute("DELETE FROM job_events WHERE job_id = ?1 AND type = 'document'",
                            {job_id}));
  WT_TRY(
      connection.Execute("UPDATE jobs SET event_seq = event_seq + 1, updated_at = ?2"
                         " WHERE id = ?1",
                         {job_id, now}));
  return connection
      .Execute(
          "INSERT INTO job_events (job_id, seq, type, data_json, time)"
          " SELECT id, event_seq, 'document', json_object('revision', ?2), ?3 FROM jobs"
          " WHERE id = ?1",
          {job_id, revision, now})
      .status();
}

/// What people changed after the last version, if they did, becomes one.
Status KeepEdits(Connection& connection, const std::string& job_id, const DocumentRow& row,
                 base::UnixMillis now, std::int64_t age_min_ms) {
  WT_ASSIGN(const std::vector<Version> versions, ReadVersions(connection, job_id));
  std::int64_t saved = row.machine_revision;
  base::UnixMillis saved_at = 0;
  for (const Version& version : versions) {
    saved = std::max(saved, version.revision);
    saved_at = std::max(saved_at, version.created_at);
  }
  if (saved >= row.head.revision || now - saved_at < age_min_ms) return Status();
  Version version;
  version.kind = VersionKind::kEdit;
  version.revision = row.head.revision;
  version.author = row.edited_by;
  version.words = row.head.words;
  version.created_at = now;
  const Status added = AddVersion(connection, job_id, std::move(version)).status();
  // A full list of named versions must not stop anybody from editing.
  return added.code() == StatusCode::kResourceExhausted ? Status() : added;
}

/// One set of changes within its transaction.
class Application {
 public:
  Application(Connection& connection, const std::string& job_id, std::int64_t revision)
      : connection_(connection), job_id_(job_id), revision_(revision) {}

  Status Run(const std::vector<Change>& changes) {
    for (std::size_t i = 0; i < changes.size(); ++i) WT_TRY(RunOne(i, changes[i]));
    for (std::size_t i = 0; i < changes.size(); ++i) WT_TRY(CheckReferences(i, changes[i]));
    return Status();
  }
  std::vector<Conflict>& conflicts() { return conflicts_; }
  std::int64_t turns_added() const { return turns_added_; }
  std::int64_t words_added() const { return words_added_; }

 private:
  Status RunOne(std::size_t index, const Change& change) {
    const bool is_turn = change.op == Op::kPutTurn || change.op == Op::kDeleteTurn;
    return is_turn ? ChangeTurn(index, change) : ChangeSpeaker(index, change);
  }

  Status ChangeTurn(std::size_t index, const Change& change) {
    WT_ASSIGN(std::optional<Turn> live, LiveTurn(connection_, job_id_, change.id));
    if ((live ? live->rev : 0) != change.if_rev) {
      conflicts_.push_back({.index = index, .id = change.id, .turn = std::move(live)});
      return Status();
    }
    if (live) {
      --turns_added_;
      words_added_ -= static_cast<std::int64_t>(live->words.size());
    }
    if (change.op == Op::kDeleteTurn) {
      return DeleteItem(connection_, ItemKind::kTurn, job_id_, change.id, revision_);
    }
    ++turns_added_;
    words_added_ += static_cast<std::int64_t>(change.turn.words.size());
    return PutTurn(connection_, job_id_, change.turn, revision_);
  }

  Status ChangeSpeaker(std::size_t index, const Change& change) {
    WT_ASSIGN(std::optional<Speaker> live, LiveSpeaker(connection_, job_id_, change.id));
    if ((live ? live->rev : 0) != change.if_rev) {
      conflicts_.push_back({.index = index, .id = change.id, .speaker = std::move(live)});
      return Status();
    }
    if (change.op == Op::kPutSpeaker) {
      return PutSpeaker(connection_, job_id_, change.speaker, revision_);
    }
    gone_.emplace(change.id, *std::move(live));
    return DeleteItem(connection_, ItemKind::kSpeaker, job_id_, change.id, revision_);
  }

  /// Turns name speakers that are there, whoever else changes the document.
  Status CheckReferences(std::size_t index, const Change& change) {
    if (change.op == Op::kPutTurn && !change.turn.speaker.empty()) {
      WT_ASSIGN(const std::optional<Speaker> named,
                LiveSpeaker(connection_, job_id_, change.turn.speaker));
      if (!named) {
        conflicts_.push_back(
            {.index = index, .id = change.turn.speaker, .reason = ConflictReason::kMissingSpeaker});
      }
    }
    const auto gone = gone_.find(change.id);
    if (change.op != Op::kDeleteSpeaker || gone == gone_.end()) return Status();
    WT_ASSIGN(Statement user, connection_.Query("SELECT 1 FROM document_turns WHERE job_id = ?1"
                                                " AND speaker = ?2 AND until_rev IS NULL"
                                                " AND speaker <> '' LIMIT 1",
                                                {job_id_, change.id}));
    WT_ASSIGN(const bool used, user.Step());
    if (used) {
      conflicts_.push_back({.index = index,
                            .id = change.id,
                            .reason = ConflictReason::kSpeakerInUse,
                            .speaker = gone->second});
    }
    return Status();
  }

  Connection& connection_;
  const std::string& job_id_;
  const std::int64_t revision_;
  std::vector<Conflict> conflicts_;
  std::map<std::string, Speaker> gone_;
  std::int64_t turns_added_ = 0;
  std::int64_t words_added_ = 0;
};

Status CheckSize(Connection& connection, const std::string& job_id, std::int64_t turns,
                 std::int64_t words) {
  const auto full = [](std::int64_t most, const char* what) {
    return Status(StatusCode::kResourceExhausted,
                  fmt::format("A transcript has at most {} {}; nothing was changed.", most, what));
  };
  if (turns > documents::kTurnsMax) return full(documents::kTurnsMax, "turns");
  if (words > documents::kWordsMax) return full(documents::kWordsMax, "words");
  WT_ASSIGN(Statement speakers, connection.Query("SELECT count(*) FROM document_speakers"
                                                 " WHERE job_id = ?1 AND until_rev IS NULL",
                                                 {job_id}));
  WT_TRY(speakers.Step());
  constexpr auto kMost = static_cast<std::int64_t>(documents::kSpeakersMax);
  return speakers.Int(0) > kMost ? full(kMost, "speakers") : Status();
}

/// Forgets what clients that come late are told to read again.
Status Prune(Connection& connection, const std::string& job_id, std::int64_t revision) {
  WT_TRY(connection.Execute("DELETE FROM document_changes WHERE job_id = ?1 AND revision <= ?2",
                            {job_id, revision - documents::kRepeatsKept}));
  std::int64_t newest_dropped = 0;
  {
    WT_ASSIGN(Statement row, connection.Query("SELECT rev FROM document_deletions"
                                              " WHERE job_id = ?1 ORDER BY rev DESC"
                                              " LIMIT 1 OFFSET ?2",
                                              {job_id, documents::kDeletedKept}));
    WT_ASSIGN(const bool found, row.Step());
    if (!found) return Status();
    newest_dropped = row.Int(0);
  }
  WT_TRY(connection.Execute("DELETE FROM document_deletions WHERE job_id = ?1 AND rev <= ?2",
                            {job_id, newest_dropped}));
  return connection
      .Execute("UPDATE documents SET oldest_since = max(oldest_since, ?2) WHERE job_id = ?1",
               {job_id, newest_dropped})
      .status();
}

Status Advance(Connection& connection, const std::string& job_id, std::int64_t revision,
               std::int64_t turns, std::int64_t words, const std::string& author,
               base::UnixMillis now) {
  WT_TRY(
      connection.Execute("UPDATE documents SET revision = ?2, turns = ?3, words = ?4,"
                         " edited_by = ?5, updated_at = ?6 WHERE job_id = ?1",
                         {job_id, revision, turns, words, author, now}));
  WT_TRY(Prune(connection, job_id, revision));
  return Announce(connection, job_id, revision, now);
}

/// Makes the live rows those of `target`; what is the same keeps its row.
Status WriteDifference(Connection& connection, const std::string& job_id, const Content& target,
                       std::int64_t revision) {
  WT_ASSIGN(Content live, ReadContent(connection, job_id, std::nullopt));
  std::map<std::string, Turn> turns;
  for (Turn& turn : live.turns) turns.emplace(turn.id, std::move(turn));
  for (const Turn& turn : target.turns) {
    const auto found = turns.find(turn.id);
    const bool same = found != turns.end() && SameContent(found->second, turn);
    if (found != turns.end()) turns.erase(found);
    if (!same) WT_TRY(PutTurn(connection, job_id, turn, revision));
  }
  for (const auto& [id, turn] : turns) {
    WT_TRY(DeleteItem(connection, ItemKind::kTurn, job_id, id, revision));
  }
  std::map<std::string, Speaker> speakers;
  for (Speaker& speaker : live.speakers) speakers.emplace(speaker.id, std::move(speaker));
  for (const Speaker& speaker : target.speakers) {
    const auto found = speakers.find(speaker.id);
    const bool same = found != speakers.end() && SameContent(found->second, speaker);
    if (found != speakers.end()) speakers.erase(found);
    if (!same) WT_TRY(PutSpeaker(connection, job_id, speaker, revision));
  }
  for (const auto& [id, speaker] : speakers) {
    WT_TRY(DeleteItem(connection, ItemKind::kSpeaker, job_id, id, revision));
  }
  return Status();
}

Result<Version> LastVersion(Connection& connection, const std::string& job_id) {
  WT_ASSIGN(const std::vector<Version> versions, ReadVersions(connection, job_id));
  if (versions.empty()) {
    return Status(StatusCode::kDataCorrupt, "the document has lost its versions");
  }
  return versions.back();
}

}  // namespace

Result<documents::Head> SqliteDocumentStore::GetHead(const std::string& job_id) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(DocumentRow row, ReadRow(*tx, job_id));
  return std::move(row.head);
}

Status SqliteDocumentStore::Begin(const documents::NewDocument& document) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  const base::UnixMillis now = clock_->Now();
  const Content& content = document.content;
  WT_ASSIGN(const std::int64_t added,
            tx->Execute("INSERT INTO documents (job_id, owner, result_id, machine_revision,"
                        " revision, oldest_since, language, duration_s, turns, words, created_at,"
                        " updated_at) VALUES (?1, ?2, ?3, ?9, ?9, ?9, ?4, ?5, ?6, ?7, ?8, ?8)"
                        " ON CONFLICT (job_id) DO NOTHING",
                        {document.job_id, document.owner, document.result_id, document.language,
                         document.duration_s, content.turns.size(), content.CountWords(), now,
                         document.revision}));
  if (added == 0) return Status();
  for (const Turn& turn : content.turns)
    WT_TRY(PutTurn(*tx, document.job_id, turn, document.revision));
  for (const Speaker& speaker : content.speakers) {
    WT_TRY(PutSpeaker(*tx, document.job_id, speaker, document.revision));
  }
  WT_TRY(AddMachineVersions(*tx, document.job_id, document.machine_versions));
  return tx.Commit("document");
}

Result<Applied> SqliteDocumentStore::Apply(const std::string& job_id, const ChangeSet& set) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const DocumentRow row, ReadRow(*tx, job_id));
  {
    WT_ASSIGN(Statement known, tx->Query("SELECT digest, revision FROM document_changes"
                                         " WHERE job_id = ?1 AND change_id = ?2",
                                         {job_id, set.change_id}));
    WT_ASSIGN(const bool repeated, known.Step());
    if (repeated && known.Text(0) != set.digest) {
      return Status(StatusCode::kAlreadyExists,
                    "This change_id was used for other changes; take a new one.");
    }
    if (repeated) return Applied{.revision = known.Int(1), .replayed = true};
  }
  const base::UnixMillis now = clock_->Now();
  WT_TRY(KeepEdits(*tx, job_id, row, now, documents::kVersionEveryMs));
  const std::int64_t revision = row.head.revision + 1;
  Application application(*tx, job_id, revision);
  WT_TRY(application.Run(set.changes));
  if (!application.conflicts().empty()) {
    return Applied{.revision = row.head.revision, .conflicts = std::move(application.conflicts())};
  }
  const std::int64_t turns = row.head.turns + application.turns_added();
  const std::int64_t words = row.head.words + application.words_added();
  WT_TRY(CheckSize(*tx, job_id, turns, words));
  WT_TRY(
      tx->Execute("INSERT INTO document_changes (job_id, change_id, digest, revision)"
                  " VALUES (?1, ?2, ?3, ?4)",
                  {job_id, set.change_id, set.digest, revision}));
  WT_TRY(Advance(*tx, job_id, revision, turns, words, set.author, now));
  WT_TRY(tx.Commit("document"));
  return Applied{.revision = revision};
}

Result<Document> SqliteDocumentStore::Read(const std::string& job_id,
                                           std::optional<std::int64_t> revision) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(DocumentRow row, ReadRow(*tx, job_id));
  Document document;
  document.job_id = job_id;
  document.revision = revision.value_or(row.head.revision);
  document.language = std::move(row.head.language);
  document.duration_s = row.head.duration_s;
  WT_ASSIGN(document.content, ReadContent(*tx, job_id, revision));
  return document;
}

Result<Delta> SqliteDocumentStore::Since(const std::string& job_id, std::int64_t revision) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  WT_ASSIGN(const DocumentRow row, ReadRow(*tx, job_id));
  Delta delta;
  delta.revision = row.head.revision;
  delta.too_old = revision < row.oldest_since || revision > row.head.revision;
  if (delta.too_old) return delta;
  WT_ASSIGN(delta.turns, TurnsSince(*tx, job_id, revision));
  WT_ASSIGN(delta.speakers, SpeakersSince(*tx, job_id, revision));
  WT_ASSIGN(Statement rows, tx->Query("SELECT kind, id FROM document_deletions WHERE job_id = ?1"
                                      " AND rev > ?2 ORDER BY id",
                                      {job_id, revision}));
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return delta;
    (rows.Text(0) == "turn" ? delta.deleted_turns : delta.deleted_speakers).push_back(rows.Text(1));
  }
}

Result<std::vector<Version>> SqliteDocumentStore::Versions(const std::string& job_id) {
  WT_ASSIGN(Transaction tx, database_->BeginRead());
  return ReadVersions(*tx, job_id);
}

Result<Version> SqliteDocumentStore::Snapshot(const std::string& job_id, const std::string& label,
                                              const std::string& author) {
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const DocumentRow row, ReadRow(*tx, job_id));
  WT_ASSIGN(const Version last, LastVersion(*tx, job_id));
  const bool saved =
      last.kind == VersionKind::kMachine ? row.head.untouched : last.revision == row.head.revision;
  if (saved && label.empty()) return last;
  Version version;
  version.kind = VersionKind::kEdit;
  version.revision = row.head.revision;
  version.label = label;
  version.author = author;
  version.words = row.head.words;
  version.created_at = clock_->Now();
  WT_ASSIGN(version, AddVersion(*tx, job_id, std::move(version)));
  WT_TRY(tx.Commit("document"));
  return version;
}

Result<Version> SqliteDocumentStore::Replace(const documents::Replacement& replacement) {
  const std::string& job_id = replacement.job_id;
  const bool machine = replacement.kind == VersionKind::kMachine;
  WT_ASSIGN(Transaction tx, database_->BeginWrite());
  WT_ASSIGN(const DocumentRow row, ReadRow(*tx, job_id));
  // Two readers may find the new transcript at once.
  if (machine && row.head.result_id == replacement.result_id) return LastVersion(*tx, job_id);
  const base::UnixMillis now = clock_->Now();
  WT_TRY(KeepEdits(*tx, job_id, row, now, 0));
  const std::int64_t revision = row.head.revision + 1;
  WT_TRY(WriteDifference(*tx, job_id, replacement.content, revision));
  const std::int64_t words = replacement.content.CountWords();
  WT_TRY(Advance(*tx, job_id, revision, static_cast<std::int64_t>(replacement.content.turns.size()),
                 words, replacement.author, now));
  if (machine) {
    WT_TRY(
        tx->Execute("UPDATE documents SET result_id = ?2, machine_revision = revision,"
                    " language = ?3, duration_s = ?4 WHERE job_id = ?1",
                    {job_id, replacement.result_id, replacement.language, replacement.duration_s}));
    WT_TRY(AddMachineVersions(*tx, job_id, replacement.machine_versions));
  } else {
    Version version;
    version.kind = replacement.kind;
    version.revision = revision;
    version.label = replacement.label;
    version.author = replacement.author;
    version.words = words;
    version.created_at = now;
    WT_TRY(AddVersion(*tx, job_id, std::move(version)));
  }
  WT_ASSIGN(Version last, LastVersion(*tx, job_id));
  WT_TRY(tx.Commit("document"));
  return last;
}

}  // namespace wt::store

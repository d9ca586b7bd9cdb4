#include "service/store/sqlite/documents/document_rows.h"

#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "service/documents/document_json.h"

namespace wt::store {
namespace {

using documents::Content;
using documents::Speaker;
using documents::Turn;
using documents::Version;
using documents::VersionKind;

#define WT_TURN_COLUMNS "id, pos, rev, speaker, start_s, end_s, note, words_json"
#define WT_SPEAKER_COLUMNS "id, name, color, rev"

Result<Turn> ReadTurn(const Statement& row) {
  Turn turn{.id = row.Text(0),
            .pos = row.Text(1),
            .rev = row.Int(2),
            .speaker = row.Text(3),
            .start_s = row.Real(4),
            .end_s = row.Real(5),
            .note = row.Text(6)};
  WT_ASSIGN(turn.words, documents::ReadWords(row.Text(7)));
  return turn;
}

Speaker ReadSpeaker(const Statement& row) {
  return {.id = row.Text(0), .name = row.Text(1), .color = row.SmallInt(2), .rev = row.Int(3)};
}

Result<std::vector<Turn>> ReadTurns(Statement rows) {
  std::vector<Turn> turns;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return turns;
    WT_ASSIGN(Turn turn, ReadTurn(rows));
    turns.push_back(std::move(turn));
  }
}

Result<std::vector<Speaker>> ReadSpeakers(Statement rows) {
  std::vector<Speaker> speakers;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return speakers;
    speakers.push_back(ReadSpeaker(rows));
  }
}

/// The oldest version of people that nobody named goes, and the rows that only it needed.
Status MakeRoomForVersion(Connection& connection, const std::string& job_id) {
  {
    WT_ASSIGN(Statement count, connection.Query("SELECT count(*) FROM document_versions"
                                                " WHERE job_id = ?1 AND kind <> 'machine'",
                                                {job_id}));
    WT_TRY(count.Step());
    if (count.Int(0) < documents::kVersionsMax) return Status();
  }
  WT_ASSIGN(const std::int64_t removed,
            connection.Execute("DELETE FROM document_versions WHERE job_id = ?1 AND version ="
                               " (SELECT min(version) FROM document_versions WHERE job_id = ?1"
                               " AND kind = 'edit' AND label = '')",
                               {job_id}));
  if (removed == 0) {
    return Status(StatusCode::kResourceExhausted,
                  "The transcript has as many named versions as are kept; the new one was not "
                  "made.");
  }
  constexpr const char* kUnneeded[] = {
      "DELETE FROM document_turns WHERE job_id = ?1 AND until_rev IS NOT NULL AND NOT EXISTS"
      " (SELECT 1 FROM document_versions v WHERE v.job_id = ?1 AND v.revision >= rev"
      " AND v.revision < until_rev)",
      "DELETE FROM document_speakers WHERE job_id = ?1 AND until_rev IS NOT NULL AND NOT EXISTS"
      " (SELECT 1 FROM document_versions v WHERE v.job_id = ?1 AND v.revision >= rev"
      " AND v.revision < until_rev)"};
  for (const char* sql : kUnneeded) WT_TRY(connection.Execute(sql, {job_id}));
  return Status();
}

}  // namespace

Result<DocumentRow> ReadRow(Connection& connection, const std::string& job_id) {
  WT_ASSIGN(Statement row,
            connection.Query("SELECT revision, result_id, language, duration_s, turns, words,"
                             " machine_revision, oldest_since, edited_by FROM documents"
                             " WHERE job_id = ?1",
                             {job_id}));
  WT_ASSIGN(const bool found, row.Step());
  if (!found) return Status(StatusCode::kNotFound, "The transcript has not been edited.");
  DocumentRow read;
  read.head = {.revision = row.Int(0),
               .result_id = row.Text(1),
               .language = row.Text(2),
               .duration_s = row.Real(3),
               .turns = row.Int(4),
               .words = row.Int(5),
               .untouched = row.Int(0) == row.Int(6)};
  read.machine_revision = row.Int(6);
  read.oldest_since = row.Int(7);
  read.edited_by = row.Text(8);
  return read;
}

Result<Content> ReadContent(Connection& connection, const std::string& job_id,
                            std::optional<std::int64_t> revision) {
  // A revision that never comes stands for what is live.
  const std::int64_t at = revision.value_or(INT64_MAX);
  Content content;
  WT_ASSIGN(Statement turns,
            connection.Query("SELECT " WT_TURN_COLUMNS " FROM document_turns WHERE job_id = ?1"
                             " AND rev <= ?2 AND (until_rev IS NULL OR until_rev > ?2)"
                             " ORDER BY pos, id",
                             {job_id, at}));
  WT_ASSIGN(content.turns, ReadTurns(std::move(turns)));
  WT_ASSIGN(Statement speakers,
            connection.Query("SELECT " WT_SPEAKER_COLUMNS " FROM document_speakers"
                             " WHERE job_id = ?1 AND rev <= ?2"
                             " AND (until_rev IS NULL OR until_rev > ?2) ORDER BY id",
                             {job_id, at}));
  WT_ASSIGN(content.speakers, ReadSpeakers(std::move(speakers)));
  return content;
}

Result<std::optional<Turn>> LiveTurn(Connection& connection, const std::string& job_id,
                                     const std::string& id) {
  WT_ASSIGN(Statement row, connection.Query("SELECT " WT_TURN_COLUMNS " FROM document_turns"
                                            " WHERE job_id = ?1 AND id = ?2 AND until_rev IS NULL",
                                            {job_id, id}));
  WT_ASSIGN(const bool found, row.Step());
  if (!found) return std::optional<Turn>();
  WT_ASSIGN(Turn turn, ReadTurn(row));
  return std::optional<Turn>(std::move(turn));
}

Result<std::optional<Speaker>> LiveSpeaker(Connection& connection, const std::string& job_id,
                                           const std::string& id) {
  WT_ASSIGN(Statement row, connection.Query("SELECT " WT_SPEAKER_COLUMNS " FROM document_speakers"
                                            " WHERE job_id = ?1 AND id = ?2 AND until_rev IS NULL",
                                            {job_id, id}));
  WT_ASSIGN(const bool found, row.Step());
  if (!found) return std::optional<Speaker>();
  return std::optional<Speaker>(ReadSpeaker(row));
}

Result<std::vector<Turn>> TurnsSince(Connection& connection, const std::string& job_id,
                                     std::int64_t revision) {
  WT_ASSIGN(Statement rows,
            connection.Query("SELECT " WT_TURN_COLUMNS " FROM document_turns WHERE job_id = ?1"
                             " AND rev > ?2 AND until_rev IS NULL ORDER BY pos, id",
                             {job_id, revision}));
  return ReadTurns(std::move(rows));
}

Result<std::vector<Speaker>> SpeakersSince(Connection& connection, const std::string& job_id,
                                           std::int64_t revision) {
  WT_ASSIGN(Statement rows,
            connection.Query("SELECT " WT_SPEAKER_COLUMNS " FROM document_speakers"
                             " WHERE job_id = ?1 AND rev > ?2 AND until_rev IS NULL ORDER BY id",
                             {job_id, revision}));
  return ReadSpeakers(std::move(rows));
}

Result<std::vector<Version>> ReadVersions(Connection& connection, const std::string& job_id) {
  WT_ASSIGN(Statement rows,
            connection.Query("SELECT version, kind, revision, result_id, label, author, words,"
                             " created_at FROM document_versions WHERE job_id = ?1"
                             " ORDER BY version",
                             {job_id}));
  std::vector<Version> versions;
  while (true) {
    WT_ASSIGN(const bool more, rows.Step());
    if (!more) return versions;
    const std::optional<VersionKind> kind = documents::ParseVersionKind(rows.Text(1));
    versions.push_back({.version = rows.Int(0),
                        .kind = kind.value_or(VersionKind::kEdit),
                        .revision = rows.Int(2),
                        .result_id = rows.Text(3),
                        .label = rows.Text(4),
                        .author = rows.Text(5),
                        .words = rows.Int(6),
                        .created_at = rows.Int(7)});
  }
}

Status EndItem(Connection& connection, ItemKind kind, const std::string& job_id,
               const std::string& id, std::int64_t revision) {
  const bool turn = kind == ItemKind::kTurn;
  WT_TRY(connection.Execute(
      turn ? "DELETE FROM document_turns WHERE job_id = ?1 AND id = ?2 AND until_rev IS NULL"
             " AND NOT EXISTS (SELECT 1 FROM document_versions v WHERE v.job_id = ?1"
             " AND v.revision >= rev)"
           : "DELETE FROM document_speakers WHERE job_id = ?1 AND id = ?2 AND until_rev IS NULL"
             " AND NOT EXISTS (SELECT 1 FROM document_versions v WHERE v.job_id = ?1"
             " AND v.revision >= rev)",
      {job_id, id}));
  return connection
      .Execute(turn ? "UPDATE document_turns SET until_rev = ?3 WHERE job_id = ?1 AND id = ?2"
                      " AND until_rev IS NULL"
                    : "UPDATE document_speakers SET until_rev = ?3 WHERE job_id = ?1 AND id = ?2"
                      " AND until_rev IS NULL",
               {job_id, id, revision})
      .status();
}

Status DeleteItem(Connection& connection, ItemKind kind, const std::string& job_id,
                  const std::string& id, std::int64_t revision) {
  WT_TRY(EndItem(connection, kind, job_id, id, revision));
  return connection
      .Execute(
          "INSERT OR REPLACE INTO document_deletions (job_id, kind, id, rev)"
          " VALUES (?1, ?2, ?3, ?4)",
          {job_id, kind == ItemKind::kTurn ? "turn" : "speaker", id, revision})
      .status();
}

namespace {

Status Revive(Connection& connection, ItemKind kind, const std::string& job_id,
              const std::string& id) {
  return connection
      .Execute("DELETE FROM document_deletions WHERE job_id = ?1 AND kind = ?2 AND id = ?3",
               {job_id, kind == ItemKind::kTurn ? "turn" : "speaker", id})
      .status();
}

}  // namespace

Status PutTurn(Connection& connection, const std::string& job_id, const Turn& turn,
               std::int64_t revision) {
  WT_TRY(EndItem(connection, ItemKind::kTurn, job_id, turn.id, revision));
  WT_TRY(Revive(connection, ItemKind::kTurn, job_id, turn.id));
  return connection
      .Execute(
          "INSERT INTO document_turns (job_id, id, rev, pos, speaker, start_s, end_s, note,"
          " word_count, words_json) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
          {job_id, turn.id, revision, turn.pos, turn.speaker, turn.start_s, turn.end_s, turn.note,
           turn.words.size(), documents::WriteWords(turn.words)})
      .status();
}

Status PutSpeaker(Connection& connection, const std::string& job_id, const Speaker& speaker,
                  std::int64_t revision) {
  WT_TRY(EndItem(connection, ItemKind::kSpeaker, job_id, speaker.id, revision));
  WT_TRY(Revive(connection, ItemKind::kSpeaker, job_id, speaker.id));
  return connection
      .Execute(
          "INSERT INTO document_speakers (job_id, id, rev, name, color)"
          " VALUES (?1, ?2, ?3, ?4, ?5)",
          {job_id, speaker.id, revision, speaker.name, speaker.color})
      .status();
}

Result<Version> AddVersion(Connection& connection, const std::string& job_id, Version version) {
  if (version.kind != VersionKind::kMachine) WT_TRY(MakeRoomForVersion(connection, job_id));
  {
    WT_ASSIGN(Statement last,
              connection.Query("SELECT coalesce(max(version), 0) FROM document_versions"
                               " WHERE job_id = ?1",
                               {job_id}));
    WT_TRY(last.Step());
    version.version = last.Int(0) + 1;
  }
  WT_TRY(connection.Execute(
      "INSERT INTO document_versions (job_id, version, kind, revision, result_id, label, author,"
      " words, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
      {job_id, version.version, documents::VersionKindName(version.kind), version.revision,
       version.result_id, version.label, version.author, version.words, version.created_at}));
  return version;
}

Status AddMachineVersions(Connection& connection, const std::string& job_id,
                          const std::vector<Version>& versions) {
  WT_ASSIGN(const std::vector<Version> known, ReadVersions(connection, job_id));
  for (const Version& version : versions) {
    const bool there = std::any_of(known.begin(), known.end(), [&](const Version& v) {
      return v.result_id == version.result_id;
    });
    if (!there) WT_TRY(AddVersion(connection, job_id, version));
  }
  return Status();
}

#undef WT_SPEAKER_COLUMNS
#undef WT_TURN_COLUMNS

}  // namespace wt::store

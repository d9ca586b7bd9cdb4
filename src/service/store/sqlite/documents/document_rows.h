// Rows of documents: reading, and the writes that the transitions of the store are made of. Each
// function works within the caller's transaction. One thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "service/documents/document_store.h"
#include "service/store/sqlite/connection.h"

namespace wt::store {

/// The row of `documents` with what only the store needs of it.
struct DocumentRow {
  documents::Head head;
  std::int64_t machine_revision = 0;
  std::int64_t oldest_since = 0;
  std::string edited_by;
};

/// kNotFound without a document.
Result<DocumentRow> ReadRow(Connection& connection, const std::string& job_id);
Result<documents::Content> ReadContent(Connection& connection, const std::string& job_id,
                                       std::optional<std::int64_t> revision);
Result<std::optional<documents::Turn>> LiveTurn(Connection& connection, const std::string& job_id,
                                                const std::string& id);
Result<std::optional<documents::Speaker>> LiveSpeaker(Connection& connection,
                                                      const std::string& job_id,
                                                      const std::string& id);
Result<std::vector<documents::Turn>> TurnsSince(Connection& connection, const std::string& job_id,
                                                std::int64_t revision);
Result<std::vector<documents::Speaker>> SpeakersSince(Connection& connection,
                                                      const std::string& job_id,
                                                      std::int64_t revision);
Result<std::vector<documents::Version>> ReadVersions(Connection& connection,
                                                     const std::string& job_id);

/// Tables of items: "turn" and "speaker" go the same way.
enum class ItemKind : std::uint8_t { kTurn, kSpeaker };

/// Ends the live row of an item, if there is one; it stays only while a version needs it.
Status EndItem(Connection& connection, ItemKind kind, const std::string& job_id,
               const std::string& id, std::int64_t revision);
/// Ends it and remembers that it was deleted.
Status DeleteItem(Connection& connection, ItemKind kind, const std::string& job_id,
                  const std::string& id, std::int64_t revision);
/// Ends the live row and writes another one.
Status PutTurn(Connection& connection, const std::string& job_id, const documents::Turn& turn,
               std::int64_t revision);
Status PutSpeaker(Connection& connection, const std::string& job_id,
                  const documents::Speaker& speaker, std::int64_t revision);

/// Adds a version with the next number; the oldest one without a label gives way.
/// kResourceExhausted when all have labels.
Result<documents::Version> AddVersion(Connection& connection, const std::string& job_id,
                                      documents::Version version);
/// The machine's versions that are not there yet, by result_id.
Status AddMachineVersions(Connection& connection, const std::string& job_id,
                          const std::vector<documents::Version>& versions);

}  // namespace wt::store

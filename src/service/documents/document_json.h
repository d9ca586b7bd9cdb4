// Documents as JSON: what the API sends, what it takes, and how the words of a turn are stored.
//
//   {"id","pos","rev","speaker","start","end","note","words":[{"t","s","e","p"?,"x"?:1,"i"?:1}]}
//
// What comes from clients is read by a pull parser that stops at the first value beyond the limits
// of document.h, so a request never becomes a tree in memory. Pure functions: thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "service/documents/document.h"
#include "service/documents/document_store.h"
#include "whisper_transcriber/status.h"

namespace wt::documents {

/// A set of changes with as many words as a document may hold, at 40 bytes each.
inline constexpr std::size_t kChangesJsonBytesMax = 16 << 20;

/// The array of "words".
std::string WriteWords(const std::vector<Word>& words);
/// The same back; kDataCorrupt when the text is not what WriteWords writes.
Result<std::vector<Word>> ReadWords(std::string_view json);

void AppendTurn(const Turn& turn, std::string* json);
void AppendSpeaker(const Speaker& speaker, std::string* json);
std::string WriteDocument(const Document& document);
std::string WriteDelta(const Delta& delta);
/// The array of "conflicts".
std::string WriteConflicts(const std::vector<Conflict>& conflicts);
/// {"revision", "revs": {id: revision of each item that was put}}.
std::string WriteApplied(const Applied& applied, const ChangeSet& set);

/// kInvalidArgument with the place and what is wrong; kResourceExhausted for more changes or words
/// than allowed. Fills change_id and changes.
Result<ChangeSet> ReadChanges(std::string_view json);

}  // namespace wt::documents

// The hash chain of the audit record: what is hashed, and how a record is checked.
//
// hash = SHA-256(canonical JSON of the entry), which holds seq, time, all fields, the SHA-256 of
// the personal part and the previous entry's hash. Canonical: members in the order of their names,
// no white space, UTF-8 (docs/formats/audit.md). So a changed, moved or missing entry breaks the
// chain at its place; the head, kept apart, shows a missing end. The personal part is hashed with a
// salt of its own, so that erasing it leaves the chain whole and the hash tells nothing.
// Pure: thread-safe.
#pragma once

#include <string>
#include <vector>

#include "service/audit/event.h"

namespace wt::audit {

/// What stands before the first entry.
inline constexpr const char* kFirstHash =
    "0000000000000000000000000000000000000000000000000000000000000000";

/// Cuts texts to their maximum, repairs UTF-8, writes control characters and those that turn the
/// direction of text as \u00XX.
Event Sanitised(Event event);

/// Puts an event at the end of a chain. `salt` is random, one per entry.
Entry Seal(const Event& event, std::int64_t seq, base::UnixMillis time, const std::string& salt,
           const std::string& previous_hash);

/// The text that is hashed.
std::string CanonicalJson(const Entry& entry);
/// The line of the audit file: the canonical JSON with hash and personal part.
std::string FileLine(const Entry& entry);

/// Empty when the entry's own hashes are right and it follows `previous_hash` as number `seq`; else
/// what is wrong.
std::string Fault(const Entry& entry, std::int64_t seq, const std::string& previous_hash);

}  // namespace wt::audit

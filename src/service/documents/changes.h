// What a set of changes must hold to be stored, whatever the document looks like. Pure:
// thread-safe.
#pragma once

#include "service/documents/document_store.h"
#include "whisper_transcriber/status.h"

namespace wt::documents {

/// Rounds times and checks every value against the limits of document.h; kInvalidArgument with the
/// place ("changes[3]: ...") and the rule.
Status CheckChanges(double duration_s, ChangeSet* set);

}  // namespace wt::documents

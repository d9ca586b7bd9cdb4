#include "service/documents/document_store.h"

namespace wt::documents {

std::string_view VersionKindName(VersionKind kind) {
  switch (kind) {
    case VersionKind::kMachine: return "machine";
    case VersionKind::kEdit: return "edit";
    case VersionKind::kRestore: return "restore";
  }
  return "edit";
}

std::optional<VersionKind> ParseVersionKind(std::string_view name) {
  for (const VersionKind kind :
       {VersionKind::kMachine, VersionKind::kEdit, VersionKind::kRestore}) {
    if (VersionKindName(kind) == name) return kind;
  }
  return std::nullopt;
}

std::string_view ConflictReasonName(ConflictReason reason) {
  switch (reason) {
    case ConflictReason::kRevision: return "revision";
    case ConflictReason::kMissingSpeaker: return "missing_speaker";
    case ConflictReason::kSpeakerInUse: return "speaker_in_use";
  }
  return "revision";
}

}  // namespace wt::documents

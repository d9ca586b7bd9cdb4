#include "service/documents/documents.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/status_macros.h"
#include "base/strip.h"
#include "service/documents/changes.h"
#include "service/documents/from_transcript.h"

namespace wt::documents {
namespace {

using transcripts::StoredTranscript;

/// "3" is a version's number; ids of results are longer and hold other characters.
std::optional<std::int64_t> VersionNumber(const std::string& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (text.empty() || text.size() > 9 || parsed.ec != std::errc() || parsed.ptr != end) {
    return std::nullopt;
  }
  return number;
}

StoredTranscript Edited(const Document& document, StoredTranscript stored) {
  EditedTranscript edited = ToTranscript(document, stored.transcript);
  stored.transcript = std::move(edited.transcript);
  stored.speakers = std::move(edited.speakers);
  return stored;
}

Status NoSuchVersion() {
  return Status(StatusCode::kNotFound, "The job has no such version of its transcript.");
}

}  // namespace

Result<Document> Documents::FromMachine(const jobs::Job& job, const std::string& result_id) {
  WT_ASSIGN(const StoredTranscript stored, transcripts_->Load(job, result_id));
  return FromTranscript(job.id, stored.transcript);
}

Result<Document> Documents::Unstored(const jobs::Job& job) {
  WT_ASSIGN(Document document, FromMachine(job, ""));
  // Another run is another text, so its first revision is a later one.
  document.revision = job.run;
  for (Turn& turn : document.content.turns) turn.rev = job.run;
  return document;
}

Result<std::vector<Version>> Documents::MachineVersions(const jobs::Job& job) {
  WT_ASSIGN(const std::vector<jobs::NewResult> results, transcripts_->Versions(job));
  std::vector<Version> versions;
  for (auto result = results.rbegin(); result != results.rend(); ++result) {
    Version version;
    version.version = static_cast<std::int64_t>(versions.size()) + 1;
    version.result_id = result->id;
    version.words = result->words;
    version.created_at = result->created_at;
    versions.push_back(std::move(version));
  }
  return versions;
}

Result<std::optional<Head>> Documents::FreshHead(const jobs::Job& job) {
  Result<Head> head = store_->GetHead(job.id);
  if (head.status().code() == StatusCode::kNotFound) return std::optional<Head>();
  if (!head.ok()) return head.status();
  if (job.result_ref.empty() || head->result_id == job.result_ref) {
    return std::optional<Head>(*std::move(head));
  }
  WT_ASSIGN(Document machine, FromMachine(job, job.result_ref));
  Replacement renewal;
  renewal.job_id = job.id;
  renewal.kind = VersionKind::kMachine;
  renewal.content = std::move(machine.content);
  renewal.result_id = job.result_ref;
  renewal.language = machine.language;
  renewal.duration_s = machine.duration_s;
  WT_ASSIGN(renewal.machine_versions, MachineVersions(job));
  WT_TRY(store_->Replace(renewal));
  WT_ASSIGN(Head renewed, store_->GetHead(job.id));
  return std::optional<Head>(std::move(renewed));
}

Result<Head> Documents::StoredHead(const jobs::Job& job) {
  WT_ASSIGN(std::optional<Head> head, FreshHead(job));
  if (head) return *std::move(head);
  WT_ASSIGN(Document machine, Unstored(job));
  NewDocument document;
  document.job_id = job.id;
  document.owner = job.owner;
  document.result_id = job.result_ref;
  document.language = machine.language;
  document.duration_s = machine.duration_s;
  document.revision = machine.revision;
  document.content = std::move(machine.content);
  WT_ASSIGN(document.machine_versions, MachineVersions(job));
  WT_TRY(store_->Begin(document));
  return store_->GetHead(job.id);
}

Result<Document> Documents::Get(const jobs::Job& job) {
  WT_ASSIGN(const std::optional<Head> head, FreshHead(job));
  return head ? store_->Read(job.id) : Unstored(job);
}

Result<Applied> Documents::Apply(const jobs::Job& job, ChangeSet set) {
  WT_ASSIGN(const Head head, StoredHead(job));
  WT_TRY(CheckChanges(head.duration_s, &set));
  return store_->Apply(job.id, set);
}

Result<Delta> Documents::Since(const jobs::Job& job, std::int64_t revision) {
  WT_ASSIGN(const std::optional<Head> head, FreshHead(job));
  if (head) return store_->Since(job.id, revision);
  if (job.result_ref.empty()) return transcripts_->Load(job).status();
  Delta unchanged;
  unchanged.revision = job.run;
  unchanged.too_old = revision != job.run;
  return unchanged;
}

Result<std::vector<Version>> Documents::Versions(const jobs::Job& job) {
  WT_ASSIGN(const std::optional<Head> head, FreshHead(job));
  return head ? store_->Versions(job.id) : MachineVersions(job);
}

Result<Version> Documents::FindVersion(const jobs::Job& job, std::int64_t version) {
  WT_ASSIGN(const std::vector<Version> versions, Versions(job));
  const auto found = std::find_if(versions.begin(), versions.end(),
                                  [&](const Version& v) { return v.version == version; });
  if (found == versions.end()) return NoSuchVersion();
  return *found;
}

Result<Document> Documents::ReadVersion(const jobs::Job& job, const Version& version) {
  if (version.kind == VersionKind::kMachine) return FromMachine(job, version.result_id);
  return store_->Read(job.id, version.revision);
}

Result<Document> Documents::GetVersion(const jobs::Job& job, std::int64_t version) {
  WT_ASSIGN(const Version found, FindVersion(job, version));
  return ReadVersion(job, found);
}

Result<Version> Documents::Snapshot(const jobs::Job& job, const std::string& label,
                                    const std::string& author) {
  WT_TRY(StoredHead(job));
  return store_->Snapshot(job.id, label, author);
}

Result<Version> Documents::Restore(const jobs::Job& job, std::int64_t version,
                                   const std::string& author) {
  WT_TRY(StoredHead(job));
  WT_ASSIGN(const Version found, FindVersion(job, version));
  WT_ASSIGN(Document document, ReadVersion(job, found));
  Replacement restored;
  restored.job_id = job.id;
  restored.kind = VersionKind::kRestore;
  restored.content = std::move(document.content);
  restored.label = "version " + std::to_string(version);
  restored.author = author;
  return store_->Replace(restored);
}

Result<StoredTranscript> Documents::Transcript(const jobs::Job& job, const std::string& version) {
  const std::optional<std::int64_t> number = VersionNumber(version);
  if (!version.empty() && !number) return transcripts_->Load(job, version);
  if (number) {
    WT_ASSIGN(const Version found, FindVersion(job, *number));
    if (found.kind == VersionKind::kMachine) return transcripts_->Load(job, found.result_id);
    WT_ASSIGN(const Document document, store_->Read(job.id, found.revision));
    WT_ASSIGN(const Head head, store_->GetHead(job.id));
    WT_ASSIGN(StoredTranscript stored, transcripts_->Load(job, head.result_id));
    return Edited(document, std::move(stored));
  }
  WT_ASSIGN(const std::optional<Head> head, FreshHead(job));
  if (!head || head->untouched) return transcripts_->Load(job, head ? head->result_id : "");
  WT_ASSIGN(StoredTranscript stored, transcripts_->Load(job, head->result_id));
  WT_ASSIGN(const Document document, store_->Read(job.id));
  return Edited(document, std::move(stored));
}

Result<std::optional<std::string>> Documents::EditedText(const jobs::Job& job) {
  WT_ASSIGN(const std::optional<Head> head, FreshHead(job));
  if (!head || head->untouched) return std::optional<std::string>();
  WT_ASSIGN(const StoredTranscript stored, Transcript(job, ""));
  return std::optional(std::string(base::StripWhiteSpace(stored.transcript.text)));
}

}  // namespace wt::documents

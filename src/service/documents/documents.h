// Documents of jobs: what the routes and downloads ask, over the store and the machine's
// transcripts.
//
// A document is stored with its first change; before, it is the machine's transcript, made into
// turns again whenever it is read. When a job was run again, its new transcript becomes the
// document on the next access; what people had edited stays as a version. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "service/documents/document_store.h"
#include "service/jobs/job.h"
#include "service/transcripts/transcript_store.h"
#include "whisper_transcriber/status.h"

namespace wt::documents {

class Documents {
 public:
  /// Both outlive this.
  Documents(DocumentStore* store, transcripts::TranscriptStore* transcripts)
      : store_(store), transcripts_(transcripts) {}

  /// kFailedPrecondition while the job has no transcript.
  Result<Document> Get(const jobs::Job& job);
  /// As DocumentStore::Apply; kInvalidArgument for values that no document may have.
  Result<Applied> Apply(const jobs::Job& job, ChangeSet set);
  Result<Delta> Since(const jobs::Job& job, std::int64_t revision);

  /// Oldest first.
  Result<std::vector<Version>> Versions(const jobs::Job& job);
  /// kNotFound for a version that is not there.
  Result<Document> GetVersion(const jobs::Job& job, std::int64_t version);
  Result<Version> Snapshot(const jobs::Job& job, const std::string& label,
                           const std::string& author);
  /// The version that the restored content became.
  Result<Version> Restore(const jobs::Job& job, std::int64_t version, const std::string& author);

  /// What downloads render: the document, the version by its number ("3"), or the machine's by the
  /// id of its result. Errors as TranscriptStore::Load.
  Result<transcripts::StoredTranscript> Transcript(const jobs::Job& job,
                                                   const std::string& version);
  /// The document as plain text; empty while it is the machine's, which the result's row holds.
  Result<std::optional<std::string>> EditedText(const jobs::Job& job);

 private:
  /// The stored head, brought up to the job's transcript; empty when nothing is stored.
  Result<std::optional<Head>> FreshHead(const jobs::Job& job);
  /// The same, stored when it was not.
  Result<Head> StoredHead(const jobs::Job& job);
  Result<Document> FromMachine(const jobs::Job& job, const std::string& result_id);
  /// The machine's as the document, while nothing is stored.
  Result<Document> Unstored(const jobs::Job& job);
  Result<std::vector<Version>> MachineVersions(const jobs::Job& job);
  Result<Version> FindVersion(const jobs::Job& job, std::int64_t version);
  Result<Document> ReadVersion(const jobs::Job& job, const Version& version);

  DocumentStore* const store_;
  transcripts::TranscriptStore* const transcripts_;
};

}  // namespace wt::documents

// Transcripts of finished jobs: where they are kept, and their versions.
//
// A version is an immutable blob with a transcript's JSON and a row that names it (NewResult). The
// job's result_ref is the current one; the others stay readable by their id. The blob is written
// before its row (promise P5), under a name that holds a part of the lease token, so that a worker
// that lost its lease can never write over another one's result. Thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "service/blob/blob_store.h"
#include "service/jobs/job_store.h"
#include "whisper_transcriber/status.h"
#include "whisper_transcriber/transcript.h"

namespace wt::transcripts {

struct StoredTranscript {
  /// The version's id.
  std::string version;
  bool is_current = false;
  jobs::NewResult row;
  Transcript transcript;
  /// Of each segment, where an edited transcript names them.
  std::vector<std::string> speakers = {};
};

/// An id as a part of a blob's key: itself when it is made of [a-z0-9-] (UUIDs are), else a digest
/// of it.
std::string KeyPart(std::string_view id);

/// A whole blob; kResourceExhausted when it is larger than `bytes_max`.
Result<std::string> ReadBlob(blob::BlobStore* blobs, const std::string& key, std::size_t bytes_max);
/// Writes and commits; kAlreadyExists when the key is taken.
Result<blob::BlobInfo> WriteBlob(blob::BlobStore* blobs, const std::string& key,
                                 std::string_view bytes);

/// "transcripts/OWNER/JOB-FENCE.json": FENCE is made of the lease token and names no secret.
std::string TranscriptKey(const std::string& owner, const jobs::Lease& lease);

class TranscriptStore {
 public:
  /// Both must outlive this.
  TranscriptStore(jobs::JobStore* jobs, blob::BlobStore* blobs) : jobs_(jobs), blobs_(blobs) {}

  /// The transcript of a job that the caller may see: the current version, or the one named.
  /// kFailedPrecondition while there is none, kNotFound for a version that is not there,
  /// kDataCorrupt when stored bytes are not those that were written.
  Result<StoredTranscript> Load(const jobs::Job& job, const std::string& version = "");

  /// Rows of all versions, newest first.
  Result<std::vector<jobs::NewResult>> Versions(const jobs::Job& job);

  /// The JSON as it is stored, for downloads without a detour.
  Result<std::string> LoadJson(const jobs::Job& job, const std::string& version = "");

 private:
  Result<jobs::NewResult> FindRow(const jobs::Job& job, const std::string& version);

  jobs::JobStore* const jobs_;
  blob::BlobStore* const blobs_;
};

}  // namespace wt::transcripts

#include "service/transcripts/transcript_store.h"

#include <algorithm>
#include <span>

#include "base/status_macros.h"
#include "platform/sha256.h"
#include "service/transcripts/transcript_json.h"

namespace wt::transcripts {
namespace {

// Enough that two claims of one job never meet, few enough for the longest key.
constexpr std::size_t kFenceDigits = 16;

std::string Digest(std::string_view text) {
  return platform::Sha256Hex(std::as_bytes(std::span(text)));
}

}  // namespace

std::string KeyPart(std::string_view text) {
  const bool fits =
      !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
      });
  return fits ? std::string(text) : Digest(text).substr(0, 32);
}

Result<std::string> ReadBlob(blob::BlobStore* blobs, const std::string& key,
                             std::size_t bytes_max) {
  WT_ASSIGN(const std::unique_ptr<blob::BlobReader> reader, blobs->Open(key));
  const std::int64_t size = reader->info().bytes;
  if (size < 0 || static_cast<std::uint64_t>(size) > bytes_max) {
    return Status(StatusCode::kResourceExhausted, "the stored content is larger than allowed");
  }
  std::string text(static_cast<std::size_t>(size), '\0');
  std::size_t done = 0;
  while (done < text.size()) {
    WT_ASSIGN(const std::size_t count,
              reader->ReadAt(static_cast<std::int64_t>(done),
                             std::as_writable_bytes(std::span(text)).subspan(done)));
    if (count == 0) {
      return Status(StatusCode::kDataCorrupt, "the stored content ends early");
    }
    done += count;
  }
  return text;
}

Result<blob::BlobInfo> WriteBlob(blob::BlobStore* blobs, const std::string& key,
                                 std::string_view bytes) {
  WT_ASSIGN(const std::unique_ptr<blob::BlobWriter> writer, blobs->Create(key));
  WT_TRY(writer->Write(std::as_bytes(std::span(bytes))));
  return writer->Commit();
}

std::string TranscriptKey(const std::string& owner, const jobs::Lease& lease) {
  const std::string fence =
      Digest(lease.token + "/" + std::to_string(lease.attempt)).substr(0, kFenceDigits);
  return "transcripts/" + KeyPart(owner) + "/" + KeyPart(lease.job_id) + "-" + fence + ".json";
}

Result<std::vector<jobs::NewResult>> TranscriptStore::Versions(const jobs::Job& job) {
  return jobs_->Results(job.id);
}

Result<jobs::NewResult> TranscriptStore::FindRow(const jobs::Job& job, const std::string& version) {
  const std::string& wanted = version.empty() ? job.result_ref : version;
  if (wanted.empty()) {
    return Status(StatusCode::kFailedPrecondition,
                  "the transcript is not ready: the job is " + std::string(StatusSlug(job)));
  }
  WT_ASSIGN(const std::vector<jobs::NewResult> rows, jobs_->Results(job.id));
  const auto found = std::find_if(rows.begin(), rows.end(),
                                  [&](const jobs::NewResult& row) { return row.id == wanted; });
  if (found == rows.end()) {
    return Status(StatusCode::kNotFound, "the job has no such version of its transcript");
  }
  return *found;
}

Result<std::string> TranscriptStore::LoadJson(const jobs::Job& job, const std::string& version) {
  WT_ASSIGN(const jobs::NewResult row, FindRow(job, version));
  return ReadBlob(blobs_, row.blob_key, kTranscriptJsonBytesMax);
}

Result<StoredTranscript> TranscriptStore::Load(const jobs::Job& job, const std::string& version) {
  StoredTranscript stored;
  WT_ASSIGN(stored.row, FindRow(job, version));
  WT_ASSIGN(const std::string json, ReadBlob(blobs_, stored.row.blob_key, kTranscriptJsonBytesMax));
  if (Digest(json) != stored.row.sha256) {
    return Status(StatusCode::kDataCorrupt,
                  "the stored transcript is not the one that was written; restore it from a backup "
                  "or transcribe again");
  }
  WT_ASSIGN(stored.transcript, ReadTranscriptJson(json));
  stored.version = stored.row.id;
  stored.is_current = stored.version == job.result_ref;
  return stored;
}

}  // namespace wt::transcripts

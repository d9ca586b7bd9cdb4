#include "service/uploads/sessions.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/status_macros.h"
#include "platform/sha256.h"
#include "service/uploads/content/filename.h"

namespace wt::uploads {
namespace {

constexpr std::size_t kPortionBytes = 256 << 10;
constexpr std::size_t kFieldBytesMax = 64;
constexpr std::size_t kOptionsBytesMax = 64 << 10;

Failure BadRequest(std::string message) {
  return MakeFailure(UploadError::kBadRequest, std::move(message));
}

/// Lower-case hex of a SHA-256, empty stays empty; absent when it is neither.
std::optional<std::string> CanonicalSha256(std::string_view text) {
  if (text.empty()) return std::string();
  if (text.size() != 64) return std::nullopt;
  std::string hex(text);
  for (char& c : hex) {
    if (c >= 'A' && c <= 'F') c = static_cast<char>(c - 'A' + 'a');
    if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'))) return std::nullopt;
  }
  return hex;
}

Failure WrongChunkLength(std::int64_t expected) {
  return MakeFailure(UploadError::kChunkLength,
                     "This chunk must have exactly " + std::to_string(expected) + " bytes.");
}

std::int64_t ChunkLength(const Session& session, std::int64_t index) {
  return std::min(session.chunk_bytes, session.bytes - index * session.chunk_bytes);
}

/// An error after which the change certainly was not made.
bool CertainlyNotDone(StatusCode code) {
  return code == StatusCode::kFailedPrecondition || code == StatusCode::kNotFound ||
         code == StatusCode::kAborted || code == StatusCode::kInvalidArgument;
}

std::string PartKey(const Session& session, std::int64_t offset, const std::string& unique) {
  return "chunks/" + session.owner + "/" + session.id + "." + std::to_string(offset) + "." + unique;
}

}  // namespace

Uploads::Uploads(SessionPorts ports, SessionLimits limits)
    : ports_(std::move(ports)), limits_(limits) {
  WT_CHECK(ports_.blobs != nullptr && ports_.sessions != nullptr && ports_.intake != nullptr);
  WT_CHECK(ports_.catalog != nullptr && ports_.quota != nullptr && ports_.clock != nullptr);
  WT_CHECK(limits_.chunk_bytes > 0 && limits_.tus_part_bytes > 0);
}

Outcome<Session> Uploads::Create(const std::string& owner, const NewUpload& upload) {
  if (upload.bytes < 0) return BadRequest("The size of an upload is not negative.");
  if (upload.bytes == 0) return MakeFailure(UploadError::kEmptyFile, "The file is empty.");
  if (upload.bytes > limits_.bytes_max) {
    return MakeFailure(UploadError::kFileTooLarge, "The file is larger than " +
                                                       std::to_string(limits_.bytes_max) +
                                                       " bytes, the limit of uploads.");
  }
  if (upload.bytes < limits_.bytes_min) {
    return MakeFailure(UploadError::kTooSmall, "The file is too small to be a recording.");
  }
  const auto sha256 = CanonicalSha256(upload.sha256);
  if (!sha256) return BadRequest("The SHA-256 must be 64 hexadecimal digits.");
  if (upload.model.size() > kFieldBytesMax || upload.language.size() > kFieldBytesMax ||
      upload.options_json.size() > kOptionsBytesMax) {
    return BadRequest("Model, language or options are too long.");
  }
  WT_ASSIGN(const std::int64_t stored, ports_.catalog->StoredBytes(owner));
  QuotaLedger::Reservation quota(ports_.quota, owner);
  if (!quota.Grow(upload.bytes, stored)) {
    return MakeFailure(UploadError::kQuotaExceeded,
                       "The upload would pass your storage quota. Delete recordings first.");
  }
  if (const Status space = ports_.blobs->CheckSpace(upload.bytes); !space.ok()) return space;

  Session session;
  session.id = ports_.new_id();
  session.owner = owner;
  session.kind = upload.kind;
  session.filename = CleanFilename(upload.filename);
  session.bytes = upload.bytes;
  session.sha256 = *sha256;
  session.chunk_bytes = upload.kind == SessionKind::kChunked ? limits_.chunk_bytes : 0;
  session.model = upload.model;
  session.language = upload.language;
  session.options_json = upload.options_json;
  session.media_id = ports_.new_id();
  session.created_at = session.updated_at = ports_.clock->Now();
  session.expires_at = session.created_at + limits_.ttl_ms;
  const Status created = ports_.sessions->Create(session, limits_.active_per_owner_max);
  if (created.code() == StatusCode::kResourceExhausted) {
    return MakeFailure(UploadError::kTooManySessions,
                       "Too many uploads are open. Finish or cancel some of them first.");
  }
  if (!created.ok()) return created;
  return session;
}

Outcome<UploadStatus> Uploads::Get(const std::string& owner, const std::string& id) {
  WT_ASSIGN(Session session, ports_.sessions->Get(id, owner));
  // The cleaner may not have come by yet.
  if (session.state == SessionState::kActive && session.expires_at <= ports_.clock->Now()) {
    session.state = SessionState::kExpired;
  }
  return StatusOf(std::move(session));
}

Outcome<std::vector<Session>> Uploads::List(const std::string& owner, bool active_only, int limit) {
  WT_ASSIGN(std::vector<Session> found, ports_.sessions->List(owner, active_only, limit));
  return found;
}

Outcome<UploadStatus> Uploads::StatusOf(Session session) {
  WT_ASSIGN(const std::vector<Part> parts, ports_.sessions->Parts(session.id));
  UploadStatus status;
  status.chunks_total = ChunkCount(session);
  std::int64_t next = 0;
  for (const Part& part : parts) {
    if (part.offset == status.offset) status.offset += part.bytes;
    if (session.chunk_bytes == 0) continue;
    const std::int64_t index = part.offset / session.chunk_bytes;
    for (; next < index; ++next) status.missing_chunks.push_back(next);
    next = index + 1;
    ++status.chunks_stored;
  }
  // A completed session has no parts any more, and nothing is missing.
  if (!IsTerminal(session.state)) {
    for (; next < status.chunks_total; ++next) status.missing_chunks.push_back(next);
  } else if (session.state == SessionState::kCompleted) {
    status.missing_chunks.clear();
    status.chunks_stored = status.chunks_total;
    status.offset = session.bytes;
  }
  status.session = std::move(session);
  return status;
}

Outcome<Session> Uploads::Usable(const std::string& owner, const std::string& id,
                                 SessionKind kind) {
  WT_ASSIGN(Session session, ports_.sessions->Get(id, owner));
  if (session.kind != kind) {
    return MakeFailure(UploadError::kNotFound, "There is no such upload.");
  }
  const bool overdue =
      session.state == SessionState::kActive && session.expires_at <= ports_.clock->Now();
  if (overdue || session.state == SessionState::kExpired) {
    return MakeFailure(UploadError::kExpired, "The upload has expired. Begin a new one.");
  }
  if (session.state != SessionState::kActive) {
    return MakeFailure(UploadError::kWrongState, "The upload is " +
                                                     std::string(SessionStateName(session.state)) +
                                                     " and takes no more content.");
  }
  return session;
}

Outcome<Uploads::Received> Uploads::Receive(const Session& session, std::int64_t offset,
                                            std::int64_t bytes_max, const Pull& pull,
                                            Checksum* checksum) {
  Received received;
  received.blob_key = PartKey(session, offset, ports_.new_id());
  std::vector<std::byte> portion(
      static_cast<std::size_t>(std::min<std::int64_t>(kPortionBytes, bytes_max)));
  while (received.bytes < bytes_max) {
    const auto left = static_cast<std::size_t>(bytes_max - received.bytes);
    const Result<std::size_t> count =
        pull(std::span(portion).first(std::min(portion.size(), left)));
    if (!count.ok()) received.body = count.status();
    if (!count.ok() || *count == 0) break;
    const auto bytes = std::span<const std::byte>(portion).first(*count);
    if (received.writer == nullptr) {
      WT_ASSIGN(received.writer, ports_.blobs->Create(received.blob_key));
    }
    if (checksum != nullptr) checksum->Update(bytes);
    if (const Status written = received.writer->Write(bytes); !written.ok()) return written;
    received.bytes += static_cast<std::int64_t>(*count);
  }
  return received;
}

Outcome<AddedPart> Uploads::Store(const Session& session, std::int64_t offset, Received received) {
  WT_CHECK(received.writer != nullptr);
  WT_ASSIGN(const blob::BlobInfo info, received.writer->Commit());
  const Part part{.session_id = session.id,
                  .offset = offset,
                  .bytes = info.bytes,
                  .sha256 = info.sha256,
                  .blob_key = received.blob_key};
  Result<AddedPart> added = ports_.sessions->AddPart(part, ports_.clock->Now());
  // After any other error the row may be there: then the object must stay. If it is not, the
  // sweeper finds it.
  const bool unused = added.ok() ? added->stored.blob_key != part.blob_key
                                 : CertainlyNotDone(added.status().code());
  if (unused) (void)ports_.blobs->Delete(part.blob_key);
  if (!added.ok()) return added.status();
  if (added->stored.sha256 != part.sha256) {
    return MakeFailure(UploadError::kChunkConflict,
                       "This chunk is stored with other content; the stored one stays.");
  }
  return *std::move(added);
}

Outcome<ChunkReceipt> Uploads::CompareChunk(const Part& stored, const Pull& pull) {
  platform::Sha256 hash;
  std::vector<std::byte> portion(kPortionBytes);
  std::int64_t bytes = 0;
  while (bytes <= stored.bytes) {
    const Result<std::size_t> count = pull(portion);
    if (!count.ok()) return BrokenTransfer(count.status());
    if (*count == 0) break;
    hash.Update(std::span<const std::byte>(portion).first(*count));
    bytes += static_cast<std::int64_t>(*count);
  }
  if (bytes != stored.bytes) return WrongChunkLength(stored.bytes);
  if (hash.Finish() != stored.sha256) {
    return MakeFailure(UploadError::kChunkConflict,
                       "This chunk is stored with other content; the stored one stays.");
  }
  ChunkReceipt receipt;
  receipt.sha256 = stored.sha256;
  receipt.repeated = true;
  return receipt;
}

Outcome<ChunkReceipt> Uploads::PutChunk(const std::string& owner, const std::string& id,
                                        std::int64_t index, const Pull& pull) {
  WT_ASSIGN(const Session session, Usable(owner, id, SessionKind::kChunked));
  const std::int64_t total = ChunkCount(session);
  if (index < 0 || index >= total) {
    return MakeFailure(UploadError::kChunkIndex,
                       "Chunks are numbered from 0 to " + std::to_string(total - 1) + ".");
  }
  const std::int64_t offset = index * session.chunk_bytes;
  WT_ASSIGN(const std::vector<Part> parts, ports_.sessions->Parts(id));
  const auto found = std::find_if(parts.begin(), parts.end(),
                                  [&](const Part& part) { return part.offset == offset; });
  ChunkReceipt receipt;
  auto stored = static_cast<std::int64_t>(parts.size());
  if (found != parts.end()) {
    WT_ASSIGN(receipt, CompareChunk(*found, pull));
  } else {
    const std::int64_t length = ChunkLength(session, index);
    WT_ASSIGN(Received received, Receive(session, offset, length, pull, nullptr));
    if (!received.body.ok()) return BrokenTransfer(received.body);
    std::byte beyond{};
    const Result<std::size_t> more = pull(std::span(&beyond, 1));
    if (!more.ok()) return BrokenTransfer(more.status());
    if (received.bytes != length || *more != 0) return WrongChunkLength(length);
    const std::string own_key = received.blob_key;
    WT_ASSIGN(const AddedPart added, Store(session, offset, std::move(received)));
    receipt.sha256 = added.stored.sha256;
    receipt.repeated = added.stored.blob_key != own_key;
    stored = added.parts;
  }
  receipt.index = index;
  receipt.chunks_stored = stored;
  receipt.chunks_total = total;
  return receipt;
}

Outcome<std::int64_t> Uploads::AppendOne(const Session& session, std::int64_t at,
                                         std::int64_t bytes_max, const TusBody& body,
                                         const Pull& pull) {
  std::optional<Checksum> checksum;
  if (body.checksum) checksum.emplace(body.checksum->kind);
  WT_ASSIGN(Received received,
            Receive(session, at, bytes_max, pull, checksum ? &*checksum : nullptr));
  const Status broken = received.body;
  const std::int64_t bytes = received.bytes;
  if (checksum && broken.ok() && checksum->Finish() != body.checksum->digest) {
    return MakeFailure(UploadError::kChecksumMismatch,
                       "The content does not have the declared checksum; nothing was stored.");
  }
  if (bytes > 0 && (broken.ok() || !checksum)) {
    Outcome<AddedPart> added = Store(session, at, std::move(received));
    if (!added.ok() && added.failure().status.code() == StatusCode::kAborted) {
      return MakeFailure(UploadError::kOffsetConflict, "The upload stands at another offset.");
    }
    if (!added.ok()) return added.failure();
  }
  if (!broken.ok()) return BrokenTransfer(broken);
  return bytes;
}

Outcome<bool> Uploads::AppendParts(const Session& session, const TusBody& body,
                                   const UploadLocks::Lease& lease) {
  const Pull pull = [&](std::span<std::byte> out) -> Result<std::size_t> {
    if (lease.asked_to_release()) {
      return Status(StatusCode::kAborted, "A newer request has taken the upload over.");
    }
    return body.pull(out);
  };
  std::int64_t at = body.offset;
  while (at < session.bytes) {
    const std::int64_t left = session.bytes - at;
    // A checksum is of the whole body, so it is one part whatever its size.
    const std::int64_t bytes_max = body.checksum ? left : std::min(left, limits_.tus_part_bytes);
    const Outcome<std::int64_t> bytes = AppendOne(session, at, bytes_max, body, pull);
    if (!bytes.ok() && lease.asked_to_release()) {
      return Failure{UploadError::kTakenOver, bytes.failure().status};
    }
    if (!bytes.ok()) return bytes.failure();
    at += *bytes;
    if (*bytes < bytes_max) return true;
  }
  std::byte beyond{};
  const Result<std::size_t> more = pull(std::span(&beyond, 1));
  if (more.ok() && *more > 0) {
    return MakeFailure(UploadError::kFileTooLarge, "The content is longer than was declared.");
  }
  return true;
}

Outcome<UploadStatus> Uploads::Append(const std::string& owner, const std::string& id,
                                      const TusBody& body, const UploadLocks::Lease& lease) {
  WT_ASSIGN(Session session, Usable(owner, id, SessionKind::kTus));
  WT_ASSIGN(const std::vector<Part> parts, ports_.sessions->Parts(id));
  const std::int64_t offset = parts.empty() ? 0 : parts.back().offset + parts.back().bytes;
  if (body.offset != offset) {
    return MakeFailure(UploadError::kOffsetConflict,
                       "The upload stands at " + std::to_string(offset) + ".");
  }
  if (body.length && *body.length > session.bytes - offset) {
    return MakeFailure(UploadError::kFileTooLarge, "The content is longer than was declared.");
  }
  if (static_cast<std::int64_t>(parts.size()) >= limits_.parts_max) {
    return BadRequest("The upload has too many small parts. Begin it again with larger ones.");
  }
  WT_ASSIGN(const bool done, AppendParts(session, body, lease));
  WT_CHECK(done);
  return StatusOf(std::move(session));
}

Outcome<Session> Uploads::Cancel(const std::string& owner, const std::string& id) {
  WT_ASSIGN(const Session before, ports_.sessions->Get(id, owner));
  if (before.state == SessionState::kCancelled) return before;
  WT_ASSIGN(Session session, ports_.sessions->Change({.id = id,
                                                      .owner = owner,
                                                      .from = {SessionState::kActive},
                                                      .to = SessionState::kCancelled,
                                                      .now = ports_.clock->Now(),
                                                      .job_id = "",
                                                      .content_sha256 = "",
                                                      .error_code = "",
                                                      .error_message = ""}));
  // Best effort: what stays is the cleaner's.
  (void)DropBytes(session);
  return session;
}

Status Uploads::DropBytes(const Session& session) {
  WT_CHECK(IsTerminal(session.state));
  WT_ASSIGN(const std::vector<Part> parts, ports_.sessions->Parts(session.id));
  if (parts.empty()) return Status();
  for (const Part& part : parts) WT_TRY(ports_.blobs->Delete(part.blob_key));
  return ports_.sessions->ForgetParts(session.id);
}

}  // namespace wt::uploads

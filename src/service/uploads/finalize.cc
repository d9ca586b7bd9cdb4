// The end of an upload: parts into one recording, one job. Every step may be repeated, by a client
// that asks twice or after a crash between any two of them:
//   1. active -> assembling. 2. The object of the fixed media id is written, or found. 3. Its
//   content is examined. 4. The job is made, or found by its key. 5. assembling -> completed.
//   6. The parts' bytes go.
#include <utility>

#include "base/status_macros.h"
#include "platform/crash_point.h"
#include "service/uploads/sessions.h"

namespace wt::uploads {
namespace {

constexpr std::size_t kPortionBytes = 256 << 10;

SessionChange ChangeOf(const Session& session, std::vector<SessionState> from, SessionState to,
                       UnixMillis now) {
  SessionChange change;
  change.id = session.id;
  change.owner = session.owner;
  change.from = std::move(from);
  change.to = to;
  change.now = now;
  return change;
}

bool IsLost(StatusCode code) {
  return code == StatusCode::kDataCorrupt || code == StatusCode::kNotFound;
}

struct Copied {
  /// Not ok: the store failed; kDataCorrupt or kNotFound: the part at `offset` is lost.
  Status status;
  std::int64_t offset = 0;
};

Status CopyPart(blob::BlobStore* blobs, const Part& part, std::span<std::byte> buffer,
                blob::BlobWriter* writer) {
  WT_ASSIGN(const auto reader, blobs->Open(part.blob_key));
  std::int64_t at = 0;
  while (at < part.bytes) {
    WT_ASSIGN(const std::size_t count, reader->ReadAt(at, buffer));
    if (count == 0) return Status(StatusCode::kDataCorrupt, "a stored part is too short");
    WT_TRY(writer->Write(buffer.first(count)));
    at += static_cast<std::int64_t>(count);
  }
  return Status();
}

Copied CopyParts(blob::BlobStore* blobs, const std::vector<Part>& parts, blob::BlobWriter* writer) {
  std::vector<std::byte> buffer(kPortionBytes);
  for (const Part& part : parts) {
    Status status = CopyPart(blobs, part, buffer, writer);
    if (!status.ok()) return {std::move(status), part.offset};
  }
  return {};
}

}  // namespace

Outcome<Finalized> Uploads::Finalize(const std::string& owner, const std::string& id,
                                     const Enqueue& enqueue) {
  WT_ASSIGN(const UploadStatus status, Get(owner, id));
  const Session& session = status.session;
  if (IsTerminal(session.state)) return AsItEnded(session);
  if (status.offset != session.bytes) {
    Finalized incomplete;
    incomplete.missing_chunks = status.missing_chunks;
    incomplete.session = session;
    return incomplete;
  }
  const Result<Session> assembling =
      ports_.sessions->Change(ChangeOf(session, {SessionState::kActive, SessionState::kAssembling},
                                       SessionState::kAssembling, ports_.clock->Now()));
  // Somebody else ended it between the two calls.
  if (assembling.status().code() == StatusCode::kFailedPrecondition) {
    WT_ASSIGN(const Session now, ports_.sessions->Get(id, owner));
    return AsItEnded(now);
  }
  if (!assembling.ok()) return assembling.status();
  Outcome<Finalized> concluded = Conclude(session, enqueue);
  if (concluded.ok()) return concluded;
  // What went wrong may be that a request beside this one has concluded it and dropped the parts.
  const Result<Session> now = ports_.sessions->Get(id, owner);
  if (now.ok() && now->state == SessionState::kCompleted) return AsItEnded(*now);
  return concluded;
}

Outcome<Finalized> Uploads::Conclude(const Session& session, const Enqueue& enqueue) {
  WT_ASSIGN(const Assembled assembled, Assemble(session));
  if (assembled.damaged_at >= 0) return AskAgain(session, assembled.damaged_at);
  if (!session.sha256.empty() && session.sha256 != assembled.sha256) {
    (void)ports_.blobs->Delete(MediaIntake::BlobKey(session.owner, session.media_id));
    return Fail(session, MakeFailure(UploadError::kHashMismatch,
                                     "The content does not have the SHA-256 that was declared. "
                                     "Upload it again."));
  }
  Outcome<AcceptedMedia> media =
      ports_.intake->Examine(session.owner, session.media_id, session.filename);
  if (!media.ok() && media.failure().error == UploadError::kUnsupportedMedia) {
    return Fail(session, media.failure());
  }
  if (!media.ok()) return media.failure();
  platform::CrashPoint("finalize.assembled");
  WT_ASSIGN(const std::string job_id, enqueue(session, *media, "upload-" + session.id));
  platform::CrashPoint("finalize.enqueued");
  SessionChange change =
      ChangeOf(session, {SessionState::kAssembling}, SessionState::kCompleted, ports_.clock->Now());
  change.job_id = job_id;
  change.content_sha256 = assembled.sha256;
  WT_ASSIGN(const Session completed, ports_.sessions->Change(change));
  platform::CrashPoint("finalize.completed");
  (void)DropBytes(completed);
  Finalized done;
  done.complete = true;
  done.session = completed;
  return done;
}

Outcome<Uploads::Assembled> Uploads::Reuse(const Session& session, const std::string& key) {
  WT_ASSIGN(const auto reader, ports_.blobs->Open(key));
  if (reader->info().bytes != session.bytes) {
    (void)ports_.blobs->Delete(key);
    return Status(StatusCode::kAborted, "The upload has changed; ask again.");
  }
  Assembled assembled;
  assembled.sha256 = reader->info().sha256;
  return assembled;
}

Outcome<Uploads::Assembled> Uploads::Assemble(const Session& session) {
  const std::string key = MediaIntake::BlobKey(session.owner, session.media_id);
  Result<std::unique_ptr<blob::BlobWriter>> writer = ports_.blobs->Create(key);
  // An earlier call got this far; the object is whole, or it would not be there.
  if (writer.status().code() == StatusCode::kAlreadyExists) return Reuse(session, key);
  if (!writer.ok()) return writer.status();
  WT_ASSIGN(const std::vector<Part> parts, ports_.sessions->Parts(session.id));
  const Copied copied = CopyParts(ports_.blobs, parts, writer->get());
  Assembled assembled;
  if (IsLost(copied.status.code())) {
    assembled.damaged_at = copied.offset;
    return assembled;
  }
  if (!copied.status.ok()) return copied.status;
  const Result<blob::BlobInfo> info = (*writer)->Commit();
  if (info.status().code() == StatusCode::kAlreadyExists) return Reuse(session, key);
  if (!info.ok()) return info.status();
  if (info->bytes != session.bytes) {
    // Parts went away between the two looks at them: another request concluded.
    (void)ports_.blobs->Delete(key);
    return Status(StatusCode::kAborted, "The upload has changed; ask again.");
  }
  assembled.sha256 = info->sha256;
  return assembled;
}

Outcome<Finalized> Uploads::Fail(const Session& session, const Failure& failure) {
  SessionChange change =
      ChangeOf(session, {SessionState::kAssembling}, SessionState::kFailed, ports_.clock->Now());
  change.error_code = std::string(InfoOf(failure.error).slug);
  change.error_message = failure.status.message();
  WT_ASSIGN(const Session failed, ports_.sessions->Change(change));
  (void)DropBytes(failed);
  return failure;
}

Outcome<Finalized> Uploads::AskAgain(const Session& session, std::int64_t damaged_at) {
  // Chunks after it are still good; of a tus upload everything after it has to come again.
  WT_ASSIGN(const std::vector<Part> parts, ports_.sessions->Parts(session.id));
  for (auto part = parts.rbegin(); part != parts.rend() && part->offset >= damaged_at; ++part) {
    if (session.kind == SessionKind::kChunked && part->offset != damaged_at) continue;
    if (const Status s = ports_.sessions->DropPart(session.id, part->offset); !s.ok()) return s;
    (void)ports_.blobs->Delete(part->blob_key);
  }
  WT_ASSIGN(const Session active,
            ports_.sessions->Change(ChangeOf(session, {SessionState::kAssembling},
                                             SessionState::kActive, ports_.clock->Now())));
  WT_ASSIGN(const UploadStatus status, StatusOf(active));
  Finalized incomplete;
  incomplete.missing_chunks = status.missing_chunks;
  incomplete.session = active;
  return incomplete;
}

Outcome<Finalized> Uploads::AsItEnded(const Session& session) {
  switch (session.state) {
    case SessionState::kCompleted: {
      Finalized done;
      done.complete = true;
      done.session = session;
      return done;
    }
    case SessionState::kFailed:
      return MakeFailure(ErrorOfSlug(session.error_code), session.error_message);
    case SessionState::kExpired:
      return MakeFailure(UploadError::kExpired, "The upload has expired. Begin a new one.");
    default:
      return MakeFailure(UploadError::kWrongState,
                         "The upload is " + std::string(SessionStateName(session.state)) + ".");
  }
}

}  // namespace wt::uploads

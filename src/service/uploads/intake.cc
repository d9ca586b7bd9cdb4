#include "service/uploads/intake.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/status_macros.h"

namespace wt::uploads {
namespace {

// Two writes of a store's 64 KiB blocks would do; 256 KiB keep the calls per MiB at four.
constexpr std::size_t kPortionBytes = 256 << 10;

Failure NotMedia() {
  return MakeFailure(UploadError::kUnsupportedMedia,
                     "This is not a recording that can be decoded. Send WAV, MP3, M4A, FLAC, OGG, "
                     "Opus, AAC, WebM, WMA, or a video with sound.");
}

Failure TooLarge(std::int64_t bytes_max) {
  return MakeFailure(UploadError::kFileTooLarge, "The file is larger than " +
                                                     std::to_string(bytes_max) +
                                                     " bytes, the limit of this way of upload.");
}

Failure OverQuota() {
  return MakeFailure(UploadError::kQuotaExceeded,
                     "Your storage quota is used up. Delete recordings, then upload again.");
}

bool IsFilesFault(StatusCode code) {
  return code == StatusCode::kDataCorrupt || code == StatusCode::kUnsupported ||
         code == StatusCode::kInvalidArgument || code == StatusCode::kDeadlineExceeded;
}

Outcome<bool> CheckSize(std::int64_t bytes, const IntakeLimits& limits) {
  if (bytes == 0) return MakeFailure(UploadError::kEmptyFile, "The file is empty.");
  if (bytes >= limits.bytes_min) return true;
  return MakeFailure(UploadError::kTooSmall, "The file has " + std::to_string(bytes) +
                                                 " bytes; a recording has at least " +
                                                 std::to_string(limits.bytes_min) + ".");
}

}  // namespace

Result<std::size_t> PullFull(const Pull& pull, std::span<std::byte> out) {
  std::size_t done = 0;
  while (done < out.size()) {
    WT_ASSIGN(const std::size_t count, pull(out.subspan(done)));
    if (count == 0) break;
    done += count;
  }
  return done;
}

Failure BrokenTransfer(const Status& status) { return {UploadError::kTransferBroken, status}; }

MediaIntake::MediaIntake(IntakePorts ports) : ports_(std::move(ports)) {
  WT_CHECK(ports_.blobs != nullptr && ports_.catalog != nullptr && ports_.quota != nullptr);
  WT_CHECK(ports_.probe != nullptr && ports_.new_id != nullptr);
}

std::string MediaIntake::BlobKey(const std::string& owner, const std::string& media_id) {
  return "media/" + owner + "/" + media_id;
}

Failure MediaIntake::NotAllowed() const {
  return MakeFailure(UploadError::kUnsupportedMedia,
                     "This server takes recordings of these formats only: " +
                         ports_.allowed_types.Describe() + ". Convert it, then send it again.");
}

Outcome<AcceptedMedia> MediaIntake::Reported(Outcome<AcceptedMedia> outcome) const {
  if (ports_.report) {
    ports_.report(outcome.ok() ? "accepted" : "refused", outcome.ok() ? outcome->media.bytes : 0);
  }
  return outcome;
}

Outcome<AcceptedMedia> MediaIntake::Receive(const IncomingFile& file, const IntakeLimits& limits,
                                            const Pull& pull) {
  return Reported(Take(file, limits, pull));
}

Outcome<AcceptedMedia> MediaIntake::Examine(const std::string& owner, const std::string& media_id,
                                            const std::string& filename) {
  return Reported(Look(owner, media_id, filename));
}

Outcome<AcceptedMedia> MediaIntake::Take(const IncomingFile& file, const IntakeLimits& limits,
                                         const Pull& pull) {
  const std::string id = ports_.new_id();
  const std::string key = BlobKey(file.owner, id);
  auto quota = std::make_shared<QuotaLedger::Reservation>(ports_.quota, file.owner);
  WT_ASSIGN(const blob::BlobInfo info, Store(file, limits, key, pull, quota.get()));
  if (!file.declared_sha256.empty() && info.sha256 != file.declared_sha256) {
    (void)ports_.blobs->Delete(key);
    return MakeFailure(UploadError::kHashMismatch,
                       "The content does not have the SHA-256 that was declared. Upload it again.");
  }
  Outcome<AcceptedMedia> accepted = Look(file.owner, id, file.filename);
  // The client hears an error and will send the file again: this copy has no further use.
  if (accepted.ok()) {
    accepted->quota = std::move(quota);
  } else {
    (void)ports_.blobs->Delete(key);
  }
  return accepted;
}

Outcome<blob::BlobInfo> MediaIntake::Store(const IncomingFile& file, const IntakeLimits& limits,
                                           const std::string& key, const Pull& pull,
                                           QuotaLedger::Reservation* quota) {
  const std::int64_t declared = file.declared_bytes.value_or(0);
  if (declared > limits.bytes_max) return TooLarge(limits.bytes_max);
  WT_ASSIGN(const std::int64_t stored, ports_.catalog->StoredBytes(file.owner));
  if (!quota->Grow(declared, stored)) return OverQuota();
  if (const Status space = ports_.blobs->CheckSpace(declared); !space.ok()) return space;

  std::vector<std::byte> portion(kPortionBytes);
  Result<std::size_t> count = PullFull(pull, std::span(portion).first(kSniffBytes));
  if (!count.ok()) return BrokenTransfer(count.status());
  if (*count > 0) {
    const Signature signature = Sniff(std::span(portion).first(*count));
    if (signature == Signature::kNotMedia) return NotMedia();
    if (!ports_.allowed_types.AllowsSignature(signature)) return NotAllowed();
  }
  std::unique_ptr<blob::BlobWriter> writer;
  std::int64_t bytes = 0;
  while (*count > 0) {
    bytes += static_cast<std::int64_t>(*count);
    if (bytes > limits.bytes_max) return TooLarge(limits.bytes_max);
    if (!quota->Grow(bytes, stored)) return OverQuota();
    if (writer == nullptr) {
      WT_ASSIGN(writer, ports_.blobs->Create(key));
    }
    if (const Status s = writer->Write(std::span(portion).first(*count)); !s.ok()) return s;
    count = pull(portion);
    if (!count.ok()) return BrokenTransfer(count.status());
  }
  if (auto fine = CheckSize(bytes, limits); !fine.ok()) return fine.failure();
  // Others may have finished meanwhile.
  WT_ASSIGN(const std::int64_t stored_now, ports_.catalog->StoredBytes(file.owner));
  if (!quota->Fits(stored_now)) return OverQuota();
  WT_ASSIGN(blob::BlobInfo info, writer->Commit());
  return info;
}

Outcome<ProbedMedia> MediaIntake::Probe(blob::BlobReader* reader, Signature signature) {
  if (signature == Signature::kNotMedia) return NotMedia();
  WT_ASSIGN(const platform::FileDescriptor content, reader->OpenDescriptor());
  Result<ProbedMedia> probed = ports_.probe(content);
  if (!probed.ok() && IsFilesFault(probed.status().code())) {
    Failure failure = NotMedia();
    failure.status = Status(failure.status.code(), failure.status.message(),
                            InternalDetail(probed.status().message()));
    return failure;
  }
  if (!probed.ok()) return probed.status();
  if (probed->audio_tracks == 0) {
    return MakeFailure(UploadError::kUnsupportedMedia, "The file has no sound track.");
  }
  if (!ports_.allowed_types.Allows(signature, probed->has_video)) return NotAllowed();
  return *std::move(probed);
}

Outcome<AcceptedMedia> MediaIntake::Look(const std::string& owner, const std::string& media_id,
                                         const std::string& filename) {
  const std::string key = BlobKey(owner, media_id);
  WT_ASSIGN(const std::unique_ptr<blob::BlobReader> reader, ports_.blobs->Open(key));
  std::vector<std::byte> head(kSniffBytes);
  WT_ASSIGN(const std::size_t count, reader->ReadAt(0, head));
  head.resize(count);
  AcceptedMedia accepted;
  accepted.signature = Sniff(head);
  Outcome<ProbedMedia> probed = Probe(reader.get(), accepted.signature);
  if (!probed.ok()) {
    if (probed.failure().error == UploadError::kUnsupportedMedia) (void)ports_.blobs->Delete(key);
    return probed.failure();
  }
  WT_ASSIGN(accepted.duplicate_of, ports_.catalog->FindByContent(owner, reader->info().sha256));
  jobs::Media& media = accepted.media;
  media.id = media_id;
  media.owner = owner;
  media.blob_key = key;
  media.sha256 = reader->info().sha256;
  media.bytes = reader->info().bytes;
  media.filename = CleanFilename(filename, ports_.filename_bytes_max);
  media.container = probed->container;
  media.duration_s = probed->duration_s;
  media.sample_rate = probed->sample_rate;
  media.channels = probed->channels;
  media.has_video = probed->has_video;
  accepted.extension_differs = !ExtensionFits(accepted.signature, media.filename);
  return accepted;
}

Status MediaIntake::Discard(const jobs::Media& media) {
  return ports_.blobs->Delete(media.blob_key);
}

}  // namespace wt::uploads

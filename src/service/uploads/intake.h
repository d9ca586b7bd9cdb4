// Takes a recording in: bytes to a stored object, content checked to be a recording.
//
// Receive() streams: at most 256 KiB of a body are in memory, size, free space and quota are
// checked as bytes flow, and the first 512 bytes can end it. Then the stored content is probed by
// the sandboxed decoder (injected: uploads may not know media/). What is refused leaves nothing.
// Thread-safe; each call uses its own pull function.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/clock.h"
#include "platform/file.h"
#include "service/blob/blob_store.h"
#include "service/jobs/job.h"
#include "service/uploads/content/allowed_types.h"
#include "service/uploads/content/filename.h"
#include "service/uploads/content/sniff.h"
#include "service/uploads/failure.h"
#include "service/uploads/quota.h"

namespace wt::uploads {

/// Fills `out`, gives the bytes; 0 at the end. Its error ends the upload.
using Pull = std::function<Result<std::size_t>(std::span<std::byte> out)>;

/// What the decoder says of a file.
struct ProbedMedia {
  std::string container;
  std::optional<double> duration_s;
  std::optional<int> sample_rate;
  std::optional<int> channels;
  bool has_video = false;
  int audio_tracks = 0;
};
/// kDataCorrupt, kUnsupported, kInvalidArgument and kDeadlineExceeded are the file's fault, others
/// pass.
using MediaProbe = std::function<Result<ProbedMedia>(const platform::FileDescriptor& content)>;

/// What the store of media knows of earlier recordings. Thread-safe.
class MediaCatalog {
 public:
  virtual ~MediaCatalog() = default;
  /// Id of the owner's newest recording with that content, or empty.
  virtual Result<std::string> FindByContent(const std::string& owner,
                                            const std::string& sha256) = 0;
  /// Bytes of the owner's recordings, and those that open uploads have declared.
  virtual Result<std::int64_t> StoredBytes(const std::string& owner) = 0;
};

struct IntakePorts {
  blob::BlobStore* blobs = nullptr;
  MediaCatalog* catalog = nullptr;
  /// Counts uploads in flight; shared by everything that takes bytes in.
  QuotaLedger* quota = nullptr;
  MediaProbe probe;
  std::function<std::string()> new_id;
  AllowedTypes allowed_types = {};
  std::size_t filename_bytes_max = kFilenameBytesMax;
  /// Told how each recording fared ("accepted", "refused") and how many bytes were kept; may be
  /// empty.
  std::function<void(std::string_view outcome, std::int64_t bytes)> report = {};
};

struct IncomingFile {
  std::string owner;
  /// As the client sent it.
  std::string filename;
  /// Content-Length where it is the file's.
  std::optional<std::int64_t> declared_bytes;
  /// Lower-case hex; empty: not declared.
  std::string declared_sha256;
};

struct IntakeLimits {
  std::int64_t bytes_max = 100LL << 20;
  std::int64_t bytes_min = 1;
};

struct AcceptedMedia {
  jobs::Media media;
  /// An earlier recording of the owner with the same content; empty: none.
  std::string duplicate_of;
  Signature signature = Signature::kUnknown;
  /// The name's extension is one of another format; noted, not refused.
  bool extension_differs = false;
  /// Keep it until the recording's row exists, and so counts itself. Shared so that this is a
  /// value that can be copied.
  std::shared_ptr<QuotaLedger::Reservation> quota = nullptr;
};

class MediaIntake {
 public:
  explicit MediaIntake(IntakePorts ports);

  /// A durable object and what it holds, or nothing at all.
  Outcome<AcceptedMedia> Receive(const IncomingFile& file, const IntakeLimits& limits,
                                 const Pull& pull);

  /// The same for content that is stored under "media/owner/id" already. Refused content is
  /// deleted; kUnavailable leaves it, so that the call can be repeated.
  Outcome<AcceptedMedia> Examine(const std::string& owner, const std::string& media_id,
                                 const std::string& filename);

  /// For recordings whose job could not be created.
  Status Discard(const jobs::Media& media);

  static std::string BlobKey(const std::string& owner, const std::string& media_id);

 private:
  Outcome<blob::BlobInfo> Store(const IncomingFile& file, const IntakeLimits& limits,
                                const std::string& key, const Pull& pull,
                                QuotaLedger::Reservation* quota);
  Outcome<AcceptedMedia> Look(const std::string& owner, const std::string& media_id,
                              const std::string& filename);
  Outcome<AcceptedMedia> Take(const IncomingFile& file, const IntakeLimits& limits,
                              const Pull& pull);
  Outcome<AcceptedMedia> Reported(Outcome<AcceptedMedia> outcome) const;
  Outcome<ProbedMedia> Probe(blob::BlobReader* reader, Signature signature);
  Failure NotAllowed() const;

  const IntakePorts ports_;
};

/// Reads `pull` until `out` is full or the end.
Result<std::size_t> PullFull(const Pull& pull, std::span<std::byte> out);

/// The failure of a body that could not be read.
Failure BrokenTransfer(const Status& status);

}  // namespace wt::uploads

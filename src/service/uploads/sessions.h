// Uploads in several requests: chunks by index, or tus parts one after the other.
//
// A part is durable (object committed, row committed) before its acknowledgement. Finalize() makes
// one recording and one job however often it is called and wherever an earlier call died: the
// recording's id is fixed at the beginning, the enqueue function is idempotent by session, and the
// session ends in one conditional update. Thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "service/blob/blob_store.h"
#include "service/uploads/failure.h"
#include "service/uploads/intake.h"
#include "service/uploads/session.h"
#include "service/uploads/tus/checksum.h"
#include "service/uploads/tus/upload_locks.h"

namespace wt::uploads {

struct SessionLimits {
  /// Spec ING-07.
  std::int64_t bytes_max = 2'147'483'648;
  std::int64_t bytes_min = 1;
  std::int64_t chunk_bytes = 1 << 20;
  std::int64_t ttl_ms = 24LL * 3'600'000;
  /// Open ones per owner: with 2 GiB each they reserve 200 GiB at most.
  int active_per_owner_max = 100;
  /// A tus body is acknowledged (and its bytes safe) in parts of this size.
  std::int64_t tus_part_bytes = 16 << 20;
  /// 2 GiB in parts of 32 KiB; more and smaller ones cost more rows than bytes.
  std::int64_t parts_max = 65'536;
};

struct NewUpload {
  SessionKind kind = SessionKind::kChunked;
  /// As the client sent it.
  std::string filename;
  std::int64_t bytes = 0;
  /// Hex in any case; empty: not declared.
  std::string sha256;
  std::string model;
  std::string language;
  std::string options_json;
};

struct ChunkReceipt {
  std::int64_t index = 0;
  std::string sha256;
  /// It was stored before; nothing changed.
  bool repeated = false;
  std::int64_t chunks_stored = 0;
  std::int64_t chunks_total = 0;
};

struct UploadStatus {
  Session session;
  /// All of them.
  std::vector<std::int64_t> missing_chunks;
  std::int64_t chunks_stored = 0;
  std::int64_t chunks_total = 0;
  /// Stored without a gap from the beginning: the tus offset.
  std::int64_t offset = 0;
};

/// Makes the job, or finds the one made before under the key; gives its id.
using Enqueue = std::function<Result<std::string>(
    const Session& session, const AcceptedMedia& media, const std::string& idempotency_key)>;

struct Finalized {
  /// False: `missing_chunks` says what to send first, and nothing has changed.
  bool complete = false;
  std::vector<std::int64_t> missing_chunks;
  Session session;
};

/// A body that continues a tus upload.
struct TusBody {
  std::int64_t offset = 0;
  /// Content-Length, if known.
  std::optional<std::int64_t> length;
  std::optional<DeclaredChecksum> checksum;
  Pull pull;
};

struct SessionPorts {
  blob::BlobStore* blobs = nullptr;
  SessionStore* sessions = nullptr;
  MediaIntake* intake = nullptr;
  MediaCatalog* catalog = nullptr;
  QuotaLedger* quota = nullptr;
  const base::Clock* clock = nullptr;
  std::function<std::string()> new_id;
};

class Uploads {
 public:
  Uploads(SessionPorts ports, SessionLimits limits);

  Outcome<Session> Create(const std::string& owner, const NewUpload& upload);
  Outcome<UploadStatus> Get(const std::string& owner, const std::string& id);
  Outcome<std::vector<Session>> List(const std::string& owner, bool active_only, int limit);

  /// Chunk `index` of a chunked upload; its length must be exactly right.
  Outcome<ChunkReceipt> PutChunk(const std::string& owner, const std::string& id,
                                 std::int64_t index, const Pull& pull);
  /// Appends to a tus upload; gives where it stands then. What came before a connection broke is
  /// kept, but with a checksum it is all or nothing. `lease` is of this upload.
  Outcome<UploadStatus> Append(const std::string& owner, const std::string& id, const TusBody& body,
                               const UploadLocks::Lease& lease);

  Outcome<Finalized> Finalize(const std::string& owner, const std::string& id,
                              const Enqueue& enqueue);
  /// Fine when it is cancelled already; kWrongState once it is being assembled or over.
  Outcome<Session> Cancel(const std::string& owner, const std::string& id);

  /// Deletes the objects and rows of a terminal session's parts. For Cancel and the cleaner.
  Status DropBytes(const Session& session);

  const SessionLimits& limits() const { return limits_; }

 private:
  struct Assembled {
    std::string sha256;
    /// Offset of a part that could not be read; -1: none.
    std::int64_t damaged_at = -1;
  };
  /// Bytes of a part that are written and not yet committed.
  struct Received {
    std::unique_ptr<blob::BlobWriter> writer;
    std::string blob_key;
    std::int64_t bytes = 0;
    /// Not ok: the body broke after them.
    Status body;
  };
  Outcome<Session> Usable(const std::string& owner, const std::string& id, SessionKind kind);
  Outcome<UploadStatus> StatusOf(Session session);
  Outcome<Received> Receive(const Session& session, std::int64_t offset, std::int64_t bytes_max,
                            const Pull& pull, Checksum* checksum);
  Outcome<AddedPart> Store(const Session& session, std::int64_t offset, Received received);
  Outcome<ChunkReceipt> CompareChunk(const Part& stored, const Pull& pull);
  Outcome<std::int64_t> AppendOne(const Session& session, std::int64_t at, std::int64_t bytes_max,
                                  const TusBody& body, const Pull& pull);
  Outcome<bool> AppendParts(const Session& session, const TusBody& body,
                            const UploadLocks::Lease& lease);
  Outcome<Finalized> Conclude(const Session& session, const Enqueue& enqueue);
  Outcome<Assembled> Assemble(const Session& session);
  Outcome<Assembled> Reuse(const Session& session, const std::string& key);
  Outcome<Finalized> Fail(const Session& session, const Failure& failure);
  Outcome<Finalized> AskAgain(const Session& session, std::int64_t damaged_at);
  Outcome<Finalized> AsItEnded(const Session& session);

  const SessionPorts ports_;
  const SessionLimits limits_;
};

}  // namespace wt::uploads

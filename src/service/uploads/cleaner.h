// One step of the periodic cleaning of uploads: ends what is overdue, deletes bytes that nobody
// will ask for, and finds what crashes left behind. Idempotent; stopping it anywhere is fine.
//
// Time of expiry is the wall clock's. When that has jumped by more than 48 h against the clock that
// does not step, nothing is expired until an operator confirms (docs/promises.md; reliability T11).
// Used by one thread.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "service/blob/blob_store.h"
#include "service/uploads/session.h"
#include "service/uploads/sessions.h"

namespace wt::uploads {

struct CleanerOptions {
  /// How long the client of an ended session gets 410 or its job id instead of 404.
  std::int64_t keep_ended_ms = 7LL * 24 * 3'600'000;
  /// An assembling session is left alone for so long after its last change.
  std::int64_t assembling_grace_ms = 3'600'000;
  /// Objects without a row: their row may be on its way.
  std::int64_t orphan_grace_ms = 3'600'000;
  std::int64_t jump_max_ms = 48LL * 3'600'000;
  /// Per step and kind, so that a step is short.
  int batch = 1'000;
};

struct CleanerReport {
  int expired = 0;
  /// Sessions whose bytes were deleted.
  int dropped = 0;
  int purged = 0;
  int orphans_removed = 0;
  /// The wall clock jumped: nothing was expired or purged.
  bool clock_jumped = false;
  /// The step ended early; the rest waits for the next one.
  Status status;
};

class Cleaner {
 public:
  Cleaner(blob::BlobStore* blobs, SessionStore* sessions, Uploads* uploads,
          const base::Clock* clock, CleanerOptions options)
      : blobs_(blobs), sessions_(sessions), uploads_(uploads), clock_(clock), options_(options) {}

  CleanerReport Step();
  /// The operator says that the clock is right as it is now.
  void AcceptClock() { last_.reset(); }

 private:
  struct Times {
    base::UnixMillis wall = 0;
    base::BootMillis boot = 0;
  };
  bool ClockJumped();
  Status ExpireDue(CleanerReport* report);
  Status DropGarbage(CleanerReport* report);
  Status RemoveOrphans(CleanerReport* report);

  blob::BlobStore* const blobs_;
  SessionStore* const sessions_;
  Uploads* const uploads_;
  const base::Clock* const clock_;
  const CleanerOptions options_;
  std::optional<Times> last_;
};

}  // namespace wt::uploads

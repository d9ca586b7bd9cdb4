// A job's events on the wire: server-sent events and WebSocket messages (spec RT-01, RT-10).
//
// Both begin with a snapshot of the job and go on with its events from where the client stopped
// (Last-Event-ID, or "after" on the socket), so that a reconnect misses nothing. Thread-safe.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "service/api/events/guarded_stream.h"
#include "service/api/events/job_event_hub.h"
#include "service/api/route.h"
#include "service/http/message.h"
#include "service/jobs/job.h"

namespace wt::api {

/// {"type":"job_status","job_id",...,"status","progress","message","timestamp"}.
std::string StatusMessage(const jobs::Job& job, base::UnixMillis now);

/// One event as a message: its data with "type" (status and progress become "job_status"), "seq",
/// "job_id" and "timestamp" added.
std::string EventMessage(const std::string& job_id, const jobs::JobEvent& event);

/// The answer to GET /jobs/{id}/events. The hub must outlive the stream; `place` is held as long as
/// the client is there.
http::Response StreamJob(JobEventHub* hub, const jobs::Job& job, std::int64_t after_seq,
                         WatchUntil until, base::UnixMillis now,
                         std::shared_ptr<GuardedStream> place);

/// What "follow" in the query says, and its description.
WatchUntil WatchUntilOf(const Call& call);
QueryField FollowField();

/// A subscriber that sends to a socket. Ends with close code 1000.
std::shared_ptr<JobEventSubscriber> MakeSocketSubscriber(
    std::string job_id, std::shared_ptr<http::WebSocketSession> session);

}  // namespace wt::api

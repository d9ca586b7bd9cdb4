// A request that was answered, as a span for a collector (OpenTelemetry's conventions for HTTP
// servers, 1.27). Pure function: thread-safe.
#pragma once

#include "service/api/dispatcher.h"
#include "service/observe/traces/tracer.h"

namespace wt::host {

/// Without addresses and names of users. REQUIRES: the record has a trace.
observe::Span RequestSpan(const api::CallRecord& record);

}  // namespace wt::host

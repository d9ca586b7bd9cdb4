#include "service/host/request_span.h"

#include <cmath>

namespace wt::host {

observe::Span RequestSpan(const api::CallRecord& record) {
  observe::Span span;
  span.context = *record.trace;
  span.parent_span_id = record.parent_span_id;
  span.name = record.method + " " + record.route;
  span.kind = observe::SpanKind::kServer;
  span.start = record.started_at;
  span.end = record.started_at + std::llround(record.seconds * 1e3);
  span.attributes = {{"http.request.method", record.method},
                     {"http.route", record.route},
                     {"url.path", record.path},
                     {"http.response.status_code", static_cast<std::int64_t>(record.status)},
                     {"request.id", record.request_id}};
  // A caller's mistake is no fault of the server's span.
  if (record.status >= 500) span.error = "status " + std::to_string(record.status);
  return span;
}

}  // namespace wt::host

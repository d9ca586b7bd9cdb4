#include "service/worker/jobs/job_trace.h"

#include <utility>

namespace wt::worker {

JobTrace::JobTrace(observe::Tracer* tracer, const base::Clock* clock, const jobs::Job& job)
    : tracer_(tracer), clock_(clock), parent_(observe::ParseTraceparent(job.traceparent)) {
  if (tracer_ == nullptr) return;
  start_ = clock_->Now();
  context_ = tracer_->Begin(parent_);
}

void JobTrace::EndPart(std::string name, base::UnixMillis start, const Status& status) {
  if (tracer_ == nullptr) return;
  observe::Span span;
  span.context = tracer_->Begin(context_);
  span.parent_span_id = context_->span_id;
  span.name = std::move(name);
  span.start = start;
  span.end = clock_->Now();
  if (!status.ok()) span.error = status.message();
  tracer_->End(std::move(span));
}

void JobTrace::End(const jobs::Job& job, std::string_view end, double audio_seconds,
                   std::string error) {
  if (tracer_ == nullptr) return;
  observe::Span span;
  span.context = *context_;
  if (parent_) span.parent_span_id = parent_->span_id;
  span.name = "transcription job";
  span.kind = observe::SpanKind::kConsumer;
  span.start = start_;
  span.end = clock_->Now();
  span.attributes = {{"job.id", job.id},
                     {"job.attempt", static_cast<std::int64_t>(job.attempt)},
                     {"job.end", std::string(end)},
                     {"model", job.model},
                     {"audio.duration", audio_seconds}};
  span.error = std::move(error);
  tracer_->End(std::move(span));
}

}  // namespace wt::worker

// Spans of requests and jobs, for a collector that understands OTLP over HTTP (OBS-14).
//
//   const TraceContext context = tracer->Begin(ParseTraceparent(header));
//   ... the work; context goes on to whatever it starts ...
//   tracer->End({.context = context, .parent_span_id = ..., .name = "GET /jobs", ...});
//
// Contexts are made whether or not anything is exported, so that ids of other services reach the
// logs. What is exported waits in a bounded queue for one thread that sends it; a full queue drops
// and counts. Sources: W3C Trace Context; OpenTelemetry's sampler names and OTLP 1.3.
// Thread-safe. The tracer owns its thread and ends it when destroyed.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "service/observe/logs/trace_context.h"
#include "whisper_transcriber/status.h"

namespace wt::observe {

/// The numbers are those of OTLP's Span.SpanKind.
enum class SpanKind : std::uint8_t { kInternal = 1, kServer = 2, kConsumer = 5 };

using SpanValue = std::variant<std::string, std::int64_t, double, bool>;

/// Something that has ended.
struct Span {
  TraceContext context;
  /// 16 hex digits; empty: the first of its trace.
  std::string parent_span_id = {};
  /// "GET /jobs/{job_id}": of few different values.
  std::string name;
  SpanKind kind = SpanKind::kInternal;
  base::UnixMillis start = 0;
  base::UnixMillis end = 0;
  std::vector<std::pair<std::string, SpanValue>> attributes = {};
  /// Why it failed; empty: it did not.
  std::string error = {};
};

/// Which traces are exported. Both parts together are OTEL_TRACES_SAMPLER with its argument.
struct Sampler {
  /// A caller's own decision is followed.
  bool follows_parent = true;
  /// Share of the others, 0..1.
  double ratio = 1.0;

  bool Takes(const std::optional<TraceContext>& parent, const std::string& trace_id) const;
};

/// "always_on", "always_off", "traceidratio" and each with "parentbased_" before it; `argument` is
/// a ratio of 0..1 or empty (1). kInvalidArgument for anything else.
Result<Sampler> ParseSampler(std::string_view name, std::string_view argument);

struct TracerOptions {
  /// "http://collector:4318", to which /v1/traces is added. Empty: nothing is exported.
  std::string endpoint;
  /// Sent with every export: "authorization", "Bearer ...".
  std::vector<std::pair<std::string, std::string>> headers;
  std::string service_name = "whisper-transcriber";
  std::string service_version;
  Sampler sampler;
  /// Told when exporting begins to fail and when it works again; may be null, outlives the tracer.
  base::LogSink* log = nullptr;
};

struct TracerNumbers {
  std::int64_t exported = 0;
  /// The queue was full, or nobody took them.
  std::int64_t dropped = 0;
};

class Tracer {
 public:
  virtual ~Tracer() = default;
  /// A new span below `parent`, or a new trace.
  virtual TraceContext Begin(const std::optional<TraceContext>& parent) = 0;
  /// Exports it if its trace is sampled. Does not wait.
  virtual void End(Span span) = 0;
  virtual TracerNumbers numbers() const = 0;

  /// Starts the thread if there is an endpoint.
  static std::unique_ptr<Tracer> Create(TracerOptions options);
};

}  // namespace wt::observe

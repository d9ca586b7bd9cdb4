// Spans as OTLP's JSON, and one POST of it (opentelemetry-proto 1.3, "OTLP/HTTP", JSON mapping:
// ids in hex, 64-bit numbers as text). EncodeSpans is pure; a sender is used by one thread.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "service/observe/traces/tracer.h"

namespace wt::observe {

/// The body of an ExportTraceServiceRequest.
std::string EncodeSpans(const TracerOptions& options, std::span<const Span> spans);

class OtlpSender {
 public:
  virtual ~OtlpSender() = default;
  /// kUnavailable: another try may do (no connection, 429, 502, 503, 504);
  /// kInvalidArgument: it will not.
  virtual Status Send(const std::string& body) = 0;

  static std::unique_ptr<OtlpSender> Create(const TracerOptions& options);
};

}  // namespace wt::observe

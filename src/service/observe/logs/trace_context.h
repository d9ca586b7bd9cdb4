// W3C Trace Context (traceparent): ids that follow a request through the queue and other services.
// Pure functions: thread-safe. What is made of them: traces/tracer.h.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wt::observe {

struct TraceContext {
  /// 32 and 16 lower-case hex digits, not all zero.
  std::string trace_id;
  std::string span_id;
  bool sampled = false;
};

/// "00-TRACE-SPAN-FLAGS"; versions after 00 may carry more behind it. Empty when malformed.
std::optional<TraceContext> ParseTraceparent(std::string_view header);
std::string FormatTraceparent(const TraceContext& context);

/// A span below `parent`, or a new trace. `random` gives the ids (platform/system_clock.h).
TraceContext ChildTrace(const std::optional<TraceContext>& parent,
                        std::span<const std::byte, 24> random);

}  // namespace wt::observe

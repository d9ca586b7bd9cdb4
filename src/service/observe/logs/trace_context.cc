#include "service/observe/logs/trace_context.h"

#include <algorithm>

#include "base/ids.h"

namespace wt::observe {
namespace {

constexpr std::size_t kTraceDigits = 32;
constexpr std::size_t kSpanDigits = 16;
// "00-" + trace + "-" + span + "-01".
constexpr std::size_t kHeaderBytes = 3 + kTraceDigits + 1 + kSpanDigits + 3;

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(std::string_view text) {
  return IsHex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

// Random bytes are all zero once in 2^64 times; the standard forbids such an id.
std::string NewId(std::span<const std::byte> random) {
  std::string id = base::Hex(random);
  if (!IsId(id)) id.back() = '1';
  return id;
}

}  // namespace

std::optional<TraceContext> ParseTraceparent(std::string_view header) {
  if (header.size() < kHeaderBytes) return std::nullopt;
  const std::string_view version = header.substr(0, 2);
  if (!IsHex(version) || version == "ff") return std::nullopt;
  if (version == "00" && header.size() != kHeaderBytes) return std::nullopt;
  if (header.size() > kHeaderBytes && header[kHeaderBytes] != '-') return std::nullopt;
  const std::string_view trace = header.substr(3, kTraceDigits);
  const std::string_view span = header.substr(4 + kTraceDigits, kSpanDigits);
  const std::string_view flags = header.substr(kHeaderBytes - 2, 2);
  const bool dashes =
      header[2] == '-' && header[3 + kTraceDigits] == '-' && header[kHeaderBytes - 3] == '-';
  if (!dashes || !IsId(trace) || !IsId(span) || !IsHex(flags)) return std::nullopt;
  const char last = flags[1];
  const int nibble = last <= '9' ? last - '0' : last - 'a' + 10;
  return TraceContext{
      .trace_id = std::string(trace), .span_id = std::string(span), .sampled = (nibble & 1) != 0};
}

std::string FormatTraceparent(const TraceContext& context) {
  return "00-" + context.trace_id + "-" + context.span_id + (context.sampled ? "-01" : "-00");
}

TraceContext ChildTrace(const std::optional<TraceContext>& parent,
                        std::span<const std::byte, 24> random) {
  return {.trace_id = parent ? parent->trace_id : NewId(random.first<16>()),
          .span_id = NewId(random.last<8>()),
          .sampled = parent && parent->sampled};
}

}  // namespace wt::observe

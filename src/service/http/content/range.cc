#include "service/http/content/range.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "service/http/text.h"

namespace wt::http {
namespace {

/// One "first-last", "first-" or "-suffix"; empty when malformed.
std::optional<ByteRange> ParseOne(std::string_view spec, std::int64_t size) {
  const std::size_t dash = spec.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view first_text = spec.substr(0, dash);
  const std::string_view last_text = spec.substr(dash + 1);
  // Digits beyond 64 bits are a number all the same: far behind the end.
  const auto number = [](std::string_view text) -> std::optional<std::int64_t> {
    if (text.empty() || text.find_first_not_of("0123456789") != std::string_view::npos) {
      return std::nullopt;
    }
    return ParseDigits(text).value_or(INT64_MAX);
  };
  const auto first = number(first_text);
  const auto last = number(last_text);
  if (first_text.empty()) {
    if (!last) return std::nullopt;
    const std::int64_t length = std::min(*last, size);
    if (length == 0) return ByteRange{RangeKind::kUnsatisfiable, 0, 0};
    return ByteRange{RangeKind::kPart, size - length, length};
  }
  if (!first || (!last && !last_text.empty()) || (last && *last < *first)) return std::nullopt;
  if (*first >= size) return ByteRange{RangeKind::kUnsatisfiable, 0, 0};
  const std::int64_t end = std::min(last.value_or(INT64_MAX), size - 1);
  return ByteRange{RangeKind::kPart, *first, end - *first + 1};
}

}  // namespace

ByteRange ParseRange(std::string_view value, std::int64_t size) {
  const ByteRange whole{RangeKind::kWhole, 0, size};
  const std::size_t equals = value.find('=');
  if (equals == std::string_view::npos ||
      !EqualsIgnoreCase(TrimSpace(value.substr(0, equals)), "bytes")) {
    return whole;
  }
  const std::vector<std::string_view> specs = SplitList(value.substr(equals + 1));
  if (specs.empty()) return whole;
  bool any = false;
  for (const std::string_view spec : specs) {
    const std::optional<ByteRange> range = ParseOne(spec, size);
    if (!range) return whole;
    if (specs.size() == 1) return *range;
    any = any || range->kind == RangeKind::kPart;
  }
  return any ? whole : ByteRange{RangeKind::kUnsatisfiable, 0, 0};
}

ReplyPlan PlanReply(const Request& request, const Validators& validators, std::int64_t size,
                    Headers* headers) {
  AddValidators(validators, headers);
  headers->Set("Accept-Ranges", "bytes");
  switch (EvaluatePreconditions(request.method, request.headers, validators)) {
    case Precondition::kNotModified: return {304, 0, 0};
    case Precondition::kFailed: return {412, 0, 0};
    case Precondition::kProceed: break;
  }
  const auto values = request.headers.FindAll("Range");
  // Range has a meaning for GET only (section 14.2).
  if (request.method != Method::kGet || values.size() != 1 ||
      !IfRangeHolds(request.headers, validators)) {
    return {200, 0, size};
  }
  const ByteRange range = ParseRange(values.front(), size);
  switch (range.kind) {
    case RangeKind::kWhole: break;
    case RangeKind::kPart:
      headers->Set("Content-Range", fmt::format("bytes {}-{}/{}", range.offset,
                                                range.offset + range.length - 1, size));
      return {206, range.offset, range.length};
    case RangeKind::kUnsatisfiable:
      headers->Set("Content-Range", fmt::format("bytes */{}", size));
      return {416, 0, 0};
  }
  return {200, 0, size};
}

}  // namespace wt::http

#include "service/http/content/conditional.h"

#include <algorithm>

#include "service/http/content/http_date.h"
#include "service/http/text.h"

namespace wt::http {
namespace {

enum class Comparison { kStrong, kWeak };

std::string_view Opaque(std::string_view tag) {
  if (tag.starts_with("W/")) tag.remove_prefix(2);
  return tag;
}

bool Matches(std::string_view a, std::string_view b, Comparison comparison) {
  if (comparison == Comparison::kStrong && (a.starts_with("W/") || b.starts_with("W/"))) {
    return false;
  }
  return Opaque(a) == Opaque(b);
}

/// Looks for `etag` in a list of tags; a tag may hold commas. A malformed rest ends the search.
bool ListMatches(std::string_view list, std::string_view etag, Comparison comparison) {
  while (true) {
    list.remove_prefix(std::min(list.find_first_not_of(", \t"), list.size()));
    const std::size_t open = list.starts_with("W/") ? 2 : 0;
    if (list.size() <= open || list[open] != '"') return false;
    const std::size_t close = list.find('"', open + 1);
    if (close == std::string_view::npos) return false;
    if (Matches(list.substr(0, close + 1), etag, comparison)) return true;
    list.remove_prefix(close + 1);
  }
}

bool AnyMatches(const std::vector<std::string_view>& values, const Validators& validators,
                Comparison comparison) {
  return std::any_of(values.begin(), values.end(), [&](std::string_view value) {
    // "*" is anything that exists, and what has come here exists.
    return TrimSpace(value) == "*" ||
           (!validators.etag.empty() && ListMatches(value, validators.etag, comparison));
  });
}

std::optional<std::int64_t> DateOf(const Headers& headers, std::string_view name) {
  const auto value = headers.Find(name);
  return value ? ParseHttpDate(*value) : std::nullopt;
}

}  // namespace

std::string StrongETag(std::string_view opaque) { return '"' + std::string(opaque) + '"'; }

Precondition EvaluatePreconditions(Method method, const Headers& headers,
                                   const Validators& validators) {
  const auto& modified = validators.last_modified_unix_seconds;
  if (const auto values = headers.FindAll("If-Match"); !values.empty()) {
    if (!AnyMatches(values, validators, Comparison::kStrong)) return Precondition::kFailed;
  } else if (const auto since = DateOf(headers, "If-Unmodified-Since"); since && modified) {
    if (*modified > *since) return Precondition::kFailed;
  }
  const bool reads = method == Method::kGet || method == Method::kHead;
  if (const auto values = headers.FindAll("If-None-Match"); !values.empty()) {
    if (!AnyMatches(values, validators, Comparison::kWeak)) return Precondition::kProceed;
    return reads ? Precondition::kNotModified : Precondition::kFailed;
  }
  if (const auto since = DateOf(headers, "If-Modified-Since"); reads && since && modified) {
    if (*modified <= *since) return Precondition::kNotModified;
  }
  return Precondition::kProceed;
}

bool IfRangeHolds(const Headers& headers, const Validators& validators) {
  const auto value = headers.Find("If-Range");
  if (!value) return true;
  if (value->find('"') != std::string_view::npos) {
    return !validators.etag.empty() && Matches(*value, validators.etag, Comparison::kStrong);
  }
  const auto date = ParseHttpDate(*value);
  return date && validators.last_modified_unix_seconds == date;
}

void AddValidators(const Validators& validators, Headers* headers) {
  if (!validators.etag.empty()) headers->Set("ETag", validators.etag);
  if (validators.last_modified_unix_seconds) {
    headers->Set("Last-Modified", FormatHttpDate(*validators.last_modified_unix_seconds));
  }
}

}  // namespace wt::http

// Header fields of tus requests, one per line "Name: value": every decision is a reply with a
// status that the protocol knows, or values within their limits.
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>

#include "base/check.h"
#include "service/uploads/tus/tus_protocol.h"

namespace {

using wt::uploads::TusReply;

void CheckReply(const TusReply& reply) {
  const std::set<int> known = {400, 412, 413, 415};
  WT_CHECK(known.contains(reply.status));
  WT_CHECK(reply.headers.front().first == "Tus-Resumable");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 65'536) return 0;
  std::string_view rest(reinterpret_cast<const char*>(data), size);
  std::map<std::string, std::string, std::less<>> fields;
  while (!rest.empty()) {
    const std::string_view line = rest.substr(0, rest.find('\n'));
    rest.remove_prefix(std::min(rest.size(), line.size() + 1));
    const std::size_t colon = line.find(": ");
    if (colon != line.npos) fields.emplace(line.substr(0, colon), line.substr(colon + 2));
  }
  const wt::uploads::HeaderLookup lookup =
      [&](std::string_view name) -> std::optional<std::string_view> {
    const auto found = fields.find(name);
    if (found == fields.end()) return std::nullopt;
    return found->second;
  };
  const wt::uploads::TusLimits limits{.bytes_max = 1'000'000};
  const auto creation = wt::uploads::DecideTusCreation(lookup, limits);
  if (const auto* made = std::get_if<wt::uploads::TusCreation>(&creation)) {
    WT_CHECK(made->length >= 0 && made->length <= limits.bytes_max);
    WT_CHECK(made->metadata.size() <= 64);
    (void)made->Meta("filename");
  } else {
    CheckReply(std::get<TusReply>(creation));
  }
  const auto patch = wt::uploads::DecideTusPatch(lookup);
  if (const auto* append = std::get_if<wt::uploads::TusPatch>(&patch)) {
    WT_CHECK(append->offset >= 0 && append->content_length.value_or(0) >= 0);
  } else {
    CheckReply(std::get<TusReply>(patch));
  }
  (void)wt::uploads::TusMethod("POST", lookup);
  return 0;
}

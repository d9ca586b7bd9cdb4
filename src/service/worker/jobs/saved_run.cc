#include "service/worker/jobs/saved_run.h"

#include <algorithm>

namespace wt::worker {
namespace {

constexpr std::string_view kMagic = "WTRUN1\n";
constexpr std::size_t kNumberBytes = 8;

}  // namespace

std::string EncodeSavedRun(const SavedRun& run) {
  std::string bytes(kMagic);
  auto number = static_cast<std::uint64_t>(std::max<std::int64_t>(run.worked_ms, 0));
  for (std::size_t i = 0; i < kNumberBytes; ++i, number >>= 8U) {
    bytes += static_cast<char>(number & 0xFFU);
  }
  return bytes + run.engine;
}

SavedRun DecodeSavedRun(std::string_view bytes) {
  if (!bytes.starts_with(kMagic) || bytes.size() < kMagic.size() + kNumberBytes) {
    return {0, std::string(bytes)};
  }
  bytes.remove_prefix(kMagic.size());
  std::uint64_t number = 0;
  for (std::size_t i = kNumberBytes; i-- > 0;) {
    number = number << 8U | static_cast<unsigned char>(bytes[i]);
  }
  SavedRun run;
  // A damaged number must not become a negative one: the job has then used its time up.
  run.worked_ms = static_cast<std::int64_t>(std::min<std::uint64_t>(number, INT64_MAX));
  run.engine = bytes.substr(kNumberBytes);
  return run;
}

}  // namespace wt::worker

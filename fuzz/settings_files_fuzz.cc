// Env files and TOML files of settings: read without a fault, within their limits, on real lines.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "service/config/file_entries.h"

namespace {

void CheckEntries(const wt::config::FileEntries& parsed, std::string_view text) {
  const auto lines = static_cast<int>(std::count(text.begin(), text.end(), '\n')) + 1;
  WT_CHECK(parsed.entries.size() <= wt::config::kSettingsFileEntriesMax + 1);
  for (const wt::config::FileEntry& entry : parsed.entries) {
    WT_CHECK(entry.line >= 1 && entry.line <= lines);
    WT_CHECK(entry.value.size() <= text.size());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 64 << 10) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  CheckEntries(wt::config::ParseEnvFile(text), text);
  // Numbers may grow when they are written out, so only faults count here.
  wt::config::ParseTomlFile(text);
  return 0;
}

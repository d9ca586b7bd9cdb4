// What the operator sets at run time, above the configuration (JOB-23). A port, implemented in
// store/sqlite. Thread-safe.
#pragma once

#include <optional>
#include <string>

#include "whisper_transcriber/status.h"

namespace wt::jobs {

/// Settings that survive a restart and override the configuration. Names are [a-z0-9_.]{1,64},
/// values at most 4 KiB.
class RuntimeSettings {
 public:
  virtual ~RuntimeSettings() = default;
  virtual Result<std::optional<std::string>> GetSetting(const std::string& name) = 0;
  virtual Status SetSetting(const std::string& name, const std::string& value,
                            const std::string& changed_by) = 0;
  /// Back to the configuration's value.
  virtual Status ClearSetting(const std::string& name) = 0;
};
inline constexpr const char* kMaxConcurrentJobsSetting = "max_concurrent_jobs";

}  // namespace wt::jobs

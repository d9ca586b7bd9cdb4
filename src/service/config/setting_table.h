// The one table of settings. Loader, printout, template and documentation are made from it.
//
// Static data: thread-safe.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "service/config/settings.h"
#include "whisper_transcriber/status.h"

namespace wt::config {

enum class Support : std::uint8_t {
  /// Does what its help says.
  kWorks,
  /// Setting it is an error that says so, unless the value is one of `choices` (space-separated).
  kUnavailable,
  /// Accepted without effect, with a notice (`help` says why).
  kIgnored,
  /// Read by scripts, builds or other programs that share the file; says nothing.
  kElsewhere,
};

struct SettingSpec {
  /// The variable. In the configuration file it is in lower case.
  std::string_view name;
  /// Old names, separated by spaces. "NAME_MB:MiB" is in units of 2^20.
  std::string_view aliases = {};
  std::string_view group = {};
  Support support = Support::kWorks;
  /// Values of a choice, separated by spaces; an enumeration has them in its order.
  std::string_view choices = {};
  /// Range of numbers, both ends included.
  std::int64_t minimum = 0;
  std::int64_t maximum = 0;
  bool secret = false;
  /// Other programs use this name in the environment too: there it is not an error.
  bool shared_name = false;
  /// What the default is when it is made from other settings.
  std::string_view default_note = {};
  std::string_view help = {};
  /// Checks and stores. The error says what the value must be, never what it is.
  Status (*parse)(const SettingSpec&, std::string_view text, Settings*) = nullptr;
  /// The value as text, as `parse` takes it. Secrets give their number of characters only.
  std::string (*show)(const SettingSpec&, const Settings&) = nullptr;
};

/// In the order of the template.
std::span<const SettingSpec> SettingSpecs();
/// nullptr when no setting has this name (aliases do not count).
const SettingSpec* FindSetting(std::string_view name);

struct SettingName {
  const SettingSpec* spec = nullptr;
  bool alias = false;
  /// Multiplies a number given under this alias.
  std::int64_t factor = 1;
  /// NAME_FILE: the value is the path of a file with the value.
  bool file = false;
};
/// By name, alias, or NAME_FILE of a secret; spec is nullptr when unknown.
SettingName ResolveName(std::string_view name);

/// The known name nearest to `name`, or an empty one when none is near.
std::string_view NearestSettingName(std::string_view name);

/// Texts of all secrets in `settings`, for redaction.
std::vector<std::string> SecretTexts(const Settings& settings);

}  // namespace wt::config

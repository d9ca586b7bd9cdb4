// Values of settings: text to typed field and back, by overloads.
//
// Errors say what the value must be and never repeat it: it may be a secret in the wrong place.
// Pure functions: thread-safe.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "service/config/setting_table.h"

namespace wt::config {

/// Whole numbers, with KiB, MiB, GiB or TiB behind when the setting is in bytes (`maximum` above
/// 2^20). Within the range of `spec`.
Result<std::int64_t> ParseNumber(const SettingSpec& spec, std::string_view text);
/// "90", "90 seconds", "1 minute", "24h", "7 days", as a number of units of `unit_seconds`. A bare
/// number counts units. Within the range of `spec` (in units).
Result<std::int64_t> ParseDuration(const SettingSpec& spec, std::string_view text,
                                   std::int64_t unit_seconds);
/// Index in spec.choices, without regard to case.
Result<int> ParseChoice(const SettingSpec& spec, std::string_view text);
std::string_view ChoiceName(const SettingSpec& spec, int index);
/// Parts at commas, white space at their ends removed, empty ones dropped.
std::vector<std::string> SplitValues(std::string_view text);
std::vector<std::string_view> SplitWords(std::string_view text);

Status ParseInto(const SettingSpec& spec, std::string_view text, bool* field);
Status ParseInto(const SettingSpec& spec, std::string_view text, int* field);
Status ParseInto(const SettingSpec& spec, std::string_view text, std::int64_t* field);
Status ParseInto(const SettingSpec& spec, std::string_view text,
                 std::optional<std::int64_t>* field);
Status ParseInto(const SettingSpec& spec, std::string_view text, std::string* field);
Status ParseInto(const SettingSpec& spec, std::string_view text, std::vector<std::string>* field);
Status ParseInto(const SettingSpec& spec, std::string_view text, Secret* field);
Status ParseInto(const SettingSpec& spec, std::string_view text, std::vector<Secret>* field);
Status ParseInto(const SettingSpec& spec, std::string_view text, RateLimit* field);
Status ParseInto(const SettingSpec& spec, std::string_view text,
                 std::optional<base::LogLevel>* field);

std::string Show(const SettingSpec& spec, bool field);
std::string Show(const SettingSpec& spec, int field);
std::string Show(const SettingSpec& spec, std::int64_t field);
std::string Show(const SettingSpec& spec, const std::optional<std::int64_t>& field);
std::string Show(const SettingSpec& spec, const std::string& field);
std::string Show(const SettingSpec& spec, const std::vector<std::string>& field);
std::string Show(const SettingSpec& spec, const Secret& field);
std::string Show(const SettingSpec& spec, const std::vector<Secret>& field);
std::string Show(const SettingSpec& spec, const RateLimit& field);
std::string Show(const SettingSpec& spec, const std::optional<base::LogLevel>& field);

/// Enumerations count from 0 in the order of spec.choices.
template <typename Enum>
  requires std::is_enum_v<Enum>
Status ParseInto(const SettingSpec& spec, std::string_view text, Enum* field) {
  const Result<int> index = ParseChoice(spec, text);
  if (!index.ok()) return index.status();
  *field = static_cast<Enum>(*index);
  return Status();
}
template <typename Enum>
  requires std::is_enum_v<Enum>
std::string Show(const SettingSpec& spec, Enum field) {
  return std::string(ChoiceName(spec, static_cast<int>(field)));
}

/// A bare number is in the field's own unit, which is a second or a multiple.
template <typename Period>
Status ParseInto(const SettingSpec& spec, std::string_view text,
                 std::chrono::duration<std::int64_t, Period>* field) {
  const Result<std::int64_t> number = ParseDuration(spec, text, Period::num);
  if (!number.ok()) return number.status();
  *field = std::chrono::duration<std::int64_t, Period>(*number);
  return Status();
}
template <typename Period>
std::string Show(const SettingSpec&, std::chrono::duration<std::int64_t, Period> field) {
  return std::to_string(field.count());
}

}  // namespace wt::config

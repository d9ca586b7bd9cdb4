#include "base/json_text.h"

#include <nlohmann/json.hpp>

namespace wt::base {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

constexpr bool kNoExceptions = false;

template <typename Json>
std::string ToText(const Json& value, int indent) {
  return value.dump(indent, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace);
}

}  // namespace

std::string JsonToText(const json& value, int indent) { return ToText(value, indent); }
std::string JsonToText(const ordered_json& value, int indent) { return ToText(value, indent); }

json JsonFromText(std::string_view text) { return json::parse(text, nullptr, kNoExceptions); }

ordered_json OrderedJsonFromText(std::string_view text) {
  return ordered_json::parse(text, nullptr, kNoExceptions);
}

json ShallowJsonFromText(std::string_view text, int depth_max) {
  return json::parse(
      text, [depth_max](int depth, json::parse_event_t, json&) { return depth <= depth_max; },
      kNoExceptions);
}

}  // namespace wt::base

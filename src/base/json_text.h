// JSON values as text and back, compiled once.
//
// nlohmann's writer, lexer and parser are templates: a source that calls dump() or parse() itself
// compiles some 20 kB of code of its own, a second or two each time. So only this header's source
// does. Values as such are used everywhere. Pure functions: thread-safe.
#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace wt::base {

/// On one line, or indented by so many spaces. Bytes that are no UTF-8 become U+FFFD.
std::string JsonToText(const nlohmann::json& value, int indent = -1);
std::string JsonToText(const nlohmann::ordered_json& value, int indent = -1);

/// is_discarded() where the text is not JSON, so that no type test succeeds. Memory: some 20 times
/// the text, whose length the caller bounds.
nlohmann::json JsonFromText(std::string_view text);
nlohmann::ordered_json OrderedJsonFromText(std::string_view text);
/// The same; what lies deeper than `depth_max` levels is dropped while parsing, so that a hostile
/// text cannot nest.
nlohmann::json ShallowJsonFromText(std::string_view text, int depth_max);

}  // namespace wt::base

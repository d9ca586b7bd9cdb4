// The only source that sees toml++ (its header costs most of a second to compile).
#include <fmt/format.h>
#include <toml++/toml.h>

#include <optional>
#include <utility>

#include "service/config/file_entries.h"

namespace wt::config {
namespace {

std::string Upper(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    if (c == '-') c = '_';
  }
  return upper;
}

// Nothing for dates, tables and nested arrays.
std::optional<std::string> ScalarText(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  if (const auto* real = node.as_floating_point()) return fmt::format("{}", real->get());
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  return std::nullopt;
}

std::optional<std::string> ListText(const toml::array& list) {
  std::string joined;
  for (const toml::node& element : list) {
    const std::optional<std::string> part = ScalarText(element);
    if (!part || part->find(',') != std::string::npos) return std::nullopt;
    if (!joined.empty()) joined += ',';
    joined += *part;
  }
  return joined;
}

void AddTable(const toml::table& table, const std::string& prefix, FileEntries* result) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + Upper(key.str());
    const int line = static_cast<int>(node.source().begin.line);
    if (const toml::table* inner = node.as_table()) {
      AddTable(*inner, name + "_", result);
      continue;
    }
    const toml::array* list = node.as_array();
    std::optional<std::string> value = list != nullptr ? ListText(*list) : ScalarText(node);
    if (value) {
      result->entries.push_back({.name = name, .value = std::move(*value), .line = line});
    } else {
      result->problems.push_back(
          {.line = line,
           .message = "must be text, a number, true, false or a list of texts without commas"});
    }
  }
}

}  // namespace

FileEntries ParseTomlFile(std::string_view text) {
  FileEntries result;
  try {
    AddTable(toml::parse(text), "", &result);
  } catch (const toml::parse_error& error) {
    // The description may quote the line.
    result.problems.push_back(
        {.line = static_cast<int>(error.source().begin.line),
         .message = fmt::format("not TOML at column {}", error.source().begin.column)});
  }
  return result;
}

}  // namespace wt::config

#include "service/config/printout.h"

#include <fmt/format.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "service/config/values.h"

namespace wt::config {
namespace {

Source SourceOf(const Configuration& configuration, std::string_view name) {
  const auto found = configuration.sources.find(name);
  return found == configuration.sources.end() ? Source::kDefault : found->second;
}

std::string DefaultText(const SettingSpec& spec) {
  if (spec.parse == nullptr || !spec.default_note.empty()) return "";
  static const Settings kDefaults;
  return spec.show(spec, kDefaults);
}

std::string_view SeverityName(Severity severity) {
  switch (severity) {
    case Severity::kNotice: return "notice";
    case Severity::kWarning: return "warning";
    case Severity::kError: return "error";
  }
  return "unknown";
}

// "1 to 65535", "json, plain"; empty when anything goes.
std::string ValuesText(const SettingSpec& spec) {
  if (!spec.choices.empty()) return fmt::format("{}", fmt::join(SplitWords(spec.choices), ", "));
  if (spec.maximum > spec.minimum) return fmt::format("{} to {}", spec.minimum, spec.maximum);
  return "";
}

std::string AliasNames(const SettingSpec& spec) {
  std::vector<std::string_view> names;
  for (const std::string_view alias : SplitWords(spec.aliases)) {
    names.push_back(alias.substr(0, alias.find(':')));
  }
  return fmt::format("{}", fmt::join(names, ", "));
}

// Lines of at most 100 columns, each behind "# ".
std::string Comment(std::string_view text) {
  std::string out;
  std::size_t column = 0;
  for (const std::string_view word : SplitWords(text)) {
    if (column == 0 || column + word.size() + 1 > 100) {
      out += out.empty() ? "#" : "\n#";
      column = 1;
    }
    out += ' ';
    out += word;
    column += word.size() + 1;
  }
  return out + "\n";
}

std::string TemplateEntry(const SettingSpec& spec) {
  std::string text(spec.help);
  if (const std::string values = ValuesText(spec); !values.empty()) {
    text += fmt::format(" Values: {}.", values);
  }
  if (!spec.default_note.empty()) text += fmt::format(" Default: {}.", spec.default_note);
  if (spec.secret) text += fmt::format(" Or {}_FILE: a file with it.", spec.name);
  if (!spec.aliases.empty()) text += fmt::format(" Old names: {}.", AliasNames(spec));
  return fmt::format("{}#{}={}\n\n", Comment(text), spec.name, DefaultText(spec));
}

struct Section {
  Support support;
  std::string_view title;
};
constexpr Section kOthers[] = {
    {Support::kUnavailable, "Not available in this version: setting one of these is an error"},
    {Support::kIgnored, "Accepted without effect"},
    {Support::kElsewhere, "Read by scripts, builds and other programs"},
};

std::vector<std::string_view> Groups() {
  std::vector<std::string_view> groups;
  for (const SettingSpec& spec : SettingSpecs()) {
    if (!spec.group.empty() &&
        std::find(groups.begin(), groups.end(), spec.group) == groups.end()) {
      groups.push_back(spec.group);
    }
  }
  return groups;
}

// In a table cell.
std::string Cell(std::string_view text) {
  std::string cell;
  for (const char c : text) {
    if (c == '|') cell += '\\';
    cell += c;
  }
  return cell;
}

std::string ReferenceRow(const SettingSpec& spec) {
  const std::string by_value = DefaultText(spec);
  const std::string shown =
      by_value.empty() ? std::string(spec.default_note) : "`" + by_value + "`";
  std::string help(spec.help);
  if (const std::string values = ValuesText(spec); !values.empty()) {
    help += fmt::format(" Values: {}.", values);
  }
  if (!spec.aliases.empty()) help += fmt::format(" Old names: {}.", AliasNames(spec));
  return fmt::format("| `{}` | {} | {} |\n", spec.name, Cell(shown), Cell(help));
}

}  // namespace

std::string PrintSettings(const Configuration& configuration) {
  std::string out;
  for (const SettingSpec& spec : SettingSpecs()) {
    if (spec.support != Support::kWorks) continue;
    out += fmt::format("{}={}  # {}\n", spec.name, spec.show(spec, configuration.settings),
                       SourceName(SourceOf(configuration, spec.name)));
  }
  return out;
}

std::string PrintSettingsJson(const Configuration& configuration) {
  nlohmann::ordered_json out;
  out["ok"] = configuration.ok();
  out["settings"] = nlohmann::ordered_json::array();
  for (const SettingSpec& spec : SettingSpecs()) {
    if (spec.support != Support::kWorks) continue;
    out["settings"].push_back({{"name", spec.name},
                               {"value", spec.show(spec, configuration.settings)},
                               {"source", SourceName(SourceOf(configuration, spec.name))},
                               {"secret", spec.secret}});
  }
  out["problems"] = nlohmann::ordered_json::array();
  for (const Problem& problem : configuration.problems) {
    out["problems"].push_back({{"severity", SeverityName(problem.severity)},
                               {"variable", problem.variable},
                               {"where", problem.where},
                               {"message", problem.message}});
  }
  return base::JsonToText(out, 2) + "\n";
}

std::string EnvTemplate() {
  std::string out =
      "# Settings of Whisper Transcriber, made by: transcriber config template\n"
      "# Copy this file to .env and take away the # before what you change. Values are taken as "
      "they\n# stand; those with # or spaces at an end go into quotes.\n\n";
  for (const std::string_view group : Groups()) {
    out += fmt::format("# {}\n\n", group);
    for (const SettingSpec& spec : SettingSpecs()) {
      if (spec.group == group) out += TemplateEntry(spec);
    }
  }
  for (const Section& section : kOthers) {
    out += fmt::format("# {}\n\n", section.title);
    for (const SettingSpec& spec : SettingSpecs()) {
      if (spec.group.empty() && spec.support == section.support) out += TemplateEntry(spec);
    }
  }
  out.pop_back();
  return out;
}

std::string ReferenceTables() {
  constexpr std::string_view kHead = "| variable | default | meaning |\n| --- | --- | --- |\n";
  std::string out;
  for (const std::string_view group : Groups()) {
    out += fmt::format("### {}\n\n{}", group, kHead);
    for (const SettingSpec& spec : SettingSpecs()) {
      if (spec.group == group) out += ReferenceRow(spec);
    }
    out += "\n";
  }
  for (const Section& section : kOthers) {
    out += fmt::format("### {}\n\n{}", section.title, kHead);
    for (const SettingSpec& spec : SettingSpecs()) {
      if (spec.group.empty() && spec.support == section.support) out += ReferenceRow(spec);
    }
    out += "\n";
  }
  out.pop_back();
  return out;
}

}  // namespace wt::config

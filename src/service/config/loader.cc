#include "service/config/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "base/status_macros.h"
#include "base/strip.h"
#include "platform/file.h"
#include "service/config/checks.h"
#include "service/config/file_entries.h"
#include "service/config/values.h"

namespace wt::config {
namespace {

constexpr std::int64_t kSecretFileBytesMax = 64 << 10;

struct Entry {
  std::string name;
  std::string value;
  std::string where;
};

enum class Unknown : std::uint8_t {
  /// Others use this place too: only a near miss of a known name is worth a word.
  kHint,
  kWarning,
  kError,
};

struct Layer {
  Source source = Source::kEnvironment;
  Unknown unknown = Unknown::kError;
  std::vector<Entry> entries;
};

struct Given {
  Entry entry;
  const SettingSpec* spec = nullptr;
  Source source = Source::kEnvironment;
};

std::string FlagName(std::string_view variable) {
  std::string name = "--";
  for (const char c : variable) {
    if (c == '_') {
      name += '-';
    } else {
      name += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  return name;
}

// Two spellings of one value, such as 100 MB and its bytes.
bool SameValue(const SettingSpec& spec, const std::string& a, const std::string& b) {
  if (a == b || spec.parse == nullptr || spec.secret) return a == b;
  Settings first;
  Settings second;
  return spec.parse(spec, a, &first).ok() && spec.parse(spec, b, &second).ok() &&
         spec.show(spec, first) == spec.show(spec, second);
}

class Loader {
 public:
  explicit Loader(const LoadInput& input) : input_(input) {}

  Configuration Run() {
    for (const Layer& layer : ReadLayers()) AddLayer(layer);
    for (const SettingSpec& spec : SettingSpecs()) {
      const auto found = given_.find(&spec);
      if (found != given_.end()) Apply(found->second);
    }
    const auto environment = out_.sources.find("ENVIRONMENT");
    out_.settings.general.strict = environment != out_.sources.end() &&
                                   out_.settings.general.environment == Environment::kProduction;
    FillDefaults(input_, &out_);
    CheckTogether(&out_);
    GravestFirst();
    return std::move(out_);
  }

 private:
  void Complain(Severity severity, std::string variable, std::string where, std::string message) {
    out_.problems.push_back({.severity = severity,
                             .variable = std::move(variable),
                             .where = std::move(where),
                             .message = std::move(message)});
  }

  void GravestFirst() {
    std::vector<Problem> sorted;
    for (const Severity severity : {Severity::kError, Severity::kWarning, Severity::kNotice}) {
      for (Problem& problem : out_.problems) {
        if (problem.severity == severity) sorted.push_back(std::move(problem));
      }
    }
    out_.problems = std::move(sorted);
  }

  std::vector<Layer> ReadLayers() {
    std::vector<Layer> layers(2);
    layers[0].source = Source::kFlag;
    for (const auto& [name, value] : input_.flags) {
      layers[0].entries.push_back({.name = name, .value = value, .where = FlagName(name)});
    }
    layers[1].source = Source::kEnvironment;
    layers[1].unknown = Unknown::kHint;
    for (const auto& [name, value] : input_.environment) {
      layers[1].entries.push_back({.name = name, .value = value, .where = "environment"});
    }
    const std::string env_file = BootstrapValue("SETTINGS_ENV_FILE");
    layers.push_back(ReadFile(env_file.empty() ? ".env" : env_file, !env_file.empty(),
                              Source::kEnvFile, ParseEnvFile));
    // A .env that nobody named may be another program's.
    if (env_file.empty()) layers.back().unknown = Unknown::kWarning;
    const std::string config_file = BootstrapValue("SETTINGS_CONFIG_FILE");
    if (!config_file.empty()) {
      layers.push_back(ReadFile(config_file, true, Source::kConfigFile, ParseTomlFile));
    }
    return layers;
  }

  // Of the settings that say where settings are.
  std::string BootstrapValue(const std::string& name) const {
    for (const auto* source : {&input_.flags, &input_.environment}) {
      const auto found = source->find(name);
      if (found != source->end() && !found->second.empty()) return found->second;
    }
    return "";
  }

  Layer ReadFile(const std::string& path, bool required, Source source,
                 FileEntries (*parse)(std::string_view)) {
    Layer layer{.source = source, .unknown = Unknown::kError, .entries = {}};
    const Result<std::string> text = platform::ReadWholeFile(path, kSettingsFileBytesMax);
    if (!text.ok()) {
      if (required || text.status().code() != StatusCode::kNotFound) {
        Complain(Severity::kError, "", path,
                 fmt::format("the file of settings cannot be read ({}); correct the path or its "
                             "permissions",
                             text.status().message()));
      }
      return layer;
    }
    FileEntries file = parse(*text);
    for (FileProblem& problem : file.problems) {
      Complain(Severity::kError, "", fmt::format("{} line {}", path, problem.line),
               std::move(problem.message));
    }
    for (FileEntry& entry : file.entries) {
      layer.entries.push_back({.name = std::move(entry.name),
                               .value = std::move(entry.value),
                               .where = fmt::format("{} line {}", path, entry.line)});
    }
    return layer;
  }

  void AddLayer(const Layer& layer) {
    std::map<const SettingSpec*, Given> direct;
    std::map<const SettingSpec*, Given> from_files;
    for (const Entry& entry : layer.entries) {
      if (entry.value.empty()) continue;  // Compose files pass unset variables on as empty ones.
      const SettingName name = ResolveName(entry.name);
      if (name.spec == nullptr) {
        ReportUnknown(layer, entry);
        continue;
      }
      if (name.alias && name.spec->support == Support::kWorks) {
        Complain(Severity::kWarning, entry.name, entry.where,
                 fmt::format("this is an old name; write {}", name.spec->name));
      }
      Given given{.entry = entry, .spec = name.spec, .source = layer.source};
      if (name.file) {
        given.source = Source::kSecretFile;
        if (!ReadSecret(&given)) continue;
      } else if (name.factor != 1 && !Multiply(name.factor, &given)) {
        continue;
      }
      AddTo(name.file ? &from_files : &direct, std::move(given));
    }
    given_.merge(direct);
    given_.merge(from_files);
  }

  void AddTo(std::map<const SettingSpec*, Given>* layer, Given given) {
    const auto [at, added] = layer->emplace(given.spec, given);
    if (added || SameValue(*given.spec, at->second.entry.value, given.entry.value)) return;
    Complain(Severity::kError, given.entry.name, given.entry.where,
             fmt::format("differs from {} ({}), which is the same setting; keep {} alone",
                         at->second.entry.name, at->second.entry.where, given.spec->name));
  }

  void ReportUnknown(const Layer& layer, const Entry& entry) {
    const std::string_view nearest = NearestSettingName(entry.name);
    if (layer.unknown == Unknown::kHint && nearest.empty()) return;
    const std::string hint =
        nearest.empty() ? "remove it" : fmt::format("did you mean {}?", nearest);
    Complain(layer.unknown == Unknown::kError ? Severity::kError : Severity::kWarning, entry.name,
             entry.where, fmt::format("there is no such setting; {}", hint));
  }

  bool ReadSecret(Given* given) {
    Result<std::string> text = platform::ReadWholeFile(given->entry.value, kSecretFileBytesMax);
    if (!text.ok()) {
      Complain(Severity::kError, given->entry.name, given->entry.where,
               fmt::format("the secret's file cannot be read ({}); correct the path or its "
                           "permissions",
                           text.status().message()));
      return false;
    }
    given->entry.value = base::StripWhiteSpace(*text);
    if (!given->entry.value.empty()) return true;
    Complain(Severity::kError, given->entry.name, given->entry.where,
             "the secret's file is empty; write the secret into it");
    return false;
  }

  bool Multiply(std::int64_t factor, Given* given) {
    const SettingSpec units{.name = given->spec->name,
                            .minimum = given->spec->minimum / factor + 1,
                            .maximum = given->spec->maximum / factor};
    const Result<std::int64_t> value = ParseNumber(units, given->entry.value);
    if (!value.ok()) {
      Complain(Severity::kError, given->entry.name, given->entry.where, value.status().message());
      return false;
    }
    given->entry.value = std::to_string(*value * factor);
    return true;
  }

  void Apply(const Given& given) {
    const SettingSpec& spec = *given.spec;
    const Entry& entry = given.entry;
    switch (spec.support) {
      case Support::kElsewhere: return;
      case Support::kIgnored:
        Complain(Severity::kNotice, entry.name, entry.where,
                 fmt::format("has no effect: {}", spec.help));
        return;
      case Support::kUnavailable: ApplyUnavailable(given); return;
      case Support::kWorks: break;
    }
    const Status parsed = spec.parse(spec, entry.value, &out_.settings);
    if (parsed.ok()) {
      out_.sources.emplace(spec.name, given.source);
    } else {
      Complain(Severity::kError, entry.name, entry.where, parsed.message());
    }
  }

  void ApplyUnavailable(const Given& given) {
    const SettingSpec& spec = *given.spec;
    if (!spec.choices.empty() && ParseChoice(spec, given.entry.value).ok()) return;
    if (spec.shared_name && given.source == Source::kEnvironment) {
      Complain(Severity::kNotice, given.entry.name, given.entry.where,
               fmt::format("is not used. {}", spec.help));
      return;
    }
    const std::string only =
        spec.choices.empty() ? "is not available in this version; remove it."
                             : fmt::format("must be {}: nothing else is available in this version.",
                                           fmt::join(SplitWords(spec.choices), " or "));
    Complain(Severity::kError, given.entry.name, given.entry.where,
             fmt::format("{} {}", only, spec.help));
  }

  const LoadInput& input_;
  Configuration out_;
  std::map<const SettingSpec*, Given> given_;
};

}  // namespace

std::string FormatProblem(const Problem& problem) {
  const std::string_view severity = problem.severity == Severity::kError     ? "error"
                                    : problem.severity == Severity::kWarning ? "warning"
                                                                             : "notice";
  std::string text = fmt::format("{}: {}", severity, problem.variable);
  if (!problem.where.empty()) {
    text += problem.variable.empty() ? problem.where : fmt::format(" ({})", problem.where);
  }
  return fmt::format("{}: {}", text, problem.message);
}

std::string_view SourceName(Source source) {
  switch (source) {
    case Source::kFlag: return "flag";
    case Source::kEnvironment: return "environment";
    case Source::kSecretFile: return "secret file";
    case Source::kEnvFile: return "env file";
    case Source::kConfigFile: return "configuration file";
    case Source::kGenerated: return "generated";
    case Source::kDefault: return "default";
  }
  return "unknown";
}

bool Configuration::ok() const {
  return std::none_of(problems.begin(), problems.end(),
                      [](const Problem& problem) { return problem.severity == Severity::kError; });
}

Configuration Load(const LoadInput& input) { return Loader(input).Run(); }

}  // namespace wt::config

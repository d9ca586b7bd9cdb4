#include "apps/transcriber/options/arguments.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include "base/status_macros.h"
#include "base/utf8.h"

namespace wt::transcriber {
namespace {

// An argument longer than this is no option name that is worth a suggestion.
constexpr std::size_t kNameBytesMax = 64;

Status UsageError(std::string message) {
  return Status(StatusCode::kInvalidArgument, std::move(message));
}

std::string WithDashes(std::string_view name) {
  std::string dashed(name);
  std::replace(dashed.begin(), dashed.end(), '_', '-');
  return dashed;
}

std::optional<bool> ParseSwitchWord(std::string_view word) {
  constexpr std::array<std::string_view, 6> kOn = {"True", "true", "1", "yes", "on", "TRUE"};
  constexpr std::array<std::string_view, 6> kOff = {"False", "false", "0", "no", "off", "FALSE"};
  if (std::find(kOn.begin(), kOn.end(), word) != kOn.end()) return true;
  if (std::find(kOff.begin(), kOff.end(), word) != kOff.end()) return false;
  return std::nullopt;
}

// Behind a switch these are its value; other words that could be one may be file names.
bool IsDetachedSwitchWord(std::string_view word) {
  return word == "True" || word == "False" || word == "true" || word == "false";
}

template <typename Number>
bool ParseNumber(std::string_view text, Number* number) {
  if (text.starts_with('+')) text.remove_prefix(1);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
  return error == std::errc() && end == text.data() + text.size() && !text.empty();
}

Status NotInRange(const OptionSpec& spec, std::string_view text) {
  return UsageError(fmt::format("--{}: \"{}\" is out of range or no number; give {}", spec.name,
                                base::ReplaceInvalidUtf8(text), DescribeValues(spec)));
}

Status CheckChoice(const OptionSpec& spec, std::string_view text) {
  const std::vector<std::string_view> choices = SplitList(spec.choices, ' ');
  if (std::find(choices.begin(), choices.end(), text) != choices.end()) return Status();
  const std::string_view nearest = NearestName(text, choices);
  const std::string hint = nearest.empty() ? "" : fmt::format(" (did you mean {}?)", nearest);
  return UsageError(fmt::format("--{}: \"{}\" is not known{}; give {}", spec.name,
                                base::ReplaceInvalidUtf8(text), hint, DescribeValues(spec)));
}

Status CheckText(const OptionSpec& spec, std::string_view text) {
  const bool is_path = spec.kind == ValueKind::kFile || spec.kind == ValueKind::kDirectory;
  if (is_path && text.empty()) return UsageError(fmt::format("--{}: is empty", spec.name));
  // Paths are bytes; everything else meets the tokenizer or a message.
  if (!is_path && !base::IsValidUtf8(text)) {
    return UsageError(fmt::format("--{}: is not valid UTF-8", spec.name));
  }
  return Status();
}

// How a name on the command line resolved.
struct Match {
  std::size_t option;
  bool negated;
};

class Parser {
 public:
  Parser(std::span<const OptionSpec> table, std::span<const std::string_view> arguments)
      : table_(table), arguments_(arguments) {}

  Result<Arguments> Parse() {
    while (at_ < arguments_.size() && !parsed_.help) {
      const std::string_view argument = arguments_[at_++];
      if (argument == "--") {
        parsed_.operands.insert(parsed_.operands.end(), arguments_.begin() + at_, arguments_.end());
        break;
      }
      if (argument.starts_with("--")) {
        WT_TRY(ParseLong(argument.substr(2)));
      } else if (argument.size() > 1 && argument[0] == '-') {
        WT_TRY(ParseShort(argument.substr(1)));
      } else {
        parsed_.operands.push_back(argument);
      }
    }
    return std::move(parsed_);
  }

 private:
  std::optional<Match> Find(std::string_view name) const {
    for (std::size_t i = 0; i < table_.size(); ++i) {
      if (table_[i].name == name || (!table_[i].alias.empty() && table_[i].alias == name)) {
        return Match{i, false};
      }
    }
    if (!name.starts_with("no-")) return std::nullopt;
    const std::optional<Match> positive = Find(name.substr(3));
    if (!positive || table_[positive->option].kind != ValueKind::kSwitch) return std::nullopt;
    return Match{positive->option, !positive->negated};
  }

  Status ParseLong(std::string_view argument) {
    const std::size_t equals = argument.find('=');
    const std::string name = WithDashes(argument.substr(0, std::min(equals, kNameBytesMax)));
    if (name == "help" && equals == std::string_view::npos) {
      parsed_.help = true;
      return Status();
    }
    const std::optional<Match> match = Find(name);
    if (!match) return Unknown(name);
    const OptionSpec& spec = table_[match->option];
    if (equals != std::string_view::npos) {
      return Add(*match, argument.substr(equals + 1));
    }
    if (spec.kind == ValueKind::kSwitch) return AddSwitch(*match);
    return AddNext(*match);
  }

  Status ParseShort(std::string_view argument) {
    if (argument == "h") {
      parsed_.help = true;
      return Status();
    }
    for (std::size_t i = 0; i < table_.size(); ++i) {
      if (table_[i].short_name == '\0' || table_[i].short_name != argument[0]) continue;
      const Match match{i, false};
      if (table_[i].kind == ValueKind::kSwitch) {
        if (argument.size() > 1) break;
        return AddSwitch(match);
      }
      std::string_view value = argument.substr(1);
      if (value.empty()) return AddNext(match);
      if (value[0] == '=') value.remove_prefix(1);
      return Add(match, value);
    }
    return UsageError(fmt::format("-{} is not an option; --help lists them, -- ends options",
                                  base::ReplaceInvalidUtf8(argument.substr(0, kNameBytesMax))));
  }

  Status AddSwitch(const Match& match) {
    if (at_ < arguments_.size() && IsDetachedSwitchWord(arguments_[at_])) {
      return Add(match, arguments_[at_++]);
    }
    return Add(match, "True");
  }

  Status AddNext(const Match& match) {
    const OptionSpec& spec = table_[match.option];
    const bool missing = at_ >= arguments_.size();
    // Two dashes and a letter: an option whose value was forgotten, not a value.
    if (missing || (arguments_[at_].starts_with("--") && arguments_[at_].size() > 2)) {
      const std::string values = DescribeValues(spec);
      return UsageError(
          fmt::format("--{} needs a value{}{}", spec.name, values.empty() ? "" : ": ", values));
    }
    return Add(match, arguments_[at_++]);
  }

  Status Add(const Match& match, std::string_view text) {
    const OptionSpec& spec = table_[match.option];
    WT_ASSIGN(OptionValue value, ParseValue(spec, text));
    if (match.negated) value.on = !value.on;
    parsed_.options.push_back({match.option, value});
    return Status();
  }

  Status Unknown(const std::string& name) const {
    std::vector<std::string_view> names;
    for (const OptionSpec& spec : table_) names.push_back(spec.name);
    const std::string_view nearest = NearestName(name, names);
    const std::string hint =
        nearest.empty() ? "; --help lists them" : fmt::format("; did you mean --{}?", nearest);
    return UsageError(fmt::format("--{} is not an option{}", base::ReplaceInvalidUtf8(name), hint));
  }

  const std::span<const OptionSpec> table_;
  const std::span<const std::string_view> arguments_;
  std::size_t at_ = 0;
  Arguments parsed_;
};

// Levenshtein distance. Both texts are short (kNameBytesMax).
std::size_t Edits(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0u : 1u)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

}  // namespace

Result<Arguments> ParseArguments(std::span<const OptionSpec> table,
                                 std::span<const std::string_view> arguments) {
  return Parser(table, arguments).Parse();
}

Result<OptionValue> ParseValue(const OptionSpec& spec, std::string_view text) {
  OptionValue value;
  value.text = text;
  if (spec.allows_none && (text == "None" || text == "none")) {
    value.none = true;
    return value;
  }
  switch (spec.kind) {
    case ValueKind::kSwitch: {
      const std::optional<bool> on = ParseSwitchWord(text);
      if (!on) return UsageError(fmt::format("--{}: give True or False", spec.name));
      value.on = *on;
      return value;
    }
    case ValueKind::kInteger:
      if (!ParseNumber(text, &value.integer) || static_cast<double>(value.integer) < spec.minimum ||
          static_cast<double>(value.integer) > spec.maximum) {
        return NotInRange(spec, text);
      }
      value.real = static_cast<double>(value.integer);
      return value;
    case ValueKind::kReal:
      // The negated comparison refuses NaN too.
      if (!ParseNumber(text, &value.real) ||
          !(value.real >= spec.minimum && value.real <= spec.maximum)) {
        return NotInRange(spec, text);
      }
      return value;
    case ValueKind::kChoice: WT_TRY(CheckChoice(spec, text)); return value;
    case ValueKind::kChoiceList:
      if (text.empty()) return CheckChoice(spec, text);
      for (const std::string_view part : SplitList(text, ',')) WT_TRY(CheckChoice(spec, part));
      return value;
    case ValueKind::kText:
    case ValueKind::kFile:
    case ValueKind::kDirectory: WT_TRY(CheckText(spec, text)); return value;
  }
  return value;
}

std::string DescribeValues(const OptionSpec& spec) {
  std::string text;
  if (spec.kind == ValueKind::kInteger || spec.kind == ValueKind::kReal) {
    text = fmt::format("{} to {}", spec.minimum, spec.maximum);
  } else if (!spec.choices.empty()) {
    const std::vector<std::string_view> choices = SplitList(spec.choices, ' ');
    for (std::size_t i = 0; i < choices.size(); ++i) {
      if (i > 0) text += i + 1 == choices.size() ? " or " : ", ";
      text += choices[i];
    }
  } else if (spec.kind == ValueKind::kSwitch) {
    text = "True or False";
  }
  if (spec.allows_none) text += text.empty() ? "a value or None" : ", or None";
  return text;
}

std::string_view NearestName(std::string_view name, std::span<const std::string_view> candidates) {
  name = name.substr(0, kNameBytesMax);
  std::string_view best;
  // A third of the letters may be wrong, two at least (swapped letters are two edits) but in very
  // short names; a beginning of three letters counts as one edit.
  const std::size_t edits_max = name.size() <= 3 ? 1 : std::max<std::size_t>(name.size() / 3, 2);
  std::size_t best_edits = edits_max + 1;
  for (const std::string_view candidate : candidates) {
    std::size_t edits = Edits(name, candidate);
    if (name.size() >= 3 && candidate.starts_with(name)) edits = std::min<std::size_t>(edits, 1);
    if (edits < best_edits) {
      best = candidate;
      best_edits = edits;
    }
  }
  return best;
}

std::vector<std::string_view> SplitList(std::string_view list, char separator) {
  std::vector<std::string_view> parts;
  if (list.empty()) return parts;
  for (;;) {
    const std::size_t end = list.find(separator);
    parts.push_back(list.substr(0, end));
    if (end == std::string_view::npos) return parts;
    list.remove_prefix(end + 1);
  }
}

}  // namespace wt::transcriber

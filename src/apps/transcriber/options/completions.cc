#include "apps/transcriber/options/completions.h"

#include <fmt/format.h>

#include <algorithm>

#include "apps/transcriber/options/commands.h"
#include "apps/transcriber/options/languages.h"

namespace wt::transcriber {
namespace {

// Words a value is chosen from, separated by spaces; empty where it is free text.
std::string ValueWords(const OptionSpec& spec) {
  if (spec.name == "language" || spec.name == "allowed-languages") {
    return fmt::format("{}", fmt::join(LanguageCodes(), " "));
  }
  return std::string(spec.choices);
}

std::string OptionWords(const CommandSpec& command) {
  std::string words = "--help";
  for (const OptionSpec& spec : command.options) words += fmt::format(" --{}", spec.name);
  return words;
}

std::string CommandWords() {
  std::string words;
  for (const CommandSpec& command : Commands()) {
    words += fmt::format("{}{}", words.empty() ? "" : " ", command.name);
  }
  return words;
}

// For single quotes of a shell.
std::string Quoted(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') {
      quoted += "'\\''";
    } else {
      quoted.push_back(c);
    }
  }
  return quoted + "'";
}

// What zsh's _arguments puts between brackets may hold neither of them nor a colon.
std::string ZshText(std::string_view text) {
  std::string plain;
  for (const char c : text) {
    if (c == '[' || c == ']' || c == ':' || c == '\\') plain.push_back('\\');
    plain.push_back(c);
  }
  return plain;
}

std::string BashValues(const CommandSpec& command) {
  std::string cases;
  for (const OptionSpec& spec : command.options) {
    if (spec.kind == ValueKind::kSwitch) continue;
    std::string pattern = fmt::format("--{}", spec.name);
    if (spec.short_name != '\0') pattern += fmt::format("|-{}", spec.short_name);
    const std::string words = ValueWords(spec);
    if (!words.empty()) {
      cases += fmt::format("        {}) COMPREPLY=($(compgen -W {} -- \"$cur\")); return ;;\n",
                           pattern, Quoted(words));
    } else if (spec.kind == ValueKind::kDirectory) {
      cases +=
          fmt::format("        {}) COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n", pattern);
    } else if (spec.kind == ValueKind::kFile || spec.name == "model") {
      cases +=
          fmt::format("        {}) COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n", pattern);
    } else {
      cases += fmt::format("        {}) return ;;\n", pattern);
    }
  }
  return cases.empty() ? "" : fmt::format("      case \"$prev\" in\n{}      esac\n", cases);
}

std::string ZshOption(const OptionSpec& spec) {
  const std::string help = ZshText(spec.help);
  std::string tail = fmt::format("[{}]", help);
  if (spec.kind != ValueKind::kSwitch) {
    const std::string words = ValueWords(spec);
    std::string action = " ";
    if (!words.empty()) {
      action = fmt::format("({})", words);
    } else if (spec.kind == ValueKind::kDirectory) {
      action = "_files -/";
    } else if (spec.kind == ValueKind::kFile || spec.name == "model") {
      action = "_files";
    }
    tail += fmt::format(":{}:{}", spec.name, action);
  }
  std::string lines =
      fmt::format("        {} \\\n", Quoted(fmt::format("--{}{}", spec.name, tail)));
  if (spec.short_name != '\0') {
    lines += fmt::format("        {} \\\n", Quoted(fmt::format("-{}{}", spec.short_name, tail)));
  }
  return lines;
}

}  // namespace

std::string BashCompletions() {
  std::string script =
      "# bash completions of transcriber\n"
      "_transcriber() {\n"
      "  local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}\"\n"
      "  COMPREPLY=()\n"
      "  if [ \"$COMP_CWORD\" -eq 1 ]; then\n";
  script += fmt::format("    COMPREPLY=($(compgen -W {} -- \"$cur\")); return\n  fi\n",
                        Quoted(CommandWords()));
  script += "  case \"${COMP_WORDS[1]}\" in\n";
  for (const CommandSpec& command : Commands()) {
    script += fmt::format("    {})\n{}", command.name, BashValues(command));
    if (!command.verbs.empty()) {
      script += fmt::format(
          "      if [ \"$COMP_CWORD\" -eq 2 ]; then\n"
          "        COMPREPLY=($(compgen -W {} -- \"$cur\")); return\n      fi\n",
          Quoted(command.verbs));
    }
    script += fmt::format(
        "      case \"$cur\" in\n"
        "        -*) COMPREPLY=($(compgen -W {} -- \"$cur\")); return ;;\n      esac\n",
        Quoted(OptionWords(command)));
    if (command.takes_files) script += "      COMPREPLY=($(compgen -f -- \"$cur\"))\n";
    script += "      ;;\n";
  }
  return script + "  esac\n}\ncomplete -o filenames -F _transcriber transcriber\n";
}

std::string ZshCompletions() {
  std::string script =
      "#compdef transcriber\n"
      "_transcriber() {\n"
      "  if (( CURRENT == 2 )); then\n"
      "    local -a commands=(\n";
  for (const CommandSpec& command : Commands()) {
    script += fmt::format("      {}\n",
                          Quoted(fmt::format("{}:{}", command.name, ZshText(command.summary))));
  }
  script +=
      "    )\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local name=$words[2]\n"
      "  shift words\n"
      "  (( CURRENT-- ))\n"
      "  case $name in\n";
  for (const CommandSpec& command : Commands()) {
    script += fmt::format("    {})\n      _arguments -s -S \\\n", command.name);
    for (const OptionSpec& spec : command.options) script += ZshOption(spec);
    script += "        '--help[Explain the command.]'";
    if (!command.verbs.empty()) {
      script += fmt::format(" \\\n        {}", Quoted(fmt::format("1:verb:({})", command.verbs)));
    }
    if (command.takes_files) script += " \\\n        '*:file:_files'";
    script += "\n      ;;\n";
  }
  return script + "  esac\n}\n_transcriber \"$@\"\n";
}

std::string FishCompletions() {
  std::string script = "# fish completions of transcriber\ncomplete -c transcriber -f\n";
  for (const CommandSpec& command : Commands()) {
    script += fmt::format("complete -c transcriber -n __fish_use_subcommand -a {} -d {}\n",
                          command.name, Quoted(command.summary));
    const std::string when = fmt::format("-n '__fish_seen_subcommand_from {}'", command.name);
    if (command.takes_files) script += fmt::format("complete -c transcriber {} -F\n", when);
    if (!command.verbs.empty()) {
      script += fmt::format("complete -c transcriber {} -a {}\n", when, Quoted(command.verbs));
    }
    for (const OptionSpec& spec : command.options) {
      std::string line = fmt::format("complete -c transcriber {} -l {}", when, spec.name);
      if (spec.short_name != '\0') line += fmt::format(" -s {}", spec.short_name);
      const std::string words = ValueWords(spec);
      if (!words.empty()) {
        line += fmt::format(" -x -a {}", Quoted(words));
      } else if (spec.kind != ValueKind::kSwitch) {
        line += " -r";
      }
      script += fmt::format("{} -d {}\n", line, Quoted(spec.help));
    }
  }
  return script;
}

std::optional<std::string> CompletionsFor(std::string_view shell) {
  if (shell == "bash") return BashCompletions();
  if (shell == "zsh") return ZshCompletions();
  if (shell == "fish") return FishCompletions();
  return std::nullopt;
}

}  // namespace wt::transcriber

#include "apps/transcriber/options/help.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "apps/transcriber/options/arguments.h"

namespace wt::transcriber {
namespace {

constexpr int kColumns = 80;
constexpr int kIndent = 7;  // As manual pages have it.
constexpr int kHelpIndent = 11;

std::string Section(std::string_view title) { return fmt::format("\n{}\n", title); }

// Choices stand behind the option's name, or in the text below it where they fill the line.
bool TooManyChoices(const OptionSpec& spec) {
  return spec.kind == ValueKind::kChoice && spec.value_name.empty() &&
         kIndent + spec.name.size() + spec.choices.size() + 7 > kColumns;
}

std::string OptionHead(const OptionSpec& spec) {
  std::string head = spec.short_name != '\0' ? fmt::format("-{}, ", spec.short_name) : "";
  head += fmt::format("--{}", spec.name);
  if (spec.kind == ValueKind::kSwitch) return head;
  if (!spec.value_name.empty()) return fmt::format("{} {}", head, spec.value_name);
  if (TooManyChoices(spec)) return fmt::format("{} NAME", head);
  std::string choices(spec.choices);
  std::replace(choices.begin(), choices.end(), ' ', '|');
  return fmt::format("{} {}", head, choices);
}

// "(1 to 16; default: 5)".
std::string OptionNotes(const OptionSpec& spec) {
  std::vector<std::string> notes;
  const bool number = spec.kind == ValueKind::kInteger || spec.kind == ValueKind::kReal;
  const bool listed = spec.kind == ValueKind::kChoiceList || TooManyChoices(spec);
  if (number || listed) notes.push_back(DescribeValues(spec));
  if (!spec.default_text.empty()) notes.push_back(fmt::format("default: {}", spec.default_text));
  return notes.empty() ? "" : fmt::format(" ({})", fmt::join(notes, "; "));
}

std::string Options(const CommandSpec& command) {
  std::string text;
  std::string_view group;
  for (const OptionSpec& spec : command.options) {
    if (spec.group != group) {
      text += Section(spec.group);
      group = spec.group;
    }
    text += fmt::format("{:{}}{}\n", "", kIndent, OptionHead(spec));
    text += WrapText(std::string(spec.help) + OptionNotes(spec), kHelpIndent, kColumns);
  }
  return text;
}

std::string ExitStatus() {
  return Section("EXIT STATUS") +
         WrapText(
             "0 all done; 1 a file failed; 2 wrong usage; 3 the model is not there; 130 "
             "stopped by Ctrl-C.",
             kIndent, kColumns);
}

std::string EnvironmentHelp() {
  std::string text = Section("ENVIRONMENT");
  text += WrapText(
      "MODEL_DIR (or WHISPER_MODEL_DIR, WHISPER_MODELS_DIR, MODELS_DIR): where models are. "
      "DEFAULT_MODEL: the model without --model. XDG_DATA_HOME, XDG_CACHE_HOME: models and packed "
      "weights lie in whisper-transcriber/ under these. WT_FORCE_ISA: generic, avx2, avx2_vnni, "
      "avx512, avx512_vnni, avx512_bf16 or avx512_amx. WHISPER_API_KEY: the key for --server. "
      "NO_COLOR: "
      "no colours.",
      kIndent, kColumns);
  return text;
}

std::string Examples(std::span<const ExampleText> examples) {
  if (examples.empty()) return "";
  std::string text = Section("EXAMPLES");
  for (const ExampleText& example : examples) {
    text += fmt::format("{:{}}{}\n{:{}}{}\n", "", kIndent, example.command, "", kHelpIndent,
                        example.what);
  }
  return text;
}

}  // namespace

std::string WrapText(std::string_view text, int indent, int width) {
  std::string wrapped;
  int column = 0;
  for (const std::string_view word : SplitList(text, ' ')) {
    const int length = static_cast<int>(word.size());
    if (column > 0 && column + 1 + length > width) {
      wrapped += "\n";
      column = 0;
    }
    if (column == 0) {
      wrapped.append(static_cast<std::size_t>(indent), ' ');
      column = indent;
    } else {
      wrapped += ' ';
      ++column;
    }
    wrapped += word;
    column += length;
  }
  if (column > 0) wrapped += "\n";
  return wrapped;
}

std::string ProgramHelp() {
  std::string text = "Whisper Transcriber: recordings into text, on this machine.\n";
  text += "\nUsage: transcriber COMMAND [ARGUMENT]...\n\n";
  for (const CommandSpec& command : Commands()) {
    text += fmt::format("  {:12} {}\n", command.name, command.summary);
  }
  text += "\nStart with: transcriber transcribe FILE\n";
  text += "Details:    transcriber COMMAND --help\n";
  return text;
}

std::string CommandHelp(const CommandSpec& command) {
  std::string text = "NAME\n";
  text += WrapText(fmt::format("transcriber {} - {}", command.name, command.summary), kIndent,
                   kColumns);
  text += Section("SYNOPSIS");
  text +=
      WrapText(fmt::format("transcriber {} {}", command.name, command.synopsis), kIndent, kColumns);
  if (!command.description.empty()) {
    text += Section("DESCRIPTION") + WrapText(command.description, kIndent, kColumns);
  }
  text += Options(command);
  if (command.takes_files) {
    text += WrapText(
                "Options may be written with dashes or underscores, as --name value or "
                "--name=value; a switch takes True or False, or no- in front.",
                0, kColumns)
                .insert(0, "\n");
    text += ExitStatus() + EnvironmentHelp();
  }
  return text + Examples(command.examples);
}

}  // namespace wt::transcriber

// The subcommands of `transcriber`, as help and completions show them.
//
// Static data: thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "apps/transcriber/options/option_spec.h"

namespace wt::transcriber {

struct ExampleText {
  std::string_view command;
  std::string_view what;
};

struct CommandSpec {
  std::string_view name;
  /// One line.
  std::string_view summary;
  /// Behind "transcriber NAME".
  std::string_view synopsis;
  std::string_view description;
  std::span<const OptionSpec> options;
  /// First operand's fixed words, separated by spaces ("list pull import ...").
  std::string_view verbs;
  /// Operands are files.
  bool takes_files = false;
  std::span<const ExampleText> examples;
};

/// All of them in the order of help.
std::span<const CommandSpec> Commands();
/// nullptr when there is no such command.
const CommandSpec* FindCommand(std::string_view name);

/// Options of `doctor` and `version`.
std::span<const OptionSpec> JsonOnlyOptionSpecs();
std::span<const OptionSpec> BenchOptionSpecs();

}  // namespace wt::transcriber

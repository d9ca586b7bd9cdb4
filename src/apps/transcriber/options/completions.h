// Completions for bash, zsh and fish, made from the tables of commands and options.
//
// The scripts are static text: they complete commands, options, choices, languages and files
// without starting the program. Pure functions: thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wt::transcriber {

std::string BashCompletions();
std::string ZshCompletions();
std::string FishCompletions();

/// By the shell's name; nothing for another shell.
std::optional<std::string> CompletionsFor(std::string_view shell);

}  // namespace wt::transcriber

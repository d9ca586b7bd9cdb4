// Help texts made from the tables, laid out like a manual page for a terminal of 80 columns.
//
// Pure functions: thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "apps/transcriber/options/commands.h"

namespace wt::transcriber {

/// `transcriber --help`.
std::string ProgramHelp();

/// `transcriber COMMAND --help`.
std::string CommandHelp(const CommandSpec& command);

/// Words of `text` in lines of at most `width` columns, each behind `indent` spaces.
std::string WrapText(std::string_view text, int indent, int width);

}  // namespace wt::transcriber

// Parses command line arguments by a table of OptionSpec.
//
// Rules: "--name value" and "--name=value"; "-x value" and "-xvalue"; switches alone, with "no-" in
// front, or followed by True or False as in Python programs; "--" ends options; "-" is an operand.
// A value may begin with one dash ("-1"), with two only after "=". The last of several wins, which
// is left to the caller: occurrences are returned in order. Pure function: thread-safe.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "apps/transcriber/options/option_spec.h"
#include "whisper_transcriber/status.h"

namespace wt::transcriber {

struct Occurrence {
  /// Index in the table.
  std::size_t option = 0;
  OptionValue value;
};

struct Arguments {
  std::vector<Occurrence> options;
  /// What is no option, in order.
  std::vector<std::string_view> operands;
  /// --help or -h was among them; nothing behind it was looked at.
  bool help = false;
};

/// Views of `arguments` are kept in the result. kInvalidArgument names the option and what it
/// takes, for an unknown one the nearest name.
Result<Arguments> ParseArguments(std::span<const OptionSpec> table,
                                 std::span<const std::string_view> arguments);

/// Checks and converts one value. The error begins with "--name: ".
Result<OptionValue> ParseValue(const OptionSpec& spec, std::string_view text);

/// "1 to 16", "txt, vtt or srt": what the option takes, for errors and help. Empty for text.
std::string DescribeValues(const OptionSpec& spec);

/// The candidate nearest to `name` by edits, or an empty one when none is near.
std::string_view NearestName(std::string_view name, std::span<const std::string_view> candidates);

/// `list` cut at `separator`; an empty list has no parts.
std::vector<std::string_view> SplitList(std::string_view list, char separator);

}  // namespace wt::transcriber

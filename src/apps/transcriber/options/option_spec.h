// What an option is: one row of a table from which parsing, help and completions are made.
//
// Names are written with dashes; on the command line dashes and underscores are the same. Text is
// static: specs hold views of string literals. Immutable values: thread-safe.
#pragma once

#include <cstdint>
#include <string_view>

namespace wt::transcriber {

enum class ValueKind : std::uint8_t {
  /// "--name", "--no-name", "--name True", "--name=False".
  kSwitch,
  kInteger,
  kReal,
  kText,
  /// One of `choices`.
  kChoice,
  /// Several of `choices`, separated by commas.
  kChoiceList,
  kFile,
  kDirectory,
};

struct OptionSpec {
  std::string_view name;
  char short_name = '\0';
  /// A second name, for other programs' spelling; not shown in help.
  std::string_view alias = {};
  ValueKind kind = ValueKind::kSwitch;
  /// "N", "SECONDS": what help shows for the value.
  std::string_view value_name = {};
  /// Separated by spaces.
  std::string_view choices = {};
  /// Range of numbers, both ends included.
  double minimum = 0;
  double maximum = 0;
  /// "None" is a value too: it turns a limit off.
  bool allows_none = false;
  /// Shown in help after the text; empty: nothing to say.
  std::string_view default_text = {};
  std::string_view help = {};
  std::string_view group = {};
};

/// A checked value. Which fields are meaningful follows from the kind.
struct OptionValue {
  std::string_view text;
  std::int64_t integer = 0;
  double real = 0;
  bool on = false;
  bool none = false;
};

}  // namespace wt::transcriber

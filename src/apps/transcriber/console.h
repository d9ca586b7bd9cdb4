// Standard output and standard error, as an interface so that tests can read what was written.
//
// Used by one thread at a time. SIGPIPE must be ignored: a reader that has gone is an error value.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "whisper_transcriber/status.h"

namespace wt::transcriber {

class Console {
 public:
  virtual ~Console() = default;
  /// All of `text` to standard output, at once. kAborted when nobody reads it any more,
  /// kResourceExhausted or kUnavailable when it cannot be written.
  virtual Status Print(std::string_view text) = 0;
  /// To standard error; failures are ignored, there is nowhere to report them.
  virtual void PrintError(std::string_view text) = 0;
  virtual bool error_is_terminal() const = 0;
  /// Columns of the terminal on standard error.
  virtual int columns() const = 0;
  /// Colours may be used on standard error, and on standard output.
  virtual bool colours() const = 0;
  virtual bool output_colours() const = 0;
};

/// Descriptors 1 and 2 of this process.
std::unique_ptr<Console> MakeStandardConsole(bool colours_allowed);

/// "error: message" in a line of its own, the word in red where colours may be used.
void PrintErrorMessage(Console& console, std::string_view message);

/// Makes text of others fit for a terminal: control characters (and damaged UTF-8) are replaced.
std::string ForTerminal(std::string_view text);

}  // namespace wt::transcriber

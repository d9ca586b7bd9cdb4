#include "apps/transcriber/console.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cerrno>
#include <string>

#include "base/utf8.h"
#include "platform/file.h"

namespace wt::transcriber {
namespace {

constexpr int kColumnsWithoutTerminal = 80;

Status WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0 && errno == EPIPE) {
      return Status(StatusCode::kAborted, "standard output was closed by its reader");
    }
    if (written < 0) return platform::ErrnoStatus(errno, "standard output");
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return Status();
}

class StandardConsole final : public Console {
 public:
  explicit StandardConsole(bool colours_allowed)
      : error_is_terminal_(::isatty(STDERR_FILENO) == 1),
        colours_(colours_allowed && error_is_terminal_),
        output_colours_(colours_allowed && ::isatty(STDOUT_FILENO) == 1) {}

  Status Print(std::string_view text) override { return WriteAll(STDOUT_FILENO, text); }

  void PrintError(std::string_view text) override {
    static_cast<void>(WriteAll(STDERR_FILENO, text));
  }

  bool error_is_terminal() const override { return error_is_terminal_; }
  bool colours() const override { return colours_; }
  bool output_colours() const override { return output_colours_; }

  int columns() const override {
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
      return kColumnsWithoutTerminal;
    }
    return size.ws_col;
  }

 private:
  const bool error_is_terminal_;
  const bool colours_;
  const bool output_colours_;
};

}  // namespace

std::unique_ptr<Console> MakeStandardConsole(bool colours_allowed) {
  return std::make_unique<StandardConsole>(colours_allowed);
}

void PrintErrorMessage(Console& console, std::string_view message) {
  const char* label = console.colours() ? "\x1b[1;31merror:\x1b[0m " : "error: ";
  console.PrintError(label + ForTerminal(message) + "\n");
}

std::string ForTerminal(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const char32_t c = base::NextCodePoint(&text);
    const bool control = c < 0x20 || (c >= 0x7F && c < 0xA0);
    base::AppendUtf8(control && c != '\n' ? U'\uFFFD' : c, &safe);
  }
  return safe;
}

}  // namespace wt::transcriber

// Shows how far a long step is, on a terminal in one line that rewrites itself, elsewhere as plain
// lines at each tenth. Times come from the caller, so that tests need no clock. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>

namespace wt::transcriber {

/// "148 MB", "1.5 GB", "2 kB": decimal units, as downloads are counted.
std::string BytesText(std::int64_t bytes);

class ProgressLine {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `out` must outlive this.
  ProgressLine(std::ostream* out, bool is_terminal) : out_(out), is_terminal_(is_terminal) {}
  /// Leaves no half line behind.
  ~ProgressLine() { Clear(); }
  ProgressLine(const ProgressLine&) = delete;
  ProgressLine& operator=(const ProgressLine&) = delete;

  /// `total` is -1 while unknown. Another `what` begins a new step.
  void Show(std::string_view what, std::int64_t done, std::int64_t total, Time now);

  /// A line of text of its own; the progress comes back with the next Show().
  void Say(std::string_view text);

  /// Takes the progress away; for before something is printed elsewhere.
  void Clear();

 private:
  void ShowOnTerminal(std::int64_t done, std::int64_t total, Time now);
  void ShowAsLines(std::int64_t done, std::int64_t total);

  std::ostream* out_;
  bool is_terminal_;
  std::string what_;
  Time started_{};
  Time shown_{};
  std::int64_t done_at_start_ = 0;
  int tenth_ = 0;
  bool line_open_ = false;
};

}  // namespace wt::transcriber

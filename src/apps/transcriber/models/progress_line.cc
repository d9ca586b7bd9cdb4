#include "apps/transcriber/models/progress_line.h"

#include <fmt/format.h>

#include <algorithm>

namespace wt::transcriber {
namespace {

constexpr int kBarCells = 24;
constexpr std::chrono::milliseconds kRedrawEvery{100};
// Plain lines are for steps that take a while; smaller ones are over at once.
constexpr std::int64_t kPlainLineBytesMin = 8'000'000;

}  // namespace

std::string BytesText(std::int64_t bytes) {
  const auto value = static_cast<double>(bytes);
  if (bytes >= 1'000'000'000) return fmt::format("{:.1f} GB", value / 1e9);
  if (bytes >= 10'000'000) return fmt::format("{:.0f} MB", value / 1e6);
  if (bytes >= 1'000'000) return fmt::format("{:.1f} MB", value / 1e6);
  if (bytes >= 1'000) return fmt::format("{:.0f} kB", value / 1e3);
  return fmt::format("{} B", bytes);
}

void ProgressLine::Show(std::string_view what, std::int64_t done, std::int64_t total, Time now) {
  if (what != what_ || done < done_at_start_) {
    what_ = what;
    started_ = now;
    shown_ = Time();
    done_at_start_ = done;
    tenth_ = total > 0 ? static_cast<int>(done * 10 / total) : 0;
  }
  if (is_terminal_) {
    ShowOnTerminal(done, total, now);
  } else {
    ShowAsLines(done, total);
  }
}

void ProgressLine::Say(std::string_view text) {
  Clear();
  *out_ << text << '\n' << std::flush;
}

void ProgressLine::Clear() {
  if (line_open_) *out_ << "\r\x1b[K" << std::flush;
  line_open_ = false;
}

void ProgressLine::ShowOnTerminal(std::int64_t done, std::int64_t total, Time now) {
  if (now - shown_ < kRedrawEvery && done != total) return;
  shown_ = now;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const double rate = seconds > 0.5 ? static_cast<double>(done - done_at_start_) / seconds : 0;
  std::string line = what_;
  if (total > 0) {
    const int cells = static_cast<int>(std::min(done, total) * kBarCells / total);
    line += fmt::format(" [{:=<{}}{: <{}}] {} of {}", "", cells, "", kBarCells - cells,
                        BytesText(done), BytesText(total));
  } else {
    line += " " + BytesText(done);
  }
  if (rate > 0) line += fmt::format(", {}/s", BytesText(static_cast<std::int64_t>(rate)));
  if (rate > 0 && total > done) {
    const auto left = static_cast<std::int64_t>(static_cast<double>(total - done) / rate);
    line += fmt::format(", {}:{:02} left", left / 60, left % 60);
  }
  *out_ << "\r\x1b[K" << line << std::flush;
  line_open_ = true;
}

void ProgressLine::ShowAsLines(std::int64_t done, std::int64_t total) {
  if (total < kPlainLineBytesMin) return;
  const int tenth = static_cast<int>(std::min(done, total) * 10 / total);
  if (tenth <= tenth_) return;
  tenth_ = tenth;
  *out_ << fmt::format("{}: {} % of {}\n", what_, tenth * 10, BytesText(total)) << std::flush;
}

}  // namespace wt::transcriber

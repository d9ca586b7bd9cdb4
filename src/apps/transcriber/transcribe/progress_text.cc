#include "apps/transcriber/transcribe/progress_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/transcriber/console.h"
#include "base/utf8.h"
#include "formats/text.h"

namespace wt::transcriber {
namespace {

// Before this much time and audio a rate says nothing.
constexpr double kSettledSeconds = 1.0;

// `text` cut to `columns`, with an ellipsis where something is missing.
std::string Shortened(std::string_view text, int columns) {
  if (formats::DisplayWidth(text) <= columns) return std::string(text);
  std::string shortened;
  int width = 1;
  while (!text.empty()) {
    const char32_t c = base::NextCodePoint(&text);
    width += formats::CodePointWidth(c);
    if (width > columns) break;
    base::AppendUtf8(c, &shortened);
  }
  return columns < 1 ? "" : shortened + "…";
}

}  // namespace

std::string ClockText(double seconds) {
  const auto whole = static_cast<long long>(std::clamp(seconds, 0.0, 1e9));
  const std::string minutes = fmt::format("{:02}:{:02}", whole / 60 % 60, whole % 60);
  return whole < 3600 ? minutes : fmt::format("{:02}:{}", whole / 3600, minutes);
}

std::string SpeedText(double audio_s, double elapsed_s) {
  if (!(audio_s > 0 && elapsed_s > 0)) return "";
  return fmt::format("{:.1f} x real time", audio_s / elapsed_s);
}

std::string ProgressText(const ProgressView& view, int columns) {
  std::string head = view.files > 1 ? fmt::format("[{}/{}] ", view.file_number, view.files) : "";
  std::string tail;
  if (view.total_s <= 0) {
    tail = fmt::format("  reading  {}", ClockText(view.elapsed_s));
  } else {
    const double done = std::clamp(view.done_s, 0.0, view.total_s);
    tail = fmt::format("  {} of {}  {:.0f} %", ClockText(done), ClockText(view.total_s),
                       std::floor(100 * done / view.total_s));
    if (done >= kSettledSeconds && view.elapsed_s >= kSettledSeconds) {
      const double left = (view.total_s - done) * view.elapsed_s / done;
      tail += fmt::format("  {}  {} left", SpeedText(done, view.elapsed_s), ClockText(left));
    }
  }
  const int room = columns - formats::DisplayWidth(head) - formats::DisplayWidth(tail);
  return Shortened(head + Shortened(ForTerminal(view.name), std::max(room, 8)) + tail, columns);
}

}  // namespace wt::transcriber

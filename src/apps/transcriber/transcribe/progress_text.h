// The line that says how far a recording is: time done, speed, time left.
//
//   [2/7] talk.mp3  00:01:23 of 00:10:00  14 %  8.1 x real time  01:05 left
//
// Pure functions: thread-safe.
#pragma once

#include <string>

namespace wt::transcriber {

struct ProgressView {
  /// From 1; shown when there are several files.
  int file_number = 1;
  int files = 1;
  std::string name;
  /// Seconds of audio. A total of 0: not known yet.
  double done_s = 0;
  double total_s = 0;
  /// Seconds since the work on this file began.
  double elapsed_s = 0;
};

/// At most `columns` wide; the name gives way first.
std::string ProgressText(const ProgressView& view, int columns);

/// "01:05", "02:01:05".
std::string ClockText(double seconds);

/// "8.1 x real time", empty for no time or no audio.
std::string SpeedText(double audio_s, double elapsed_s);

}  // namespace wt::transcriber

// One input on its way: what the engine says about it, until the printer takes it.
//
// The engine's threads and a worker write, the printer reads; everything is guarded by one mutex.
// Thread-safe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "apps/transcriber/transcribe/checkpoint_file.h"
#include "formats/formats.h"
#include "whisper_transcriber/engine.h"

namespace wt::transcriber {

/// Wakes the printer.
struct Wakeup {
  std::mutex mutex;
  std::condition_variable changed;
};

class FileJob final : public Observer {
 public:
  using Clock = std::chrono::steady_clock;

  /// What the printer has not seen yet.
  struct News {
    /// Lines for standard output, with their line feeds.
    std::string lines;
    std::vector<std::string> notes;
    bool finished = false;
    Status status;
    /// The whole result for standard output; empty: nothing.
    std::string result;
  };

  struct Position {
    bool started = false;
    Progress progress;
    double elapsed_s = 0;
  };

  /// `wakeup` must outlive this.
  FileJob(std::string input, bool keep_lines, bool keep_language, Wakeup* wakeup);

  const std::string& input() const { return input_; }

  // For the worker.
  void Start();
  double elapsed_s() const;
  void AddNote(std::string note);
  /// Every window is noted in `file` (which must outlive this); before Submit.
  void KeepCheckpoints(const CheckpointFile* file) { checkpoint_file_ = file; }
  /// What is heard of segments while they come is not all (text of an earlier run, speakers): lines
  /// are held back for the end. Before Submit.
  void HoldLines() { lines_held_ = keep_lines_; }
  bool lines_held() const { return lines_held_; }
  /// The last call.
  void Finish(Status status, std::string result);

  // For the printer. REQUIRES for the first two: the wakeup's mutex is held.
  bool HasNews() const { return !news_.lines.empty() || !news_.notes.empty() || news_.finished; }
  News TakeNews();
  Position GetPosition() const;

  // For the engine.
  void OnLanguage(const LanguageProbability& language) override;
  void OnProgress(const Progress& progress) override;
  void OnSegment(const Segment& segment) override;
  void OnCheckpoint(const Checkpoint& checkpoint) override;

 private:
  const std::string input_;
  const bool keep_lines_;
  const bool keep_language_;
  Wakeup* const wakeup_;
  // Set before the engine's threads see this.
  const CheckpointFile* checkpoint_file_ = nullptr;
  bool lines_held_ = false;
  // The engine's.
  bool checkpoint_failed_ = false;
  // Guarded by wakeup_->mutex, as all below.
  News news_;
  Progress progress_;
  std::optional<Clock::time_point> started_;
};

}  // namespace wt::transcriber

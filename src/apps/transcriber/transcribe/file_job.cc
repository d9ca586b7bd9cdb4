#include "apps/transcriber/transcribe/file_job.h"

#include <fmt/format.h>

#include <utility>

#include "apps/transcriber/options/languages.h"

namespace wt::transcriber {

FileJob::FileJob(std::string input, bool keep_lines, bool keep_language, Wakeup* wakeup)
    : input_(std::move(input)),
      keep_lines_(keep_lines),
      keep_language_(keep_language),
      wakeup_(wakeup) {}

void FileJob::Start() {
  const std::lock_guard lock(wakeup_->mutex);
  started_ = Clock::now();
  wakeup_->changed.notify_all();
}

double FileJob::elapsed_s() const {
  const std::lock_guard lock(wakeup_->mutex);
  if (!started_) return 0;
  return std::chrono::duration<double>(Clock::now() - *started_).count();
}

void FileJob::AddNote(std::string note) {
  const std::lock_guard lock(wakeup_->mutex);
  news_.notes.push_back(std::move(note));
  wakeup_->changed.notify_all();
}

void FileJob::Finish(Status status, std::string result) {
  const std::lock_guard lock(wakeup_->mutex);
  news_.status = std::move(status);
  news_.result = std::move(result);
  news_.finished = true;
  wakeup_->changed.notify_all();
}

FileJob::News FileJob::TakeNews() {
  News news = news_;
  news_.lines.clear();
  news_.notes.clear();
  news_.result.clear();
  return news;
}

FileJob::Position FileJob::GetPosition() const {
  Position position;
  position.elapsed_s = elapsed_s();
  const std::lock_guard lock(wakeup_->mutex);
  position.started = started_.has_value();
  position.progress = progress_;
  return position;
}

void FileJob::OnLanguage(const LanguageProbability& language) {
  if (!keep_language_) return;
  AddNote(fmt::format("{}: detected language: {} ({:.0f} %)", input_,
                      LanguageName(language.language), 100 * language.probability));
}

void FileJob::OnProgress(const Progress& progress) {
  const std::lock_guard lock(wakeup_->mutex);
  progress_ = progress;
}

void FileJob::OnSegment(const Segment& segment) {
  if (!keep_lines_ || lines_held_) return;
  std::string line = formats::TimedLine(segment) + "\n";
  const std::lock_guard lock(wakeup_->mutex);
  news_.lines += line;
  wakeup_->changed.notify_all();
}

void FileJob::OnCheckpoint(const Checkpoint& checkpoint) {
  if (checkpoint_file_ == nullptr || checkpoint_failed_) return;
  const Status saved = checkpoint_file_->Save(checkpoint);
  checkpoint_failed_ = !saved.ok();
  // The transcript is what counts: the run goes on without.
  if (!saved.ok()) AddNote("warning: no more checkpoints: " + std::string(saved.message()));
}

}  // namespace wt::transcriber

#include "apps/transcriber/transcribe/transcribe_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <thread>
#include <utility>

#include "apps/transcriber/transcribe/output_file.h"
#include "apps/transcriber/transcribe/progress_text.h"
#include "base/status_macros.h"
#include "formats/json.h"

namespace wt::transcriber {
namespace {

// How far workers may run ahead of what is printed: bounds the results kept in memory.
constexpr std::size_t kAheadMax = 64;
// A terminal shows more than a few updates a second as flicker.
constexpr std::chrono::milliseconds kProgressEvery{200};

// The input's name in front, unless the message begins with it already.
Status AboutInput(const Status& status, const std::string& input) {
  const std::string name = input == kStandardStream ? "standard input" : input;
  if (status.ok() || status.message().starts_with(name)) return status;
  return status.WithContext(name);
}

}  // namespace

TranscribeRun::TranscribeRun(const RunInputs& inputs) : in_(inputs) {
  const TranscribeArguments& arguments = *in_.arguments;
  const bool notes = arguments.verbose && !arguments.jsonl;
  const bool keep_language = notes && arguments.request.language.language.empty();
  for (const std::string& input : arguments.inputs) {
    jobs_.push_back(
        std::make_unique<FileJob>(input, in_.plan->print_lines, keep_language, &wakeup_));
  }
}

RunResult TranscribeRun::Run(Recogniser* recogniser) {
  {
    const std::lock_guard lock(mutex_);
    recogniser_ = recogniser;
  }
  // Cancel() sets the flag before it looks for the recogniser: one of the two sees the other.
  if (cancel_.requested()) recogniser->Cancel();
  std::vector<std::jthread> workers;
  const std::size_t count = std::min(jobs_.size(), static_cast<std::size_t>(in_.files_in_flight));
  for (std::size_t i = 0; i < count; ++i) {
    workers.emplace_back([this] { Work(); });
  }
  PrintInOrder();
  workers.clear();
  const std::lock_guard lock(mutex_);
  recogniser_ = nullptr;
  return result_;
}

RunResult TranscribeRun::ReportPrechecks() {
  for (std::size_t i = 0; i < jobs_.size(); ++i) Process(i);
  PrintInOrder();
  return result_;
}

void TranscribeRun::Cancel() {
  cancel_.Request();
  {
    const std::lock_guard lock(mutex_);
    if (recogniser_ != nullptr) recogniser_->Cancel();
  }
  const std::lock_guard lock(wakeup_.mutex);
  wakeup_.changed.notify_all();
}

void TranscribeRun::Work() {
  for (;;) {
    std::size_t index = 0;
    {
      std::unique_lock lock(wakeup_.mutex);
      wakeup_.changed.wait(lock, [this] {
        return next_ >= jobs_.size() || next_ < head_ + kAheadMax || cancel_.requested();
      });
      if (next_ >= jobs_.size()) return;
      index = next_++;
    }
    Process(index);
  }
}

void TranscribeRun::Process(std::size_t index) {
  FileJob* job = jobs_[index].get();
  job->Start();
  const Status& precheck = (*in_.prechecks)[index];
  Result<Transcript> transcript = precheck.ok() ? Recognise(job) : precheck;
  Status status = transcript.status();
  if (transcript.ok()) status = WriteFiles(index, *transcript);
  status = AboutInput(status, job->input());
  const double elapsed_s = job->elapsed_s();
  if (status.ok()) AddNotes(index, *transcript);
  std::string result = ResultText(index, elapsed_s, transcript, status);
  job->Finish(std::move(status), std::move(result));
}

Result<Transcript> TranscribeRun::Recognise(FileJob* job) {
  if (cancel_.requested()) return Status(StatusCode::kCancelled, "stopped");
  Recogniser* recogniser = nullptr;
  {
    const std::lock_guard lock(mutex_);
    recogniser = recogniser_;
  }
  return recogniser->Transcribe(job);
}

Status TranscribeRun::WriteFiles(std::size_t index, const Transcript& transcript) {
  const TranscribeArguments& arguments = *in_.arguments;
  const Existing existing = arguments.overwrite ? Existing::kReplace : Existing::kKeep;
  for (const PlannedOutput& output : in_.plan->files[index]) {
    if (cancel_.requested()) return Status(StatusCode::kCancelled, "stopped");
    const std::string text = formats::Render(output.format, transcript, arguments.subtitles);
    WT_TRY(WriteOutputFile(output.path, text, existing));
  }
  return Status();
}

std::string TranscribeRun::ResultText(std::size_t index, double elapsed_s,
                                      const Result<Transcript>& transcript,
                                      const Status& status) const {
  const TranscribeArguments& arguments = *in_.arguments;
  const std::string& input = jobs_[index]->input();
  if (arguments.jsonl) {
    if (!status.ok()) return formats::WriteJsonErrorLine(input, status) + "\n";
    return formats::WriteJsonLine(input, elapsed_s, *transcript) + "\n";
  }
  if (!status.ok()) return "";
  if (jobs_[index]->lines_held()) {
    std::string lines;
    for (const Segment& segment : transcript->segments) lines += formats::TimedLine(segment) + "\n";
    return lines;
  }
  if (!in_.plan->print_format) return "";
  return formats::Render(*in_.plan->print_format, *transcript, arguments.subtitles);
}

void TranscribeRun::AddNotes(std::size_t index, const Transcript& transcript) {
  FileJob* job = jobs_[index].get();
  const TranscribeArguments& arguments = *in_.arguments;
  if (!arguments.verbose || arguments.jsonl) return;
  for (const PlannedOutput& output : in_.plan->files[index]) {
    job->AddNote(fmt::format("wrote {}", output.path));
  }
  const double elapsed_s = job->elapsed_s();
  const std::string speed = SpeedText(transcript.duration_s, elapsed_s);
  if (!speed.empty()) {
    job->AddNote(fmt::format("{}: {} of audio in {:.1f} s ({})", job->input(),
                             ClockText(transcript.duration_s), elapsed_s, speed));
  }
  if (transcript.speakers_forced) {
    job->AddNote(fmt::format(
        "note: {}: the recording sounds like another number of speakers than was asked for, so "
        "check who is who, or leave the number out",
        job->input()));
  }
  // What a server lacks is not to be installed here.
  const bool wanted = arguments.request.vad.enabled && !arguments.server;
  const std::lock_guard lock(mutex_);
  if (wanted && transcript.vad == VadMethod::kEnergy && !std::exchange(said_energy_, true)) {
    job->AddNote(
        "note: speech was found by loudness only, because the voice activity network is not "
        "installed; fetch it: transcriber models pull silero-vad");
  }
}

void TranscribeRun::PrintInOrder() {
  for (std::size_t i = 0; i < jobs_.size(); ++i) {
    PrintFile(i);
    const std::lock_guard lock(wakeup_.mutex);
    head_ = i + 1;
    wakeup_.changed.notify_all();
  }
  HideProgress();
}

void TranscribeRun::PrintFile(std::size_t index) {
  FileJob& job = *jobs_[index];
  const bool heads = in_.plan->print_lines && jobs_.size() > 1;
  if (heads && !cancel_.requested()) Print(fmt::format("==> {} <==\n", job.input()));
  for (;;) {
    FileJob::News news;
    {
      std::unique_lock lock(wakeup_.mutex);
      wakeup_.changed.wait_for(lock, kProgressEvery, [&job] { return job.HasNews(); });
      news = job.TakeNews();
    }
    PrintNews(news);
    if (news.finished) return;
    ShowProgress(index);
  }
}

void TranscribeRun::PrintNews(const FileJob::News& news) {
  if (news.finished && !news.status.ok()) {
    ++result_.failed;
    // Whoever asked to stop knows it.
    if (news.status.code() == StatusCode::kCancelled) return;
  }
  if (!news.lines.empty()) Print(news.lines);
  if (!news.result.empty()) Print(news.result);
  if (!news.notes.empty()) HideProgress();
  for (const std::string& note : news.notes) {
    in_.console->PrintError(ForTerminal(note) + "\n");
  }
  const bool in_json = in_.arguments->jsonl;
  if (news.finished && !news.status.ok() && !in_json) {
    HideProgress();
    PrintErrorMessage(*in_.console, news.status.message());
  }
}

void TranscribeRun::Print(std::string_view text) {
  if (!result_.print_error.ok()) return;
  HideProgress();
  result_.print_error = in_.console->Print(text);
  // Without anybody to read, the work is for nothing.
  if (!result_.print_error.ok()) Cancel();
}

void TranscribeRun::ShowProgress(std::size_t index) {
  if (!in_.arguments->progress || !in_.console->error_is_terminal() || cancel_.requested()) return;
  const FileJob::Position position = jobs_[index]->GetPosition();
  if (!position.started) return;
  ProgressView view;
  view.file_number = static_cast<int>(index) + 1;
  view.files = static_cast<int>(jobs_.size());
  view.name = jobs_[index]->input();
  view.done_s = static_cast<double>(position.progress.samples_done) / kSampleRate;
  view.total_s = static_cast<double>(position.progress.samples_total) / kSampleRate;
  view.elapsed_s = position.elapsed_s;
  const std::string text = ProgressText(view, in_.console->columns() - 1);
  in_.console->PrintError("\r" + text + "\x1b[K");
  progress_shown_ = true;
}

void TranscribeRun::HideProgress() {
  if (std::exchange(progress_shown_, false)) in_.console->PrintError("\r\x1b[K");
}

}  // namespace wt::transcriber

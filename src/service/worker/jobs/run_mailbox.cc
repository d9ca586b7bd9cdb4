#include "service/worker/jobs/run_mailbox.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/utf8.h"

namespace wt::worker {
namespace {

using nlohmann::ordered_json;

// A minute smooths windows of 30 s, which are of very different cost.
constexpr std::chrono::seconds kMeterSpan{60};
// Between two takes there are few; a store that stands still must not fill the memory. Events are
// for watching: what is dropped here is in the result.
constexpr std::size_t kEventsWaitingMax = 2'000;

std::string Dump(const ordered_json& value) { return base::JsonToText(value); }

double Rounded(double value) { return std::isfinite(value) ? std::round(value * 1e3) / 1e3 : 0.0; }

std::string ProgressJson(const jobs::JobProgress& progress) {
  const double left = std::max(0.0, progress.seconds_total - progress.seconds_done);
  ordered_json data = {{"stage", progress.stage},
                       {"seconds_done", Rounded(progress.seconds_done)},
                       {"seconds_total", Rounded(progress.seconds_total)},
                       {"percent", 0.0},
                       {"speed", Rounded(progress.speed)},
                       {"eta_seconds", nullptr},
                       {"segments", progress.segments}};
  if (progress.seconds_total > 0) {
    data["percent"] = Rounded(100.0 * progress.seconds_done / progress.seconds_total);
  }
  if (progress.speed > 0) data["eta_seconds"] = Rounded(left / progress.speed);
  return Dump(data);
}

}  // namespace

void SpeedMeter::Add(Clock::time_point now, double done_s) {
  points_.emplace_back(now, done_s);
  // One point beyond the span stays: the speed is measured over at least the span.
  while (points_.size() > 2 && now - points_[1].first >= kMeterSpan) points_.pop_front();
}

double SpeedMeter::speed() const {
  if (points_.size() < 2) return 0;
  const std::chrono::duration<double> time = points_.back().first - points_.front().first;
  const double done = points_.back().second - points_.front().second;
  return time.count() > 0 && done > 0 ? done / time.count() : 0;
}

RunMailbox::RunMailbox(int attempt, double done_before_s) : attempt_(attempt) {
  news_.progress.seconds_done = done_before_s;
}

void RunMailbox::Push(std::string type, std::string data_json) {
  if (news_.events.size() >= kEventsWaitingMax) return;
  news_.events.push_back({.type = std::move(type), .data_json = std::move(data_json)});
}

void RunMailbox::AddEvent(std::string type, std::string data_json) {
  const std::lock_guard lock(mutex_);
  Push(std::move(type), std::move(data_json));
}

void RunMailbox::SetStage(const std::string& stage) {
  const std::lock_guard lock(mutex_);
  news_.progress.stage = stage;
  news_.progress_changed = true;
}

void RunMailbox::OnLanguage(const LanguageProbability& language) {
  const std::lock_guard lock(mutex_);
  news_.progress.detected_language = language.language;
  news_.progress_changed = true;
  Push("language",
       Dump({{"language", language.language}, {"probability", Rounded(language.probability)}}));
}

void RunMailbox::OnProgress(const Progress& progress) {
  const std::lock_guard lock(mutex_);
  jobs::JobProgress& now = news_.progress;
  now.seconds_total = static_cast<double>(progress.samples_total) / kSampleRate;
  // The first pass over the audio reports no position; what an earlier attempt did stays.
  now.seconds_done =
      std::max(now.seconds_done, static_cast<double>(progress.samples_done) / kSampleRate);
  meter_.Add(Clock::now(), now.seconds_done);
  now.speed = meter_.speed();
  news_.progress_changed = true;
}

void RunMailbox::OnSegment(const Segment& segment) {
  const std::lock_guard lock(mutex_);
  news_.progress.segments = segment.id + 1;
  news_.progress_changed = true;
  Push("segment", Dump({{"id", segment.id},
                        {"start", Rounded(segment.start_s)},
                        {"end", Rounded(segment.end_s)},
                        {"text", base::ReplaceInvalidUtf8(segment.text)},
                        {"attempt", attempt_}}));
}

void RunMailbox::OnDropped(const DroppedSpan& span) {
  const std::lock_guard lock(mutex_);
  Push("log", Dump({{"level", "info"},
                    {"message", "text without evidence of speech was left out"},
                    {"start", Rounded(span.start_s)},
                    {"end", Rounded(span.end_s)},
                    {"reason", DropReasonName(span.reason)}}));
}

void RunMailbox::OnCheckpoint(const Checkpoint& checkpoint) {
  const std::lock_guard lock(mutex_);
  news_.checkpoint = checkpoint;
  if (news_.stop != StopReason::kReleaseSoon) return;
  // The end of a window that a release was waiting for.
  news_.stop = StopReason::kReleaseNow;
  CancelWork();
}

void RunMailbox::Ended() {
  const std::lock_guard lock(mutex_);
  news_.ended = true;
  changed_.notify_all();
}

void RunMailbox::CancelWork() {
  cancel_.Request();
  stop_source_.request_stop();
  if (task_ != nullptr) task_->Cancel();
  changed_.notify_all();
}

void RunMailbox::Stop(StopReason reason) {
  const std::lock_guard lock(mutex_);
  if (reason <= news_.stop) return;
  news_.stop = reason;
  // Before the engine has it there is no window to wait for, and nothing that would be lost.
  const bool working = task_ != nullptr;
  if (reason != StopReason::kReleaseSoon || !working) CancelWork();
}

void RunMailbox::SetTask(std::shared_ptr<Task> task) {
  const std::lock_guard lock(mutex_);
  task_ = std::move(task);
  if (cancel_.requested() && task_ != nullptr) task_->Cancel();
}

void RunMailbox::WaitUntil(Clock::time_point until) {
  std::unique_lock lock(mutex_);
  changed_.wait_until(lock, until, [this] { return news_.ended || cancel_.requested(); });
}

RunMailbox::News RunMailbox::Take() {
  const std::lock_guard lock(mutex_);
  if (news_.progress_changed) Push("progress", ProgressJson(news_.progress));
  News taken{.events = std::exchange(news_.events, {}),
             .progress_changed = std::exchange(news_.progress_changed, false),
             .progress = news_.progress,
             .checkpoint = std::exchange(news_.checkpoint, std::nullopt),
             .ended = news_.ended,
             .stop = news_.stop};
  return taken;
}

bool RunMailbox::ended() const {
  const std::lock_guard lock(mutex_);
  return news_.ended;
}

std::optional<double> RunMailbox::SecondsLeft() const {
  const std::lock_guard lock(mutex_);
  const jobs::JobProgress& now = news_.progress;
  if (now.speed <= 0 || now.seconds_total <= 0) return std::nullopt;
  return std::max(0.0, now.seconds_total - now.seconds_done) / now.speed;
}

StopReason RunMailbox::stop_reason() const {
  const std::lock_guard lock(mutex_);
  return news_.stop;
}

}  // namespace wt::worker

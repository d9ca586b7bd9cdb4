#include "service/jobs/job.h"

#include <algorithm>
#include <array>

namespace wt::jobs {
namespace {

template <typename T, std::size_t N>
std::optional<T> Parse(const std::array<std::string_view, N>& names, std::string_view name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) return std::nullopt;
  return static_cast<T>(found - names.begin());
}

template <typename T, std::size_t N>
std::string_view Name(const std::array<std::string_view, N>& names, T value) {
  return names[static_cast<std::size_t>(value)];
}

constexpr std::array<std::string_view, 7> kStates = {"queued", "retry_wait", "running", "succeeded",
                                                     "failed", "cancelled",  "expired"};
constexpr std::array<std::string_view, 6> kFailures = {
    "none", "timeout", "launch_error", "whisper_error", "thread_exception", "unknown"};
constexpr std::array<std::string_view, 6> kFailedSlugs = {
    "failed",
    "failed_timeout",
    "failed_launch_error",
    "failed_whisper_error",
    "failed_thread_exception",
    "failed_unknown",
};
constexpr std::array<std::string_view, 4> kPriorities = {"low", "normal", "high", "urgent"};

}  // namespace

std::string_view JobStateName(JobState state) { return Name(kStates, state); }
std::optional<JobState> ParseJobState(std::string_view name) {
  return Parse<JobState>(kStates, name);
}

bool IsTerminal(JobState state) { return state >= JobState::kSucceeded; }

std::string_view FailureKindName(FailureKind kind) { return Name(kFailures, kind); }
std::optional<FailureKind> ParseFailureKind(std::string_view name) {
  return Parse<FailureKind>(kFailures, name);
}

std::string_view PriorityName(Priority priority) { return Name(kPriorities, priority); }
std::optional<Priority> ParsePriority(std::string_view name) {
  return Parse<Priority>(kPriorities, name);
}

std::string_view StatusSlug(const Job& job) {
  switch (job.state) {
    case JobState::kQueued:
    case JobState::kRetryWait: return "queued";
    case JobState::kRunning: return job.progress.stage == "enriching" ? "enriching" : "processing";
    case JobState::kSucceeded: return "completed";
    case JobState::kCancelled: return "cancelled";
    case JobState::kExpired: return "failed_timeout";
    case JobState::kFailed: return Name(kFailedSlugs, job.failure);
  }
  return "failed_unknown";
}

}  // namespace wt::jobs

#include "service/jobs/runner/shared_hints.h"

#include <optional>

#include "base/ids.h"
#include "base/status_macros.h"

namespace wt::jobs {
namespace {

// A message is one of these words, and for the last two a blank and the job's id.
constexpr std::string_view kAvailable = "available";
constexpr std::string_view kCancel = "cancel";
constexpr std::string_view kChanged = "changed";

}  // namespace

Status SharedHints::Connect(const std::string& directory) {
  WT_ASSIGN(bus_, platform::LocalBus::Open(directory,
                                           [this](std::string_view message) { Hear(message); }));
  return {};
}

void SharedHints::JobAvailable() {
  local_.JobAvailable();
  if (bus_ != nullptr) bus_->Send(kAvailable);
}

void SharedHints::CancelRequested(const std::string& job_id) {
  local_.CancelRequested(job_id);
  Tell(kCancel, job_id);
}

void SharedHints::JobChanged(const std::string& job_id) {
  local_.JobChanged(job_id);
  Tell(kChanged, job_id);
}

void SharedHints::Tell(std::string_view what, const std::string& job_id) {
  if (bus_ != nullptr) bus_->Send(std::string(what) + " " + job_id);
}

void SharedHints::Hear(std::string_view message) {
  if (message == kAvailable) return local_.JobAvailable();
  const std::size_t blank = message.find(' ');
  if (blank == std::string_view::npos) return;
  const std::string_view what = message.substr(0, blank);
  const std::optional<std::string> job_id = base::CanonicalUuid(message.substr(blank + 1));
  if (!job_id) return;
  if (what == kCancel) local_.CancelRequested(*job_id);
  if (what == kChanged) local_.JobChanged(*job_id);
}

}  // namespace wt::jobs

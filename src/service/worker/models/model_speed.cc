#include "service/worker/models/model_speed.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/status_macros.h"

namespace wt::worker {
namespace {

constexpr const char* kSetting = "model_speeds";
// A row takes 150 bytes at most (a name has 64 letters), a setting 4,096.
constexpr std::size_t kSpeedsMax = 24;

/// What is not as we wrote it is left out: it is measured again.
std::map<std::string, ModelSpeed> Parse(const std::string& text) {
  std::map<std::string, ModelSpeed> speeds;
  const nlohmann::json rows = base::JsonFromText(text);
  if (!rows.is_object()) return speeds;
  for (const auto& [name, row] : rows.items()) {
    if (!row.is_array() || row.size() != 3) continue;
    if (!std::ranges::all_of(row, [](const auto& value) { return value.is_number(); })) continue;
    const ModelSpeed speed{row[0].get<double>(), row[1].get<double>(),
                           row[2].get<base::UnixMillis>()};
    if (speed.audio_s > 0 && speed.took_s > 0) speeds[name] = speed;
  }
  return speeds;
}

}  // namespace

ModelSpeeds::ModelSpeeds(jobs::RuntimeSettings* settings, const base::Clock* clock, Step load,
                         Run run)
    : settings_(settings), clock_(clock), load_(std::move(load)), run_(std::move(run)) {
  const Result<std::optional<std::string>> kept = settings_->GetSetting(kSetting);
  if (kept.ok() && *kept) speeds_ = Parse(**kept);
}

Result<ModelSpeed> ModelSpeeds::Measure(const std::string& model, const std::string& asked_by,
                                        const std::stop_token& stop) {
  const std::unique_lock alone(measuring_, std::try_to_lock);
  if (!alone.owns_lock()) {
    return Status(StatusCode::kFailedPrecondition,
                  "Another model is being measured; try again when that is done.");
  }
  WT_TRY(load_(model, stop));
  const base::BootMillis begin = clock_->Boot();
  WT_ASSIGN(const double audio_s, run_(model, stop));
  // A clock of milliseconds: less than one of them is one.
  const auto took = static_cast<double>(std::max<base::BootMillis>(1, clock_->Boot() - begin));
  const ModelSpeed speed{audio_s, took / 1e3, clock_->Now()};
  {
    const std::lock_guard lock(mutex_);
    speeds_[model] = speed;
    while (speeds_.size() > kSpeedsMax) {
      speeds_.erase(std::ranges::min_element(
          speeds_, {}, [](const auto& row) { return row.second.measured_at; }));
    }
  }
  WT_TRY(Store(asked_by));
  return speed;
}

std::optional<ModelSpeed> ModelSpeeds::Find(const std::string& model) const {
  const std::lock_guard lock(mutex_);
  const auto found = speeds_.find(model);
  return found == speeds_.end() ? std::nullopt : std::optional(found->second);
}

void ModelSpeeds::Forget(const std::string& model, const std::string& asked_by) {
  {
    const std::lock_guard lock(mutex_);
    if (speeds_.erase(model) == 0) return;
  }
  // One that stays on the disk is measured anew all the same.
  (void)Store(asked_by);
}

Status ModelSpeeds::Store(const std::string& asked_by) {
  nlohmann::json rows = nlohmann::json::object();
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, speed] : speeds_) {
      rows[name] = {speed.audio_s, speed.took_s, speed.measured_at};
    }
  }
  return settings_->SetSetting(kSetting, base::JsonToText(rows), asked_by);
}

}  // namespace wt::worker

// How fast models are on this machine: seconds of sound in a second, measured and remembered.
//
// A measurement transcribes a known recording with the model loaded already, so that the figure is
// what a recording of some length will see. One at a time, and the caller does not begin one while
// other work is going on. Kept with the runtime settings. Thread-safe.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "service/jobs/runtime_settings.h"
#include "whisper_transcriber/status.h"

namespace wt::worker {

struct ModelSpeed {
  /// Length of what was transcribed.
  double audio_s = 0;
  /// How long that took.
  double took_s = 0;
  base::UnixMillis measured_at = 0;

  /// Seconds of sound in a second.
  double times() const { return took_s > 0 ? audio_s / took_s : 0; }
};

class ModelSpeeds {
 public:
  using Step = std::function<Status(const std::string& model, const std::stop_token& stop)>;
  /// Transcribes the known recording; its length in seconds.
  using Run = std::function<Result<double>(const std::string& model, const std::stop_token& stop)>;

  /// Both pointers outlive this. `load` makes the model ready and is not measured.
  ModelSpeeds(jobs::RuntimeSettings* settings, const base::Clock* clock, Step load, Run run);

  /// Measures and remembers. kFailedPrecondition while another one is measured; errors of load and
  /// run. Blocks.
  Result<ModelSpeed> Measure(const std::string& model, const std::string& asked_by,
                             const std::stop_token& stop);
  /// The last measurement; empty: never measured.
  std::optional<ModelSpeed> Find(const std::string& model) const;
  /// Other weights may come under the name.
  void Forget(const std::string& model, const std::string& asked_by);

 private:
  Status Store(const std::string& asked_by);

  jobs::RuntimeSettings* const settings_;
  const base::Clock* const clock_;
  const Step load_;
  const Run run_;
  std::mutex measuring_;
  mutable std::mutex mutex_;
  std::map<std::string, ModelSpeed> speeds_;  // Guarded by mutex_.
};

}  // namespace wt::worker

// Windows decoded before it is their turn.
//
// Where a window ends in a pause, the next one can be told before its text is known, and be decoded
// beside it; the scheduler evaluates both together. Such a result is used only if, when the
// window's turn comes, everything that enters its decoding is what was assumed: the text is the
// same as without reading ahead, whatever was guessed. Results are never part of a checkpoint. One
// thread at a time; each piece of work runs on a thread of its own.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "engine/pipeline/windows/window_plan.h"
#include "engine/pipeline/windows/window_result.h"
#include "whisper_transcriber/status.h"

namespace wt::pipeline {

/// What decides the result over a window, beside audio, model and request.
struct WindowKey {
  PlannedWindow plan;
  std::string language;
  std::vector<TokenId> initial_tokens;

  bool operator==(const WindowKey&) const = default;
};

/// Decodes one window.
class AheadWork {
 public:
  virtual ~AheadWork() = default;
  /// Called once, from another thread; kCancelled soon after `cancel` is set.
  virtual Result<WindowResult> Run(const base::CancelFlag& cancel) = 0;
};

class ReadAhead {
 public:
  struct Found {
    std::unique_ptr<AheadWork> work;
    Result<WindowResult> result;
  };

  /// Work stops with `whole`, which must outlive this.
  explicit ReadAhead(const base::CancelFlag& whole);
  /// Stops all work and waits for it.
  ~ReadAhead();

  bool Holds(const WindowKey& key) const;
  std::size_t size() const { return entries_.size(); }
  /// Begins to work. REQUIRES: !Holds(key).
  void Start(WindowKey key, std::unique_ptr<AheadWork> work);
  /// The work under `key` once it is done; none when there is none.
  std::optional<Found> Take(const WindowKey& key);
  /// Stops what is not among `keys` and gives it back.
  std::vector<std::unique_ptr<AheadWork>> KeepOnly(const std::vector<WindowKey>& keys);

 private:
  struct Entry;

  const base::CancelFlag& whole_;
  std::vector<std::unique_ptr<Entry>> entries_;
};

}  // namespace wt::pipeline

// The batch scheduler: the one thread that gives the compute threads work.
//
// Drivers (one thread per task in flight) hand in jobs over a window and wait for them: encode its
// spectrogram, look up the language, decode one attempt, align words. Decoding attempts of all
// tasks over one model share every decoder step: rows join when an attempt starts and leave when it
// ends. A job's result does not depend on its neighbours. Encodes are taken by priority class, then
// from the principal that has had the fewest windows, then by arrival; they wait while somebody
// more urgent is served (deferral.h). Cancelled jobs end before the next decoder step or encoder
// row block.
//
// An encode (or a pass of another network) is the pool's task: what it multiplies is in the caches,
// and a decoder step waits for memory, which one thread nearly fills. So half of the threads encode
// a window while the others decode those before it; either takes all threads where the other has
// nothing to do. The scheduler's thread lends a hand before it decodes where the encode is the more
// urgent, or where windows that wait to be encoded would share the steps of few. Thread-safe.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "base/cancel.h"
#include "engine/decode/attempt.h"
#include "engine/pipeline/deferral.h"
#include "engine/pipeline/loaded_model.h"
#include "engine/whisper/window_state.h"

namespace wt::pipeline {

/// What every job says about who asks.
struct JobOwner {
  const LoadedModel* model = nullptr;
  whisper::WindowState* window = nullptr;
  PriorityClass priority = PriorityClass::kInteractive;
  std::string principal = {};
  const base::CancelFlag* cancel = nullptr;
};

/// n_mels x 3000 normalised log-mel into the window's cross attention.
struct EncodeJob {
  std::span<const float> mel;
};

/// Probabilities of the language tokens, softmax over them alone, in token order.
struct LanguageJob {
  std::vector<float> probabilities;
};

struct DecodeJob {
  decode::Attempt* attempt = nullptr;
  /// Index in the initial tokens of <|startoftranscript|>: its logits give the next value.
  int sot_index = 0;
  double no_speech_prob = 0;
  /// Called from the waiting thread with the leading hypothesis now and then; may be empty.
  std::function<void(std::span<const TokenId>)> on_partial;
};

struct AlignJob {
  /// Start sequence, no_timestamps, text tokens, end of text.
  std::vector<TokenId> tokens;
  int start_tokens = 0;
  /// Positions of 20 ms that belong to the window's audio.
  int frames = 0;
  /// [heads][tokens][frames], softmax over `frames`.
  std::vector<float> weights;
  /// Of each text token among the tokens below the end token.
  std::vector<float> token_probabilities;
};

/// A piece of work that is not Whisper's, of some 0.1 s, on the compute threads.
struct ComputeJob {
  /// Called by the pool's task; what it returns, Run() returns.
  std::function<Status(platform::ThreadPool*)> work;
};

class Scheduler {
 public:
  explicit Scheduler(platform::ThreadPool& pool);
  /// Ends the thread. REQUIRES: no driver is waiting.
  ~Scheduler();

  // Each blocks until the job is done; kCancelled when the owner's flag was set.
  Status Run(const JobOwner& owner, EncodeJob* job);
  Status Run(const JobOwner& owner, LanguageJob* job);
  Status Run(const JobOwner& owner, DecodeJob* job);
  Status Run(const JobOwner& owner, AlignJob* job);
  Status Run(const JobOwner& owner, ComputeJob* job);

 private:
  struct Entry;

  Status RunEntry(Entry* entry);
  void Tell();
  void Loop();
  bool NextTurn(Entry** single);
  Entry* TakeSingle();
  PriorityClass MostUrgentDecoding() const;
  bool EncodingComesFirst() const;
  void RunSingle(Entry* entry);
  void RunTask(Entry* entry);
  void Encode(Entry* entry);
  void DetectLanguage(Entry* entry);
  void Align(Entry* entry);
  void Step();
  void StepModel(const LoadedModel& model, std::span<Entry* const> entries);
  void Consume(const LoadedModel& model, std::span<Entry* const> entries, float* logits);
  void PublishPartial(Entry* entry);
  void Complete(Entry* entry, Status status);

  platform::ThreadPool& pool_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<Entry*> singles_;   // Guarded by mutex_: waiting encodes, languages, alignments.
  std::vector<Entry*> arriving_;  // Guarded by mutex_: attempts that join at the next step.
  bool stopping_ = false;         // Guarded by mutex_.
  std::uint64_t arrivals_ = 0;    // Guarded by mutex_.
  std::map<std::string, std::uint64_t> windows_by_principal_;  // Guarded by mutex_; bounded.
  Deferral deferral_;                                          // Guarded by mutex_.
  Entry* task_ = nullptr;       // Guarded by mutex_: the pool's task works on it.
  bool owes_step_ = false;      // Guarded by mutex_: a task ended since the last step.
  std::atomic<bool> news_;      // Since the scheduler thread last looked at the above.
  std::vector<Entry*> active_;  // Scheduler thread only.
  std::jthread thread_;
};

}  // namespace wt::pipeline

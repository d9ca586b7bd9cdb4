// One recording from audio to transcript: a state machine over windows.
//
// Run() takes the state from where it stands (start or checkpoint) to the end, a window at a time.
// After each window the state is a value that says everything that the next one depends on, so that
// stopping there and resuming gives the same bytes. Windows are decoded through the scheduler.
// RunReference is openai-whisper's transcribe.py; RunRobust is the product's default. One thread
// (the task's driver).
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/align/word_times.h"
#include "engine/decode/segments.h"
#include "engine/features/audio_window.h"
#include "engine/pipeline/long_form_state.h"
#include "engine/pipeline/scheduler.h"
#include "engine/pipeline/task_impl.h"
#include "engine/pipeline/window_decoder.h"
#include "engine/pipeline/window_plan.h"

namespace wt::pipeline {

class LongForm {
 public:
  /// Both must outlive this.
  LongForm(Scheduler& scheduler, TaskImpl& task);

  /// What the model cannot do: kInvalidArgument (language, translation).
  static Status CheckModel(const LoadedModel& model, const TranscriptionRequest& request);
  static CheckpointKey KeyOf(const LoadedModel& model, const TranscriptionRequest& request);
  /// Memory that a run reserves at most, beside the model's.
  static std::int64_t MemoryBytesMax(const LoadedModel& model, const TranscriptionRequest& request);

  Result<Transcript> Run();
  Result<std::vector<LanguageProbability>> DetectLanguageOnly();

 private:
  /// A window's audio, in frames of 10 ms.
  struct Window {
    std::int64_t first_frame = 0;
    int frames = 0;
  };

  Status FirstPass();
  Status RunReference();
  Status RunRobust();
  Status ReferenceWindow(std::int64_t clip_end);
  Status RobustWindow(const PlannedWindow& plan);
  Window FramesOf(const PlannedWindow& plan) const;
  void DropSaidAgain(std::vector<Segment>* segments);
  bool WorthDecoding(SampleIndex rest, SampleIndex end) const;
  void SettleRest(const PlannedWindow& plan, const Window& window, std::span<const TokenId> tokens,
                  decode::WindowSegments* split);

  /// Log-mel and encoder.
  Status Encode(const Window& window);
  /// Language by the options; the window's where it is detected window by window.
  Status SettleLanguage(const Window& window);
  Status DetectOver(const std::vector<Window>& windows);
  /// What is known of the window's audio before decoding, in positions of 20 ms.
  struct TimeLimits {
    std::optional<int> max_timestamp_index = std::nullopt;
    std::optional<int> min_end_timestamp_index = std::nullopt;
  };
  Result<WindowResult> Decode(const Window& window, const TimeLimits& limits);
  Result<WindowResult> DecodeAllSpeech(const PlannedWindow& plan, const Window& window);
  bool Continues(const WindowResult& shorter, const WindowResult& longer,
                 SampleIndex unheard) const;
  bool RepeatsEarlierText(std::span<const TokenId> before, std::span<const TokenId> added) const;
  /// Words of the split's segments, whose times (and, with `follow_words`, the next seek) they
  /// correct. False: nothing of this window is kept.
  Result<bool> AddWords(const Window& window, bool follow_words, decode::WindowSegments* split,
                        std::vector<std::vector<Word>>* words);
  Status AlignWords(const Window& window, std::vector<align::SegmentWords>* segments);
  /// Public segments with text; `words` is empty or has one entry for each.
  std::vector<Segment> MakeSegments(const Window& window, const WindowResult& result,
                                    std::vector<decode::WindowSegment> pieces,
                                    std::vector<std::vector<Word>> words) const;
  void Keep(std::vector<Segment> segments, const WindowResult& result);
  void Drop(double start_s, double end_s, DropReason reason, std::string text);
  void EndWindow();
  bool Cancelled() const { return base::Cancelled(&task_.cancel()); }
  bool ConditionOnPrevious() const;
  double Seconds(SampleIndex samples) const { return static_cast<double>(samples) / kSampleRate; }
  Transcript Finish() const;

  TaskImpl& task_;
  const LoadedModel& model_;
  const TranscriptionRequest& request_;
  const tokenizer::Tokenizer& tokenizer_;
  LongFormState& state_;
  features::MelStream audio_;
  WindowDecoder decoder_;
  std::vector<float> mel_;
  /// The language of the window in work.
  std::string language_;
};

}  // namespace wt::pipeline

// One recording from audio to transcript: a state machine over windows.
//
// Run() takes the state from where it stands (start or checkpoint) to the end, a window at a time.
// After each window the state is a value that says everything that the next one depends on, so that
// stopping there and resuming gives the same bytes. Windows are decoded through the scheduler,
// robust ones also ahead of their turn (ReadAhead). RunReference is openai-whisper's transcribe.py;
// RunRobust is the product's default. One thread (the task's driver).
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
#include "engine/pipeline/windows/heard_text.h"
#include "engine/pipeline/windows/read_ahead.h"
#include "engine/pipeline/windows/window_rest.h"

namespace wt::pipeline {

/// Another stream of random numbers for every window, the same however many are decoded together.
inline std::uint64_t RobustSeed(const HeardWindow& heard) {
  return static_cast<std::uint64_t>(heard.first_sample);
}

class LongForm {
 public:
  /// Both must outlive this.
  LongForm(Scheduler& scheduler, TaskImpl& task);

  /// What the model cannot do: kInvalidArgument (language, translation).
  static Status CheckModel(const LoadedModel& model, const TranscriptionRequest& request);
  static CheckpointKey KeyOf(const LoadedModel& model, const TranscriptionRequest& request);
  /// Memory that each window in flight reserves at most, beside the model's.
  static std::int64_t WindowBytesMax(const LoadedModel& model, const TranscriptionRequest& request);
  /// Windows of one recording that are decoded together: what the request asks for, as far as
  /// `memory_max` bytes allow; automatically no more than `memory_share` allows. At least 1.
  static int WindowsInFlight(const LoadedModel& model, const TranscriptionRequest& request,
                             std::int64_t memory_max, std::int64_t memory_share);

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
  HeardWindow HeardOf(const PlannedWindow& plan) const;
  void DropOutside(const HeardWindow& heard, std::vector<Segment>* segments);
  Status KeepRobust(const HeardWindow& heard, const WindowResult& result);

  // Reading ahead (looking_ahead.cc).
  /// The window decoded, now or before; decoder_ then holds it.
  Result<WindowResult> Hear(const HeardWindow& heard);
  void LookAhead(const PlannedWindow& plan, const WindowKey& key);
  bool LanguageNeedsAudio() const;
  WindowPrompt LaterPrompt() const;
  std::unique_ptr<WindowDecoder> NewDecoder() const;

  Status ReadMel(const HeardWindow& heard, std::span<float> mel);
  /// Log-mel and encoder.
  Status Encode(const Window& window);
  /// Language by the options; the window's where it is detected window by window.
  Status SettleLanguage(const Window& window);
  Status DetectOver(const std::vector<Window>& windows);
  /// What the decoder is shown before a window's text.
  struct PromptParts {
    /// The recording's first window.
    bool first = false;
    /// Text before it is forgotten.
    bool reset = false;
    std::span<const TokenId> history = {};
  };
  WindowPrompt MakePrompt(const PromptParts& parts) const;
  WindowPrompt CurrentPrompt(bool with_history) const;
  Result<WindowResult> Decode(const Window& window, const WindowPrompt& prompt, std::uint64_t seed);
  enum class WordsVerdict : std::uint8_t {
    kAllKept,
    /// Segments that look invented are gone from the end; the next window starts there.
    kEndRemoved,
    /// Nothing is kept; the next window starts after the silence at this one's start.
    kRefused,
  };
  /// Words of the split's segments, whose times they correct. With `judge` they also place the next
  /// window and remove what looks invented (hallucination_silence_threshold).
  Result<WordsVerdict> AddWords(const Window& window, bool judge, decode::WindowSegments* split,
                                std::vector<std::vector<Word>>* words);
  Status AlignWords(const Window& window, std::vector<align::SegmentWords>* segments);
  Result<std::vector<align::TimedWord>> WordsOf(const Window& window,
                                                std::span<const TokenId> text);
  /// Leaves the window before speech that its text passes over, if there is some.
  Status LeaveSkipped(const HeardWindow& heard, decode::WindowSegments* split, WindowEnd* end);
  /// Of the text tokens of a piece of the window's result.
  std::vector<TokenLogprob> TokenLogprobs(const WindowResult& result,
                                          const decode::WindowSegment& piece) const;
  /// Public segments with text; `words` is empty or has one entry for each.
  std::vector<Segment> MakeSegments(const Window& window, const WindowResult& result,
                                    std::vector<decode::WindowSegment> pieces,
                                    std::vector<std::vector<Word>> words) const;
  void Keep(std::vector<Segment> segments, const WindowResult& result);
  void ForgetHistory();
  void Drop(double start_s, double end_s, DropReason reason, std::string text);
  void EndWindow();
  bool Cancelled() const { return base::Cancelled(&task_.cancel()); }
  bool ConditionOnPrevious() const;
  double Seconds(SampleIndex samples) const { return static_cast<double>(samples) / kSampleRate; }
  Transcript Finish() const;

  // Who speaks (speakers.cc).
  /// Names the speakers of the transcript's words and segments, which end where the speaker
  /// changes.
  Status AddSpeakers(Transcript* transcript);
  std::vector<Segment> SplitBySpeaker(std::vector<Segment> segments) const;
  void ReportProgress(SampleIndex done) const;

  TaskImpl& task_;
  const LoadedModel& model_;
  const TranscriptionRequest& request_;
  const tokenizer::Tokenizer& tokenizer_;
  LongFormState& state_;
  features::MelStream audio_;
  Scheduler& scheduler_;
  /// Of the window in work; with spare_decoders_ and those of windows ahead there are no more than
  /// windows_in_flight.
  std::unique_ptr<WindowDecoder> decoder_;
  std::vector<float> mel_;
  /// The language of the window in work.
  std::string language_;
  /// End of the part of the audio that is being transcribed.
  SampleIndex clip_end_ = 0;
  std::vector<std::unique_ptr<WindowDecoder>> spare_decoders_;
  ReadAhead ahead_;
};

}  // namespace wt::pipeline

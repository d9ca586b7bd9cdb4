// Decoding the windows of one recording together: which ones, when, and with what memory.
#include <algorithm>
#include <utility>

#include "base/status_macros.h"
#include "engine/pipeline/long_form.h"

namespace wt::pipeline {
namespace {

// MelStream holds the last 131 s that were read. Reading no further ahead than this of the window
// in work means that the source is never sought backwards: that can cost a decoder's restart.
constexpr SampleIndex kAheadMax = 120 * kSampleRate;
// A third gains 2 % at most and takes 20 MB, of which one file may have 250 (base, beam 5).
constexpr int kAutomaticWindows = 2;

class AheadDecode final : public AheadWork {
 public:
  AheadDecode(std::unique_ptr<WindowDecoder> decoder, const tokenizer::Tokenizer& tokenizer,
              std::vector<float> mel, const HeardWindow& heard, WindowPrompt prompt)
      : decoder_(std::move(decoder)),
        tokenizer_(tokenizer),
        mel_(std::move(mel)),
        heard_(heard),
        prompt_(std::move(prompt)) {}

  Result<WindowResult> Run(const base::CancelFlag& cancel) override {
    decoder_->StopWith(cancel);
    WT_TRY(decoder_->Encode(mel_));
    return DecodeAllSpeech(heard_, tokenizer_,
                           [&](const TimeLimits& limits, const WindowResult* begun) {
                             prompt_.limits = limits;
                             prompt_.begun = begun;
                             return decoder_->Decode(prompt_, RobustSeed(heard_), {});
                           });
  }

  std::unique_ptr<WindowDecoder> TakeDecoder() { return std::move(decoder_); }

 private:
  std::unique_ptr<WindowDecoder> decoder_;
  const tokenizer::Tokenizer& tokenizer_;
  const std::vector<float> mel_;
  const HeardWindow heard_;
  WindowPrompt prompt_;
};

std::unique_ptr<WindowDecoder> DecoderOf(AheadWork* work) {
  return static_cast<AheadDecode*>(work)->TakeDecoder();
}

}  // namespace

std::int64_t LongForm::WindowBytesMax(const LoadedModel& model,
                                      const TranscriptionRequest& request) {
  const std::int64_t mel =
      static_cast<std::int64_t>(model.dims().n_mels) * features::kWindowFrames * 4;
  return mel + whisper::WindowState::BytesMax(model.dims(), model.network().kernels(),
                                              model.network().cross_type(),
                                              WindowDecoder::Slots(request));
}

int LongForm::WindowsInFlight(const LoadedModel& model, const TranscriptionRequest& request,
                              std::int64_t memory_max, std::int64_t memory_share) {
  // Reference windowing is sequential by nature, and so is text that the next window is shown.
  if (request.windowing == Windowing::kReference || !request.vad.enabled ||
      request.prompt.condition_on_previous_text.value_or(false) || request.language.multilingual) {
    return 1;
  }
  const bool automatic = request.batch_size == 0;
  const int wanted = automatic ? kAutomaticWindows : request.batch_size;
  const std::int64_t fit = (automatic ? memory_share : memory_max) / WindowBytesMax(model, request);
  return static_cast<int>(std::clamp<std::int64_t>(fit, 1, wanted));
}

std::unique_ptr<WindowDecoder> LongForm::NewDecoder() const {
  return std::make_unique<WindowDecoder>(scheduler_, model_, request_, task_.submit(),
                                         task_.cancel());
}

bool LongForm::LanguageNeedsAudio() const {
  return model_.info().multilingual && request_.language.language.empty() &&
         (request_.language.multilingual || state_.language.empty());
}

// As it will be if the windows up to then are kept.
WindowPrompt LongForm::LaterPrompt() const {
  return MakePrompt({.first = false, .reset = true, .history = {}});
}

// Begins to decode the windows after `plan` whose place is sure, and stops what was begun on other
// assumptions. `key` is of `plan` itself.
void LongForm::LookAhead(const PlannedWindow& plan, const WindowKey& key) {
  if (task_.windows_in_flight < 2) return;
  std::vector<WindowKey> keys = {key};
  WindowPrompt prompt = LaterPrompt();
  for (PlannedWindow at = plan; static_cast<int>(keys.size()) < task_.windows_in_flight;) {
    const auto next = NextSureWindow(state_.speech, at, clip_end_);
    if (!next || next->end - plan.begin > kAheadMax) break;
    keys.push_back({*next, language_, prompt.initial_tokens});
    at = *next;
  }
  for (const auto& work : ahead_.KeepOnly(keys)) spare_decoders_.push_back(DecoderOf(work.get()));
  // The window in work has a decoder of its own there; this one is free.
  if (ahead_.Holds(key)) spare_decoders_.push_back(std::move(decoder_));
  for (const WindowKey& later : std::span(keys).subspan(1)) {
    if (ahead_.Holds(later)) continue;
    std::vector<float> mel(mel_.size());
    const HeardWindow heard = HeardOf(later.plan);
    // What cannot be read is reported when it is its turn.
    if (!ReadMel(heard, mel).ok()) break;
    std::unique_ptr<WindowDecoder> decoder;
    if (spare_decoders_.empty()) {
      decoder = NewDecoder();
    } else {
      decoder = std::move(spare_decoders_.back());
      spare_decoders_.pop_back();
    }
    ahead_.Start(later, std::make_unique<AheadDecode>(std::move(decoder), tokenizer_,
                                                      std::move(mel), heard, prompt));
  }
}

Result<WindowResult> LongForm::Hear(const HeardWindow& heard) {
  const Window window = {heard.first_sample / features::kHopSamples, heard.frames};
  const bool language_by_audio = LanguageNeedsAudio();
  if (language_by_audio) WT_TRY(Encode(window));
  WT_TRY(SettleLanguage(window));
  // A tail is not shown the text before it: the model would say it once more.
  WindowPrompt prompt = CurrentPrompt(/*with_history=*/!IsTail(heard, state_.heard_to));
  const WindowKey key = {heard.plan, language_, prompt.initial_tokens};
  // Before what lies ahead, which would have to be sought back from.
  if (!language_by_audio && !ahead_.Holds(key)) WT_TRY(ReadMel(heard, mel_));
  LookAhead(heard.plan, key);
  if (auto found = ahead_.Take(key)) {
    decoder_ = DecoderOf(found->work.get());
    decoder_->StopWith(task_.cancel());
    return std::move(found->result);
  }
  if (!language_by_audio) WT_TRY(decoder_->Encode(mel_));
  return DecodeAllSpeech(heard, tokenizer_,
                         [&](const TimeLimits& limits, const WindowResult* begun) {
                           prompt.limits = limits;
                           prompt.begun = begun;
                           return Decode(window, prompt, RobustSeed(heard));
                         });
}

}  // namespace wt::pipeline

// openai-whisper's windowing (transcribe.py): windows follow the model's timestamps, silence is
// decoded too. Token for token equal within the tolerances of the reference data.
#include <algorithm>
#include <cmath>

#include "base/status_macros.h"
#include "engine/decode/acceptance.h"
#include "engine/pipeline/long_form.h"

namespace wt::pipeline {
namespace {

// Frames of a time, by Python's round(): half to even.
std::int64_t Frames(double seconds) { return std::llrint(seconds * 100.0); }

bool Blank(const std::string& text) {
  return text.find_first_not_of(" \t\n\r\f\v") == std::string::npos;
}

}  // namespace

Status LongForm::SettleLanguage(const Window& window) {
  const std::string& asked = request_.language.language;
  if (!model_.info().multilingual) {
    state_.language = "en";
    state_.language_probability = 1;
  } else if (!asked.empty()) {
    state_.language = std::string(*tokenizer::FindLanguage(asked));
    state_.language_probability = 1;
  } else if (request_.language.multilingual && !state_.language.empty()) {
    WT_ASSIGN(const auto found, decoder_->DetectLanguage(request_.language.allowed));
    language_ = found.empty() ? state_.language : found[0].language;
    return Status();
  } else if (state_.language.empty()) {
    std::vector<Window> windows = {window};
    const int most = request_.language.detection_segments;
    for (auto at = window.first_frame + features::kWindowFrames;
         at < audio_.content_frames() && static_cast<int>(windows.size()) < most;
         at += features::kWindowFrames) {
      windows.push_back({at, static_cast<int>(std::min<std::int64_t>(
                                 features::kWindowFrames, audio_.content_frames() - at))});
    }
    WT_TRY(DetectOver(windows));
    // Looking at further windows has replaced the encoded one.
    if (windows.size() > 1) WT_TRY(Encode(window));
  }
  language_ = state_.language;
  return Status();
}

Status LongForm::RunReference() {
  std::vector<std::pair<std::int64_t, std::int64_t>> clips;
  for (const TimeRange& clip : request_.clips) {
    clips.emplace_back(Frames(clip.start_s),
                       clip.end_s ? Frames(*clip.end_s) : audio_.content_frames());
  }
  if (clips.empty()) clips.emplace_back(0, audio_.content_frames());
  if (state_.language.empty() && model_.info().multilingual && request_.language.language.empty()) {
    // The reference detects over the first 30 s of the file, log-mel of silence after its end.
    WT_TRY(audio_.Window(0, features::kWindowFrames, features::BeyondContent::kSilence, mel_));
    WT_TRY(decoder_->Encode(mel_));
    WT_TRY(SettleLanguage({0, features::kWindowFrames}));
  }
  for (; state_.clip < clips.size(); ++state_.clip) {
    const auto [begin, clip_end] = clips[state_.clip];
    const std::int64_t end = std::min(clip_end, audio_.content_frames());
    state_.seek = std::max(state_.seek, begin);
    while (state_.seek < end) {
      WT_TRY(ReferenceWindow(end));
      EndWindow();
    }
    if (state_.clip + 1 < clips.size()) state_.seek = clips[state_.clip + 1].first;
  }
  return Status();
}

Status LongForm::ReferenceWindow(std::int64_t clip_end) {
  Window window;
  window.first_frame = state_.seek;
  window.frames =
      static_cast<int>(std::min<std::int64_t>(features::kWindowFrames, clip_end - state_.seek));
  WT_TRY(Encode(window));
  WT_TRY(SettleLanguage(window));
  WT_ASSIGN(const WindowResult result, Decode(window, CurrentPrompt(true), state_.windows));
  if (decode::IsSilence(request_.fallback,
                        {result.compression_ratio, result.avg_logprob, result.no_speech_prob})) {
    Drop(static_cast<double>(window.first_frame) / 100.0,
         static_cast<double>(window.first_frame + window.frames) / 100.0,
         DropReason::kNoSpeechProbability, result.text);
    state_.seek += window.frames;
    return Status();
  }
  decode::WindowSegments split = decode::SplitWindow(
      result.tokens, tokenizer_.special().timestamp_begin, window.first_frame, window.frames);
  std::vector<std::vector<Word>> words;
  WordsVerdict verdict = WordsVerdict::kAllKept;
  if (request_.words.word_timestamps) {
    WT_ASSIGN(verdict, AddWords(window, /*judge=*/true, &split, &words));
  }
  state_.seek = split.next_seek_frames;
  if (verdict == WordsVerdict::kRefused) return Status();
  std::vector<Segment> segments =
      MakeSegments(window, result, std::move(split.segments), std::move(words));
  for (Segment& segment : segments) {
    if (segment.start_s != segment.end_s && !Blank(segment.text)) continue;
    segment.text.clear();
    segment.tokens.clear();
    if (segment.words) segment.words->clear();
  }
  Keep(std::move(segments), result);
  return Status();
}

}  // namespace wt::pipeline

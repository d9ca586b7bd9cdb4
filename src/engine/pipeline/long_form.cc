#include "engine/pipeline/long_form.h"

#include <algorithm>
#include <map>

#include "base/check.h"
#include "base/status_macros.h"
#include "engine/decode/prompt.h"
#include "engine/pipeline/windows/speech_times.h"

namespace wt::pipeline {
namespace {

constexpr int kWindowFrames = features::kWindowFrames;
constexpr int kTextCtx = 448;

std::string Code(const std::string& language) {
  const auto code = tokenizer::FindLanguage(language);
  return code ? std::string(*code) : std::string();
}

}  // namespace

LongForm::LongForm(Scheduler& scheduler, TaskImpl& task)
    : task_(task),
      model_(*task.model()),
      request_(task.request()),
      tokenizer_(model_.tokenizer()),
      state_(task.start),
      audio_(task.audio(), model_.log_mel()),
      scheduler_(scheduler),
      decoder_(NewDecoder()),
      mel_(static_cast<std::size_t>(model_.dims().n_mels) * kWindowFrames),
      ahead_(task.cancel()) {}

Status LongForm::CheckModel(const LoadedModel& model, const TranscriptionRequest& request) {
  const ModelInfo& info = model.info();
  const std::string code = Code(request.language.language);
  if (!code.empty() &&
      std::find(info.languages.begin(), info.languages.end(), code) == info.languages.end()) {
    return Status(StatusCode::kInvalidArgument,
                  "model " + info.name + " does not know the language '" + code +
                      (info.multilingual ? "'" : "': it is English-only"));
  }
  if (request.decoding.task == SpeechTask::kTranslate && !info.can_translate) {
    return Status(StatusCode::kInvalidArgument,
                  "model " + info.name + " cannot translate; use a multilingual one such as base");
  }
  return Status();
}

CheckpointKey LongForm::KeyOf(const LoadedModel& model, const TranscriptionRequest& request) {
  return {model.identity(), HashRequest(request)};
}

bool LongForm::ConditionOnPrevious() const {
  return request_.prompt.condition_on_previous_text.value_or(request_.windowing ==
                                                             Windowing::kReference);
}

Status LongForm::FirstPass() {
  if (state_.first_pass_done) {
    audio_.Resume({state_.samples, state_.log_mel_max});
    return Status();
  }
  std::unique_ptr<vad::Detector> detector;
  if (request_.vad.enabled && request_.windowing == Windowing::kRobust) {
    detector = model_.vad_network() != nullptr ? model_.vad_network()->NewDetector()
                                               : vad::NewEnergyDetector();
  }
  std::vector<float> probabilities;
  features::FirstPassOptions options;
  options.cancel = &task_.cancel();
  if (detector != nullptr) {
    options.on_samples = [&](std::span<const float> samples) {
      detector->Feed(samples, &probabilities);
    };
  }
  WT_ASSIGN(const features::Totals totals, audio_.FirstPass(options));
  state_.samples = totals.samples;
  state_.log_mel_max = totals.log_mel_max;
  if (detector != nullptr) {
    detector->Finish(&probabilities);
    state_.vad = detector->method();
    state_.speech = vad::SpeechSpans(probabilities, state_.samples, request_.vad);
  } else {
    state_.speech = {{0, state_.samples}};
  }
  state_.first_pass_done = true;
  return Status();
}

Result<Transcript> LongForm::Run() {
  WT_TRY(FirstPass());
  if (!state_.finished && audio_.content_frames() > 0) {
    WT_TRY(request_.windowing == Windowing::kReference ? RunReference() : RunRobust());
  }
  if (!state_.finished) {
    state_.finished = true;
    EndWindow();
  }
  Transcript transcript = Finish();
  if (request_.diarization.enabled) WT_TRY(AddSpeakers(&transcript));
  return transcript;
}

Status LongForm::ReadMel(const HeardWindow& heard, std::span<float> mel) {
  return audio_.Window(heard.first_sample / features::kHopSamples, heard.frames,
                       features::BeyondContent::kZeros, mel);
}

Status LongForm::Encode(const Window& window) {
  WT_TRY(audio_.Window(window.first_frame, window.frames, features::BeyondContent::kZeros, mel_));
  return decoder_->Encode(mel_);
}

// faster-whisper's rule over several windows: the first that is sure enough, else the language that
// most windows vote for, with its best probability.
Status LongForm::DetectOver(const std::vector<Window>& windows) {
  std::map<std::string, std::pair<int, double>> votes;
  std::string best;
  for (std::size_t i = 0; i < windows.size(); ++i) {
    if (i > 0) WT_TRY(Encode(windows[i]));
    WT_ASSIGN(auto found, decoder_->DetectLanguage(request_.language.allowed));
    if (found.empty()) break;
    auto& [count, probability] = votes[found[0].language];
    ++count;
    probability = std::max(probability, found[0].probability);
    if (i == 0) state_.language_candidates = found;
    const auto& leader = votes[best.empty() ? found[0].language : best];
    if (best.empty() || count > leader.first) best = found[0].language;
    if (found[0].probability >= request_.language.detection_threshold) {
      best = found[0].language;
      state_.language_candidates = std::move(found);
      break;
    }
  }
  if (best.empty()) best = model_.info().languages[0];
  state_.language = best;
  state_.language_probability = votes[best].second;
  if (task_.observer() != nullptr) {
    task_.observer()->OnLanguage({state_.language, state_.language_probability});
  }
  return Status();
}

WindowPrompt LongForm::MakePrompt(const PromptParts& shown) const {
  const PromptOptions& options = request_.prompt;
  decode::PromptHistory history(decode::EncodePromptText(tokenizer_, options.initial_prompt),
                                options.carry_initial_prompt, kTextCtx);
  if (shown.reset) history.Reset();
  history.Append(shown.history);
  const std::vector<TokenId> previous = history.Tokens();
  const auto hotwords = decode::EncodePromptText(tokenizer_, options.hotwords);
  const auto prefix =
      shown.first ? decode::EncodePromptText(tokenizer_, options.prefix) : std::vector<TokenId>();
  const auto start = tokenizer_.StartSequence(language_, request_.decoding.task,
                                              !request_.decoding.without_timestamps);
  decode::WindowPrompt parts;
  parts.previous = previous;
  parts.hotwords = hotwords;
  parts.start_sequence = start;
  parts.prefix = prefix;
  parts.sample_tokens_max =
      request_.decoding.max_new_tokens > 0 ? request_.decoding.max_new_tokens : kTextCtx / 2;
  decode::InitialTokens initial = decode::BuildInitialTokens(tokenizer_.special(), parts);
  WindowPrompt prompt;
  prompt.sot_index = static_cast<int>(initial.sot_index);
  prompt.initial_tokens = std::move(initial.tokens);
  return prompt;
}

WindowPrompt LongForm::CurrentPrompt(bool with_history) const {
  PromptParts parts = {.first = state_.windows == 0, .reset = state_.history_was_reset};
  if (with_history) parts.history = state_.history;
  return MakePrompt(parts);
}

Result<WindowResult> LongForm::Decode(const Window& window, const WindowPrompt& prompt,
                                      std::uint64_t seed) {
  std::function<void(std::span<const TokenId>)> on_partial;
  if (task_.observer() != nullptr) {
    on_partial = [this, start_s = static_cast<double>(window.first_frame) /
                                  100.0](std::span<const TokenId> tokens) {
      task_.observer()->OnPartial(start_s, tokenizer_.Decode(tokens));
    };
  }
  return decoder_->Decode(prompt, seed, on_partial);
}

std::vector<TokenLogprob> LongForm::TokenLogprobs(const WindowResult& result,
                                                  const decode::WindowSegment& piece) const {
  std::vector<TokenLogprob> scores;
  for (std::size_t i = 0; i < piece.tokens.size(); ++i) {
    const TokenId token = piece.tokens[i];
    if (token >= tokenizer_.special().eot) continue;
    scores.push_back({.token = token,
                      .bytes = tokenizer_.DecodeBytes({&token, 1}),
                      .logprob = result.logprobs[piece.first_token + i]});
  }
  return scores;
}

std::vector<Segment> LongForm::MakeSegments(const Window& window, const WindowResult& result,
                                            std::vector<decode::WindowSegment> pieces,
                                            std::vector<std::vector<Word>> words) const {
  std::vector<Segment> segments;
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    decode::WindowSegment& piece = pieces[i];
    Segment segment;
    segment.seek = window.first_frame;
    segment.start_s = piece.start_s;
    segment.end_s = piece.end_s;
    std::vector<TokenId> text;
    for (const TokenId token : piece.tokens) {
      if (token < tokenizer_.special().eot) text.push_back(token);
    }
    segment.text = tokenizer_.Decode(text);
    if (request_.token_logprobs) segment.token_logprobs = TokenLogprobs(result, piece);
    segment.tokens = std::move(piece.tokens);
    segment.temperature = result.temperature;
    segment.avg_logprob = result.avg_logprob;
    segment.compression_ratio = result.compression_ratio;
    segment.no_speech_prob = result.no_speech_prob;
    if (!words.empty()) segment.words = std::move(words[i]);
    segments.push_back(std::move(segment));
  }
  return segments;
}

void LongForm::Keep(std::vector<Segment> segments, const WindowResult& result) {
  for (Segment& segment : segments) {
    segment.id = static_cast<int>(state_.segments.size());
    state_.history.insert(state_.history.end(), segment.tokens.begin(), segment.tokens.end());
    if (task_.observer() != nullptr) task_.observer()->OnSegment(segment);
    state_.segments.push_back(std::move(segment));
  }
  if (!MayBeCarriedOn(request_, result)) {
    ForgetHistory();
  } else if (state_.history.size() > kTextCtx) {
    state_.history.erase(state_.history.begin(), state_.history.end() - kTextCtx);
  }
}

void LongForm::ForgetHistory() {
  state_.history.clear();
  state_.history_was_reset = true;
}

void LongForm::Drop(double start_s, double end_s, DropReason reason, std::string text) {
  if (text.empty()) return;
  state_.dropped.push_back({start_s, end_s, reason, std::move(text)});
  if (task_.observer() != nullptr) task_.observer()->OnDropped(state_.dropped.back());
}

void LongForm::EndWindow() {
  ++state_.windows;
  Observer* observer = task_.observer();
  if (observer == nullptr) return;
  const SampleIndex done = request_.windowing == Windowing::kReference
                               ? state_.seek * features::kHopSamples
                               : state_.seek;
  const SampleIndex transcribed = state_.finished ? state_.samples : std::min(done, state_.samples);
  // Telling speakers apart comes after the text: a third of the way is left for it.
  ReportProgress(request_.diarization.enabled ? transcribed / 3 * 2 : transcribed);
  observer->OnCheckpoint(SaveCheckpoint(KeyOf(model_, request_), state_));
}

Transcript LongForm::Finish() const {
  Transcript transcript;
  for (const Segment& segment : state_.segments) transcript.text += segment.text;
  transcript.language = state_.language.empty() && !request_.language.language.empty()
                            ? Code(request_.language.language)
                            : state_.language;
  transcript.language_probability = state_.language_probability;
  transcript.language_candidates = state_.language_candidates;
  transcript.duration_s = Seconds(state_.samples);
  transcript.speech_s = Seconds(SpeechWithin(state_.speech, 0, state_.samples));
  transcript.segments = state_.segments;
  transcript.dropped = state_.dropped;
  transcript.model = model_.info().name;
  transcript.compute_type = model_.info().compute_type;
  transcript.task = request_.decoding.task;
  transcript.windowing = request_.windowing;
  transcript.vad = state_.vad;
  return transcript;
}

Result<std::vector<LanguageProbability>> LongForm::DetectLanguageOnly() {
  WT_TRY(FirstPass());
  if (audio_.content_frames() == 0) {
    return Status(StatusCode::kInvalidArgument, "the audio is empty");
  }
  const auto first = NextWindow(state_.speech, 0, state_.samples);
  Window window;
  window.first_frame = first ? first->begin / features::kHopSamples : 0;
  window.frames = static_cast<int>(
      std::min<std::int64_t>(kWindowFrames, audio_.content_frames() - window.first_frame));
  WT_TRY(Encode(window));
  return decoder_->DetectLanguage(request_.language.allowed);
}

}  // namespace wt::pipeline

// TranscriptionRequest::Validate: every option against its range, named as on the command line.
#include "whisper_transcriber/options.h"

#include <cmath>

#include "base/status_macros.h"
#include "engine/tokenizer/tokenizer.h"

namespace wt {
namespace {

constexpr std::size_t kTemperaturesMax = 16;
constexpr int kRowsMax = 16;
constexpr std::size_t kPromptBytesMax = 64 * 1024;
constexpr std::size_t kListMax = 65'536;
constexpr double kSecondsMax = 7.0 * 24 * 3600;

Status Bad(const std::string& option, const std::string& rule) {
  return Status(StatusCode::kInvalidArgument, option + " " + rule);
}

// NaN fails every range.
Status InRange(const char* option, double value, double low, double high) {
  if (value >= low && value <= high) return Status();
  std::string text = "must be from ";
  const auto print = [&](double v) {
    const std::string digits = std::to_string(v);
    const auto end = digits.find_last_not_of('0');
    text += digits.substr(0, digits[end] == '.' ? end : end + 1);
  };
  print(low);
  text += " to ";
  print(high);
  return Bad(option, text);
}

Status CheckDecoding(const DecodingOptions& o) {
  if (o.temperatures.empty() || o.temperatures.size() > kTemperaturesMax) {
    return Bad("temperature", "needs 1 to 16 values");
  }
  for (const double t : o.temperatures) WT_TRY(InRange("temperature", t, 0, 1));
  WT_TRY(InRange("beam_size", o.beam_size, 1, kRowsMax));
  WT_TRY(InRange("best_of", o.best_of, 1, kRowsMax));
  if (!(o.patience > 0 && o.patience <= 16)) return Bad("patience", "must be above 0, at most 16");
  if (o.length_penalty) WT_TRY(InRange("length_penalty", *o.length_penalty, 0, 1));
  WT_TRY(InRange("repetition_penalty", o.repetition_penalty, 0.1, 10));
  WT_TRY(InRange("no_repeat_ngram_size", o.no_repeat_ngram_size, 0, 64));
  WT_TRY(InRange("max_new_tokens", o.max_new_tokens, 0, 448));
  if (std::isnan(o.max_initial_timestamp_s) || o.max_initial_timestamp_s > 30) {
    return Bad("max_initial_timestamp", "must be at most 30");
  }
  if (o.suppress_tokens.size() > kListMax) return Bad("suppress_tokens", "has too many entries");
  for (const TokenId token : o.suppress_tokens) {
    if (token < -1) return Bad("suppress_tokens", "holds a negative id other than -1");
  }
  return Status();
}

Status CheckFallback(const FallbackOptions& o) {
  if (o.compression_ratio_threshold) {
    WT_TRY(InRange("compression_ratio_threshold", *o.compression_ratio_threshold, 0, 1000));
  }
  if (o.logprob_threshold) WT_TRY(InRange("logprob_threshold", *o.logprob_threshold, -1000, 0));
  if (o.no_speech_threshold) {
    WT_TRY(InRange("no_speech_threshold", *o.no_speech_threshold, 0, 1));
  }
  return Status();
}

Status CheckPrompt(const PromptOptions& o) {
  const std::pair<const char*, const std::string*> texts[] = {
      {"initial_prompt", &o.initial_prompt}, {"prefix", &o.prefix}, {"hotwords", &o.hotwords}};
  for (const auto& [name, text] : texts) {
    if (text->size() > kPromptBytesMax) return Bad(name, "is longer than 64 KiB");
  }
  return InRange("prompt_reset_on_temperature", o.prompt_reset_on_temperature, 0, 1);
}

Status CheckLanguage(const LanguageOptions& o) {
  if (!o.language.empty() && !tokenizer::FindLanguage(o.language)) {
    return Bad("language", "'" + o.language + "' is not known; use a code such as 'de'");
  }
  for (const std::string& code : o.allowed) {
    if (!tokenizer::FindLanguage(code)) {
      return Bad("allowed_languages", "'" + code + "' is not known");
    }
  }
  WT_TRY(InRange("language_detection_segments", o.detection_segments, 1, 100));
  return InRange("language_detection_threshold", o.detection_threshold, 0, 1);
}

Status CheckVad(const VadOptions& o) {
  WT_TRY(InRange("vad_onset", o.onset, 0, 1));
  WT_TRY(InRange("vad_offset", o.offset, 0, o.onset));
  WT_TRY(InRange("vad_min_speech", o.min_speech_s, 0, 30));
  WT_TRY(InRange("vad_min_silence", o.min_silence_s, 0, 30));
  return InRange("vad_padding", o.padding_s, 0, 5);
}

Status CheckDiarization(const DiarizationOptions& o) {
  WT_TRY(InRange("num_speakers", o.num_speakers, 0, kSpeakersMax));
  WT_TRY(InRange("min_speakers", o.min_speakers, 0, kSpeakersMax));
  WT_TRY(InRange("max_speakers", o.max_speakers, 0, kSpeakersMax));
  if (!o.enabled && o.Largest() > 0) {
    return Bad("num_speakers, min_speakers and max_speakers", "need diarize");
  }
  if (o.num_speakers > 0 && (o.min_speakers > 0 || o.max_speakers > 0)) {
    return Bad("num_speakers", "stands alone: leave out min_speakers and max_speakers");
  }
  if (o.max_speakers > 0 && o.min_speakers > o.max_speakers) {
    return Bad("min_speakers", "must not be above max_speakers");
  }
  return Status();
}

Status CheckClips(const std::vector<TimeRange>& clips) {
  if (clips.size() > kListMax) return Bad("clip_timestamps", "has too many entries");
  for (const TimeRange& clip : clips) {
    WT_TRY(InRange("clip_timestamps", clip.start_s, 0, kSecondsMax));
    if (clip.end_s) WT_TRY(InRange("clip_timestamps", *clip.end_s, clip.start_s, kSecondsMax));
  }
  return Status();
}

}  // namespace

Status TranscriptionRequest::Validate() const {
  WT_TRY(CheckDecoding(decoding));
  WT_TRY(CheckFallback(fallback));
  WT_TRY(CheckPrompt(prompt));
  WT_TRY(CheckLanguage(language));
  WT_TRY(CheckVad(vad));
  WT_TRY(CheckDiarization(diarization));
  WT_TRY(CheckClips(clips));
  WT_TRY(InRange("batch_size", batch_size, 0, 64));
  if (words.hallucination_silence_threshold_s) {
    WT_TRY(InRange("hallucination_silence_threshold", *words.hallucination_silence_threshold_s, 0,
                   3600));
    if (!words.word_timestamps) {
      return Bad("hallucination_silence_threshold", "needs word_timestamps");
    }
  }
  return Status();
}

}  // namespace wt

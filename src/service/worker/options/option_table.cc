#include "service/worker/options/option_table.h"

#include <array>

namespace wt::worker {
namespace {

#define WT_FIELD(path) [](RequestOptions* o) -> FieldRef { return &o->path; }

// A week: the longest recording there may be.
constexpr double kSecondsMax = 7.0 * 24 * 3600;
// JSON numbers are exact up to 2^53.
constexpr double kSeedMax = 9007199254740991.0;
// The largest vocabulary has 51,866 tokens.
constexpr double kTokenMax = 51'865;

constexpr OptionRow kRows[] = {
    {"model", "", WT_FIELD(model), 0, 256, Meaning::kPlain, "Name of the model."},
    {"language", "", WT_FIELD(request.language.language), 0, 64, Meaning::kLanguage,
     "Code or name of the language spoken; auto: detected."},
    {"multilingual", "", WT_FIELD(request.language.multilingual), 0, 0, Meaning::kPlain,
     "Detect the language again for every window."},
    {"allowed_languages", "languages", WT_FIELD(request.language.allowed), 0, 100,
     Meaning::kLanguages, "Detection considers only these languages."},
    {"language_detection_segments", "", WT_FIELD(request.language.detection_segments), 1, 100,
     Meaning::kPlain, "Windows of 30 s looked at until one is sure."},
    {"language_detection_threshold", "", WT_FIELD(request.language.detection_threshold), 0, 1,
     Meaning::kPlain, "Detection is sure at this probability."},
    {"temperature", "temperatures", WT_FIELD(request.decoding.temperatures), 0, 1,
     Meaning::kTemperature, "First sampling temperature, or the list of those tried in order."},
    {"beam_size", "", WT_FIELD(request.decoding.beam_size), 1, 16, Meaning::kPlain,
     "Rows of beam search at temperature 0; 1 is greedy search."},
    {"best_of", "", WT_FIELD(request.decoding.best_of), 1, 16, Meaning::kPlain,
     "Candidates sampled at temperatures above 0."},
    {"patience", "", WT_FIELD(request.decoding.patience), 0.01, 16, Meaning::kPlain,
     "Beam search ends when beam size times this many candidates are finished."},
    {"length_penalty", "", WT_FIELD(request.decoding.length_penalty), 0, 1, Meaning::kPlain,
     "Exponent of the length norm of candidates."},
    {"repetition_penalty", "", WT_FIELD(request.decoding.repetition_penalty), 0.1, 10,
     Meaning::kPlain, "Above 1, tokens that occurred become less likely."},
    {"no_repeat_ngram_size", "", WT_FIELD(request.decoding.no_repeat_ngram_size), 0, 64,
     Meaning::kPlain, "No sequence of this many tokens occurs twice."},
    {"suppress_tokens", "", WT_FIELD(request.decoding.suppress_tokens), -1, kTokenMax,
     Meaning::kPlain, "Tokens never written; -1 stands for symbols that are not speech."},
    {"suppress_blank", "", WT_FIELD(request.decoding.suppress_blank), 0, 0, Meaning::kPlain,
     "A window's text does not begin with a blank."},
    {"without_timestamps", "", WT_FIELD(request.decoding.without_timestamps), 0, 0, Meaning::kPlain,
     "Decode without timestamp tokens."},
    {"max_initial_timestamp", "", WT_FIELD(request.decoding.max_initial_timestamp_s), -1, 30,
     Meaning::kPlain, "The first timestamp of a window is not later; 0 or less: no limit."},
    {"max_new_tokens", "", WT_FIELD(request.decoding.max_new_tokens), 0, 448, Meaning::kPlain,
     "Tokens written in a window at most; 0: half the context."},
    {"seed", "", WT_FIELD(request.decoding.seed), 0, kSeedMax, Meaning::kPlain,
     "The same seed gives the same text."},
    {"batch_size", "", WT_FIELD(request.batch_size), 0, 64, Meaning::kPlain,
     "Windows of a file decoded together; 0: chosen."},
    {"initial_prompt", "prompt", WT_FIELD(request.prompt.initial_prompt), 0, 65'536,
     Meaning::kPlain, "Text the model sees before the first window."},
    {"carry_initial_prompt", "", WT_FIELD(request.prompt.carry_initial_prompt), 0, 0,
     Meaning::kPlain, "Put it before every window."},
    {"prefix", "", WT_FIELD(request.prompt.prefix), 0, 65'536, Meaning::kPlain,
     "The first window's text starts with this."},
    {"hotwords", "", WT_FIELD(request.prompt.hotwords), 0, 65'536, Meaning::kPlain,
     "Words to prefer."},
    {"condition_on_previous_text", "", WT_FIELD(request.prompt.condition_on_previous_text), 0, 0,
     Meaning::kPlain, "Put a window's text before the next one."},
    {"prompt_reset_on_temperature", "", WT_FIELD(request.prompt.prompt_reset_on_temperature), 0, 1,
     Meaning::kPlain, "Forget earlier text after a window decoded at a higher temperature."},
    {"compression_ratio_threshold", "", WT_FIELD(request.fallback.compression_ratio_threshold), 0,
     1000, Meaning::kPlain, "Text that compresses better is a loop and refused."},
    {"logprob_threshold", "log_prob_threshold", WT_FIELD(request.fallback.logprob_threshold), -1000,
     0, Meaning::kPlain, "Text with a lower mean log probability is refused."},
    {"no_speech_threshold", "", WT_FIELD(request.fallback.no_speech_threshold), 0, 1,
     Meaning::kPlain, "Silence above this no-speech probability."},
    {"vad_filter", "vad", WT_FIELD(request.vad.enabled), 0, 0, Meaning::kPlain,
     "Find speech first and leave out silence."},
    {"vad_onset", "vad_threshold", WT_FIELD(request.vad.onset), 0, 1, Meaning::kPlain,
     "Speech starts at this probability."},
    {"vad_offset", "vad_neg_threshold", WT_FIELD(request.vad.offset), 0, 1, Meaning::kPlain,
     "Speech ends below this probability."},
    {"vad_min_speech", "", WT_FIELD(request.vad.min_speech_s), 0, 30, Meaning::kPlain,
     "Shorter speech (seconds) is left out."},
    {"vad_min_silence", "", WT_FIELD(request.vad.min_silence_s), 0, 30, Meaning::kPlain,
     "Shorter silence (seconds) does not end speech."},
    {"vad_padding", "", WT_FIELD(request.vad.padding_s), 0, 5, Meaning::kPlain,
     "Seconds added on both sides of speech."},
    {"guard", "", WT_FIELD(request.guard), 0, 0, Meaning::kPlain,
     "Drop text for which there is no evidence of speech."},
    {"word_timestamps", "", WT_FIELD(request.words.word_timestamps), 0, 0, Meaning::kPlain,
     "Give every word its times."},
    {"diarize", "diarization", WT_FIELD(request.diarization.enabled), 0, 0, Meaning::kPlain,
     "Name the speaker of each segment and word (S1, S2 ...); words are given their times too."},
    {"num_speakers", "", WT_FIELD(request.diarization.num_speakers), 0, kSpeakersMax,
     Meaning::kPlain, "Exactly so many speakers; 0: found out. Needs diarize."},
    {"min_speakers", "", WT_FIELD(request.diarization.min_speakers), 0, kSpeakersMax,
     Meaning::kPlain, "At least so many speakers; 0: no limit. Needs diarize."},
    {"max_speakers", "", WT_FIELD(request.diarization.max_speakers), 0, kSpeakersMax,
     Meaning::kPlain, "At most so many speakers; 0: no limit. Needs diarize."},
    {"token_logprobs", "", WT_FIELD(request.token_logprobs), 0, 0, Meaning::kPlain,
     "Give every token its log probability (JSON)."},
    {"prepend_punctuations", "", WT_FIELD(request.words.prepend_punctuations), 0, 256,
     Meaning::kPlain, "Joined to the word behind."},
    {"append_punctuations", "", WT_FIELD(request.words.append_punctuations), 0, 256,
     Meaning::kPlain, "Joined to the word before."},
    {"hallucination_silence_threshold", "",
     WT_FIELD(request.words.hallucination_silence_threshold_s), 0, 3600, Meaning::kPlain,
     "Skip longer silences around text that looks invented; needs word_timestamps."},
    {"clip_timestamps", "", WT_FIELD(request.clips), 0, kSecondsMax, Meaning::kPlain,
     "Parts to transcribe: [[start, end], ...] in seconds; a null end is the end of the audio."},
    {"track", "", WT_FIELD(track), -1, 255, Meaning::kPlain,
     "Audio track, counted from 0; -1: the best one."},
    {"channel", "", WT_FIELD(channel), -1, 63, Meaning::kPlain,
     "Channel to hear, counted from 0; -1: all of them."},
};

#undef WT_FIELD

constexpr std::array<std::string_view, 2> kTasks = {"transcribe", "translate"};
constexpr std::array<std::string_view, 2> kWindowings = {"robust", "reference"};

constexpr ChoiceRow kChoices[] = {
    {"task", kTasks,
     [](const RequestOptions& o) { return static_cast<int>(o.request.decoding.task); },
     [](int choice, RequestOptions* o) {
       o->request.decoding.task = static_cast<SpeechTask>(choice);
     },
     "Write the language spoken, or translate into English."},
    {"windowing", kWindowings,
     [](const RequestOptions& o) { return static_cast<int>(o.request.windowing); },
     [](int choice, RequestOptions* o) { o->request.windowing = static_cast<Windowing>(choice); },
     "How audio is cut into windows: at silences, or as openai-whisper does."},
};
static_assert(static_cast<int>(SpeechTask::kTranslate) == 1);
static_assert(static_cast<int>(Windowing::kReference) == 1);

}  // namespace

std::span<const OptionRow> OptionTable() { return kRows; }
std::span<const ChoiceRow> ChoiceTable() { return kChoices; }

}  // namespace wt::worker

#include "apps/transcriber/options/transcribe_options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "apps/transcriber/options/arguments.h"
#include "apps/transcriber/options/languages.h"

namespace wt::transcriber {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

Result<TranscribeArguments> Parse(std::vector<std::string> arguments) {
  const std::vector<std::string_view> views(arguments.begin(), arguments.end());
  return ParseTranscribeArguments(views);
}

TranscribeArguments Good(std::vector<std::string> arguments) {
  arguments.push_back("a.wav");
  const Result<TranscribeArguments> parsed = Parse(arguments);
  EXPECT_TRUE(parsed.ok()) << parsed.status().message();
  return parsed.ok() ? *parsed : TranscribeArguments();
}

std::string ErrorOf(std::vector<std::string> arguments) {
  arguments.push_back("a.wav");
  const Result<TranscribeArguments> parsed = Parse(arguments);
  EXPECT_FALSE(parsed.ok());
  return parsed.status().message();
}

// A row for each option: a value that is not the default, and how to see its effect.
struct Case {
  std::vector<std::string> arguments;
  std::function<bool(const TranscribeArguments&)> holds;
};

#define WT_HOLDS(condition) \
  []([[maybe_unused]] const TranscribeArguments& a) -> bool { return condition; }

const std::map<std::string, Case> kCases = {
    {"model", {{"--model", "tiny"}, WT_HOLDS(a.model == "tiny")}},
    {"model-dir", {{"--model_dir", "/m"}, WT_HOLDS(a.model_dir == "/m")}},
    {"diarize",
     {{"--diarize"}, WT_HOLDS(a.request.diarization.enabled&& a.request.words.word_timestamps)}},
    {"num-speakers",
     {{"--num-speakers", "3", "--diarize"}, WT_HOLDS(a.request.diarization.num_speakers == 3)}},
    {"min-speakers",
     {{"--min_speakers", "2", "--diarize"}, WT_HOLDS(a.request.diarization.min_speakers == 2)}},
    {"max-speakers",
     {{"--max_speakers", "4", "--diarize"}, WT_HOLDS(a.request.diarization.max_speakers == 4)}},
    {"vad-model", {{"--vad-model", "/v"}, WT_HOLDS(a.vad_model == "/v")}},
    {"device", {{"--device", "cpu"}, WT_HOLDS(true)}},
    {"compute-type",
     {{"--compute-type", "bfloat16"}, WT_HOLDS(a.compute_type == ComputeType::kBfloat16)}},
    {"threads", {{"--threads", "3"}, WT_HOLDS(a.threads == 3)}},
    {"files-in-flight", {{"--files-in-flight", "8"}, WT_HOLDS(a.files_in_flight == 8)}},
    {"fp16", {{"--fp16", "False"}, WT_HOLDS(a.compute_type == ComputeType::kAuto)}},
    {"output-format",
     {{"-f", "srt,txt"}, WT_HOLDS(a.formats.size() == 2 && a.formats[0] == formats::Format::kSrt)}},
    {"output-dir", {{"-o", "out"}, WT_HOLDS(a.output_dir == "out")}},
    {"output", {{"--output", "x.srt"}, WT_HOLDS(a.output == "x.srt")}},
    {"overwrite", {{"--overwrite"}, WT_HOLDS(a.overwrite)}},
    {"checkpoint", {{"--checkpoint", "c"}, WT_HOLDS(a.checkpoint == "c")}},
    {"jsonl", {{"--jsonl"}, WT_HOLDS(a.jsonl)}},
    {"verbose", {{"--verbose", "False"}, WT_HOLDS(!a.verbose && a.progress)}},
    {"quiet", {{"-q"}, WT_HOLDS(!a.verbose && !a.progress)}},
    {"progress", {{"--no-progress"}, WT_HOLDS(!a.progress && a.verbose)}},
    {"highlight-words",
     {{"--highlight_words", "True", "--word_timestamps", "True"},
      WT_HOLDS(a.subtitles.highlight_words)}},
    {"max-line-width",
     {{"--max_line_width", "40", "--word-timestamps"}, WT_HOLDS(a.subtitles.max_line_width == 40)}},
    {"max-line-count",
     {{"--max-line-count", "2", "--line-rules", "balanced"},
      WT_HOLDS(a.subtitles.max_line_count == 2)}},
    {"max-words-per-line",
     {{"--max-words-per-line", "4", "--word-timestamps"},
      WT_HOLDS(a.subtitles.max_words_per_line == 4)}},
    {"line-rules",
     {{"--line-rules", "balanced"}, WT_HOLDS(a.subtitles.rules == formats::LineRules::kBalanced)}},
    {"reading-speed", {{"--reading-speed", "15"}, WT_HOLDS(a.subtitles.reading_speed_max == 15)}},
    {"min-cue-duration", {{"--min-cue-duration", "1"}, WT_HOLDS(a.subtitles.min_duration_s == 1)}},
    {"max-cue-duration", {{"--max-cue-duration", "6"}, WT_HOLDS(a.subtitles.max_duration_s == 6)}},
    {"min-cue-gap", {{"--min-cue-gap", "0"}, WT_HOLDS(a.subtitles.min_gap_s == 0)}},
    {"track", {{"--track", "2"}, WT_HOLDS(a.track == 2)}},
    {"channel", {{"--channel", "right"}, WT_HOLDS(a.channel == 1)}},
    {"clip-timestamps",
     {{"--clip_timestamps", "0,10,20"},
      WT_HOLDS(a.request.clips.size() == 2 && a.request.clips[1].start_s == 20 &&
               !a.request.clips[1].end_s)}},
    {"language", {{"--language", "German"}, WT_HOLDS(a.request.language.language == "de")}},
    {"task",
     {{"--task", "translate"}, WT_HOLDS(a.request.decoding.task == SpeechTask::kTranslate)}},
    {"multilingual", {{"--multilingual", "True"}, WT_HOLDS(a.request.language.multilingual)}},
    {"allowed-languages",
     {{"--allowed-languages", "en,French"},
      WT_HOLDS((a.request.language.allowed == std::vector<std::string>{"en", "fr"}))}},
    {"language-detection-segments",
     {{"--language_detection_segments", "4"},
      WT_HOLDS(a.request.language.detection_segments == 4)}},
    {"language-detection-threshold",
     {{"--language_detection_threshold", "0.9"},
      WT_HOLDS(a.request.language.detection_threshold == 0.9)}},
    {"temperature",
     {{"--temperature", "0.4"},
      WT_HOLDS((a.request.decoding.temperatures == std::vector<double>{0.4, 0.6, 0.8, 1.0}))}},
    {"temperature-increment-on-fallback",
     {{"--temperature_increment_on_fallback", "None"},
      WT_HOLDS((a.request.decoding.temperatures == std::vector<double>{0.0}))}},
    {"beam-size", {{"--beam_size", "1"}, WT_HOLDS(a.request.decoding.beam_size == 1)}},
    {"best-of", {{"--best_of", "2"}, WT_HOLDS(a.request.decoding.best_of == 2)}},
    {"patience", {{"--patience", "2"}, WT_HOLDS(a.request.decoding.patience == 2)}},
    {"length-penalty",
     {{"--length_penalty", "0.5"}, WT_HOLDS(a.request.decoding.length_penalty == 0.5)}},
    {"repetition-penalty",
     {{"--repetition_penalty", "1.1"}, WT_HOLDS(a.request.decoding.repetition_penalty == 1.1)}},
    {"no-repeat-ngram-size",
     {{"--no_repeat_ngram_size", "3"}, WT_HOLDS(a.request.decoding.no_repeat_ngram_size == 3)}},
    {"suppress-tokens",
     {{"--suppress_tokens", "-1,50"},
      WT_HOLDS((a.request.decoding.suppress_tokens == std::vector<TokenId>{-1, 50}))}},
    {"suppress-blank",
     {{"--suppress_blank", "False"}, WT_HOLDS(!a.request.decoding.suppress_blank)}},
    {"without-timestamps",
     {{"--without_timestamps", "True"}, WT_HOLDS(a.request.decoding.without_timestamps)}},
    {"max-initial-timestamp",
     {{"--max_initial_timestamp", "None"},
      WT_HOLDS(a.request.decoding.max_initial_timestamp_s < 0)}},
    {"max-new-tokens",
     {{"--max_new_tokens", "100"}, WT_HOLDS(a.request.decoding.max_new_tokens == 100)}},
    {"seed", {{"--seed", "7"}, WT_HOLDS(a.request.decoding.seed == 7)}},
    {"batch-size", {{"--batch_size", "8"}, WT_HOLDS(a.request.batch_size == 8)}},
    {"server", {{"--server", "http://h"}, WT_HOLDS(a.server == "http://h")}},
    {"api-key-file",
     {{"--api_key_file", "k", "--server", "http://h"}, WT_HOLDS(a.api_key_file == "k")}},
    {"initial-prompt",
     {{"--initial_prompt", "Hi"}, WT_HOLDS(a.request.prompt.initial_prompt == "Hi")}},
    {"carry-initial-prompt",
     {{"--carry_initial_prompt", "True"}, WT_HOLDS(a.request.prompt.carry_initial_prompt)}},
    {"prefix", {{"--prefix", "So"}, WT_HOLDS(a.request.prompt.prefix == "So")}},
    {"hotwords", {{"--hotwords", "Zoë"}, WT_HOLDS(a.request.prompt.hotwords == "Zoë")}},
    {"condition-on-previous-text",
     {{"--condition_on_previous_text", "False"},
      WT_HOLDS(a.request.prompt.condition_on_previous_text == false)}},
    {"prompt-reset-on-temperature",
     {{"--prompt_reset_on_temperature", "0.3"},
      WT_HOLDS(a.request.prompt.prompt_reset_on_temperature == 0.3)}},
    {"compression-ratio-threshold",
     {{"--compression_ratio_threshold", "None"},
      WT_HOLDS(!a.request.fallback.compression_ratio_threshold)}},
    {"logprob-threshold",
     {{"--logprob_threshold", "-0.5"}, WT_HOLDS(a.request.fallback.logprob_threshold == -0.5)}},
    {"no-speech-threshold",
     {{"--no_speech_threshold", "0.3"}, WT_HOLDS(a.request.fallback.no_speech_threshold == 0.3)}},
    {"windowing",
     {{"--windowing", "reference"}, WT_HOLDS(a.request.windowing == Windowing::kReference)}},
    {"vad-filter", {{"--vad_filter", "False"}, WT_HOLDS(!a.request.vad.enabled)}},
    {"vad-threshold", {{"--vad_threshold", "0.6"}, WT_HOLDS(a.request.vad.onset == 0.6)}},
    {"vad-neg-threshold", {{"--vad_neg_threshold", "0.2"}, WT_HOLDS(a.request.vad.offset == 0.2)}},
    {"vad-min-speech-duration-ms",
     {{"--vad_min_speech_duration_ms", "500"}, WT_HOLDS(a.request.vad.min_speech_s == 0.5)}},
    {"vad-min-silence-duration-ms",
     {{"--vad_min_silence_duration_ms", "2000"}, WT_HOLDS(a.request.vad.min_silence_s == 2)}},
    {"vad-speech-pad-ms",
     {{"--vad_speech_pad_ms", "400"}, WT_HOLDS(a.request.vad.padding_s == 0.4)}},
    {"guard", {{"--no-guard"}, WT_HOLDS(!a.request.guard)}},
    {"word-timestamps", {{"--word_timestamps", "True"}, WT_HOLDS(a.request.words.word_timestamps)}},
    {"token-logprobs", {{"--token_logprobs", "True"}, WT_HOLDS(a.request.token_logprobs)}},
    {"prepend-punctuations",
     {{"--prepend_punctuations", "("}, WT_HOLDS(a.request.words.prepend_punctuations == "(")}},
    {"append-punctuations",
     {{"--append_punctuations", ")"}, WT_HOLDS(a.request.words.append_punctuations == ")")}},
    {"hallucination-silence-threshold",
     {{"--hallucination_silence_threshold", "2", "--word_timestamps", "True"},
      WT_HOLDS(a.request.words.hallucination_silence_threshold_s == 2)}},
};

TEST(TranscribeOptionsTest, EveryOptionHasItsEffect) {
  for (const OptionSpec& spec : TranscribeOptionSpecs()) {
    const auto found = kCases.find(std::string(spec.name));
    ASSERT_NE(found, kCases.end()) << "no case for --" << spec.name;
    EXPECT_TRUE(found->second.holds(Good(found->second.arguments))) << spec.name;
    const bool without_effect = spec.name == "device" || spec.name == "fp16";
    if (!without_effect) {
      EXPECT_FALSE(found->second.holds(Good({}))) << spec.name;
    }
  }
  EXPECT_EQ(kCases.size(), TranscribeOptionSpecs().size());
}

// Goal: help never lies. Method: giving the default that help shows changes nothing that a case of
// another value can see, compared field by field where the field is a number or switch.
TEST(TranscribeOptionsTest, DefaultsInHelpAreTheDefaultsOfTheLibrary) {
  const TranscribeArguments plain = Good({});
  for (std::size_t i = 0; i < TranscribeOptionSpecs().size(); ++i) {
    const OptionSpec& spec = TranscribeOptionSpecs()[i];
    if (spec.default_text.empty() || spec.name == "model") continue;
    const Result<OptionValue> value = ParseValue(spec, spec.default_text);
    ASSERT_TRUE(value.ok()) << spec.name << ": " << value.status().message();
    TranscribeArguments changed = plain;
    ASSERT_TRUE(ApplyTranscribeOption(i, *value, &changed).ok()) << spec.name;
    const DecodingOptions& d = changed.request.decoding;
    const DecodingOptions& p = plain.request.decoding;
    EXPECT_EQ(d.beam_size, p.beam_size);
    EXPECT_EQ(d.best_of, p.best_of);
    EXPECT_EQ(d.patience, p.patience);
    EXPECT_EQ(d.length_penalty, p.length_penalty);
    EXPECT_EQ(d.repetition_penalty, p.repetition_penalty);
    EXPECT_EQ(d.no_repeat_ngram_size, p.no_repeat_ngram_size);
    EXPECT_EQ(d.suppress_tokens, p.suppress_tokens);
    EXPECT_EQ(d.suppress_blank, p.suppress_blank);
    EXPECT_EQ(d.without_timestamps, p.without_timestamps);
    EXPECT_EQ(d.max_initial_timestamp_s, p.max_initial_timestamp_s);
    EXPECT_EQ(d.max_new_tokens, p.max_new_tokens);
    EXPECT_EQ(d.seed, p.seed);
    EXPECT_EQ(changed.temperature, plain.temperature);
    EXPECT_EQ(changed.temperature_increment, plain.temperature_increment);
    EXPECT_EQ(changed.request.fallback.compression_ratio_threshold,
              plain.request.fallback.compression_ratio_threshold);
    EXPECT_EQ(changed.request.fallback.logprob_threshold, plain.request.fallback.logprob_threshold);
    EXPECT_EQ(changed.request.fallback.no_speech_threshold,
              plain.request.fallback.no_speech_threshold);
    EXPECT_EQ(changed.request.prompt.prompt_reset_on_temperature,
              plain.request.prompt.prompt_reset_on_temperature);
    EXPECT_EQ(changed.request.language.detection_segments,
              plain.request.language.detection_segments);
    EXPECT_EQ(changed.request.language.detection_threshold,
              plain.request.language.detection_threshold);
    EXPECT_EQ(changed.request.vad.onset, plain.request.vad.onset);
    EXPECT_EQ(changed.request.vad.offset, plain.request.vad.offset);
    EXPECT_EQ(changed.request.vad.min_speech_s, plain.request.vad.min_speech_s);
    EXPECT_EQ(changed.request.vad.min_silence_s, plain.request.vad.min_silence_s);
    EXPECT_EQ(changed.request.vad.padding_s, plain.request.vad.padding_s);
    EXPECT_EQ(changed.request.vad.enabled, plain.request.vad.enabled);
    EXPECT_EQ(changed.request.guard, plain.request.guard);
    EXPECT_EQ(changed.request.windowing, plain.request.windowing);
    EXPECT_EQ(changed.request.clips.size(), plain.request.clips.size());
    EXPECT_EQ(changed.subtitles.reading_speed_max, plain.subtitles.reading_speed_max);
    EXPECT_EQ(changed.subtitles.max_duration_s, plain.subtitles.max_duration_s);
    EXPECT_EQ(changed.subtitles.rules, plain.subtitles.rules);
    EXPECT_EQ(changed.verbose, plain.verbose);
    EXPECT_EQ(changed.track, plain.track);
    EXPECT_EQ(changed.channel, plain.channel);
  }
}

TEST(TranscribeOptionsTest, WithoutOptionsTheLibrarysDefaultsHold) {
  const TranscribeArguments arguments = Good({});
  const TranscriptionRequest defaults;
  EXPECT_EQ(arguments.request.decoding.temperatures, defaults.decoding.temperatures);
  EXPECT_FALSE(arguments.request.prompt.condition_on_previous_text.has_value());
  EXPECT_THAT(arguments.inputs, ElementsAre("a.wav"));
}

TEST(TranscribeOptionsTest, EveryNumberOutsideItsRangeIsRefusedByName) {
  for (const OptionSpec& spec : TranscribeOptionSpecs()) {
    if (spec.kind != ValueKind::kInteger && spec.kind != ValueKind::kReal) continue;
    const std::string name = "--" + std::string(spec.name);
    for (const double outside : {spec.minimum - 1, spec.maximum + 1}) {
      const std::string value = std::to_string(static_cast<long long>(outside));
      EXPECT_THAT(ErrorOf({name + "=" + value}), HasSubstr(name + ": ")) << value;
    }
    EXPECT_THAT(ErrorOf({name, "many"}), HasSubstr(DescribeValues(spec)));
  }
}

TEST(TranscribeOptionsTest, InputsAreNeeded) {
  EXPECT_THAT(Parse({}).status().message(), HasSubstr("no input file"));
  EXPECT_THAT(Parse({"-", "-"}).status().message(), HasSubstr("only once"));
  EXPECT_THAT(Parse({""}).status().message(), HasSubstr("empty name"));
  EXPECT_TRUE(Parse({"--help"})->help);
}

TEST(TranscribeOptionsTest, OutputTakesOneFileAndOneFormat) {
  EXPECT_THAT(ErrorOf({"--output", "x", "b.wav"}), HasSubstr("--output-dir"));
  EXPECT_THAT(ErrorOf({"--output", "x", "-o", "d"}), HasSubstr("exclude"));
  EXPECT_THAT(ErrorOf({"--output", "x", "-f", "all"}), HasSubstr("one format"));
}

TEST(TranscribeOptionsTest, TheOutputsExtensionSaysTheFormat) {
  EXPECT_THAT(Good({"--output", "x.vtt"}).formats, ElementsAre(formats::Format::kVtt));
  EXPECT_THAT(Good({"--output", "x.vtt", "-f", "srt"}).formats, ElementsAre(formats::Format::kSrt));
  EXPECT_TRUE(Good({"--output", "notes.d/x"}).formats.empty());
}

TEST(TranscribeOptionsTest, FormatsAreListedOnceAndAllMeansAll) {
  EXPECT_EQ(Good({"-f", "all"}).formats.size(), 7u);
  EXPECT_EQ(Good({"-f", "txt,txt"}).formats.size(), 1u);
  EXPECT_EQ(Good({"-f", "all", "-f", "txt"}).formats.size(), 1u);
}

TEST(TranscribeOptionsTest, WordOptionsSayThatTheyNeedWords) {
  EXPECT_THAT(ErrorOf({"--highlight-words"}), HasSubstr("needs --word-timestamps"));
  EXPECT_THAT(ErrorOf({"--max-line-width", "40"}), HasSubstr("needs --word-timestamps"));
  EXPECT_THAT(ErrorOf({"--max-line-count", "2"}), HasSubstr("--max-line-count needs"));
  EXPECT_THAT(ErrorOf({"--max-words-per-line", "2"}), HasSubstr("needs --word-timestamps"));
  EXPECT_THAT(ErrorOf({"--hallucination-silence-threshold", "2"}),
              HasSubstr("needs --word-timestamps"));
}

TEST(TranscribeOptionsTest, OptionsWithoutEffectAreWarnedAbout) {
  EXPECT_EQ(Good({"--word-timestamps", "--max-line-count", "2"}).warnings.size(), 1u);
  EXPECT_EQ(Good({"--word-timestamps", "--max-words-per-line", "2", "--max-line-width", "9"})
                .warnings.size(),
            1u);
}

TEST(TranscribeOptionsTest, CudaIsAClearError) {
  EXPECT_THAT(ErrorOf({"--device", "cuda"}), HasSubstr("not available in this build"));
}

TEST(TranscribeOptionsTest, ComputeTypesResolve) {
  EXPECT_EQ(Good({"--compute-type", "float16"}).compute_type, ComputeType::kBfloat16);
  EXPECT_EQ(Good({"--compute-type", "auto"}).compute_type, ComputeType::kAuto);
  EXPECT_EQ(Good({"--compute-type", "int8"}).compute_type, ComputeType::kInt8);
  EXPECT_EQ(Good({"--compute-type", "int8_bfloat16"}).compute_type, ComputeType::kInt8Bfloat16);
  EXPECT_THAT(ErrorOf({"--compute-type", "int4"}), HasSubstr("int8_bfloat16"));
}

TEST(TranscribeOptionsTest, ChannelsAreNamedOrCounted) {
  EXPECT_EQ(Good({"--channel", "left"}).channel, 0);
  EXPECT_EQ(Good({"--channel", "5"}).channel, 5);
  EXPECT_EQ(Good({"--channel", "mix"}).channel, -1);
  EXPECT_THAT(ErrorOf({"--channel", "64"}), HasSubstr("--channel"));
  EXPECT_THAT(ErrorOf({"--channel", "middle"}), HasSubstr("mix, left, right"));
}

TEST(TranscribeOptionsTest, TemperaturesMayBeAList) {
  EXPECT_THAT(Good({"--temperature", "0,0.5"}).request.decoding.temperatures, ElementsAre(0, 0.5));
  EXPECT_THAT(ErrorOf({"--temperature", "0,1.5"}), HasSubstr("0 to 1"));
  EXPECT_THAT(ErrorOf({"--temperature", ""}), HasSubstr("--temperature"));
  EXPECT_THAT(ErrorOf({"--temperature-increment-on-fallback", "0.01"}), HasSubstr("more than 16"));
}

TEST(TranscribeOptionsTest, TemperatureLadderEqualsTheReferences) {
  EXPECT_THAT(*TemperatureLadder(0, 0.2), ElementsAre(0, 0.2, 0.4, 0.6, 0.8, 1.0));
  EXPECT_THAT(*TemperatureLadder(0.5, 0.3), ElementsAre(0.5, 0.8));
  EXPECT_THAT(*TemperatureLadder(1, 0.2), ElementsAre(1));
  EXPECT_THAT(*TemperatureLadder(0, std::nullopt), ElementsAre(0));
}

TEST(TranscribeOptionsTest, SuppressedTokensMayBeNone) {
  EXPECT_TRUE(Good({"--suppress-tokens", ""}).request.decoding.suppress_tokens.empty());
  EXPECT_THAT(ErrorOf({"--suppress-tokens", "1,x"}), HasSubstr("--suppress-tokens"));
  EXPECT_THAT(ErrorOf({"--suppress-tokens", "-2"}), HasSubstr("-1 to 51865"));
}

TEST(TranscribeOptionsTest, ClipsAreCheckedAndTheWholeFileIsNone) {
  EXPECT_TRUE(ParseClips("0")->empty());
  EXPECT_TRUE(ParseClips("")->empty());
  EXPECT_EQ(ParseClips("5")->front().start_s, 5);
  EXPECT_EQ(ParseClips("1.5,2.5")->front().end_s, 2.5);
  for (const char* bad : {"a", "1,", ",1", "-1", "5,4", "5,5", "nan", "1e99"}) {
    EXPECT_THAT(ParseClips(bad).status().message(), HasSubstr("--clip-timestamps")) << bad;
  }
}

TEST(TranscribeOptionsTest, VadThresholdsKeepTheirOrder) {
  EXPECT_THAT(ErrorOf({"--vad-threshold", "0.3"}), HasSubstr("--vad-neg-threshold"));
}

TEST(LanguagesTest, CodesNamesAndAliasesAreUnderstood) {
  EXPECT_EQ(*ParseLanguage("de"), "de");
  EXPECT_EQ(*ParseLanguage("GERMAN"), "de");
  EXPECT_EQ(*ParseLanguage("Haitian Creole"), "ht");
  EXPECT_EQ(*ParseLanguage("Castilian"), "es");
  EXPECT_EQ(*ParseLanguage("yue"), "yue");
  EXPECT_EQ(LanguageName("yue"), "Cantonese");
  EXPECT_EQ(LanguageName("xx"), "xx");
  EXPECT_EQ(LanguageCodes().size(), 100u);
  EXPECT_THAT(ParseLanguage("Germen").status().message(), HasSubstr("did you mean german?"));
  EXPECT_FALSE(ParseLanguage("").ok());
}

TEST(LanguagesTest, NoLanguageMeansDetection) {
  EXPECT_EQ(Good({"--language", "None"}).request.language.language, "");
  EXPECT_EQ(Good({"--language", "auto"}).request.language.language, "");
  EXPECT_THAT(ErrorOf({"--language", "Klingon"}), HasSubstr("--language: \"Klingon\""));
}

}  // namespace
}  // namespace wt::transcriber

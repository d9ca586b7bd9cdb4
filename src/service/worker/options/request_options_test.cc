#include "service/worker/options/request_options.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include <nlohmann/json.hpp>

namespace wt::worker {
namespace {

using nlohmann::json;

std::string RefusedBecause(std::string_view text) {
  const Result<RequestOptions> options = ParseRequestOptions(text);
  EXPECT_EQ(options.status().code(), StatusCode::kInvalidArgument) << text;
  return options.status().message();
}

TEST(RequestOptionsTest, NothingMeansTheDefaults) {
  for (const char* text : {"", "{}", " { } "}) {
    const Result<RequestOptions> options = ParseRequestOptions(text);
    ASSERT_TRUE(options.ok()) << text;
    EXPECT_EQ(WriteRequestOptions(*options), "{}");
    EXPECT_EQ(options->request.decoding.beam_size, 5);
    EXPECT_TRUE(options->request.guard);
  }
}

TEST(RequestOptionsTest, FieldsReachTheRequest) {
  const Result<RequestOptions> options = ParseRequestOptions(
      R"({"model":"large","language":"German","task":"translate","prompt":"Namen",
          "hotwords":"Ärzte",
          "word_timestamps":true,"temperature":0.4,"vad":false,"guard":false,
          "windowing":"reference","beam_size":1.0,"seed":9007199254740991,"length_penalty":null,
          "logprob_threshold":null,"clip_timestamps":[[0,1.5],[2]],"languages":["de","english"],
          "suppress_tokens":[-1,7],"track":2,"condition_on_previous_text":false})");
  ASSERT_TRUE(options.ok()) << options.status().message();
  const TranscriptionRequest& request = options->request;
  EXPECT_EQ(options->model, "large");
  EXPECT_EQ(request.language.language, "de");
  EXPECT_EQ(request.decoding.task, SpeechTask::kTranslate);
  EXPECT_EQ(request.prompt.initial_prompt, "Namen");
  EXPECT_EQ(request.prompt.hotwords, "Ärzte");
  EXPECT_TRUE(request.words.word_timestamps);
  EXPECT_EQ(request.decoding.temperatures, (std::vector<double>{0.4, 0.6, 0.8, 1.0}));
  EXPECT_FALSE(request.vad.enabled);
  EXPECT_FALSE(request.guard);
  EXPECT_EQ(request.windowing, Windowing::kReference);
  EXPECT_EQ(request.decoding.beam_size, 1);
  EXPECT_EQ(request.decoding.seed, 9007199254740991U);
  EXPECT_FALSE(request.fallback.logprob_threshold.has_value());
  ASSERT_EQ(request.clips.size(), 2U);
  EXPECT_EQ(*request.clips[0].end_s, 1.5);
  EXPECT_FALSE(request.clips[1].end_s.has_value());
  EXPECT_EQ(request.language.allowed, (std::vector<std::string>{"de", "en"}));
  EXPECT_EQ(request.decoding.suppress_tokens, (std::vector<TokenId>{-1, 7}));
  EXPECT_EQ(options->track, 2);
  EXPECT_EQ(request.prompt.condition_on_previous_text, false);
}

TEST(RequestOptionsTest, TemperatureZeroIsTheWholeLadder) {
  EXPECT_EQ(ParseRequestOptions(R"({"temperature":0})")->request.decoding.temperatures,
            DecodingOptions().temperatures);
  EXPECT_EQ(ParseRequestOptions(R"({"temperature":[0]})")->request.decoding.temperatures,
            std::vector<double>{0.0});
}

TEST(RequestOptionsTest, RefusalsNameTheField) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"beam_size":0})", "beam_size"},
      {R"({"beam_size":17})", "beam_size"},
      {R"({"beam_size":2.5})", "beam_size"},
      {R"({"beam_size":"5"})", "beam_size"},
      {R"({"beam_size":null})", "beam_size"},
      {R"({"temperature":1.01})", "temperature"},
      {R"({"temperature":[]})", "temperature"},
      {R"({"task":"sing"})", "task"},
      {R"({"task":1})", "task"},
      {R"({"language":"klingon"})", "language"},
      {R"({"guard":1})", "guard"},
      {R"({"vad_onset":0.3,"vad_offset":0.4})", "vad_offset"},
      {R"({"hallucination_silence_threshold":2})", "hallucination_silence_threshold"},
      {R"({"clip_timestamps":[[2,1]]})", "clip_timestamps"},
      {R"({"clip_timestamps":"0,1"})", "clip_timestamps"},
      {R"({"suppress_tokens":[-2]})", "suppress_tokens"},
      {R"({"initial_prompt":"a\u0000b"})", "initial_prompt"},
      {R"({"__class__":1})", "__class__"},
      {R"({"decoding":{"beam_size":1}})", "decoding"},
      {R"({"seed":-1})", "seed"},
      {R"({"seed":1e300})", "seed"},
  };
  for (const auto& [text, name] : cases) {
    EXPECT_TRUE(RefusedBecause(text).starts_with(name)) << text << ": " << RefusedBecause(text);
  }
}

TEST(RequestOptionsTest, DamagedDoubledAndDeepTextIsRefused) {
  RefusedBecause("[]");
  RefusedBecause("nonsense");
  RefusedBecause("{\"guard\":true");
  RefusedBecause(R"({"guard":true,"guard":false})");
  RefusedBecause("{\"clip_timestamps\":" + std::string(50'000, '[') + std::string(50'000, ']') +
                 "}");
  RefusedBecause("{\"prompt\":\"" + std::string(2 << 20, 'a') + "\"}");
  RefusedBecause("{\"prompt\":\"" + std::string(65'537, 'a') + "\"}");
  EXPECT_TRUE(ParseRequestOptions("{\"prompt\":\"" + std::string(65'536, 'a') + "\"}").ok());
}

// Goal: stored options mean what was submitted. Method: random objects made from the descriptions;
// those that are accepted are written and read again.
TEST(RequestOptionsTest, WhatIsWrittenIsReadBack) {
  std::mt19937 random(42);
  const std::vector<OptionDescription> table = DescribeOptions();
  const auto number = [&](const OptionDescription& option) {
    const double share = static_cast<double>(random() % 1001) / 1000.0;
    return option.minimum + share * (option.maximum - option.minimum);
  };
  int accepted = 0;
  for (int round = 0; round < 2'000; ++round) {
    json object = json::object();
    for (int i = 0; i < 6; ++i) {
      const OptionDescription& option = table[random() % table.size()];
      json value;
      if (option.kind == "boolean") value = random() % 2 == 0;
      if (option.kind == "integer") value = std::floor(number(option));
      if (option.kind == "number") value = number(option);
      if (option.kind == "numbers") value = json::array({number(option), number(option)});
      if (option.kind == "integers") value = json::array({std::floor(number(option))});
      if (option.kind == "strings") value = json::array({"de", "fr"});
      if (option.kind == "ranges") value = json::array({json::array({1.5, 2}), json::array({3})});
      if (option.kind == "string") value = option.name == "language" ? "haw" : "transcribe";
      if (option.name == "windowing") value = "reference";
      if (option.name == "task") value = "translate";
      object[std::string(option.name)] = value;
    }
    const Result<RequestOptions> first = ParseRequestOptions(object.dump());
    if (!first.ok()) continue;  // Options that contradict each other.
    ++accepted;
    const std::string text = WriteRequestOptions(*first);
    const Result<RequestOptions> second = ParseRequestOptions(text);
    ASSERT_TRUE(second.ok()) << text << ": " << second.status().message();
    ASSERT_EQ(WriteRequestOptions(*second), text);
    // Everything that was asked for is in the text, unless it is the default.
    const json written = json::parse(text);
    for (const auto& [name, value] : object.items()) {
      if (!written.contains(name)) {
        RequestOptions defaults;
        RequestOptions same;
        ASSERT_TRUE(SetOptionJson(name, value.dump(), &same).ok());
        EXPECT_EQ(WriteRequestOptions(same), WriteRequestOptions(defaults)) << name;
      }
    }
  }
  EXPECT_GT(accepted, 600);
}

TEST(RequestOptionsTest, FormFieldsMeanTheSame) {
  RequestOptions options;
  const std::pair<const char*, const char*> fields[] = {
      {"model", "whisper-1"},   {"language", "en-US"},          {"temperature", "0"},
      {"word_timestamps", "1"}, {"vad_filter", "off"},          {"beam_size", "3"},
      {"patience", "1.5"},      {"allowed_languages", "de,en"}, {"suppress_tokens", "-1,5"},
      {"task", "translate"},    {"clip_timestamps", "0,2.5,4"}, {"length_penalty", "none"},
      {"prompt", "true"}};
  for (const auto& [name, text] : fields) {
    const Status status = SetOption(name, text, &options);
    EXPECT_TRUE(status.ok()) << status.message();
  }
  EXPECT_EQ(WriteRequestOptions(options),
            R"({"model":"whisper-1","language":"en","allowed_languages":["de","en"],)"
            R"("beam_size":3,"patience":1.5,"suppress_tokens":[-1,5],"initial_prompt":"true",)"
            R"("vad_filter":false,"word_timestamps":true,"clip_timestamps":[[0.0,2.5],[4.0,null]],)"
            R"("task":"translate"})");
  EXPECT_TRUE(SetOption("beam_size", "3x", &options).message().starts_with("beam_size"));
  EXPECT_TRUE(SetOption("guard", "perhaps", &options).message().starts_with("guard"));
  EXPECT_TRUE(SetOption("nothing", "1", &options).message().starts_with("nothing"));
}

TEST(RequestOptionsTest, LanguagesMayHaveNamesAndRegions) {
  EXPECT_EQ(*NormaliseLanguage("auto"), "");
  EXPECT_EQ(*NormaliseLanguage("DE"), "de");
  EXPECT_EQ(*NormaliseLanguage("zh_CN"), "zh");
  EXPECT_EQ(*NormaliseLanguage("english"), "en");
  EXPECT_FALSE(NormaliseLanguage("xx").ok());
  EXPECT_FALSE(NormaliseLanguage("en\nUS").ok());
}

}  // namespace
}  // namespace wt::worker

#include "service/transcripts/openai_json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wt::transcripts {
namespace {

using nlohmann::json;

Transcript Talk() {
  Transcript transcript;
  transcript.text = " \"Don't,\" he said. Bye — now.";
  transcript.language = "en";
  transcript.duration_s = 3.25;
  Segment first;
  first.text = " \"Don't,\" he said.";
  first.start_s = 0;
  first.end_s = 1.5;
  first.tokens = {50364, 1, 2, 50439};
  first.words.emplace();
  for (const char* word : {" \"Don't,\"", " he", " said."}) {
    first.words->push_back({word, 0.0, 0.5, 0.5});
  }
  Segment second = first;
  second.id = 1;
  second.text = " Bye — now.";
  second.words = std::vector<Word>{{" Bye", 2, 2.5, 1}, {" —", 2.5, 2.6, 1}, {" now.", 2.6, 3, 1}};
  transcript.segments = {first, second};
  return transcript;
}

json Body(OpenAiFormat format, const Granularities& granularities) {
  const OpenAiBody body = RenderOpenAi(format, granularities, Talk());
  EXPECT_EQ(body.content_type, "application/json");
  return json::parse(body.bytes);
}

TEST(OpenAiJsonTest, JsonHasTheTextAndItsDuration) {
  const json body = Body(OpenAiFormat::kJson, {});
  EXPECT_EQ(body["text"], "\"Don't,\" he said. Bye — now.");
  EXPECT_EQ(body["usage"], json::parse(R"({"type":"duration","seconds":4.0})"));
}

TEST(OpenAiJsonTest, SegmentsHaveTheTenRequiredKeys) {
  const json body = Body(OpenAiFormat::kVerboseJson, {});
  EXPECT_EQ(body["task"], "transcribe");
  EXPECT_EQ(body["language"], "english");
  EXPECT_TRUE(body["duration"].is_number());
  const json& segment = body["segments"][0];
  for (const char* key : {"id", "seek", "start", "end", "text", "tokens", "temperature",
                          "avg_logprob", "compression_ratio", "no_speech_prob"}) {
    EXPECT_TRUE(segment.contains(key)) << key;
  }
  EXPECT_EQ(segment["text"], " \"Don't,\" he said.") << "the leading space stays";
}

TEST(OpenAiJsonTest, GranularitiesChooseWhatIsThere) {
  const auto has = [](const Granularities& wanted, const char* key) {
    return Body(OpenAiFormat::kVerboseJson, wanted).contains(key);
  };
  EXPECT_FALSE(has({}, "words"));
  EXPECT_TRUE(has({}, "segments"));
  EXPECT_TRUE(has({.word = true}, "words"));
  EXPECT_FALSE(has({.word = true}, "segments"));
  EXPECT_FALSE(has({.segment = true}, "words"));
  EXPECT_TRUE(has({.segment = true}, "segments"));
  EXPECT_TRUE(has({.word = true, .segment = true}, "words"));
  EXPECT_TRUE(has({.word = true, .segment = true}, "segments"));
}

TEST(OpenAiJsonTest, WordsLoseThePunctuationAroundThem) {
  const json words = Body(OpenAiFormat::kVerboseJson, {.word = true})["words"];
  std::string joined;
  for (const json& word : words) joined += word["word"].get<std::string>() + "|";
  EXPECT_EQ(joined, "Don't|he|said|Bye|now|");
  EXPECT_EQ(BareWord(" $5,"), "$5");
  EXPECT_EQ(BareWord(" 50%."), "50%");
  EXPECT_EQ(BareWord("「你好」。"), "你好");
  EXPECT_EQ(BareWord(" ¿Qué?"), "Qué");
  EXPECT_EQ(BareWord(" ..."), "");
}

TEST(OpenAiJsonTest, TranslationsAreEnglish) {
  Transcript transcript = Talk();
  transcript.language = "de";
  transcript.task = SpeechTask::kTranslate;
  const json body = json::parse(RenderOpenAi(OpenAiFormat::kVerboseJson, {}, transcript).bytes);
  EXPECT_EQ(body["task"], "translate");
  EXPECT_EQ(body["language"], "english");
}

TEST(OpenAiJsonTest, TextFormatsAreNoJson) {
  EXPECT_EQ(RenderOpenAi(OpenAiFormat::kText, {}, Talk()).content_type,
            "text/plain; charset=utf-8");
  EXPECT_EQ(RenderOpenAi(OpenAiFormat::kText, {}, Talk()).bytes,
            "\"Don't,\" he said. Bye — now.\n");
  EXPECT_TRUE(RenderOpenAi(OpenAiFormat::kVtt, {}, Transcript()).bytes.starts_with("WEBVTT"));
  EXPECT_EQ(RenderOpenAi(OpenAiFormat::kSrt, {}, Transcript()).bytes, "");
}

Transcript Conversation() {
  Transcript transcript;
  transcript.duration_s = 9.5;
  const auto say = [&](const char* speaker, double start_s, const char* text) {
    Segment segment;
    segment.speaker = speaker;
    segment.start_s = start_s;
    segment.end_s = start_s + 1;
    segment.text = text;
    transcript.segments.push_back(segment);
    transcript.text += text;
  };
  say("S1", 0, " Hello.");
  say("S1", 1.25, " How are you?");
  say("S2", 3, " Fine.");
  say("", 4, "  ");
  say("S1", 5, " Good.");
  say("S28", 7, " Who is that?");
  say("", 8, " (laughter)");
  return transcript;
}

TEST(OpenAiJsonTest, DiarizedJsonHasATurnForEachChangeOfTheSpeaker) {
  EXPECT_EQ(*ParseOpenAiFormat("diarized_json"), OpenAiFormat::kDiarizedJson);
  const OpenAiBody rendered = RenderOpenAi(OpenAiFormat::kDiarizedJson, {}, Conversation());
  EXPECT_EQ(rendered.content_type, "application/json");
  const json body = json::parse(rendered.bytes);
  EXPECT_EQ(body["task"], "transcribe");
  EXPECT_EQ(body["duration"], 9.5);
  EXPECT_EQ(body["text"],
            "A: Hello. How are you?\nB: Fine.\nA: Good.\nAB: Who is that?\nunknown: (laughter)");
  ASSERT_EQ(body["segments"].size(), 5U);
  EXPECT_EQ(body["segments"][0], json::parse(R"({"type":"transcript.text.segment","id":"seg_001",
      "start":0.0,"end":2.25,"text":"Hello. How are you?","speaker":"A"})"));
  EXPECT_EQ(body["segments"][1]["speaker"], "B");
  EXPECT_EQ(body["segments"][3]["id"], "seg_004");
  EXPECT_EQ(body["usage"]["seconds"], 10.0);
}

TEST(OpenAiJsonTest, EventsOfSpeakersAreTheSegmentsOfTheWholeAnswer) {
  const json body =
      json::parse(RenderOpenAi(OpenAiFormat::kDiarizedJson, {}, Conversation()).bytes);
  const std::vector<std::string> events = SpeakerEvents(Conversation());
  ASSERT_EQ(events.size(), body["segments"].size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    EXPECT_EQ(json::parse(events[i]), body["segments"][i]);
  }
  EXPECT_TRUE(SpeakerEvents(Transcript()).empty());
}

TEST(OpenAiJsonTest, NumbersThatAreNotFiniteBecomeZero) {
  Transcript transcript = Talk();
  transcript.segments[0].avg_logprob = -1.0 / 0.0;
  const json body = json::parse(RenderOpenAi(OpenAiFormat::kVerboseJson, {}, transcript).bytes);
  EXPECT_EQ(body["segments"][0]["avg_logprob"], 0.0);
}

TEST(OpenAiJsonTest, WhatIsNotThereIsRefusedClearly) {
  EXPECT_EQ(ParseOpenAiFormat("").status().code(), StatusCode::kOk);
  EXPECT_EQ(ParseOpenAiFormat("xml").status().code(), StatusCode::kInvalidArgument);
  EXPECT_TRUE(CheckInclude("logprobs").ok());
  EXPECT_EQ(CheckInclude("magic").code(), StatusCode::kInvalidArgument);
  Granularities granularities;
  EXPECT_EQ(AddGranularity("letter", &granularities).code(), StatusCode::kInvalidArgument);
}

TEST(OpenAiStreamTest, JoinedDeltasAreTheFinalText) {
  Transcript transcript = Talk();
  Segment space = transcript.segments[0];
  space.text = "  ";
  transcript.segments.insert(transcript.segments.begin(), space);
  transcript.segments.insert(transcript.segments.begin() + 2, space);
  transcript.segments.push_back(space);
  transcript.text.clear();
  for (const Segment& segment : transcript.segments) transcript.text += segment.text;
  OpenAiStream stream;
  std::string joined;
  for (const Segment& segment : transcript.segments) {
    const std::string event = stream.Delta(segment);
    if (event.empty()) continue;
    EXPECT_EQ(json::parse(event)["type"], "transcript.text.delta");
    joined += json::parse(event)["delta"].get<std::string>();
  }
  const json done = json::parse(stream.Done(transcript));
  EXPECT_EQ(done["type"], "transcript.text.done");
  EXPECT_EQ(done["text"], joined);
  const json whole = json::parse(RenderOpenAi(OpenAiFormat::kJson, {}, transcript).bytes);
  EXPECT_EQ(done["text"], whole["text"]);
  EXPECT_EQ(done["usage"]["type"], "tokens");
  EXPECT_EQ(done["usage"]["total_tokens"],
            done["usage"]["input_tokens"].get<int>() + done["usage"]["output_tokens"].get<int>());
}

TEST(OpenAiJsonTest, LogprobsAreThereWhenTheTranscriptHasThem) {
  Transcript transcript = Talk();
  EXPECT_FALSE(Body(OpenAiFormat::kJson, {}).contains("logprobs"));
  // The second token is the first half of a character.
  transcript.segments[0].token_logprobs = {{.token = 1, .bytes = " he", .logprob = -0.25},
                                           {.token = 2, .bytes = "\xc3", .logprob = -1.5}};
  transcript.segments[1].token_logprobs.emplace();
  const json expected = json::parse(
      R"([{"token":" he","logprob":-0.25,"bytes":[32,104,101]},
          {"token":"\ufffd","logprob":-1.5,"bytes":[195]}])");
  const json body = json::parse(RenderOpenAi(OpenAiFormat::kJson, {}, transcript).bytes);
  EXPECT_EQ(body["logprobs"], expected);
  OpenAiStream stream;
  EXPECT_EQ(json::parse(stream.Delta(transcript.segments[0]))["logprobs"], expected);
  EXPECT_EQ(json::parse(stream.Delta(transcript.segments[1]))["logprobs"], json::array());
  EXPECT_EQ(json::parse(stream.Done(transcript))["logprobs"], expected);
  EXPECT_FALSE(json::parse(stream.Done(Talk())).contains("logprobs"));
}

TEST(OpenAiStreamTest, ErrorHasTheShapeThatClientsRaise) {
  const json event = json::parse(OpenAiStream::Error("no", "server_error", "busy"));
  EXPECT_EQ(event["error"]["message"], "no");
  EXPECT_TRUE(event["error"].contains("param"));
}

}  // namespace
}  // namespace wt::transcripts

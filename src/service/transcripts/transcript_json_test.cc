#include "service/transcripts/transcript_json.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>
#include <random>
#include <string>

#include "formats/json.h"

namespace wt::transcripts {
namespace {

Transcript Full() {
  Transcript transcript;
  transcript.text = " Grüße, \"Welt\"\n\x01 😀.";
  transcript.language = "de";
  transcript.language_probability = 0.75;
  transcript.language_candidates = {{"de", 0.75}, {"nl", 0.125}};
  transcript.duration_s = 12.345;
  transcript.speech_s = 10;
  transcript.model = "base";
  transcript.compute_type = ComputeType::kBfloat16;
  transcript.task = SpeechTask::kTranslate;
  transcript.windowing = Windowing::kReference;
  transcript.vad = VadMethod::kEnergy;
  Segment segment;
  segment.id = 3;
  segment.seek = 700;
  segment.start_s = 0.5;
  segment.end_s = 2.25;
  segment.text = transcript.text;
  segment.tokens = {50364, 0, 51865};
  segment.temperature = 0.4;
  segment.avg_logprob = -0.123457;
  segment.compression_ratio = 1.5;
  segment.no_speech_prob = 0.000001;
  segment.words.emplace();
  segment.words->push_back({" Grüße,", 0.5, 1.0, 0.9, "S1"});
  segment.speaker = "S1";
  transcript.speaker_turns = {{0.25, 2.5, "S1"}, {2, 3, "S2"}};
  transcript.speakers_forced = true;
  transcript.segments.push_back(segment);
  segment.words.emplace();
  segment.token_logprobs = {{.token = 5, .bytes = " \xc3", .logprob = -0.5},
                            {.token = 0, .bytes = "", .logprob = 0}};
  transcript.segments.push_back(segment);
  segment.words.reset();
  segment.token_logprobs.reset();
  transcript.segments.push_back(segment);
  transcript.dropped = {{3, 4, DropReason::kRepetition, "la la"}};
  return transcript;
}

std::string ReadAndWrite(const std::string& json) {
  const Result<Transcript> transcript = ReadTranscriptJson(json);
  EXPECT_TRUE(transcript.ok()) << transcript.status().message() << "\n" << json;
  return transcript.ok() ? formats::WriteJson(*transcript) : "";
}

TEST(TranscriptJsonTest, WhatIsWrittenIsReadBack) {
  const std::string json = formats::WriteJson(Full());
  EXPECT_EQ(ReadAndWrite(json), json);
  const Result<Transcript> read = ReadTranscriptJson(json);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->text, Full().text);
  EXPECT_EQ(read->segments[0].tokens, Full().segments[0].tokens);
  EXPECT_EQ(read->segments[0].words->at(0).text, " Grüße,");
  EXPECT_TRUE(read->segments[1].words->empty());
  EXPECT_FALSE(read->segments[2].words.has_value());
  EXPECT_EQ(read->dropped[0].reason, DropReason::kRepetition);
  EXPECT_EQ(read->vad, VadMethod::kEnergy);
  EXPECT_EQ(read->task, SpeechTask::kTranslate);
}

// Goal: the reader and the writer are each other's inverse. Method: random transcripts with random
// bytes as text and numbers of every size.
TEST(TranscriptJsonTest, RandomTranscriptsSurviveTheRoundTrip) {
  std::mt19937 random(20261121);
  const auto number = [&] {
    switch (random() % 6) {
      case 0: return 0.0;
      case 1: return static_cast<double>(random() % 100'000) / 1000.0;
      case 2: return -static_cast<double>(random() % 1000) / 7.0;
      case 3: return std::numeric_limits<double>::infinity();
      case 4: return 1e300 / static_cast<double>(random() % 9 + 1);
      default: return std::numeric_limits<double>::quiet_NaN();
    }
  };
  const auto text = [&] {
    std::string bytes(random() % 40, '\0');
    for (char& c : bytes) c = static_cast<char>(random() % 3 == 0 ? random() % 256 : 'a');
    return bytes;
  };
  for (int round = 0; round < 300; ++round) {
    Transcript transcript = Full();
    transcript.text = text();
    transcript.duration_s = number();
    transcript.language_candidates.resize(random() % 3);
    transcript.segments.resize(random() % 4);
    for (Segment& segment : transcript.segments) {
      segment.text = text();
      segment.start_s = number();
      segment.avg_logprob = number();
      segment.tokens.resize(random() % 5);
      if (random() % 2 == 0) {
        segment.words.emplace(random() % 3, Word{text(), number(), number(), number()});
      }
    }
    const std::string json = formats::WriteJson(transcript);
    ASSERT_EQ(ReadAndWrite(json), json) << "round " << round;
  }
}

TEST(TranscriptJsonTest, ByteOrderOfMembersDoesNotMatterAndUnknownOnesArePassedOver) {
  std::string json = formats::WriteJson(Full());
  json.insert(1, R"("future":{"a":[1,true,null,"x"]},)");
  EXPECT_EQ(ReadAndWrite(json), formats::WriteJson(Full()));
}

TEST(TranscriptJsonTest, EveryCutOffTextIsRefused) {
  const std::string json = formats::WriteJson(Full());
  for (std::size_t size = 0; size < json.size(); ++size) {
    const Result<Transcript> read = ReadTranscriptJson(std::string_view(json).substr(0, size));
    ASSERT_EQ(read.status().code(), StatusCode::kDataCorrupt) << size;
  }
}

TEST(TranscriptJsonTest, MissingDoubledAndFalseMembersAreRefused) {
  const std::string json = formats::WriteJson(Full());
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string copy = json;
    const std::size_t at = copy.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    copy.replace(at, from.size(), to);
    return ReadTranscriptJson(copy).status().code();
  };
  EXPECT_EQ(changed("\"vad\":\"energy\"", "\"vad\":\"magic\""), StatusCode::kDataCorrupt);
  EXPECT_EQ(changed("\"vad\":", "\"bad\":"), StatusCode::kDataCorrupt);
  EXPECT_EQ(changed("\"seek\":700", "\"seek\":-1"), StatusCode::kDataCorrupt);
  EXPECT_EQ(changed("\"seek\":700", "\"seek\":7.5"), StatusCode::kDataCorrupt);
  EXPECT_EQ(changed("\"seek\":700", "\"seek\":0700"), StatusCode::kDataCorrupt);
  EXPECT_EQ(changed("\"seek\":700", "\"id\":1"), StatusCode::kDataCorrupt);
  EXPECT_EQ(changed("51865", "99999999999"), StatusCode::kDataCorrupt);
  EXPECT_EQ(changed("\"repetition\"", "\"repetition"), StatusCode::kDataCorrupt);
  EXPECT_EQ(changed("\\u0001", "\x01"), StatusCode::kDataCorrupt);
  EXPECT_EQ(changed("\\u0001", "\\ud800"), StatusCode::kDataCorrupt);
  EXPECT_EQ(changed("\\u0001", "\xff"), StatusCode::kDataCorrupt);
  EXPECT_EQ(ReadTranscriptJson(json + "x").status().code(), StatusCode::kDataCorrupt);
  EXPECT_TRUE(ReadTranscriptJson(json + " \n").ok());
}

TEST(TranscriptJsonTest, DeepNestingIsRefusedWithoutRecursion) {
  const std::string json = "{\"x\":" + std::string(100'000, '[') + std::string(100'000, ']') + "}";
  EXPECT_EQ(ReadTranscriptJson(json).status().code(), StatusCode::kDataCorrupt);
}

}  // namespace
}  // namespace wt::transcripts

#include "formats/json.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

#include "formats/test_transcripts.h"

namespace wt::formats {
namespace {

Transcript Full() {
  Transcript transcript;
  transcript.text = " Hi.";
  transcript.language = "en";
  transcript.language_probability = 1;
  transcript.duration_s = 2.5;
  transcript.speech_s = 1.25;
  transcript.model = "base";
  transcript.vad = VadMethod::kNetwork;
  Segment segment = MakeWordSegment(0, 0.1 + 0.2, 0.5, {" Hi."});
  segment.seek = 100;
  segment.tokens = {50364, 2421, 13, 50389};
  segment.temperature = 0.2;
  segment.avg_logprob = -0.25;
  segment.compression_ratio = 0.6363636363;
  segment.no_speech_prob = 1e-7;
  transcript.segments = {segment};
  transcript.dropped = {{1, 2, DropReason::kLowEvidence, " Bye."}};
  return transcript;
}

TEST(JsonTest, HasTheReferencesFieldsThenOurs) {
  EXPECT_EQ(WriteJson(Full()),
            R"({"text":" Hi.","segments":[{"id":0,"seek":100,"start":0.3,"end":0.8,"text":" Hi.",)"
            R"("tokens":[50364,2421,13,50389],"temperature":0.2,"avg_logprob":-0.25,)"
            R"("compression_ratio":0.636364,"no_speech_prob":0.0,"words":[{"word":" Hi.",)"
            R"("start":0.3,"end":0.8,"probability":0.9}]}],"language":"en",)"
            R"("language_probability":1.0,"duration":2.5,"speech_duration":1.25,"model":"base",)"
            R"("compute_type":"float32","task":"transcribe","windowing":"robust","vad":"network",)"
            R"("dropped":[{"start":1.0,"end":2.0,"reason":"low_evidence","text":" Bye."}]})");
}

TEST(JsonTest, SpeakersStandInSegmentsWordsAndTurns) {
  Transcript transcript = Full();
  transcript.segments[0].speaker = "S2";
  transcript.segments[0].words->front().speaker = "S2";
  transcript.speaker_turns = {{0.25, 1.5, "S2"}};
  nlohmann::json json = nlohmann::json::parse(WriteJson(transcript));
  EXPECT_EQ(json["segments"][0]["speaker"], "S2");
  EXPECT_EQ(json["segments"][0]["words"][0]["speaker"], "S2");
  EXPECT_EQ(json["speaker_turns"][0],
            nlohmann::json::parse(R"({"start":0.25,"end":1.5,"speaker":"S2"})"));
  EXPECT_EQ(json["speaker_confidence"], "normal");
  transcript.speakers_forced = true;
  json = nlohmann::json::parse(WriteJson(transcript, {"Ann"}));
  EXPECT_EQ(json["speaker_confidence"], "low");
  EXPECT_EQ(json["segments"][0]["speaker"], "Ann");
}

TEST(JsonTest, WordsAreAbsentWhenTheyWereNotAskedFor) {
  const nlohmann::json json = nlohmann::json::parse(WriteJson(TwoSegments()));
  EXPECT_FALSE(json["segments"][0].contains("words"));
  EXPECT_EQ(json["segments"][1]["text"], " And \"more\".");
}

TEST(JsonTest, CandidatesAppearWhenTheLanguageWasDetected) {
  Transcript transcript = Full();
  transcript.language_candidates = {{"en", 0.75}, {"de", 0.25}};
  const nlohmann::json json = nlohmann::json::parse(WriteJson(transcript));
  EXPECT_EQ(json["language_candidates"][1]["language"], "de");
  EXPECT_EQ(json["language_candidates"][1]["probability"], 0.25);
}

TEST(JsonTest, NumbersThatAreNotFiniteBecomeNull) {
  Transcript transcript = Full();
  transcript.segments[0].avg_logprob = std::numeric_limits<double>::quiet_NaN();
  transcript.segments[0].start_s = -std::numeric_limits<double>::infinity();
  transcript.segments[0].end_s = 1e300;
  transcript.duration_s = -0.0001;
  const nlohmann::json json = nlohmann::json::parse(WriteJson(transcript));
  EXPECT_TRUE(json["segments"][0]["avg_logprob"].is_null());
  EXPECT_TRUE(json["segments"][0]["start"].is_null());
  EXPECT_EQ(json["segments"][0]["end"], 1e300);
  EXPECT_EQ(WriteJson(transcript).find("-0.0,"), std::string::npos);
}

TEST(JsonTest, HostileTextStaysOneValidLine) {
  Transcript transcript = Full();
  transcript.segments[0].text = std::string("\"\\\n\x01\xff\0</script>", 16);
  const std::string line = WriteJson(transcript);
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const nlohmann::json json = nlohmann::json::parse(line);
  EXPECT_EQ(json["segments"][0]["text"],
            std::string("\"\\\n\x01\xef\xbf\xbd\0</script>", 18).substr(0, 18));
}

TEST(JsonLinesTest, AResultNamesItsFileAndTime) {
  const nlohmann::json json = nlohmann::json::parse(WriteJsonLine("a \"b\".wav", 1.23456, Full()));
  EXPECT_EQ(json["file"], "a \"b\".wav");
  EXPECT_EQ(json["elapsed"], 1.235);
  EXPECT_EQ(json["duration"], 2.5);
  EXPECT_EQ(json["text"], " Hi.");
}

TEST(JsonLinesTest, AnErrorHasCodeAndMessageOnly) {
  EXPECT_EQ(WriteJsonErrorLine("x.wav", Status(StatusCode::kNotFound, "x.wav: no such file",
                                               InternalDetail("secret"))),
            R"({"file":"x.wav","error":{"code":"not_found","message":"x.wav: no such file"}})");
}

}  // namespace
}  // namespace wt::formats

#include "formats/json.h"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include <array>
#include <charconv>
#include <cmath>

#include "base/utf8.h"

namespace wt::formats {
namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

void Text(Writer& writer, std::string_view text) {
  const std::string valid = base::ReplaceInvalidUtf8(text);
  writer.String(valid.data(), static_cast<rapidjson::SizeType>(valid.size()));
}

void TextField(Writer& writer, const char* key, std::string_view text) {
  writer.Key(key);
  Text(writer, text);
}

// The shortest decimal that reads back as the rounded value, with a point like Python's floats.
void NumberField(Writer& writer, const char* key, double value, double steps_per_unit) {
  writer.Key(key);
  if (!std::isfinite(value)) {
    writer.Null();
    return;
  }
  const double scaled = std::round(value * steps_per_unit);
  // Beyond 2^53 there are no decimals to round. Adding 0 turns -0 into 0.
  const double rounded = std::abs(scaled) < 9.0e15 ? scaled / steps_per_unit + 0.0 : value;
  std::array<char, 40> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), rounded).ptr;
  std::string digits(buffer.data(), end);
  if (digits.find_first_of(".e") == std::string::npos) digits += ".0";
  writer.RawValue(digits.data(), digits.size(), rapidjson::kNumberType);
}

void TimeField(Writer& writer, const char* key, double seconds) {
  NumberField(writer, key, seconds, 1e3);
}

void ScoreField(Writer& writer, const char* key, double value) {
  NumberField(writer, key, value, 1e6);
}

void WriteWord(Writer& writer, const Word& word) {
  writer.StartObject();
  TextField(writer, "word", word.text);
  TimeField(writer, "start", word.start_s);
  TimeField(writer, "end", word.end_s);
  ScoreField(writer, "probability", word.probability);
  if (!word.speaker.empty()) TextField(writer, "speaker", word.speaker);
  writer.EndObject();
}

// The shape of the hosted API, and the token's number.
void WriteTokenLogprob(Writer& writer, const TokenLogprob& score) {
  writer.StartObject();
  writer.Key("id");
  writer.Int(score.token);
  TextField(writer, "token", score.bytes);
  ScoreField(writer, "logprob", score.logprob);
  writer.Key("bytes");
  writer.StartArray();
  for (const char byte : score.bytes) writer.Int(static_cast<unsigned char>(byte));
  writer.EndArray();
  writer.EndObject();
}

void WriteSegment(Writer& writer, const Segment& segment, const std::string& speaker) {
  writer.StartObject();
  writer.Key("id");
  writer.Int(segment.id);
  writer.Key("seek");
  writer.Int64(segment.seek);
  TimeField(writer, "start", segment.start_s);
  TimeField(writer, "end", segment.end_s);
  TextField(writer, "text", segment.text);
  writer.Key("tokens");
  writer.StartArray();
  for (const TokenId token : segment.tokens) writer.Int(token);
  writer.EndArray();
  ScoreField(writer, "temperature", segment.temperature);
  ScoreField(writer, "avg_logprob", segment.avg_logprob);
  ScoreField(writer, "compression_ratio", segment.compression_ratio);
  ScoreField(writer, "no_speech_prob", segment.no_speech_prob);
  if (segment.words) {
    writer.Key("words");
    writer.StartArray();
    for (const Word& word : *segment.words) WriteWord(writer, word);
    writer.EndArray();
  }
  if (segment.token_logprobs) {
    writer.Key("token_logprobs");
    writer.StartArray();
    for (const TokenLogprob& score : *segment.token_logprobs) WriteTokenLogprob(writer, score);
    writer.EndArray();
  }
  if (!speaker.empty()) TextField(writer, "speaker", speaker);
  writer.EndObject();
}

void WriteSpeakerTurns(Writer& writer, const Transcript& transcript) {
  if (!transcript.speaker_turns) return;
  writer.Key("speaker_turns");
  writer.StartArray();
  for (const SpeakerTurn& turn : *transcript.speaker_turns) {
    writer.StartObject();
    TimeField(writer, "start", turn.start_s);
    TimeField(writer, "end", turn.end_s);
    TextField(writer, "speaker", turn.speaker);
    writer.EndObject();
  }
  writer.EndArray();
  TextField(writer, "speaker_confidence", transcript.speakers_forced ? "low" : "normal");
}

void WriteDropped(Writer& writer, const DroppedSpan& span) {
  writer.StartObject();
  TimeField(writer, "start", span.start_s);
  TimeField(writer, "end", span.end_s);
  TextField(writer, "reason", DropReasonName(span.reason));
  TextField(writer, "text", span.text);
  writer.EndObject();
}

void WriteLanguage(Writer& writer, const Transcript& transcript) {
  TextField(writer, "language", transcript.language);
  ScoreField(writer, "language_probability", transcript.language_probability);
  if (transcript.language_candidates.empty()) return;
  writer.Key("language_candidates");
  writer.StartArray();
  for (const LanguageProbability& candidate : transcript.language_candidates) {
    writer.StartObject();
    TextField(writer, "language", candidate.language);
    ScoreField(writer, "probability", candidate.probability);
    writer.EndObject();
  }
  writer.EndArray();
}

// The members of a transcript, without the braces.
void WriteMembers(Writer& writer, const Transcript& transcript,
                  const std::vector<std::string>& speakers) {
  TextField(writer, "text", transcript.text);
  writer.Key("segments");
  writer.StartArray();
  for (std::size_t i = 0; i < transcript.segments.size(); ++i) {
    const Segment& segment = transcript.segments[i];
    WriteSegment(writer, segment,
                 speakers.empty()      ? segment.speaker
                 : i < speakers.size() ? speakers[i]
                                       : std::string());
  }
  writer.EndArray();
  WriteLanguage(writer, transcript);
  TimeField(writer, "duration", transcript.duration_s);
  TimeField(writer, "speech_duration", transcript.speech_s);
  TextField(writer, "model", transcript.model);
  TextField(writer, "compute_type", ComputeTypeName(transcript.compute_type));
  TextField(writer, "task", SpeechTaskName(transcript.task));
  TextField(writer, "windowing", WindowingName(transcript.windowing));
  TextField(writer, "vad", VadMethodName(transcript.vad));
  WriteSpeakerTurns(writer, transcript);
  writer.Key("dropped");
  writer.StartArray();
  for (const DroppedSpan& span : transcript.dropped) WriteDropped(writer, span);
  writer.EndArray();
}

}  // namespace

std::string WriteJson(const Transcript& transcript, const std::vector<std::string>& speakers) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  WriteMembers(writer, transcript, speakers);
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

std::string WriteJsonLine(std::string_view file, double elapsed_s, const Transcript& transcript) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  TextField(writer, "file", file);
  TimeField(writer, "elapsed", elapsed_s);
  WriteMembers(writer, transcript, {});
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

std::string WriteJsonErrorLine(std::string_view file, const Status& error) {
  rapidjson::StringBuffer buffer;
  Writer writer(buffer);
  writer.StartObject();
  TextField(writer, "file", file);
  writer.Key("error");
  writer.StartObject();
  TextField(writer, "code", StatusCodeName(error.code()));
  TextField(writer, "message", error.message());
  writer.EndObject();
  writer.EndObject();
  return std::string(buffer.GetString(), buffer.GetSize());
}

}  // namespace wt::formats

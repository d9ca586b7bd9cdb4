#include "service/transcripts/openai_json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdint>

#include <nlohmann/json.hpp>

#include "base/json_text.h"
#include "base/strip.h"
#include "base/utf8.h"
#include "formats/formats.h"
#include "formats/languages.h"

namespace wt::transcripts {
namespace {

using nlohmann::ordered_json;

std::string Shown(std::string_view text) { return base::ReplaceInvalidUtf8(text.substr(0, 64)); }

std::string Dump(const ordered_json& value) { return base::JsonToText(value); }

// Times have three decimals and scores six, as in files. What is not finite becomes 0: the clients'
// types know no null.
double Rounded(double value, double steps) {
  return std::isfinite(value) ? std::round(value * steps) / steps + 0.0 : 0.0;
}
double Time(double seconds) { return Rounded(seconds, 1e3); }
double Score(double value) { return Rounded(value, 1e6); }

std::string LowerName(std::string_view code) {
  std::string name = formats::LanguageName(code);
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return name;
}

// Billing of whisper-1: whole seconds.
ordered_json Usage(const Transcript& transcript) {
  return {{"type", "duration"}, {"seconds", std::ceil(std::max(0.0, Time(transcript.duration_s)))}};
}

// For the end of a stream, whose type knows tokens only. Whisper takes 50 audio tokens a second
// (1,500 for 30 s).
ordered_json TokenUsage(const Transcript& transcript) {
  const auto audio =
      static_cast<std::int64_t>(std::ceil(std::max(0.0, Time(transcript.duration_s)) * 50));
  std::int64_t output = 0;
  for (const Segment& segment : transcript.segments) {
    output += static_cast<std::int64_t>(segment.tokens.size());
  }
  return {{"type", "tokens"},
          {"input_tokens", audio},
          {"input_token_details", {{"text_tokens", 0}, {"audio_tokens", audio}}},
          {"output_tokens", output},
          {"total_tokens", audio + output}};
}

ordered_json SegmentJson(const Segment& segment) {
  return {{"id", segment.id},
          {"seek", segment.seek},
          {"start", Time(segment.start_s)},
          {"end", Time(segment.end_s)},
          {"text", base::ReplaceInvalidUtf8(segment.text)},
          {"tokens", segment.tokens},
          {"temperature", Score(segment.temperature)},
          {"avg_logprob", Score(segment.avg_logprob)},
          {"compression_ratio", Score(segment.compression_ratio)},
          {"no_speech_prob", Score(segment.no_speech_prob)}};
}

ordered_json WordsJson(const Transcript& transcript) {
  ordered_json words = ordered_json::array();
  for (const Segment& segment : transcript.segments) {
    if (!segment.words) continue;
    for (const Word& word : *segment.words) {
      std::string bare = BareWord(word.text);
      if (bare.empty()) continue;  // Punctuation alone is no word.
      words.push_back({{"word", std::move(bare)},
                       {"start", Time(word.start_s)},
                       {"end", Time(word.end_s)},
                       {"probability", Score(word.probability)}});
    }
  }
  return words;
}

// Appends the tokens of a segment in the hosted API's shape. A token may be a part of a character,
// which only its bytes tell.
void AppendLogprobs(const Segment& segment, ordered_json* out) {
  if (!segment.token_logprobs) return;
  for (const TokenLogprob& score : *segment.token_logprobs) {
    ordered_json bytes = ordered_json::array();
    for (const char byte : score.bytes) bytes.push_back(static_cast<unsigned char>(byte));
    out->push_back({{"token", base::ReplaceInvalidUtf8(score.bytes)},
                    {"logprob", Score(score.logprob)},
                    {"bytes", std::move(bytes)}});
  }
}

// Adds "logprobs" when some segment was decoded with them.
void AddLogprobs(const Transcript& transcript, ordered_json* body) {
  ordered_json logprobs = ordered_json::array();
  bool asked = false;
  for (const Segment& segment : transcript.segments) {
    asked = asked || segment.token_logprobs.has_value();
    AppendLogprobs(segment, &logprobs);
  }
  if (asked) (*body)["logprobs"] = std::move(logprobs);
}

std::string Verbose(const Granularities& wanted, const Transcript& transcript) {
  const bool translated = transcript.task == SpeechTask::kTranslate;
  ordered_json body = {{"task", SpeechTaskName(transcript.task)},
                       {"language", LowerName(translated ? "en" : transcript.language)},
                       {"duration", Time(transcript.duration_s)},
                       {"text", base::ReplaceInvalidUtf8(base::StripWhiteSpace(transcript.text))},
                       {"language_code", translated ? "en" : transcript.language}};
  if (wanted.word) body["words"] = WordsJson(transcript);
  if (wanted.segment || !wanted.word) {
    ordered_json segments = ordered_json::array();
    for (const Segment& segment : transcript.segments) segments.push_back(SegmentJson(segment));
    body["segments"] = std::move(segments);
  }
  body["usage"] = Usage(transcript);
  return Dump(body);
}

// "S1" is A, "S27" AA, as columns are named in a table; what is not numbered keeps its name, and
// nobody is "unknown".
std::string SpeakerLetter(const std::string& speaker) {
  int number = 0;
  const char* const end = speaker.data() + speaker.size();
  if (speaker.empty()) return "unknown";
  const auto parsed = std::from_chars(speaker.data() + 1, end, number);
  if (speaker[0] != 'S' || parsed.ec != std::errc() || parsed.ptr != end || number < 1) {
    return base::ReplaceInvalidUtf8(speaker);
  }
  std::string letters;
  for (; number > 0; number = (number - 1) / 26) {
    letters.insert(letters.begin(), static_cast<char>('A' + (number - 1) % 26));
  }
  return letters;
}

// A turn: what one speaker says until another one begins.
struct SpokenTurn {
  std::string speaker;
  double start_s = 0;
  double end_s = 0;
  std::string text;
};

std::vector<SpokenTurn> SpokenTurns(const Transcript& transcript) {
  std::vector<SpokenTurn> turns;
  for (const Segment& segment : transcript.segments) {
    if (base::StripWhiteSpace(segment.text).empty()) continue;
    const std::string speaker = SpeakerLetter(segment.speaker);
    if (turns.empty() || turns.back().speaker != speaker) {
      turns.push_back({speaker, segment.start_s, segment.end_s, {}});
    }
    turns.back().end_s = std::max(turns.back().end_s, segment.end_s);
    turns.back().text += segment.text;
  }
  for (SpokenTurn& turn : turns) {
    turn.text = base::ReplaceInvalidUtf8(base::StripWhiteSpace(turn.text));
  }
  return turns;
}

ordered_json TurnJson(const SpokenTurn& turn, std::size_t index) {
  std::string number = std::to_string(index + 1);
  if (number.size() < 3) number.insert(0, 3 - number.size(), '0');
  return {
      {"type", "transcript.text.segment"}, {"id", "seg_" + number}, {"start", Time(turn.start_s)},
      {"end", Time(turn.end_s)},           {"text", turn.text},     {"speaker", turn.speaker}};
}

// The text has a line for each turn, as in the hosted API's example.
std::string Diarized(const Transcript& transcript) {
  const std::vector<SpokenTurn> turns = SpokenTurns(transcript);
  std::string text;
  ordered_json segments = ordered_json::array();
  for (std::size_t i = 0; i < turns.size(); ++i) {
    text += (i > 0 ? "\n" : "") + turns[i].speaker + ": " + turns[i].text;
    segments.push_back(TurnJson(turns[i], i));
  }
  return Dump({{"task", SpeechTaskName(transcript.task)},
               {"duration", Time(transcript.duration_s)},
               {"text", text},
               {"segments", std::move(segments)},
               {"usage", Usage(transcript)}});
}

// Punctuation that stands around words in Whisper's languages; an apostrophe or hyphen inside a
// word stays, because only the ends are looked at.
bool IsPunctuation(char32_t c) {
  if (c < 0x80) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    // "$5", "50%", "C++", "#1", "@home": signs that belong to the word.
    constexpr std::u32string_view kSigns = U"$%+#@&=<>^~|`_*/\\";
    return !letter && !digit && kSigns.find(c) == std::u32string_view::npos;
  }
  constexpr std::u32string_view kMarks =
      U"¡¿«»·‚„‘’“”‹›–—―…‐‑"                 // European
      U"،؛؟۔।॥"                              // Arabic, Devanagari
      U"、。〈〉《》「」『』【】〔〕〖〗〜"  // CJK
      U"！（），．：；？［］｛｝｢｣､｡～";     // Full width
  return kMarks.find(c) != std::u32string_view::npos;
}

}  // namespace

Result<OpenAiFormat> ParseOpenAiFormat(std::string_view name) {
  if (name == "json" || name.empty()) return OpenAiFormat::kJson;
  if (name == "text") return OpenAiFormat::kText;
  if (name == "srt") return OpenAiFormat::kSrt;
  if (name == "vtt") return OpenAiFormat::kVtt;
  if (name == "verbose_json") return OpenAiFormat::kVerboseJson;
  if (name == "diarized_json") return OpenAiFormat::kDiarizedJson;
  return Status(StatusCode::kInvalidArgument,
                "response_format: '" + Shown(name) +
                    "' is not there; use json, text, srt, verbose_json, vtt or diarized_json");
}

Status AddGranularity(std::string_view name, Granularities* granularities) {
  if (name == "word") {
    granularities->word = true;
  } else if (name == "segment") {
    granularities->segment = true;
  } else {
    return Status(StatusCode::kInvalidArgument, "timestamp_granularities: '" + Shown(name) +
                                                    "' is not there; use word or segment");
  }
  return Status();
}

Status CheckInclude(std::string_view name) {
  if (name == "logprobs") return Status();
  return Status(StatusCode::kInvalidArgument,
                "include: '" + Shown(name) + "' is not there; use logprobs");
}

OpenAiBody RenderOpenAi(OpenAiFormat format, const Granularities& granularities,
                        const Transcript& transcript) {
  const std::string text = base::ReplaceInvalidUtf8(base::StripWhiteSpace(transcript.text));
  switch (format) {
    case OpenAiFormat::kText: return {text + "\n", "text/plain; charset=utf-8"};
    case OpenAiFormat::kSrt:
      return {formats::Render(formats::Format::kSrt, transcript, {}),
              "application/x-subrip; charset=utf-8"};
    case OpenAiFormat::kVtt:
      return {formats::Render(formats::Format::kVtt, transcript, {}), "text/vtt; charset=utf-8"};
    case OpenAiFormat::kDiarizedJson: return {Diarized(transcript), "application/json"};
    case OpenAiFormat::kVerboseJson:
      return {Verbose(granularities, transcript), "application/json"};
    case OpenAiFormat::kJson: break;
  }
  ordered_json body = {{"text", text}};
  AddLogprobs(transcript, &body);
  body["usage"] = Usage(transcript);
  return {Dump(body), "application/json"};
}

std::string BareWord(std::string_view word) {
  std::string_view rest = word;
  std::size_t begin = word.size();
  std::size_t end = word.size();
  while (!rest.empty()) {
    const std::size_t at = word.size() - rest.size();
    const char32_t c = base::NextCodePoint(&rest);
    if (base::IsWhiteSpace(c) || IsPunctuation(c)) continue;
    begin = std::min(begin, at);
    end = word.size() - rest.size();
  }
  return base::ReplaceInvalidUtf8(word.substr(begin, end - begin));
}

std::vector<std::string> SpeakerEvents(const Transcript& transcript) {
  const std::vector<SpokenTurn> turns = SpokenTurns(transcript);
  std::vector<std::string> events;
  for (std::size_t i = 0; i < turns.size(); ++i) events.push_back(Dump(TurnJson(turns[i], i)));
  return events;
}

std::string OpenAiStream::Delta(const Segment& segment) {
  // White space at the ends of the whole text is not part of it: what ends a segment waits for the
  // next one.
  std::string piece = pending_space_ + base::ReplaceInvalidUtf8(segment.text);
  std::string_view rest = piece;
  if (text_.empty() && !base::StripWhiteSpace(rest).empty()) {
    rest.remove_prefix(static_cast<std::size_t>(base::StripWhiteSpace(rest).data() - rest.data()));
  }
  const std::string_view bare = base::StripWhiteSpace(rest);
  if (bare.empty()) {
    pending_space_ = piece;
    return "";
  }
  const auto said = static_cast<std::size_t>(bare.data() + bare.size() - rest.data());
  const std::string delta(rest.substr(0, said));
  pending_space_ = rest.substr(said);
  text_ += delta;
  ordered_json event = {{"type", "transcript.text.delta"}, {"delta", delta}};
  if (segment.token_logprobs) {
    AppendLogprobs(segment, &(event["logprobs"] = ordered_json::array()));
  }
  return Dump(event);
}

std::string OpenAiStream::Done(const Transcript& transcript) {
  ordered_json event = {{"type", "transcript.text.done"}, {"text", text_}};
  AddLogprobs(transcript, &event);
  event["usage"] = TokenUsage(transcript);
  return Dump(event);
}

std::string OpenAiStream::Error(std::string_view message, std::string_view type,
                                std::string_view code) {
  return Dump({{"error",
                {{"message", base::ReplaceInvalidUtf8(message)},
                 {"type", type},
                 {"param", nullptr},
                 {"code", code}}}});
}

}  // namespace wt::transcripts

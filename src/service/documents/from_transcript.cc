#include "service/documents/from_transcript.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <utility>

#include "base/utf8.h"
#include "formats/text.h"

namespace wt::documents {
namespace {

constexpr std::string_view kDigits =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// The text of a segment in words: cut before spaces, around wide characters, and where a word is
/// longer than one may be (scripts without spaces).
std::vector<std::string> CutWords(std::string_view text) {
  std::vector<std::string> words;
  std::size_t characters = 0;
  bool wide_before = false;
  while (!text.empty()) {
    std::string_view rest = text;
    const char32_t code_point = base::NextCodePoint(&rest);
    const std::string_view character = text.substr(0, text.size() - rest.size());
    const bool wide = formats::CodePointWidth(code_point) == 2;
    const bool mark = formats::CodePointWidth(code_point) == 0;
    const bool blank = words.empty() || formats::StripSpace(words.back()).empty();
    const bool full = characters == kWordCharactersMax;
    if (words.empty() || full || (!mark && !blank && (character == " " || wide || wide_before))) {
      words.emplace_back();
      characters = 0;
    }
    words.back() += character;
    ++characters;
    if (!mark) wide_before = wide;
    text = rest;
  }
  return words;
}

/// Times in proportion to the characters before, for want of better ones.
std::vector<Word> Interpolated(const Segment& segment) {
  const std::vector<std::string> texts = CutWords(formats::CleanWord(segment.text));
  const auto total = static_cast<double>(base::CountCodePoints(segment.text));
  const double length = std::max(0.0, segment.end_s - segment.start_s);
  std::vector<Word> words;
  double done = 0;
  for (const std::string& text : texts) {
    Word word{.text = text, .interpolated = true};
    word.start_s = segment.start_s + length * std::min(1.0, done / total);
    done += static_cast<double>(base::CountCodePoints(text));
    word.end_s = segment.start_s + length * std::min(1.0, done / total);
    words.push_back(std::move(word));
  }
  return words;
}

std::vector<Word> Measured(const std::vector<wt::Word>& machine) {
  std::vector<Word> words;
  for (const wt::Word& from : machine) {
    for (const std::string& text : CutWords(formats::CleanWord(from.text))) {
      // A word that is cut (scripts without spaces) shares its times.
      Word word{.text = text, .start_s = from.start_s, .end_s = from.end_s};
      if (std::isfinite(from.probability)) {
        word.probability = std::clamp(from.probability, 0.0, 1.0);
      }
      words.push_back(std::move(word));
    }
  }
  return words;
}

/// Empty for nobody and for what is no name of the engine's.
std::string SpeakerId(const std::string& name) {
  if (name.size() < 2 || name.size() > kIdBytesMax || name[0] != 'S' || !IsItemId(name)) return {};
  return "s" + name.substr(1);
}

/// Tokens and probabilities describe what the model wrote: they go with its words.
void ForgetMeasures(Segment* segment) {
  constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
  segment->tokens.clear();
  segment->temperature = kUnknown;
  segment->avg_logprob = kUnknown;
  segment->compression_ratio = kUnknown;
  segment->no_speech_prob = kUnknown;
}

Segment ToSegment(const Turn& turn) {
  Segment segment;
  segment.text = turn.Text();
  segment.start_s = turn.start_s;
  segment.end_s = turn.end_s;
  segment.seek = static_cast<std::int64_t>(turn.start_s * 100);
  auto& words = segment.words.emplace();
  double last = 0;
  for (const Word& from : turn.words) {
    // Writers rely on times that never go back.
    const double start = std::max(last, from.start_s);
    last = std::max(start, from.end_s);
    words.push_back(
        {.text = from.text,
         .start_s = start,
         .end_s = last,
         .probability = from.probability.value_or(std::numeric_limits<double>::quiet_NaN())});
  }
  ForgetMeasures(&segment);
  return segment;
}

/// The machine's speakers by their names there ("S1" has the id "s1"), in the order of id.
std::vector<Speaker> SpeakersOf(const Transcript& transcript) {
  std::map<std::string, Speaker> speakers;
  for (const Segment& segment : transcript.segments) {
    const std::string id = SpeakerId(segment.speaker);
    if (id.empty()) continue;
    const auto color = static_cast<int>(speakers.size()) % (kColorMax + 1);
    if (speakers.size() == kSpeakersMax) break;
    speakers.emplace(id, Speaker{.id = id, .name = segment.speaker, .color = color, .rev = 1});
  }
  std::vector<Speaker> list;
  for (auto& [id, speaker] : speakers) list.push_back(std::move(speaker));
  return list;
}

/// The machine's segment that a turn was made from, if its id says so.
const Segment* MachineSegment(const Turn& turn, const Transcript& machine) {
  std::size_t number = 0;
  const char* const end = turn.id.data() + turn.id.size();
  if (!turn.id.starts_with('t')) return nullptr;
  const auto parsed = std::from_chars(turn.id.data() + 1, end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end) return nullptr;
  return number >= 1 && number <= machine.segments.size() ? &machine.segments[number - 1] : nullptr;
}

std::string NameOf(const Document& document, const std::string& speaker) {
  for (const Speaker& known : document.content.speakers) {
    if (known.id == speaker) return known.name;
  }
  return {};
}

Turn TurnOf(const Segment& segment, double duration_s) {
  Turn turn;
  turn.rev = 1;
  turn.speaker = SpeakerId(segment.speaker);
  const double last = duration_s + kBeyondEndSecondsMax;
  turn.start_s = std::clamp(segment.start_s, 0.0, last);
  turn.end_s = std::clamp(segment.end_s, turn.start_s, last);
  const bool measured = segment.words && !segment.words->empty();
  turn.words = measured ? Measured(*segment.words) : Interpolated(segment);
  for (Word& word : turn.words) {
    word.start_s = std::clamp(word.start_s, 0.0, last);
    word.end_s = std::clamp(word.end_s, word.start_s, last);
  }
  RoundTimes(&turn);
  return turn;
}

}  // namespace

std::string PositionAt(std::int64_t n, std::int64_t count) {
  const auto base = static_cast<std::int64_t>(kDigits.size());
  int digits = 1;
  for (std::int64_t room = base; room <= count; room *= base) ++digits;
  // The first letter says how many digits follow; 'V' is the middle of the digits.
  std::string position(static_cast<std::size_t>(digits), '0');
  for (int i = digits - 1; i >= 0; --i, n /= base) {
    position[static_cast<std::size_t>(i)] = kDigits[static_cast<std::size_t>(n % base)];
  }
  return static_cast<char>('a' + digits - 1) + position + 'V';
}

Result<Document> FromTranscript(const std::string& job_id, const Transcript& transcript) {
  Document document;
  document.job_id = job_id;
  document.language = transcript.language;
  document.duration_s = transcript.duration_s;
  const auto count = static_cast<std::int64_t>(transcript.segments.size());
  if (count > kTurnsMax) {
    return Status(StatusCode::kResourceExhausted,
                  fmt::format("The transcript has {} segments; at most {} can be edited at once. "
                              "Downloads are not limited.",
                              count, kTurnsMax));
  }
  document.content.speakers = SpeakersOf(transcript);
  std::int64_t words = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    Turn turn = TurnOf(transcript.segments[static_cast<std::size_t>(i)], transcript.duration_s);
    turn.id = fmt::format("t{}", i + 1);
    turn.pos = PositionAt(i + 1, count);
    words += static_cast<std::int64_t>(turn.words.size());
    document.content.turns.push_back(std::move(turn));
  }
  if (words > kWordsMax) {
    return Status(StatusCode::kResourceExhausted,
                  fmt::format("The transcript has {} words; at most {} can be edited at once. "
                              "Downloads are not limited.",
                              words, kWordsMax));
  }
  return document;
}

EditedTranscript ToTranscript(const Document& document, const Transcript& machine) {
  EditedTranscript edited;
  edited.transcript = machine;
  edited.transcript.text.clear();
  edited.transcript.segments.clear();
  // They are the machine's, by its names.
  edited.transcript.speaker_turns.reset();
  std::vector<std::pair<Segment, std::string>> spoken;
  for (const Turn& turn : document.content.turns) {
    if (formats::StripSpace(turn.Text()).empty()) continue;
    const Segment* const from = MachineSegment(turn, machine);
    const Turn before = from != nullptr ? TurnOf(*from, machine.duration_s) : Turn();
    const bool same = from != nullptr && before.words == turn.words &&
                      before.start_s == turn.start_s && before.end_s == turn.end_s;
    Segment segment = same ? *from : ToSegment(turn);
    segment.id = static_cast<int>(spoken.size());
    segment.speaker = NameOf(document, turn.speaker);
    if (segment.words) {
      for (wt::Word& word : *segment.words) word.speaker = segment.speaker;
    }
    edited.transcript.text += segment.text;
    spoken.emplace_back(std::move(segment), NameOf(document, turn.speaker));
  }
  std::sort(spoken.begin(), spoken.end(), [](const auto& a, const auto& b) {
    return std::pair(a.first.start_s, a.first.id) < std::pair(b.first.start_s, b.first.id);
  });
  for (auto& [segment, speaker] : spoken) {
    segment.id = static_cast<int>(edited.speakers.size());
    edited.transcript.segments.push_back(std::move(segment));
    edited.speakers.push_back(std::move(speaker));
  }
  return edited;
}

}  // namespace wt::documents

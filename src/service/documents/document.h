// The editable state of a job's transcript: turns of words with times, and who speaks them.
//
// A document begins as the machine's transcript and changes by sets of changes, each of which makes
// one revision (document_store.h). Turns are ordered by (pos, id); pos is a fractional index, so
// that two people can insert at once without renumbering. Values: thread-compatible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"

namespace wt::documents {

// What one document, turn and word may hold; more is refused before it is stored.
inline constexpr std::size_t kIdBytesMax = 40;
inline constexpr std::size_t kPosBytesMax = 128;
/// Six times what the fastest speaker says in a minute without a break.
inline constexpr std::size_t kWordsPerTurnMax = 5'000;
inline constexpr std::size_t kWordCharactersMax = 64;
/// 16 bytes a character: a letter with three combining marks.
inline constexpr std::size_t kWordBytesMax = 16 * kWordCharactersMax;
inline constexpr std::size_t kNoteBytesMax = 4'000;
inline constexpr std::size_t kNameBytesMax = 200;
inline constexpr std::size_t kSpeakersMax = 64;
inline constexpr int kColorMax = 63;
/// Some 40 hours of speech.
inline constexpr std::int64_t kWordsMax = 400'000;
inline constexpr std::int64_t kTurnsMax = 200'000;
/// Word times may lie a little behind the end that the container names.
inline constexpr double kBeyondEndSecondsMax = 1;

struct Word {
  /// With its leading space.
  std::string text;
  double start_s = 0;
  double end_s = 0;
  /// 0 .. 1; empty: not known.
  std::optional<double> probability = std::nullopt;
  /// A person wrote or confirmed it.
  bool changed = false;
  /// Its times are interpolated, not measured.
  bool interpolated = false;

  bool operator==(const Word&) const = default;
};

struct Turn {
  std::string id;
  std::string pos;
  /// The revision that wrote it.
  std::int64_t rev = 0;
  /// Id of a speaker; empty: nobody was named.
  std::string speaker = {};
  double start_s = 0;
  double end_s = 0;
  std::string note = {};
  std::vector<Word> words = {};

  std::string Text() const;
};

struct Speaker {
  std::string id;
  std::string name;
  int color = 0;
  std::int64_t rev = 0;
};

/// Equal but for the revision.
bool SameContent(const Turn& a, const Turn& b);
bool SameContent(const Speaker& a, const Speaker& b);

/// Everything in a document that can be changed.
struct Content {
  /// In the order of (pos, id).
  std::vector<Turn> turns;
  /// In the order of id.
  std::vector<Speaker> speakers;

  std::int64_t CountWords() const;
};

struct Document {
  std::int64_t revision = 1;
  std::string job_id;
  std::string language;
  double duration_s = 0;
  Content content;
};

/// "a0", "b_-": 1 to `bytes_max` characters of A-Z, a-z, 0-9, '_' and '-'.
bool IsItemId(std::string_view text, std::size_t bytes_max = kIdBytesMax);

/// Times in milliseconds and probabilities in steps of 1/10,000: what JSON carries.
void RoundTimes(Turn* turn);

}  // namespace wt::documents

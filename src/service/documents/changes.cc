#include "service/documents/changes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "base/utf8.h"

namespace wt::documents {
namespace {

/// What is wrong, or empty.
using Fault = std::string;

bool HasControl(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F;
  });
}

bool IsPosition(std::string_view text) {
  return !text.empty() && text.size() <= kPosBytesMax &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
         });
}

bool IsSpan(double start, double end, double last) {
  return std::isfinite(start) && std::isfinite(end) && start >= 0 && start <= end && end <= last;
}

Fault CheckWord(const Word& word, double last) {
  if (word.text.empty()) return "a word has text";
  if (word.text.size() > kWordBytesMax || base::CountCodePoints(word.text) > kWordCharactersMax) {
    return fmt::format("a word has at most {} characters", kWordCharactersMax);
  }
  if (HasControl(word.text)) return "a word has no control characters";
  if (!IsSpan(word.start_s, word.end_s, last)) {
    return fmt::format("the times of a word are 0 <= s <= e <= {:.3f}", last);
  }
  if (word.probability && !(*word.probability >= 0 && *word.probability <= 1)) {
    return "p is from 0 to 1, or left out";
  }
  return {};
}

Fault CheckTurn(const Turn& turn, double last) {
  if (!IsPosition(turn.pos)) {
    return fmt::format("pos has 1 to {} letters and digits (base 62)", kPosBytesMax);
  }
  if (!turn.speaker.empty() && !IsItemId(turn.speaker)) return "speaker is an id, or null";
  if (!IsSpan(turn.start_s, turn.end_s, last)) {
    return fmt::format("the times of a turn are 0 <= start <= end <= {:.3f}", last);
  }
  if (turn.note.size() > kNoteBytesMax || HasControl(turn.note)) {
    return fmt::format("note has at most {} bytes and no control characters", kNoteBytesMax);
  }
  for (std::size_t i = 0; i < turn.words.size(); ++i) {
    const Fault fault = CheckWord(turn.words[i], last);
    if (!fault.empty()) return fmt::format("words[{}]: {}", i, fault);
  }
  return {};
}

Fault CheckSpeaker(const Speaker& speaker) {
  const bool blank = std::all_of(speaker.name.begin(), speaker.name.end(),
                                 [](char c) { return c == ' ' || c == '\n' || c == '\t'; });
  if (blank || speaker.name.size() > kNameBytesMax || HasControl(speaker.name)) {
    return fmt::format("name has 1 to {} bytes and no control characters", kNameBytesMax);
  }
  return {};
}

Fault CheckChange(const Change& change, double last) {
  if (!IsItemId(change.id)) {
    return fmt::format("id has 1 to {} of the characters A-Z a-z 0-9 _ -", kIdBytesMax);
  }
  switch (change.op) {
    case Op::kPutTurn: return CheckTurn(change.turn, last);
    case Op::kPutSpeaker: return CheckSpeaker(change.speaker);
    case Op::kDeleteTurn:
    case Op::kDeleteSpeaker: return change.if_rev > 0 ? "" : "if_rev of a deletion is at least 1";
  }
  return {};
}

}  // namespace

Status CheckChanges(double duration_s, ChangeSet* set) {
  const auto bad = [](std::string what) {
    return Status(StatusCode::kInvalidArgument, std::move(what));
  };
  if (!IsItemId(set->change_id, kChangeIdBytesMax)) {
    return bad(
        fmt::format("change_id has 1 to {} of the characters A-Z a-z 0-9 _ -", kChangeIdBytesMax));
  }
  if (set->changes.empty()) return bad("changes holds at least one change.");
  const double last = duration_s + kBeyondEndSecondsMax;
  std::set<std::pair<bool, std::string_view>> seen;
  for (std::size_t i = 0; i < set->changes.size(); ++i) {
    Change& change = set->changes[i];
    RoundTimes(&change.turn);
    Fault fault = CheckChange(change, last);
    const bool turn = change.op == Op::kPutTurn || change.op == Op::kDeleteTurn;
    if (fault.empty() && !seen.emplace(turn, change.id).second) {
      fault = "a set changes each item once";
    }
    if (!fault.empty()) return bad(fmt::format("changes[{}]: {}", i, fault));
  }
  return {};
}

}  // namespace wt::documents

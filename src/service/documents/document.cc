#include "service/documents/document.h"

#include <algorithm>
#include <cmath>

namespace wt::documents {
namespace {

double Rounded(double value, double steps) { return std::nearbyint(value * steps) / steps; }

}  // namespace

std::string Turn::Text() const {
  std::string text;
  for (const Word& word : words) text += word.text;
  return text;
}

bool SameContent(const Turn& a, const Turn& b) {
  return a.id == b.id && a.pos == b.pos && a.speaker == b.speaker && a.start_s == b.start_s &&
         a.end_s == b.end_s && a.note == b.note && a.words == b.words;
}

bool SameContent(const Speaker& a, const Speaker& b) {
  return a.id == b.id && a.name == b.name && a.color == b.color;
}

std::int64_t Content::CountWords() const {
  std::int64_t words = 0;
  for (const Turn& turn : turns) words += static_cast<std::int64_t>(turn.words.size());
  return words;
}

bool IsItemId(std::string_view text, std::size_t bytes_max) {
  return !text.empty() && text.size() <= bytes_max &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  c == '_' || c == '-';
         });
}

void RoundTimes(Turn* turn) {
  constexpr double kPerSecond = 1e3;
  constexpr double kPerProbability = 1e4;
  turn->start_s = Rounded(turn->start_s, kPerSecond);
  turn->end_s = Rounded(turn->end_s, kPerSecond);
  for (Word& word : turn->words) {
    word.start_s = Rounded(word.start_s, kPerSecond);
    word.end_s = Rounded(word.end_s, kPerSecond);
    if (word.probability) word.probability = Rounded(*word.probability, kPerProbability);
  }
}

}  // namespace wt::documents

#include "engine/align/word_alignment.h"

#include <algorithm>
#include <cmath>

#include "base/check.h"
#include "base/strip.h"

namespace wt::align {
namespace {

constexpr double kFramesPerSecond = 50.0;  // Audio positions of the encoder, 20 ms each.

/// The column at which the path first reaches each row.
std::vector<int> FirstColumns(const AlignmentPath& path) {
  std::vector<int> columns;
  for (std::size_t i = 0; i < path.size(); ++i) {
    if (i == 0 || path[i].first != path[i - 1].first) columns.push_back(path[i].second);
  }
  return columns;
}

/// Python's `word in marks`: a part of it, also the empty one.
bool IsPartOf(std::string_view word, std::string_view marks) {
  return marks.find(word) != std::string_view::npos;
}

void Prepend(TimedWord* from, TimedWord* to) {
  to->text.insert(0, from->text);
  to->tokens.insert(to->tokens.begin(), from->tokens.begin(), from->tokens.end());
  from->text.clear();
  from->tokens.clear();
}

void Append(TimedWord* from, TimedWord* to) {
  to->text += from->text;
  to->tokens.insert(to->tokens.end(), from->tokens.begin(), from->tokens.end());
  from->text.clear();
  from->tokens.clear();
}

}  // namespace

std::vector<TimedWord> WordsOnPath(const tokenizer::Tokenizer& tokenizer, std::string_view language,
                                   std::span<const TokenId> text_tokens, const AlignmentPath& path,
                                   std::span<const float> token_probabilities) {
  WT_CHECK(token_probabilities.size() == text_tokens.size());
  std::vector<TokenId> with_end(text_tokens.begin(), text_tokens.end());
  with_end.push_back(tokenizer.special().eot);
  const auto words = tokenizer.SplitToWords(with_end, language);
  const std::vector<int> columns = FirstColumns(path);
  // The last word is the end token.
  if (words.size() <= 1 || columns.empty()) return {};

  const auto time = [&](std::size_t token) {
    return columns[std::min(token, columns.size() - 1)] / kFramesPerSecond;
  };
  std::vector<TimedWord> timed;
  timed.reserve(words.size() - 1);
  std::size_t begin = 0;
  for (std::size_t w = 0; w + 1 < words.size(); ++w) {
    const std::size_t end = std::min(begin + words[w].tokens.size(), text_tokens.size());
    double sum = 0;
    for (std::size_t t = begin; t < end; ++t) sum += token_probabilities[t];
    timed.push_back({.text = words[w].text,
                     .tokens = words[w].tokens,
                     .start_s = time(begin),
                     .end_s = time(end),
                     .probability = end > begin ? sum / static_cast<double>(end - begin) : 0.0});
    begin = end;
  }
  return timed;
}

std::vector<TimedWord> FindAlignment(const tokenizer::Tokenizer& tokenizer,
                                     std::string_view language,
                                     std::span<const TokenId> text_tokens,
                                     const AttentionInput& attention,
                                     std::span<const float> token_probabilities) {
  if (text_tokens.empty()) return {};
  const int rows = static_cast<int>(text_tokens.size()) + 1;
  WT_CHECK(attention.rows - attention.start_tokens - 1 == rows);
  std::vector<float> cost = AlignmentMatrix(attention);
  if (cost.empty()) return {};
  for (float& value : cost) value = -value;
  return WordsOnPath(tokenizer, language, text_tokens,
                     DynamicTimeWarp(cost, rows, attention.frames), token_probabilities);
}

void MergePunctuations(std::vector<TimedWord>* words, std::string_view prepended,
                       std::string_view appended) {
  std::vector<TimedWord>& all = *words;
  if (all.size() < 2) return;
  // From the end: opening marks go to the word after them, also several in a row.
  for (std::size_t i = all.size() - 1, following = i; i-- > 0;) {
    if (all[i].text.starts_with(' ') && IsPartOf(base::StripWhiteSpace(all[i].text), prepended)) {
      Prepend(&all[i], &all[following]);
    } else {
      following = i;
    }
  }
  // From the start: closing marks go to the word before them.
  for (std::size_t i = 1, previous = 0; i < all.size(); ++i) {
    if (!all[previous].text.ends_with(' ') && IsPartOf(all[i].text, appended)) {
      Append(&all[i], &all[previous]);
    } else {
      previous = i;
    }
  }
}

}  // namespace wt::align

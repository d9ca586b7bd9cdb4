#include "engine/tokenizer/word_split.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <utility>

#include "base/utf8.h"
#include "engine/tokenizer/unicode_class.h"

namespace wt::tokenizer {
namespace {

// Python's str.strip() of well-formed text.
std::string_view Strip(std::string_view text) {
  std::size_t begin = text.size();
  std::size_t end = 0;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t at = text.size() - rest.size();
    if (IsPythonSpace(base::NextCodePoint(&rest))) continue;
    begin = std::min(begin, at);
    end = text.size() - rest.size();
  }
  return begin < end ? text.substr(begin, end - begin) : std::string_view();
}

// `subword.strip() in string.punctuation` in Python: a test for a substring, so that spaces alone
// and runs such as "()" count as well.
bool IsPunctuation(std::string_view subword) {
  constexpr std::string_view kPunctuation = R"(!"#$%&'()*+,-./:;<=>?@[\]^_`{|}~)";
  return kPunctuation.find(Strip(subword)) != std::string_view::npos;
}

}  // namespace

std::vector<WordTokens> SplitOnCharacters(std::span<const TokenId> tokens,
                                          const AppendToken& append) {
  std::string bytes;
  std::vector<std::size_t> ends;  // Where each token ends in `bytes`.
  ends.reserve(tokens.size());
  for (const TokenId token : tokens) {
    append(token, &bytes);
    ends.push_back(bytes.size());
  }
  std::vector<WordTokens> groups;
  std::string_view rest = bytes;
  std::size_t complete = 0;     // Bytes of the characters that have been taken from `rest`.
  std::size_t group_begin = 0;  // First byte of the group.
  std::size_t first_token = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    while (complete < ends[i]) {
      base::NextCodePoint(&rest);
      complete = bytes.size() - rest.size();
    }
    if (complete != ends[i]) continue;  // The token ends inside a character.
    const auto group = tokens.subspan(first_token, i + 1 - first_token);
    groups.push_back({base::ReplaceInvalidUtf8(
                          std::string_view(bytes).substr(group_begin, complete - group_begin)),
                      {group.begin(), group.end()}});
    group_begin = complete;
    first_token = i + 1;
  }
  return groups;
}

std::vector<WordTokens> JoinToWords(std::vector<WordTokens> groups, TokenId eot) {
  std::vector<WordTokens> words;
  for (WordTokens& group : groups) {
    const bool special = group.tokens.front() >= eot;
    if (words.empty() || special || group.text.starts_with(' ') || IsPunctuation(group.text)) {
      words.push_back(std::move(group));
      continue;
    }
    WordTokens& word = words.back();
    word.text += group.text;
    word.tokens.insert(word.tokens.end(), group.tokens.begin(), group.tokens.end());
  }
  return words;
}

}  // namespace wt::tokenizer

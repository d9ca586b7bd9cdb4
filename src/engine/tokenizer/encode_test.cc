// Goal: encoding equals tiktoken's rules on every small text, and loses nothing on any text.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "base/random.h"
#include "base/utf8.h"
#include "engine/tokenizer/pre_tokenizer.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/tokenizer/unicode_class.h"

namespace wt::tokenizer {
namespace {

using Ids = std::vector<TokenId>;

// An independent, slow model of tiktoken: the regular expression by its definition, alternative
// after alternative with backtracking, and merging by a search through all pairs.
class SlowModel {
 public:
  explicit SlowModel(const Tokenizer& tokenizer) {
    for (TokenId id = 0; id < tokenizer.special().eot; ++id) {
      ids_[tokenizer.DecodeBytes(Ids{id})] = id;
    }
  }

  Ids Encode(const std::u32string& text) const {
    Ids ids;
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t length = MatchLength(text, at);
      Merge(Utf8(text.substr(at, length)), &ids);
      at += length;
    }
    return ids;
  }

  static std::string Utf8(const std::u32string& text) {
    std::string bytes;
    for (const char32_t c : text) base::AppendUtf8(c, &bytes);
    return bytes;
  }

 private:
  // The classes of the characters that the tests use; all others are letters.
  static bool IsSpace(char32_t c) { return c == U' ' || c == U'\n' || c == U'\u3000'; }
  static bool IsNumber(char32_t c) { return c == U'1'; }
  static bool IsLetter(char32_t c) {
    return !IsSpace(c) && !IsNumber(c) && c != U'\'' && c != U'.';
  }
  static bool IsRest(char32_t c) { return !IsSpace(c) && !IsNumber(c) && !IsLetter(c); }

  // Length of " ?CLASS+" at `at`, 0 where it does not match.
  static std::size_t BlankAndRun(const std::u32string& text, std::size_t at, bool (*in)(char32_t)) {
    const std::size_t begin = at + (text[at] == U' ' ? 1 : 0);
    std::size_t end = begin;
    while (end < text.size() && in(text[end])) ++end;
    return end > begin ? end - at : 0;
  }

  static std::size_t MatchLength(const std::u32string& text, std::size_t at) {
    for (const std::u32string contraction : {U"'s", U"'t", U"'re", U"'ve", U"'m", U"'ll", U"'d"}) {
      if (text.compare(at, contraction.size(), contraction) == 0) return contraction.size();
    }
    for (const auto in : {&IsLetter, &IsNumber, &IsRest}) {
      if (const std::size_t length = BlankAndRun(text, at, in)) return length;
    }
    std::size_t end = at;
    while (end < text.size() && IsSpace(text[end])) ++end;
    for (std::size_t shorter = end; shorter > at; --shorter) {
      if (shorter == text.size() || IsSpace(text[shorter])) return shorter - at;
    }
    return end - at;
  }

  void Merge(const std::string& piece, Ids* out) const {
    std::vector<std::string> parts;
    for (const char byte : piece) parts.emplace_back(1, byte);
    while (true) {
      std::optional<std::pair<TokenId, std::size_t>> best;
      for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
        const auto found = ids_.find(parts[i] + parts[i + 1]);
        if (found != ids_.end() && (!best || found->second < best->first)) {
          best = {found->second, i};
        }
      }
      if (!best) break;
      parts[best->second] += parts[best->second + 1];
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(best->second) + 1);
    }
    for (const std::string& part : parts) out->push_back(ids_.at(part));
  }

  std::map<std::string, TokenId> ids_;
};

// Compares all texts of up to `length_max` characters of `alphabet`.
void CompareAll(const std::u32string& alphabet, int length_max) {
  for (const int n_vocab : {51864, 51865}) {
    const auto tokenizer = Tokenizer::Published(n_vocab);
    const SlowModel model(*tokenizer);
    std::vector<std::u32string> texts = {U""};
    for (std::size_t i = 0; i < texts.size(); ++i) {
      const std::u32string text = texts[i];
      const std::string bytes = SlowModel::Utf8(text);
      const Ids ids = tokenizer->Encode(bytes);
      ASSERT_EQ(ids, model.Encode(text)) << '"' << bytes << '"';
      ASSERT_EQ(tokenizer->Decode(ids), bytes);
      if (static_cast<int>(text.size()) == length_max) continue;
      for (const char32_t c : alphabet) texts.push_back(text + c);
    }
  }
}

TEST(EncodeTest, AllShortTextsOfOneCharacterOfEachKindEqualTheModel) {
  CompareAll(U"a '\né語1", 4);
}

TEST(EncodeTest, AllShortTextsWithContractionsEqualTheModel) { CompareAll(U"'slrevm ", 4); }

TEST(EncodeTest, AllShortTextsOfSpacesEqualTheModel) { CompareAll(U" \n\u3000a.", 5); }

TEST(EncodeTest, RandomLettersEqualTheModel) {
  // Long pieces that are no tokens take the path through many merges.
  const auto tokenizer = Tokenizer::Published(51865);
  const SlowModel model(*tokenizer);
  base::Random random(3);
  for (int round = 0; round < 300; ++round) {
    std::u32string text(1 + random.Below(60), U'a');
    for (char32_t& c : text) c = U"etaoinshrdlué語"[random.Below(14)];
    ASSERT_EQ(tokenizer->Encode(SlowModel::Utf8(text)), model.Encode(text));
  }
}

TEST(EncodeTest, RandomUnicodeComesBack) {
  base::Random random(4);
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (std::uint64_t i = random.Below(40); i > 0; --i) {
      const std::array<std::uint64_t, 4> bounds = {0x80, 0x800, 0x10000, 0x110000};
      base::AppendUtf8(static_cast<char32_t>(random.Below(bounds[random.Below(4)])), &text);
    }
    for (const int n_vocab : {51864, 51866}) {
      const auto tokenizer = Tokenizer::Published(n_vocab);
      ASSERT_EQ(tokenizer->DecodeBytes(tokenizer->Encode(text)), text);
    }
  }
}

TEST(EncodeTest, RandomBytesComeBackRepaired) {
  const auto tokenizer = Tokenizer::Published(51865);
  base::Random random(5);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random.Below(60), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.Below(256));
    const Ids ids = tokenizer->Encode(bytes);
    ASSERT_EQ(tokenizer->DecodeBytes(ids), base::ReplaceInvalidUtf8(bytes));
    for (const TokenId id : ids) ASSERT_LT(id, tokenizer->special().eot);
  }
}

TEST(EncodeTest, PiecesOfDamagedTextConcatenateToIt) {
  base::Random random(6);
  for (int round = 0; round < 2000; ++round) {
    std::string bytes(random.Below(30), '\0');
    for (char& byte : bytes) byte = static_cast<char>(random.Below(256));
    std::string joined;
    for (std::string_view rest = bytes; !rest.empty();) {
      const std::string_view piece = TakePiece(&rest);
      ASSERT_FALSE(piece.empty());
      joined += piece;
    }
    ASSERT_EQ(joined, bytes);
  }
}

TEST(EncodeTest, LongTextWithoutSpacesIsEncoded) {
  // Quadratic time would be 6 * 10^10 steps each: the test would take minutes.
  const auto tokenizer = Tokenizer::Published(51865);
  base::Random random(7);
  std::string text(250'000, 'a');
  for (char& c : text) c = static_cast<char>('a' + random.Below(26));
  EXPECT_EQ(tokenizer->DecodeBytes(tokenizer->Encode(text)), text);
  const std::string same(250'000, 'a');
  EXPECT_EQ(tokenizer->DecodeBytes(tokenizer->Encode(same)), same);
}

// Ends the process: 0 when all threads got the right tokens.
[[noreturn]] void EncodeInManyThreads() {
  std::vector<Ids> results(8);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < results.size(); ++i) {
    threads.emplace_back([&results, i] {
      const auto tokenizer = Tokenizer::Published(i % 2 == 0 ? 51865 : 51866);
      results[i] = tokenizer->Encode(" And so, my fellow Americans");
    });
  }
  for (std::thread& thread : threads) thread.join();
  const Ids expected = {400, 370, 11, 452, 7177, 6280};
  std::exit(std::ranges::count(results, expected) == std::ssize(results) ? 0 : 1);
}

TEST(EncodeDeathTest, ManyThreadsMayBeTheFirstToUseAVocabulary) {
  // Method: a fresh process, in which nothing is loaded yet; the thread sanitizer watches it too.
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_EXIT(EncodeInManyThreads(), testing::ExitedWithCode(0), "");
}

TEST(UnicodeClassTest, CodePointsHaveTheirClass) {
  using enum UnicodeClass;
  const std::pair<char32_t, UnicodeClass> cases[] = {
      {U'a', kLetter},     {U'Z', kLetter},     {U'é', kLetter},     {U'語', kLetter},
      {U'ª', kLetter},     {0x10FFFF, kOther},  {0x323AF, kLetter},  {0x323B0, kOther},
      {U'0', kNumber},     {U'²', kNumber},     {U'Ⅷ', kNumber},     {U'٣', kNumber},
      {U' ', kSpace},      {U'\t', kSpace},     {U'\u0085', kSpace}, {U'\u00a0', kSpace},
      {U'\u2028', kSpace}, {U'\u3000', kSpace}, {U'\u200b', kOther}, {U'\u001c', kOther},
      {U'\'', kOther},     {U'♪', kOther},      {U'\u0301', kOther}, {U'\u093f', kOther},
      {0x1F600, kOther},   {U'_', kOther},      {U'\0', kOther},     {0xFFFD, kOther},
      {0x1C89, kLetter},  // Added in Unicode 16.
  };
  for (const auto& [code_point, kind] : cases) {
    EXPECT_EQ(ClassOf(code_point), kind) << std::hex << static_cast<unsigned>(code_point);
  }
}

TEST(UnicodeClassTest, ClassesHaveAsManyCodePointsAsUnicode16) {
  std::array<int, 4> counts{};
  for (char32_t c = 0; c <= 0x10FFFF; ++c) ++counts[static_cast<std::size_t>(ClassOf(c))];
  EXPECT_EQ(counts[static_cast<std::size_t>(UnicodeClass::kLetter)], 141'028);
  EXPECT_EQ(counts[static_cast<std::size_t>(UnicodeClass::kNumber)], 1'911);
  EXPECT_EQ(counts[static_cast<std::size_t>(UnicodeClass::kSpace)], 25);
}

}  // namespace
}  // namespace wt::tokenizer

// The aligner against plain implementations of the same definitions, and on made-up attention.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/random.h"
#include "engine/align/word_alignment.h"

namespace wt::align {
namespace {

/// timing.py, dtw_cpu and backtrace, cell by cell.
AlignmentPath PlainWarp(const std::vector<float>& x, int n, int m) {
  const float infinity = std::numeric_limits<float>::infinity();
  std::vector<std::vector<float>> cost(n + 1, std::vector<float>(m + 1, infinity));
  std::vector<std::vector<int>> trace(n + 1, std::vector<int>(m + 1, -1));
  cost[0][0] = 0;
  for (int j = 1; j <= m; ++j) {
    for (int i = 1; i <= n; ++i) {
      const float c0 = cost[i - 1][j - 1];
      const float c1 = cost[i - 1][j];
      const float c2 = cost[i][j - 1];
      int t = 2;
      float c = c2;
      if (c0 < c1 && c0 < c2) {
        t = 0;
        c = c0;
      } else if (c1 < c0 && c1 < c2) {
        t = 1;
        c = c1;
      }
      cost[i][j] = x[(i - 1) * m + j - 1] + c;
      trace[i][j] = t;
    }
  }
  AlignmentPath path;
  for (int i = n, j = m; i > 0 || j > 0;) {
    path.emplace_back(i - 1, j - 1);
    const int t = i == 0 ? 2 : j == 0 ? 1 : trace[i][j];
    if (t != 2) --i;
    if (t != 1) --j;
  }
  std::reverse(path.begin(), path.end());
  return path;
}

TEST(DynamicTimeWarpTest, EqualsThePlainFormAlsoWithTies) {
  base::Random random(1);
  for (int round = 0; round < 300; ++round) {
    const int n = static_cast<int>(random.Below(12)) + 1;
    const int m = static_cast<int>(random.Below(20)) + 1;
    std::vector<float> cost(static_cast<std::size_t>(n * m));
    for (float& value : cost) {
      // Few different values: most comparisons are ties.
      value = round % 2 == 0 ? static_cast<float>(random.Below(3)) - 1
                             : static_cast<float>(random.Uniform());
    }
    ASSERT_EQ(DynamicTimeWarp(cost, n, m), PlainWarp(cost, n, m)) << n << " x " << m;
  }
}

TEST(DynamicTimeWarpTest, ThePathIsMonotonicAndConnectedWhateverTheCosts) {
  base::Random random(2);
  for (const float odd :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), -1e38f}) {
    std::vector<float> cost(8 * 11);
    for (float& value : cost) value = random.Below(3) == 0 ? odd : 1.0f;
    const AlignmentPath path = DynamicTimeWarp(cost, 8, 11);
    ASSERT_FALSE(path.empty());
    EXPECT_EQ(path.back(), std::pair(7, 10));
    for (std::size_t i = 0; i < path.size(); ++i) {
      EXPECT_GE(path[i].first, 0);
      EXPECT_GE(path[i].second, 0);
      if (i == 0) continue;
      EXPECT_LE(path[i].first - path[i - 1].first, 1);
      EXPECT_LE(path[i].second - path[i - 1].second, 1);
    }
  }
  EXPECT_TRUE(DynamicTimeWarp({}, 0, 0).empty());
}

/// timing.py, find_alignment up to the matrix, from probabilities cut to the window.
std::vector<double> PlainMatrix(const AttentionInput& input) {
  const int heads = input.heads;
  const int rows = input.rows;
  const int frames = input.frames;
  const int kept = rows - input.start_tokens - 1;
  std::vector<double> matrix(static_cast<std::size_t>(kept * frames));
  for (int h = 0; h < heads; ++h) {
    std::vector<std::vector<double>> w(rows, std::vector<double>(frames));
    for (int r = 0; r < rows; ++r) {
      double sum = 0;
      for (int f = 0; f < frames; ++f) sum += w[r][f] = input.weights[(h * rows + r) * frames + f];
      for (double& value : w[r]) value /= sum;
    }
    for (int f = 0; f < frames; ++f) {
      double mean = 0;
      double variance = 0;
      for (int r = 0; r < rows; ++r) mean += w[r][f] / rows;
      for (int r = 0; r < rows; ++r) variance += (w[r][f] - mean) * (w[r][f] - mean) / rows;
      for (int r = 0; r < rows; ++r) w[r][f] = (w[r][f] - mean) / std::sqrt(variance);
    }
    for (int r = 0; r < kept; ++r) {
      for (int f = 0; f < frames; ++f) {
        std::vector<double> around;
        for (int d = -3; d <= 3; ++d) {
          int at = std::abs(f + d);
          if (at >= frames) at = 2 * (frames - 1) - at;
          around.push_back(w[r + input.start_tokens][frames <= 3 ? f : at]);
        }
        std::sort(around.begin(), around.end());
        matrix[static_cast<std::size_t>(r * frames + f)] += around[3] / heads;
      }
    }
  }
  return matrix;
}

TEST(AlignmentMatrixTest, EqualsThePlainForm) {
  base::Random random(3);
  for (const int frames : {1, 3, 4, 5, 7, 50, 131}) {
    const int heads = 3;
    const int rows = 9;
    std::vector<float> weights(static_cast<std::size_t>(heads * rows * frames));
    for (float& value : weights) value = static_cast<float>(std::exp(random.Uniform() * 6) / 4000);
    const AttentionInput input{
        .weights = weights, .heads = heads, .rows = rows, .frames = frames, .start_tokens = 3};
    const std::vector<float> matrix = AlignmentMatrix(input);
    if (frames == 1) {
      // A single frame has all of every row: no token fits it better than another.
      EXPECT_EQ(matrix, std::vector<float>(5, 0.0f));
      continue;
    }
    const std::vector<double> plain = PlainMatrix(input);
    ASSERT_EQ(matrix.size(), plain.size());
    for (std::size_t i = 0; i < matrix.size(); ++i) ASSERT_NEAR(matrix[i], plain[i], 2e-5) << i;
  }
}

TEST(AlignmentMatrixTest, FramesWithoutDifferencesAndEmptyInputsAreHarmless) {
  const std::vector<float> weights(2 * 6 * 10, 0.0f);
  const AttentionInput zero{
      .weights = weights, .heads = 2, .rows = 6, .frames = 10, .start_tokens = 3};
  EXPECT_EQ(AlignmentMatrix(zero), std::vector<float>(20, 0.0f));
  EXPECT_TRUE(AlignmentMatrix({}).empty());
  EXPECT_TRUE(AlignmentMatrix({.weights = {}, .heads = 2, .rows = 4}).empty());
}

/// Attention of one head in which token i looks at frames [i * 20, i * 20 + 20).
std::vector<float> Staircase(int rows, int start_tokens, int frames) {
  std::vector<float> weights(static_cast<std::size_t>(rows * frames), 1e-5f);
  for (int r = 0; r < rows; ++r) {
    const int step = std::max(r - start_tokens, 0);
    for (int f = step * 20; f < std::min(step * 20 + 20, frames); ++f) {
      weights[static_cast<std::size_t>(r * frames + f)] = 0.05f;
    }
  }
  return weights;
}

TEST(FindAlignmentTest, WordsBeginWhereTheirFirstTokenIsPredicted) {
  const auto tokenizer = tokenizer::Tokenizer::Published(51865);
  const auto tokens = tokenizer->Encode(" Hello extraordinary world!");
  const int rows = static_cast<int>(tokens.size()) + 5;
  const int frames = 20 * (static_cast<int>(tokens.size()) + 1);
  const std::vector<float> weights = Staircase(rows, 3, frames);
  const AttentionInput input{
      .weights = weights, .heads = 1, .rows = rows, .frames = frames, .start_tokens = 3};
  std::vector<float> probabilities(tokens.size());
  std::iota(probabilities.begin(), probabilities.end(), 1.0f);
  const auto words = FindAlignment(*tokenizer, "en", tokens, input, probabilities);
  ASSERT_EQ(words.size(), 4u);
  EXPECT_EQ(words[0].text, " Hello");
  EXPECT_EQ(words[3].text, "!");
  std::size_t token = 0;
  for (const TimedWord& word : words) {
    EXPECT_NEAR(word.start_s, static_cast<double>(token) * 0.4, 1e-9);
    const double first = static_cast<double>(token) + 1;
    token += word.tokens.size();
    EXPECT_NEAR(word.end_s, static_cast<double>(token) * 0.4, 1e-9);
    EXPECT_NEAR(word.probability, (first + static_cast<double>(token)) / 2, 1e-6);
  }
}

TEST(FindAlignmentTest, NoTextHasNoWords) {
  const auto tokenizer = tokenizer::Tokenizer::Published(51865);
  EXPECT_TRUE(FindAlignment(*tokenizer, "en", {}, {}, {}).empty());
}

std::vector<std::string> Merged(std::vector<std::string> texts) {
  std::vector<TimedWord> words;
  TokenId token = 0;
  for (std::string& text : texts) words.push_back({.text = std::move(text), .tokens = {token++}});
  const std::size_t tokens = words.size();
  const WordOptions options;
  MergePunctuations(&words, options.prepend_punctuations, options.append_punctuations);
  EXPECT_EQ(words.size(), tokens);  // Emptied entries stay.
  std::vector<std::string> merged;
  std::vector<TokenId> in_order;
  for (const TimedWord& word : words) {
    EXPECT_EQ(word.text.empty(), word.tokens.empty());
    in_order.insert(in_order.end(), word.tokens.begin(), word.tokens.end());
    if (!word.text.empty()) merged.push_back(word.text);
  }
  EXPECT_TRUE(std::is_sorted(in_order.begin(), in_order.end()));
  EXPECT_EQ(in_order.size(), tokens);
  return merged;
}

TEST(MergePunctuationsTest, MarksJoinTheWordTheyBelongTo) {
  using Texts = std::vector<std::string>;
  EXPECT_EQ(Merged({" Say", " \"", "Hello", ",", " you", ".", "\""}),
            (Texts{" Say", " \"Hello,", " you.\""}));
  EXPECT_EQ(Merged({" (", "[", "a", "]", ")"}), (Texts{" ([", "a])"}));
  EXPECT_EQ(Merged({" (", " [", "a"}), (Texts{" ( [a"}));
  EXPECT_EQ(Merged({"你", "好", "。"}), (Texts{"你", "好。"}));
  EXPECT_EQ(Merged({"."}), (Texts{"."}));
  EXPECT_EQ(Merged({}), (Texts{}));
  // A lone space counts as a part of the opening marks, as the empty string is in Python.
  EXPECT_EQ(Merged({" ", "a"}), (Texts{" a"}));
  EXPECT_EQ(Merged({"a ", "!"}), (Texts{"a ", "!"}));
}

}  // namespace
}  // namespace wt::align

#include "engine/decode/row_distribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "engine/decode/decode_testing.h"
#include "engine/decode/search.h"

namespace wt::decode {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

RowDistribution Normalize(std::vector<float>* logits, TokenId timestamp_begin,
                          bool timestamp_rule = false) {
  return NormalizeRow(PlainKernels(), *logits, timestamp_begin, timestamp_rule);
}

TEST(NormalizeRowTest, LogProbabilitiesSumToOne) {
  std::vector<float> logits = FakeLogits(1, {}, 500);
  logits[7] = -kInfinity;
  const RowDistribution row = Normalize(&logits, 400);
  ASSERT_TRUE(row.usable);
  double sum = 0;
  for (const float logit : logits) sum += std::exp(row.LogProbability(logit));
  EXPECT_NEAR(sum, 1.0, 1e-5);
}

TEST(NormalizeRowTest, TimestampsTogetherBeatingEveryTextTokenForbidText) {
  // Two timestamps of 0.6 each against a text token of 1: 1.2 > 1 together.
  std::vector<float> logits = {0, -1, std::log(0.6f), std::log(0.6f)};
  RowDistribution row = Normalize(&logits, 2, true);
  EXPECT_EQ(row.begin, 2);
  EXPECT_NEAR(row.LogProbability(logits[2]), std::log(0.5), 1e-6);
  logits[3] = std::log(0.3f);  // 0.9 < 1.
  row = Normalize(&logits, 2, true);
  EXPECT_EQ(row.begin, 0);
  logits[3] = std::log(0.6f);
  EXPECT_EQ(Normalize(&logits, 2, false).begin, 0);
}

TEST(NormalizeRowTest, DamagedRowsAreRepairedOrUnusable) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  std::vector<float> logits = {1, kNan, 2, -kInfinity};
  RowDistribution row = Normalize(&logits, 3, true);
  EXPECT_TRUE(row.usable);
  EXPECT_NEAR(row.LogProbability(2), -std::log1p(std::exp(-1.0)), 1e-6);
  logits = {1, kInfinity, 2, 0};
  row = Normalize(&logits, 3);
  EXPECT_TRUE(row.usable);
  std::vector<ScoredToken> best;
  FindBest(row, 4, &best);
  EXPECT_EQ(best.front().token, 1);
  EXPECT_EQ(row.LogProbability(best.front().logit), 0.0f);
  for (const float value : {kNan, -kInfinity}) {
    logits.assign(100, value);
    EXPECT_FALSE(Normalize(&logits, 50, true).usable);
  }
}

TEST(FindBestTest, EqualsASortOfTheWholeRow) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    std::vector<float> logits = FakeLogits(seed, {}, 700);
    for (float& logit : logits) {
      if (seed % 2 == 0) logit = std::round(logit * 2);  // Many ties.
      if (seed % 3 == 0 && logit > 0) logit = -kInfinity;
    }
    RowDistribution row = Normalize(&logits, 600);
    row.begin = seed % 5 == 0 ? 130 : 0;
    std::vector<TokenId> order;
    for (TokenId t = row.begin; t < 700; ++t) {
      if (std::isfinite(logits[static_cast<std::size_t>(t)])) order.push_back(t);
    }
    std::sort(order.begin(), order.end(), [&](TokenId a, TokenId b) {
      const float of_a = logits[static_cast<std::size_t>(a)];
      const float of_b = logits[static_cast<std::size_t>(b)];
      return of_a != of_b ? of_a > of_b : a < b;
    });
    for (const int count : {1, 2, 6, 17, 900}) {
      std::vector<ScoredToken> best;
      FindBest(row, count, &best);
      ASSERT_EQ(best.size(), std::min(order.size(), static_cast<std::size_t>(count)));
      for (std::size_t i = 0; i < best.size(); ++i) EXPECT_EQ(best[i].token, order[i]);
    }
  }
}

TEST(RowSamplerTest, TokensComeAsOftenAsTheirProbabilityAtTheTemperature) {
  // 3,000 tokens are three blocks; the ones that matter are at their borders.
  std::vector<float> source(3000, -kInfinity);
  const std::map<TokenId, float> logits = {{0, 1.0f}, {1023, 2.0f}, {1024, 0.5f}, {2999, 1.5f}};
  for (const auto& [token, logit] : logits) source[static_cast<std::size_t>(token)] = logit;
  for (const double temperature : {0.5, 1.0}) {
    double total = 0;
    for (const auto& [token, logit] : logits) total += std::exp(logit / temperature);
    std::vector<float> scaled = source;
    const RowDistribution row = Normalize(&scaled, 2990);
    const RowSampler sampler(PlainKernels(), row, temperature);
    // A fine grid of uniform numbers instead of random ones: the shares are then exact to 1/n.
    constexpr int kDraws = 20'000;
    std::map<TokenId, int> counts;
    for (int i = 0; i < kDraws; ++i) ++counts[sampler.At((i + 0.5) / kDraws).token];
    EXPECT_EQ(counts.size(), logits.size());
    for (const auto& [token, logit] : logits) {
      EXPECT_NEAR(counts[token] * 1.0 / kDraws, std::exp(logit / temperature) / total, 2e-4);
    }
  }
}

TEST(RowSamplerTest, TheEndsOfTheRangeDrawTheFirstAndLastAllowedToken) {
  std::vector<float> logits(3000, -kInfinity);
  logits[1500] = 3;
  logits[1400] = 2;
  const RowDistribution row = Normalize(&logits, 2000);
  const RowSampler sampler(PlainKernels(), row, 0.3);
  EXPECT_EQ(sampler.At(0.0).token, 1400);
  EXPECT_EQ(sampler.At(std::nextafter(1.0, 0.0)).token, 1500);
  EXPECT_EQ(sampler.At(1.0).token, 1500);  // Rounding never leads past the end.
}

TEST(RowSamplerTest, AHugeTemperatureStillNeverDrawsAForbiddenToken) {
  std::vector<float> logits = {-kInfinity, 5, -kInfinity, 1, -kInfinity};
  const RowDistribution row = Normalize(&logits, 4);
  const RowSampler sampler(PlainKernels(), row, 1e300);
  EXPECT_EQ(sampler.At(0.4).token, 1);
  EXPECT_EQ(sampler.At(0.6).token, 3);
}

TEST(RowSamplerTest, ATinyTemperatureIsGreedy) {
  std::vector<float> logits = FakeLogits(4, {}, 2000);
  const auto best = std::max_element(logits.begin(), logits.end()) - logits.begin();
  const RowDistribution row = Normalize(&logits, 1900);
  const RowSampler sampler(PlainKernels(), row, 1e-300);
  for (const double uniform : {0.0, 0.3, 0.999}) {
    EXPECT_EQ(sampler.At(uniform).token, best);
    EXPECT_TRUE(std::isfinite(sampler.At(uniform).logprob));
  }
}

TEST(BeamSearchTest, AHypothesisThatCanOnlyEndIsNotCountedTwice) {
  // Two text tokens, the end and no more: after one step only the end is allowed.
  const auto search = MakeBeamSearch(/*eot=*/2, /*beam_size=*/3, /*patience=*/1.0, {});
  std::vector<float> first = {0, -1, -kInfinity, -kInfinity};
  std::vector<Continuation> next;
  RowDistribution row = Normalize(&first, 3);
  search->Update(std::span(&row, 1), &next);
  ASSERT_EQ(next.size(), 2u);
  std::vector<float> second = {-kInfinity, -kInfinity, 0, -kInfinity};
  row = Normalize(&second, 3);
  const RowDistribution rows[] = {row, row};
  search->Update(rows, &next);
  EXPECT_TRUE(next.empty());
  const std::vector<Candidate> candidates = search->Finish();
  ASSERT_EQ(candidates.size(), 2u);
  EXPECT_EQ(candidates[0].tokens, std::vector<TokenId>{0});
  EXPECT_EQ(candidates[1].tokens, std::vector<TokenId>{1});
}

}  // namespace
}  // namespace wt::decode

// Goal: what is known of a window's audio bounds its timestamps without taking probability away.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "engine/decode/decode_testing.h"
#include "engine/decode/logit_filters.h"

namespace wt::decode {
namespace {

constexpr float kForbidden = -std::numeric_limits<float>::infinity();

// 3 text tokens (0-2), end 3, start 4, no_timestamps 5, 10 timestamps (6-15).
class TimeLimitsTest : public testing::Test {
 protected:
  std::vector<float> Filtered(const AttemptOptions& options, std::vector<TokenId> sampled) const {
    const std::vector<TokenId> initial = {4};
    const LogitFilters filters(tokenizer_, options, initial);
    std::vector<float> logits(16);
    for (std::size_t i = 0; i < logits.size(); ++i) logits[i] = 0.1f * static_cast<float>(i);
    filters.Apply(logits, sampled);
    return logits;
  }
  const FakeTokenizer tokenizer_ = FakeTokenizer::Small(3, 10);
};

TEST_F(TimeLimitsTest, LateTimestampsLendTheirProbabilityToTheLastOne) {
  AttemptOptions options;
  options.max_timestamp_index = 4;  // Token 10.
  const std::vector<float> logits = Filtered(options, {6, 0});
  double sum = 0;
  for (int i = 10; i < 16; ++i) sum += std::exp(0.1 * i);
  EXPECT_NEAR(logits[10], std::log(sum), 1e-5);
  for (std::size_t i = 11; i < 16; ++i) EXPECT_EQ(logits[i], kForbidden);
  EXPECT_FLOAT_EQ(logits[9], 0.9f);
}

TEST_F(TimeLimitsTest, TheLastTimestampObeysTheOtherRules) {
  AttemptOptions options;
  options.max_timestamp_index = 4;
  // Text after a segment that opened at the last timestamp: no later one is left, the end is.
  const std::vector<float> logits = Filtered(options, {10, 0});
  for (std::size_t i = 6; i < 16; ++i) EXPECT_EQ(logits[i], kForbidden);
  EXPECT_NE(logits[3], kForbidden);
}

TEST_F(TimeLimitsTest, TheEndIsHeldBackUntilSpeechHasEnded) {
  AttemptOptions options;
  options.min_end_timestamp_index = 5;  // Token 11.
  EXPECT_EQ(Filtered(options, {6, 0, 9})[3], kForbidden);
  EXPECT_EQ(Filtered(options, {6, 0})[3], kForbidden);
  EXPECT_NE(Filtered(options, {6, 0, 11})[3], kForbidden);
  // Every state keeps a choice.
  for (const std::vector<TokenId>& sampled :
       {std::vector<TokenId>{6, 0, 9}, {6, 0}, {6, 0, 9, 9}, {6, 0, 9, 9, 1}}) {
    const std::vector<float> logits = Filtered(options, sampled);
    EXPECT_TRUE(std::any_of(logits.begin(), logits.end(), [](float l) { return l > kForbidden; }));
  }
}

}  // namespace
}  // namespace wt::decode

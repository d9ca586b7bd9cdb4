// Attempt against a scripted network: a second, plain implementation is the oracle.
#include "engine/decode/attempt.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <set>

#include "engine/decode/decode_testing.h"
#include "engine/decode/logit_filters.h"
#include "engine/decode/plain_decoder_testing.h"

namespace wt::decode {
namespace {

constexpr int kContext = 448;

/// Runs an attempt and checks that its rows are consistent. `rows_seen` gets the rows of each step.
AttemptResult Decode(const tokenizer::Tokenizer& tokenizer, const AttemptOptions& options,
                     const Tokens& initial, int n_ctx, const Network& network,
                     std::vector<int>* rows_seen = nullptr) {
  Attempt attempt(tokenizer, PlainKernels(), options, initial, n_ctx);
  const auto first = attempt.initial_tokens();
  std::vector<Tokens> rows = {Tokens(first.begin(), first.end())};
  while (!attempt.done()) {
    EXPECT_EQ(attempt.rows(), static_cast<int>(rows.size()));
    EXPECT_LE(attempt.rows(), attempt.rows_max());
    if (rows_seen != nullptr) rows_seen->push_back(attempt.rows());
    std::vector<float> logits;
    for (const Tokens& row : rows) {
      EXPECT_LE(static_cast<int>(row.size()), n_ctx);
      const std::vector<float> one = network(row);
      logits.insert(logits.end(), one.begin(), one.end());
    }
    attempt.Consume(logits);
    std::vector<Tokens> next;
    for (std::size_t i = 0; i < attempt.next_tokens().size(); ++i) {
      next.push_back(rows[static_cast<std::size_t>(attempt.source_rows()[i])]);
      next.back().push_back(attempt.next_tokens()[i]);
    }
    rows = std::move(next);
  }
  EXPECT_EQ(attempt.rows(), 0);
  return attempt.Finish();
}

Network Random(const tokenizer::Tokenizer& tokenizer, std::uint64_t seed, double spread = 2.0) {
  return [n = tokenizer.special().n_vocab, seed, spread](const Tokens& tokens) {
    return FakeLogits(seed, tokens, n, spread);
  };
}

void ExpectSame(const AttemptResult& actual, const AttemptResult& expected) {
  EXPECT_EQ(actual.best.tokens, expected.best.tokens);
  EXPECT_NEAR(actual.avg_logprob, expected.avg_logprob, 1e-4);
  ASSERT_EQ(actual.candidates.size(), expected.candidates.size());
  for (std::size_t i = 0; i < actual.candidates.size(); ++i) {
    EXPECT_EQ(actual.candidates[i].tokens, expected.candidates[i].tokens) << i;
    EXPECT_NEAR(actual.candidates[i].sum_logprob, expected.candidates[i].sum_logprob, 1e-3);
  }
}

TEST(AttemptTest, GreedyEqualsThePlainDecoder) {
  for (const bool timestamps : {false, true}) {
    const auto tokenizer = FakeTokenizer::Small(40, 60);
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
      const AttemptOptions options{.beam_size = 1,
                                   .suppressed = {1, 5, 41},
                                   .timestamps = timestamps,
                                   .max_initial_timestamp_index = 10,
                                   .sample_tokens_max = 30};
      const Network network = Random(tokenizer, seed);
      const Tokens initial = {41, 3};
      PlainDecoder plain(tokenizer, options, initial, kContext, network);
      ExpectSame(Decode(tokenizer, options, initial, kContext, network), plain.Greedy());
    }
  }
}

TEST(AttemptTest, BeamSearchEqualsThePlainDecoder) {
  struct Case {
    bool timestamps;
    int beam_size;
    double patience;
    std::optional<double> length_penalty;
  };
  for (const Case& c : {Case{false, 5, 1, {}}, Case{true, 5, 1, {}}, Case{true, 2, 2.5, 1.0},
                        Case{false, 3, 2, 0.5}, Case{true, 8, 0.5, {}}, Case{true, 5, 0.5, {}}}) {
    const auto tokenizer = FakeTokenizer::Small(40, 60);
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const AttemptOptions options{.beam_size = c.beam_size,
                                   .patience = c.patience,
                                   .length_penalty = c.length_penalty,
                                   .suppressed = {2},
                                   .timestamps = c.timestamps,
                                   .sample_tokens_max = 25};
      const Network network = Random(tokenizer, seed);
      PlainDecoder plain(tokenizer, options, {41}, kContext, network);
      ExpectSame(Decode(tokenizer, options, {41}, kContext, network), plain.Beam());
    }
  }
}

TEST(AttemptTest, LogProbabilitiesOfTheTokensAddUpToTheHypothesis) {
  const auto tokenizer = FakeTokenizer::Small(40, 60);
  for (const AttemptOptions& options :
       {AttemptOptions{.beam_size = 5, .sample_tokens_max = 12},
        AttemptOptions{.beam_size = 1, .sample_tokens_max = 12},
        AttemptOptions{.temperature = 0.6, .best_of = 3, .sample_tokens_max = 12}}) {
    const Network network = Random(tokenizer, 7);
    const AttemptResult result = Decode(tokenizer, options, {41}, kContext, network);
    for (const Candidate& candidate : result.candidates) {
      ASSERT_EQ(candidate.logprobs.size(), candidate.tokens.size());
      double sum = 0;
      for (const float logprob : candidate.logprobs) {
        EXPECT_LE(logprob, 0);
        sum += logprob;
      }
      // What is left is the end token's, which a hypothesis that was cut off does not have.
      const bool cut_off = candidate.tokens.size() == 12;
      EXPECT_LE(candidate.sum_logprob, sum + 1e-4);
      if (cut_off) {
        EXPECT_NEAR(candidate.sum_logprob, sum, 1e-3);
      }
    }
    PlainDecoder plain(tokenizer, options, {41}, kContext, network);
    Tokens before = {41};
    for (std::size_t i = 0; i < result.best.tokens.size(); ++i) {
      const auto logprobs = PlainDecoder::LogSoftmax(plain.Filtered(before));
      const auto token = static_cast<std::size_t>(result.best.tokens[i]);
      EXPECT_NEAR(result.best.logprobs[i], logprobs[token], 1e-4);
      before.push_back(result.best.tokens[i]);
    }
  }
}

// The first `count` tokens of a hypothesis.
Candidate Beginning(const Candidate& whole, std::size_t count) {
  const auto end = static_cast<std::ptrdiff_t>(count);
  Candidate begun{.tokens = {whole.tokens.begin(), whole.tokens.begin() + end},
                  .logprobs = {whole.logprobs.begin(), whole.logprobs.begin() + end}};
  for (const float logprob : begun.logprobs) begun.sum_logprob += logprob;
  return begun;
}

TEST(AttemptTest, WhatIsBegunIsGoneOnWithAsIfItHadBeenSampled) {
  const auto tokenizer = FakeTokenizer::Small(40, 60);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    AttemptOptions options{.beam_size = 1, .no_repeat_ngram_size = 2, .sample_tokens_max = 12};
    const Network network = Random(tokenizer, seed);
    const AttemptResult whole = Decode(tokenizer, options, {41}, kContext, network);
    for (std::size_t count = 0; count < std::min<std::size_t>(whole.best.tokens.size(), 12);
         ++count) {
      options.begun = Beginning(whole.best, count);
      const AttemptResult again = Decode(tokenizer, options, {41}, kContext, network);
      ExpectSame(again, whole);
      EXPECT_EQ(again.best.logprobs, whole.best.logprobs);
    }
  }
}

TEST(AttemptTest, EveryHypothesisBeginsWithWhatIsBegun) {
  const auto tokenizer = FakeTokenizer::Small(40, 60);
  // The least probable beginning: no search would come to it. 43 is the first timestamp.
  const Candidate begun{.tokens = {43, 7, 50}, .sum_logprob = -30, .logprobs = {-10, -10, -10}};
  for (const AttemptOptions& options :
       {AttemptOptions{.beam_size = 5, .sample_tokens_max = 12, .begun = begun},
        AttemptOptions{
            .temperature = 0.6, .best_of = 3, .sample_tokens_max = 12, .begun = begun}}) {
    const Network network = Random(tokenizer, 11);
    const AttemptResult result = Decode(tokenizer, options, {41}, kContext, network);
    for (const Candidate& candidate : result.candidates) {
      ASSERT_GT(candidate.tokens.size(), 3u);
      EXPECT_LE(candidate.tokens.size(), 12u);
      EXPECT_EQ(Beginning(candidate, 3).tokens, begun.tokens);
      EXPECT_EQ(Beginning(candidate, 3).logprobs, begun.logprobs);
      // A timestamp closed the segment: the next one opens with a timestamp that is no earlier.
      EXPECT_GE(candidate.tokens[3], 50);
      EXPECT_LT(candidate.sum_logprob, -30);
    }
  }
}

TEST(AttemptTest, BeamSizeOneWithoutPatienceIsGreedySearch) {
  // A beam of one in the plain decoder against the attempt's greedy path.
  const auto tokenizer = FakeTokenizer::Small(3, 4);
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    const AttemptOptions options{.beam_size = 1, .sample_tokens_max = 8};
    const Network network = Random(tokenizer, seed);
    PlainDecoder plain(tokenizer, options, {4}, kContext, network);
    ExpectSame(Decode(tokenizer, options, {4}, kContext, network), plain.Beam());
  }
}

/// Every sequence that the filters let through, up to `length` tokens, with its sum.
void Enumerate(const PlainDecoder& plain, const Tokens& tokens, double sum, int length, TokenId eot,
               std::vector<Candidate>* all) {
  const auto logprobs = PlainDecoder::LogSoftmax(plain.Filtered(tokens));
  for (std::size_t t = 0; t < logprobs.size(); ++t) {
    if (!std::isfinite(logprobs[t])) continue;
    Tokens longer = tokens;
    if (static_cast<TokenId>(t) == eot) {
      all->push_back({tokens, sum + logprobs[t]});
      continue;
    }
    longer.push_back(static_cast<TokenId>(t));
    if (length == 1) {
      all->push_back({longer, sum + logprobs[t]});
    } else {
      Enumerate(plain, longer, sum + logprobs[t], length - 1, eot, all);
    }
  }
}

TEST(AttemptTest, ABeamAsLargeAsTheSpaceFindsTheBestOfAllSequences) {
  for (const bool timestamps : {false, true}) {
    const auto tokenizer = FakeTokenizer::Small(2, timestamps ? 3 : 1);
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const AttemptOptions options{
          .beam_size = 2000, .suppressed = {3}, .timestamps = timestamps, .sample_tokens_max = 4};
      const Tokens initial = {3};
      const Network network = Random(tokenizer, seed);
      const PlainDecoder plain(tokenizer, options, initial, kContext, network);
      std::vector<Candidate> all;
      Enumerate(plain, initial, 0, 4, tokenizer.special().eot, &all);
      const AttemptResult result = Decode(tokenizer, options, initial, kContext, network);
      ASSERT_EQ(result.candidates.size(), all.size());
      double best = -1e9;
      Tokens best_tokens;
      for (Candidate& candidate : all) {
        candidate.tokens.erase(candidate.tokens.begin());
        const double score =
            candidate.sum_logprob / std::max(1.0, static_cast<double>(candidate.tokens.size()));
        if (score > best) {
          best = score;
          best_tokens = candidate.tokens;
        }
      }
      EXPECT_EQ(result.best.tokens, best_tokens);
    }
  }
}

TEST(LogitFiltersTest, EverySequenceUpToLengthFourLeavesExactlyTheAllowedTokens) {
  // All sequences over two text tokens and four timestamps, reachable or not.
  const auto tokenizer = FakeTokenizer::Small(2, 4);
  const Tokens alphabet = {0, 1, 5, 6, 7, 8};
  const AttemptOptions options{.suppressed = {3}, .max_initial_timestamp_index = 1};
  const PlainDecoder plain(tokenizer, options, {3}, kContext, {});
  const LogitFilters filters(tokenizer, options, Tokens{3});
  std::vector<Tokens> level = {{}};
  int checked = 0;
  for (int length = 0; length <= 4; ++length) {
    std::vector<Tokens> longer;
    for (const Tokens& sampled : level) {
      std::vector<float> logits(9, 0.5f);
      filters.Apply(logits, sampled);
      const std::vector<bool> allowed = plain.Allowed(sampled);
      for (std::size_t t = 0; t < logits.size(); ++t) {
        ASSERT_EQ(std::isfinite(logits[t]), allowed[t]) << length << " " << t;
      }
      ++checked;
      for (const TokenId token : alphabet) {
        longer.push_back(sampled);
        longer.back().push_back(token);
      }
    }
    level = std::move(longer);
  }
  EXPECT_EQ(checked, 1 + 6 + 36 + 216 + 1296);
}

TEST(LogitFiltersTest, TheFirstTokenMayBeTextWhereAskedFor) {
  const auto tokenizer = FakeTokenizer::Small(2, 4);
  const AttemptOptions options{.first_is_timestamp = false, .max_initial_timestamp_index = 1};
  const LogitFilters filters(tokenizer, options, Tokens{3});
  std::vector<float> logits(9, 0.5f);
  filters.Apply(logits, {});
  Tokens allowed;
  for (TokenId t = 0; t < 9; ++t) {
    if (std::isfinite(logits[static_cast<std::size_t>(t)])) allowed.push_back(t);
  }
  EXPECT_EQ(allowed, (Tokens{0, 1, 3, 5, 6, 7, 8}));  // Neither the end nor no_timestamps.
}

TEST(AttemptTest, TimestampsArePairedAndNeverDecrease) {
  const auto tokenizer = FakeTokenizer::Small(3, 5);
  const TokenId begin = tokenizer.special().timestamp_begin;
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const AttemptOptions options{.temperature = seed % 2 == 0 ? 0.0 : 1.0,
                                 .beam_size = static_cast<int>(seed % 4) + 1,
                                 .sample_tokens_max = 12};
    const AttemptResult result =
        Decode(tokenizer, options, {4}, kContext, Random(tokenizer, seed, 4.0));
    for (const Candidate& candidate : result.candidates) {
      ASSERT_FALSE(candidate.tokens.empty());
      EXPECT_GE(candidate.tokens.front(), begin);
      TokenId last = begin;
      int run = 1;  // The first timestamp opens a segment, as if one had closed before.
      for (const TokenId token : candidate.tokens) {
        run = token >= begin ? run + 1 : 0;
        EXPECT_LE(run, 2);
        if (token < begin) continue;
        EXPECT_GE(token, last);
        last = token;
      }
    }
  }
}

TEST(AttemptTest, StopsAfterTheTokensAskedForOrAFullContext) {
  const auto tokenizer = FakeTokenizer::Small(4, 4);
  const Network endless = [](const Tokens&) {
    return std::vector<float>{0, 1, 2, 3, -50, 0, 0, 0, 0, 0, 0};
  };
  for (const int beam_size : {1, 3}) {
    AttemptOptions options{.beam_size = beam_size, .timestamps = false, .sample_tokens_max = 7};
    EXPECT_EQ(Decode(tokenizer, options, {5}, kContext, endless).best.tokens, Tokens(7, 3));
    // A context of 10 with 4 initial tokens: the last evaluation has 10, and gives an eleventh.
    options.sample_tokens_max = 100;
    EXPECT_EQ(Decode(tokenizer, options, {5, 0, 0, 0}, 10, endless).best.tokens.size(), 7u);
  }
}

TEST(AttemptTest, AHypothesisWithoutAnEndHasNoEndProbability) {
  const auto tokenizer = FakeTokenizer::Small(2, 1);
  const Network even = [](const Tokens&) {
    return std::vector<float>{2, 2, -100, -100, -100, -100};
  };
  const AttemptOptions options{.beam_size = 1, .timestamps = false, .sample_tokens_max = 3};
  const AttemptResult result = Decode(tokenizer, options, {3}, kContext, even);
  EXPECT_EQ(result.best.tokens, Tokens(3, 0));  // The lower token of equal ones.
  EXPECT_NEAR(result.best.sum_logprob, 3 * std::log(0.5), 1e-6);
  EXPECT_NEAR(result.avg_logprob, 3 * std::log(0.5) / 4, 1e-6);
}

TEST(SamplingTest, ARowDoesNotDependOnTheOthers) {
  const auto tokenizer = FakeTokenizer::Small(20, 30);
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    AttemptOptions options{.temperature = 0.8, .best_of = 5, .sample_tokens_max = 20, .seed = seed};
    const Network network = Random(tokenizer, seed);
    std::vector<int> rows;
    const AttemptResult five = Decode(tokenizer, options, {21}, kContext, network, &rows);
    ASSERT_EQ(five.candidates.size(), 5u);
    EXPECT_EQ(rows.front(), 1);
    EXPECT_TRUE(std::is_sorted(rows.begin() + 1, rows.end(), std::greater<>()));
    options.best_of = 1;
    const AttemptResult one = Decode(tokenizer, options, {21}, kContext, network);
    EXPECT_EQ(one.best.tokens, five.candidates[0].tokens);
    EXPECT_EQ(one.best.sum_logprob, five.candidates[0].sum_logprob);
    EXPECT_NE(five.candidates[0].tokens, five.candidates[1].tokens);
  }
}

TEST(SamplingTest, TheSameSeedGivesTheSameTextAndAnotherSeedAnother) {
  const auto tokenizer = FakeTokenizer::Small(20, 30);
  const Network network = Random(tokenizer, 7);
  std::set<Tokens> texts;
  for (const std::uint64_t seed : {1, 2, 3, 1}) {
    const AttemptOptions options{.temperature = 1, .sample_tokens_max = 20, .seed = seed};
    texts.insert(Decode(tokenizer, options, {21}, kContext, network).candidates[2].tokens);
  }
  EXPECT_EQ(texts.size(), 3u);
}

TEST(SamplingTest, LogProbabilitiesAreThoseOfTemperatureOne) {
  const auto tokenizer = FakeTokenizer::Small(20, 30);
  const Network network = Random(tokenizer, 11);
  const AttemptOptions options{.temperature = 0.4, .sample_tokens_max = 20, .seed = 3};
  const AttemptResult result = Decode(tokenizer, options, {21}, kContext, network);
  const PlainDecoder plain(tokenizer, options, {21}, kContext, network);
  for (const Candidate& candidate : result.candidates) {
    Tokens tokens = {21};
    double sum = 0;
    Tokens with_end = candidate.tokens;
    if (with_end.size() < 20) with_end.push_back(tokenizer.special().eot);
    for (const TokenId token : with_end) {
      sum += PlainDecoder::LogSoftmax(plain.Filtered(tokens))[static_cast<std::size_t>(token)];
      tokens.push_back(token);
    }
    EXPECT_NEAR(candidate.sum_logprob, sum, 1e-3);
  }
}

TEST(AttemptTest, DamagedLogitsEndInsteadOfLoopingOrCrashing) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const auto tokenizer = FakeTokenizer::Small(6, 6);
  for (const float value : {kNan, kInf, -kInf}) {
    for (const double temperature : {0.0, 0.7}) {
      for (const int rows : {1, 4}) {
        for (const bool all : {true, false}) {
          const AttemptOptions options{.temperature = temperature,
                                       .beam_size = rows,
                                       .best_of = rows,
                                       .timestamps = false,
                                       .sample_tokens_max = 9};
          const Network network = [&](const Tokens& tokens) {
            std::vector<float> logits = FakeLogits(1, tokens, tokenizer.special().n_vocab);
            if (all) std::fill(logits.begin(), logits.end(), value);
            logits[3] = value;
            return logits;
          };
          std::vector<int> steps;
          const AttemptResult result = Decode(tokenizer, options, {7}, kContext, network, &steps);
          ASSERT_FALSE(result.candidates.empty());
          EXPECT_TRUE(std::isfinite(result.avg_logprob));
          EXPECT_LE(result.best.tokens.size(), 9u);
          // Where nothing is allowed, decoding ends at once.
          if (all && value != kInf) {
            EXPECT_EQ(steps.size(), 1u);
          }
        }
      }
    }
  }
}

TEST(LogitFiltersTest, RepetitionPenaltyTouchesEachTokenOfPrefixAndTextOnce) {
  const auto tokenizer = FakeTokenizer::Small(6, 2);
  const AttemptOptions options{
      .repetition_penalty = 2.0, .suppress_blank = false, .timestamps = false};
  // 4 precedes the start token: it is earlier text. 0 is the prefix.
  const LogitFilters filters(tokenizer, options, Tokens{4, 7, 8, 0});
  std::vector<float> logits = {3, -3, 5, 0, 1, 1, 1, 1, 1, 1, 1};
  filters.Apply(logits, Tokens{1, 1, 2, 1});
  EXPECT_EQ(logits, (std::vector<float>{1.5f, -6, 2.5f, 0, 1, 1, 1, 1, 1, 1, 1}));
}

TEST(LogitFiltersTest, NoNgramOccursTwice) {
  const auto tokenizer = FakeTokenizer::Small(4, 1);
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    for (const int size : {1, 2, 3}) {
      const AttemptOptions options{.beam_size = 2,
                                   .no_repeat_ngram_size = size,
                                   .suppressed = {5, 6, 7},
                                   .timestamps = false,
                                   .sample_tokens_max = 20};
      const AttemptResult result =
          Decode(tokenizer, options, {5}, kContext, Random(tokenizer, seed, 1.0));
      for (const Candidate& candidate : result.candidates) {
        std::set<Tokens> seen;
        const auto n = static_cast<long>(candidate.tokens.size());
        for (long i = 0; i + size <= n; ++i) {
          const auto at = candidate.tokens.begin() + i;
          EXPECT_TRUE(seen.insert(Tokens(at, at + size)).second);
        }
      }
    }
  }
}

}  // namespace
}  // namespace wt::decode

// Goal: every published size gives the reference's encoder output, logits and greedy tokens, so
// that dimensions, head counts, 128 mel bands and the three vocabularies are right, not only base.
// Method: random weights made by the published rule (synth.json). Tolerances are those of
// reference/README.md, "synthetic models". Sizes that take more than a few seconds run where
// WT_LARGE_MODELS is set and memory allows.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "engine/decode/attempt.h"
#include "engine/tokenizer/tokenizer.h"
#include "engine/whisper/decoder.h"
#include "engine/whisper/encoder.h"
#include "tests/golden/synthetic_weights.h"
#include "tests/support/reference.h"

namespace wt {
namespace {

using nlohmann::json;
using testing_support::ReadNpy;
using testing_support::ReferencePath;

constexpr double kEncoderRms = 1e-4;
constexpr double kLogit = 5e-3;
constexpr double kGap = 0.02;  // Steps with a smaller one may turn off.

struct Size {
  const char* name;
  int memory_gb;  // Weights in float16 and packed as float32, and room to work.
  bool large;
};

class SizesGoldenTest : public testing::TestWithParam<Size> {
 protected:
  void SetUp() override {
    WT_NEEDS(ReferencePath("synth.json"));
    if (GetParam().large && testing_support::EnvironmentOr("WT_LARGE_MODELS", "").empty()) {
      GTEST_SKIP() << "takes minutes: set WT_LARGE_MODELS=1 to run it";
    }
    const double free_gb = static_cast<double>(::sysconf(_SC_AVPHYS_PAGES)) *
                           static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e9;
    if (GetParam().large && free_gb < GetParam().memory_gb) {
      GTEST_SKIP() << "needs " << GetParam().memory_gb << " GB of free memory";
    }
  }
};

void ExpectEncoded(const whisper::Encoder& encoder, const model::Dims& dims, const json& golden) {
  const auto sample = ReadNpy<float>(ReferencePath(golden["sample"].get<std::string>()));
  ASSERT_TRUE(sample);
  const auto rows = golden["stride"][0].get<std::size_t>();
  const auto columns = golden["stride"][1].get<std::size_t>();
  const auto state = static_cast<std::size_t>(dims.n_audio_state);
  ASSERT_EQ(sample->data.size(), (1500 / rows) * (state / columns));
  double squares = 0;
  std::size_t at = 0;
  for (std::size_t t = 0; t < 1500; t += rows) {
    for (std::size_t c = 0; c < state; c += columns, ++at) {
      const auto error = static_cast<double>(encoder.hidden()[t * state + c] - sample->data[at]);
      squares += error * error;
    }
  }
  const double rms = std::sqrt(squares / static_cast<double>(at));
  EXPECT_LT(rms, kEncoderRms);
  std::printf("encoder rms of difference %.2g, ", rms);
}

// Compares raw logits with the golden largest ones. Returns the largest difference.
double ExpectLogits(std::span<const float> logits, const json& step, std::size_t index) {
  double largest = 0;
  const auto& ids = step["raw_top_ids"];
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto value = static_cast<double>(logits[ids[i].get<std::size_t>()]);
    largest = std::max(largest, std::abs(value - step["raw_top_logits"][i].get<double>()));
  }
  double sum = 0;
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
  largest = std::max(largest, std::abs(std::log(sum) - step["raw_logsumexp"].get<double>()));
  EXPECT_LT(largest, kLogit) << "step " << index;
  return largest;
}

void ExpectFirstToken(std::span<const float> logits, const tokenizer::Tokenizer& tokenizer,
                      const json& golden) {
  const auto& special = tokenizer.special();
  double sum = 0;
  double languages = 0;
  const auto at = [&](TokenId token) {
    return std::exp(static_cast<double>(logits[static_cast<std::size_t>(token)]));
  };
  for (const float logit : logits) sum += std::exp(static_cast<double>(logit));
  EXPECT_NEAR(at(special.no_speech) / sum, golden["no_speech_prob"].get<double>(), 1e-4);
  if (!golden.contains("language_top5")) return;
  for (TokenId i = 0; i < special.language_count; ++i) languages += at(special.first_language + i);
  const auto codes = tokenizer::LanguageCodes();
  for (const json& row : golden["language_top5"]) {
    const auto code = std::find(codes.begin(), codes.end(), row[0].get<std::string>());
    ASSERT_NE(code, codes.end());
    const auto token = special.first_language + static_cast<TokenId>(code - codes.begin());
    EXPECT_NEAR(at(token) / languages, row[1].get<double>(), 5e-4) << row[0];
  }
}

// Eight greedy steps with all filters, or as many as the reference's choices are clear.
void ExpectGreedySteps(const whisper::PackedNetwork& network, platform::ThreadPool& pool,
                       whisper::WindowState* window, const json& golden) {
  const auto tokenizer = tokenizer::Tokenizer::Published(network.dims().n_vocab);
  const auto initial = golden["initial_tokens"].get<std::vector<TokenId>>();
  decode::AttemptOptions options;
  options.beam_size = 1;
  const TokenId all[] = {-1};
  options.suppressed = tokenizer->SuppressedTokens(all);
  decode::Attempt attempt(*tokenizer, network.kernels(), options, initial,
                          network.dims().n_text_ctx);
  whisper::Decoder decoder(network, pool);
  std::vector<float> logits(2 * static_cast<std::size_t>(network.dims().n_vocab));
  const std::span<float> last = std::span(logits).last(logits.size() / 2);

  window->ResetText();
  window->AppendPrefix(static_cast<int>(initial.size()));
  std::vector<whisper::DecoderRow> rows;
  for (const TokenId token : initial) {
    rows.push_back({window, token, static_cast<int>(rows.size()), 0, 0});
  }
  decoder.Evaluate(rows);
  decoder.Logits(std::vector<int>{0}, logits.data());
  ExpectFirstToken(std::span(logits).first(last.size()), *tokenizer, golden);
  decoder.Logits(std::vector<int>{static_cast<int>(rows.size()) - 1}, last.data());

  double largest = 0;
  std::size_t compared = 0;
  const json& steps = golden["steps"];
  for (std::size_t i = 0; i < steps.size(); ++i) {
    largest = std::max(largest, ExpectLogits(last, steps[i], i));
    if (steps[i]["gap"].get<double>() <= kGap) break;
    attempt.Consume(last);
    ASSERT_FALSE(attempt.done());
    ASSERT_EQ(attempt.next_tokens()[0], steps[i]["next"].get<TokenId>()) << "step " << i;
    ++compared;
    window->AppendStep(std::vector<int>{0});
    const int position = static_cast<int>(initial.size() + i);
    const whisper::DecoderRow row = {window, attempt.next_tokens()[0], position, 0, 0};
    decoder.Evaluate(std::span(&row, 1));
    decoder.Logits(std::vector<int>{0}, last.data());
  }
  EXPECT_GE(compared, 4u);
  std::printf("logits %.2g, %zu greedy tokens equal\n", largest, compared);
}

TEST_P(SizesGoldenTest, EncoderLogitsAndGreedyTokensEqualTheReference) {
  const json golden = testing_support::LoadReferenceJson("synth.json")[GetParam().name];
  const auto dims = model::DimsOfSize(GetParam().name);
  ASSERT_TRUE(dims);
  ASSERT_EQ(dims->n_audio_state, golden["dims"]["n_audio_state"].get<int>());
  std::shared_ptr<const whisper::PackedNetwork> network;
  {
    const auto weights = golden::SyntheticModel(*dims, golden["seed"].get<std::uint64_t>());
    ASSERT_EQ(golden::Fingerprint(*weights), golden["weights_sha256"].get<std::string>());
    auto packed =
        whisper::PackedNetwork::Create(*weights, kernels::BestKernels(), ComputeType::kFloat32, "");
    ASSERT_TRUE(packed.ok());
    network = *packed;
  }
  const auto mel = ReadNpy<float>(
      ReferencePath("mel/jfk-inaugural.mel" + std::to_string(dims->n_mels) + ".npy"));
  ASSERT_TRUE(mel);
  platform::ThreadPool pool(2);
  whisper::Encoder encoder(*network, pool);
  whisper::WindowState window(*dims, network->kernels(), kernels::PackedType::kF32, 1);
  ASSERT_TRUE(encoder.Encode(mel->data, nullptr, &window).ok());
  ExpectEncoded(encoder, *dims, golden["encoder"]);
  ExpectGreedySteps(*network, pool, &window, golden);
}

INSTANTIATE_TEST_SUITE_P(Sizes, SizesGoldenTest,
                         testing::Values(Size{"tiny", 1, false}, Size{"tiny.en", 1, false},
                                         Size{"base", 1, false}, Size{"small", 2, false},
                                         Size{"large-v3-turbo", 6, true},
                                         Size{"large-v3", 12, true}),
                         [](const testing::TestParamInfo<Size>& info) {
                           std::string name = info.param.name;
                           std::erase_if(name, [](char c) { return c == '.' || c == '-'; });
                           return name;
                         });

}  // namespace
}  // namespace wt

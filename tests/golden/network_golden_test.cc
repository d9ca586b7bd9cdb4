// Goal: encoder, cross attention and decoder give the reference's numbers with the base weights.
// Method: reference/README.md, "Tolerances", columns float32 and int8; every kernel set that runs
// here.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/model/weight_map.h"
#include "engine/whisper/decoder.h"
#include "engine/whisper/encoder.h"
#include "tests/support/npy.h"
#include "tests/support/reference.h"

namespace wt {
namespace {

using testing_support::BaseModelPath;
using testing_support::ReadNpy;
using testing_support::ReferencePath;

struct Difference {
  double rms = 0;
  double largest = 0;
};

Difference Compare(const float* ours, const std::vector<float>& theirs) {
  Difference d;
  for (std::size_t i = 0; i < theirs.size(); ++i) {
    const double e = std::abs(static_cast<double>(ours[i]) - static_cast<double>(theirs[i]));
    d.rms += e * e;
    d.largest = std::max(d.largest, e);
  }
  d.rms = std::sqrt(d.rms / static_cast<double>(theirs.size()));
  return d;
}

class NetworkGoldenTest : public testing::TestWithParam<int> {
 protected:
  void SetUp() override {
    WT_NEEDS(BaseModelPath());
    WT_NEEDS(ReferencePath("mel/jfk-inaugural.mel80.npy"));
    const auto list = kernels::RunnableKernels();
    if (GetParam() >= list.count) GTEST_SKIP() << "this processor has fewer kernel sets";
    kernels_ = list.sets[GetParam()];
    auto weights = model::OpenModel(BaseModelPath());
    ASSERT_TRUE(weights.ok()) << weights.status().message();
    weights_ = std::move(*weights);
    Use(ComputeType::kFloat32);
  }

  void Use(ComputeType type) {
    auto network = whisper::PackedNetwork::Create(*weights_, *kernels_, type, "");
    ASSERT_TRUE(network.ok());
    network_ = *network;
    window_ = std::make_unique<whisper::WindowState>(network_->dims(), *kernels_,
                                                     network_->cross_type(), 2);
  }
  void ExpectStepsEqualPrefill();

  const kernels::KernelSet* kernels_ = nullptr;
  std::shared_ptr<const model::WeightMap> weights_;
  std::shared_ptr<const whisper::PackedNetwork> network_;
  std::unique_ptr<whisper::WindowState> window_;
};

TEST_P(NetworkGoldenTest, EncoderAndFirstLogitsEqualTheReference) {
  platform::ThreadPool pool(2);
  whisper::Encoder encoder(*network_, pool);
  const auto mel = ReadNpy<float>(ReferencePath("mel/jfk-inaugural.mel80.npy"));
  ASSERT_TRUE(mel);
  ASSERT_TRUE(encoder.Encode(mel->data, nullptr, window_.get()).ok());

  const auto hidden = ReadNpy<float>(ReferencePath("encoder/jfk-inaugural.npy"));
  ASSERT_TRUE(hidden);
  const Difference encoded = Compare(encoder.hidden().data(), hidden->data);
  RecordProperty("encoder_rms", std::to_string(encoded.rms));
  EXPECT_LT(encoded.rms, 1e-4) << kernels::IsaName(kernels_->isa);
  EXPECT_LT(encoded.largest, 2e-2);

  // sot, language, task in one evaluation: logits at the first and at the last position.
  whisper::Decoder decoder(*network_, pool);
  window_->ResetText();
  window_->AppendPrefix(3);
  std::vector<whisper::DecoderRow> rows;
  for (int i = 0; const TokenId token : {50258, 50259, 50359}) {
    rows.push_back({window_.get(), token, i++, 0, 0});
  }
  decoder.Evaluate(rows);
  std::vector<float> logits(2 * 51865);
  const std::vector<int> which = {0, 2};
  decoder.Logits(which, logits.data());
  const auto sot = ReadNpy<float>(ReferencePath("logits/jfk-inaugural.sot.npy"));
  const auto step0 = ReadNpy<float>(ReferencePath("logits/jfk-inaugural.step0.npy"));
  ASSERT_TRUE(sot && step0);
  EXPECT_LT(Compare(logits.data(), sot->data).largest, 2e-3);
  EXPECT_LT(Compare(logits.data() + 51865, step0->data).largest, 2e-3);
}

TEST_P(NetworkGoldenTest, BytesStayWithinTheirTolerance) {
  Use(ComputeType::kInt8);
  EXPECT_EQ(network_->cross_type(), kernels::PackedType::kInt8);
  platform::ThreadPool pool(2);
  whisper::Encoder encoder(*network_, pool);
  const auto mel = ReadNpy<float>(ReferencePath("mel/jfk-inaugural.mel80.npy"));
  ASSERT_TRUE(encoder.Encode(mel->data, nullptr, window_.get()).ok());
  const auto hidden = ReadNpy<float>(ReferencePath("encoder/jfk-inaugural.npy"));
  const std::vector<float> zeros(hidden->data.size());
  EXPECT_LT(Compare(encoder.hidden().data(), hidden->data).rms,
            0.05 * Compare(zeros.data(), hidden->data).rms);

  whisper::Decoder decoder(*network_, pool);
  window_->AppendPrefix(3);
  std::vector<whisper::DecoderRow> rows;
  for (int i = 0; const TokenId token : {50258, 50259, 50359}) {
    rows.push_back({window_.get(), token, i++, 0, 0});
  }
  decoder.Evaluate(rows);
  std::vector<float> logits(51865);
  decoder.Logits(std::vector<int>{2}, logits.data());
  const auto step0 = ReadNpy<float>(ReferencePath("logits/jfk-inaugural.step0.npy"));
  const Difference found = Compare(logits.data(), step0->data);
  RecordProperty("logits_rms", std::to_string(found.rms));
  RecordProperty("logits_largest", std::to_string(found.largest));
  // The tolerance is 0.5 and 2.0. The sets are at 0.03 to 0.11 and 0.14 to 0.26; without the
  // rotation of rows some were at 0.3 to 1.0, so this sees it go.
  EXPECT_LT(found.rms, 0.2) << kernels::IsaName(kernels_->isa);
  EXPECT_LT(found.largest, 0.5) << kernels::IsaName(kernels_->isa);
}

TEST_P(NetworkGoldenTest, StepByStepEqualsAllAtOnceAndIgnoresNeighbours) {
  ExpectStepsEqualPrefill();
}

TEST_P(NetworkGoldenTest, StepsOfBytesEqualAllAtOnceAndIgnoreNeighbours) {
  if (kernels_->isa == kernels::Isa::kGeneric) GTEST_SKIP() << "takes minutes";
  Use(ComputeType::kInt8);
  ExpectStepsEqualPrefill();
}

void NetworkGoldenTest::ExpectStepsEqualPrefill() {
  // Goal: a row's logits have the same bits in a prefill, alone in a step, and beside another row;
  // and for 1 and 3 threads.
  const auto mel = ReadNpy<float>(ReferencePath("mel/jfk-inaugural.mel80.npy"));
  const std::vector<TokenId> tokens = {50258, 50259, 50359, 50364, 400, 370};
  std::vector<std::vector<float>> results;
  for (const int threads : {1, 3}) {
    platform::ThreadPool pool(threads);
    whisper::Encoder encoder(*network_, pool);
    whisper::Decoder decoder(*network_, pool);
    ASSERT_TRUE(encoder.Encode(mel->data, nullptr, window_.get()).ok());
    std::vector<float> logits(51865);
    const auto keep = [&](int row) {
      decoder.Logits(std::vector<int>{row}, logits.data());
      results.push_back(logits);
    };
    window_->ResetText();
    window_->AppendPrefix(6);
    std::vector<whisper::DecoderRow> rows;
    for (int i = 0; i < 6; ++i) {
      rows.push_back({window_.get(), tokens[static_cast<std::size_t>(i)], i, 0, 0});
    }
    decoder.Evaluate(rows);
    keep(5);
    window_->ResetText();
    window_->AppendPrefix(3);
    decoder.Evaluate(std::span(rows).first(3));
    for (int i = 3; i < 6; ++i) {
      const std::vector<int> sources = i == 3 ? std::vector<int>{0, 0} : std::vector<int>{1, 0};
      window_->AppendStep(sources);
      // Our hypothesis changes its row at every step; the other one says something else.
      const int own = i % 2 == 0 ? 1 : 0;
      std::vector<whisper::DecoderRow> pair;
      for (int row = 0; row < 2; ++row) {
        const TokenId token = row == own ? tokens[static_cast<std::size_t>(i)] : 1000 + i;
        pair.push_back({window_.get(), token, i, row, row});
      }
      decoder.Evaluate(pair);
      if (i == 5) keep(own);
    }
  }
  for (const auto& result : results) EXPECT_TRUE(result == results[0]);
}

TEST_P(NetworkGoldenTest, CancelledEvaluationGoesIntoNoFurtherLayer) {
  platform::ThreadPool pool(2);
  const auto mel = ReadNpy<float>(ReferencePath("mel/jfk-inaugural.mel80.npy"));
  whisper::Encoder encoder(*network_, pool);
  ASSERT_TRUE(encoder.Encode(mel->data, nullptr, window_.get()).ok());
  whisper::Decoder decoder(*network_, pool);
  window_->ResetText();
  window_->AppendPrefix(1);
  const whisper::DecoderRow row = {window_.get(), 50258, 0, 0, 0};
  whisper::AttentionCapture capture;
  capture.heads = {{0, 0}, {5, 7}};
  const auto looked = [&] {
    return std::accumulate(capture.weights.begin(), capture.weights.end(), 0.0);
  };
  base::CancelFlag cancel;
  decoder.Evaluate(std::span(&row, 1), &capture, &cancel);
  EXPECT_NEAR(looked(), 2.0, 1e-4);
  cancel.Request();
  decoder.Evaluate(std::span(&row, 1), &capture, &cancel);
  EXPECT_EQ(looked(), 0.0);
}

INSTANTIATE_TEST_SUITE_P(EveryKernelSet, NetworkGoldenTest, testing::Range(0, 7));

}  // namespace
}  // namespace wt

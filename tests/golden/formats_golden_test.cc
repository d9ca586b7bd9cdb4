// Goal: the base model computes the same float32 numbers, bit for bit, whichever of the four kinds
// of files its weights come from, and nearly the same from quantised ones.
// Method: the installed CTranslate2 files are exported as `models convert` does (OpenAI's .pt by
// the tests' writer), read back, and run over one recording. Published weights are float16, which
// all of these files hold exactly.
#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/model/testing/checkpoint.h"
#include "engine/model/testing/files.h"
#include "engine/whisper/decoder.h"
#include "engine/whisper/encoder.h"
#include "tests/support/npy.h"
#include "tests/support/reference.h"
#include "whisper_transcriber/models.h"

namespace wt {
namespace {

using model::testing::TemporaryDirectory;
using testing_support::BaseModelPath;
using testing_support::ReadNpy;
using testing_support::ReferencePath;

struct Output {
  std::vector<float> encoded;  // 1500 x 512.
  std::vector<float> logits;   // After the start sequence.
};

// Reads a model and runs it. Only one is in memory at a time.
Output RunModel(const std::string& path, const std::vector<float>& mel) {
  Output output;
  const auto weights = model::OpenModel(path);
  EXPECT_TRUE(weights.ok()) << weights.status().message();
  if (!weights.ok()) return output;
  const auto network =
      whisper::PackedNetwork::Create(**weights, kernels::BestKernels(), ComputeType::kFloat32, "");
  EXPECT_TRUE(network.ok());
  platform::ThreadPool pool(2);
  whisper::Encoder encoder(**network, pool);
  whisper::Decoder decoder(**network, pool);
  whisper::WindowState window((*network)->dims(), (*network)->kernels(), kernels::PackedType::kF32,
                              1);
  EXPECT_TRUE(encoder.Encode(mel, nullptr, &window).ok());
  output.encoded.assign(encoder.hidden().begin(), encoder.hidden().end());
  window.ResetText();
  window.AppendPrefix(3);
  std::vector<whisper::DecoderRow> rows;
  for (int i = 0; const TokenId token : {50258, 50259, 50359}) {
    rows.push_back({&window, token, i++, 0, 0});
  }
  decoder.Evaluate(rows);
  output.logits.resize(static_cast<std::size_t>((*network)->dims().n_vocab));
  decoder.Logits(std::vector<int>{2}, output.logits.data());
  return output;
}

double Rms(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const auto difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return std::sqrt(sum / static_cast<double>(a.size()));
}

class FormatsGoldenTest : public testing::Test {
 protected:
  void SetUp() override {
    WT_NEEDS(BaseModelPath());
    WT_NEEDS(ReferencePath("mel/jfk-inaugural.mel80.npy"));
    mel_ = ReadNpy<float>(ReferencePath("mel/jfk-inaugural.mel80.npy"))->data;
    original_ = RunModel(BaseModelPath(), mel_);
    ASSERT_FALSE(original_.logits.empty());
  }

  /// Exports, runs and removes.
  Output Exported(WeightFormat format, WeightType type) const {
    const TemporaryDirectory directory;
    ConvertOptions options;
    options.format = format;
    options.type = type;
    const Status written = ConvertModel(BaseModelPath(), directory / "exported", options);
    EXPECT_TRUE(written.ok()) << written.message();
    return RunModel(directory / "exported", mel_);
  }

  std::vector<float> mel_;
  Output original_;
};

TEST_F(FormatsGoldenTest, EveryKindOfFileGivesTheSameBits) {
  struct Case {
    WeightFormat format;
    WeightType type;
  };
  for (const Case& c : {Case{WeightFormat::kGgml, WeightType::kFloat16},
                        Case{WeightFormat::kGgml, WeightType::kFloat32},
                        Case{WeightFormat::kSafetensors, WeightType::kFloat16},
                        Case{WeightFormat::kCtranslate2, WeightType::kFloat32}}) {
    const Output output = Exported(c.format, c.type);
    EXPECT_TRUE(output.encoded == original_.encoded)
        << WeightFormatName(c.format) << " " << WeightTypeName(c.type);
    EXPECT_TRUE(output.logits == original_.logits)
        << WeightFormatName(c.format) << " " << WeightTypeName(c.type);
  }
}

TEST_F(FormatsGoldenTest, ACheckpointOfOpenAiGivesTheSameBits) {
  const TemporaryDirectory directory;
  {
    const auto weights = model::OpenModel(BaseModelPath());
    ASSERT_TRUE(weights.ok());
    model::testing::WriteFile(directory / "base.pt",
                              model::testing::MakeCheckpoint(**weights, model::TensorType::kF16));
  }
  const Output output = RunModel(directory / "base.pt", mel_);
  EXPECT_TRUE(output.encoded == original_.encoded);
  EXPECT_TRUE(output.logits == original_.logits);
}

TEST_F(FormatsGoldenTest, QuantisedFilesStayWithinTheErrorOfTheirFormat) {
  // The allowance of reference/README.md for 8 bits with one scale a row: 10 % of the encoder's
  // rms, 0.5 of the logits. Five bits with a scale for 32 numbers have steps 8 times as wide
  // as q8_0's, so they get twice that of a row's 8 bits.
  const double encoder_rms = Rms(original_.encoded, std::vector<float>(original_.encoded.size()));
  struct Case {
    WeightFormat format;
    WeightType type;
    double allowed;
  };
  for (const Case& c : {Case{WeightFormat::kGgml, WeightType::kQ8_0, 0.5},
                        Case{WeightFormat::kGgml, WeightType::kQ5_0, 2},
                        Case{WeightFormat::kCtranslate2, WeightType::kInt8, 1}}) {
    const Output output = Exported(c.format, c.type);
    const double encoded = Rms(output.encoded, original_.encoded) / encoder_rms;
    const double logits = Rms(output.logits, original_.logits);
    EXPECT_GT(encoded, 1e-4);
    EXPECT_LT(encoded, 0.1 * c.allowed) << WeightTypeName(c.type);
    EXPECT_LT(logits, 0.5 * c.allowed) << WeightTypeName(c.type);
    std::printf("%s: encoder %.3f %% of its rms, logits rms %.3f\n",
                std::string(WeightTypeName(c.type)).c_str(), 100 * encoded, logits);
  }
}

}  // namespace
}  // namespace wt

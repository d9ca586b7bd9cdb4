// Goal: only complete networks are accepted, and every stored type gives the numbers it stands for.
#include "engine/model/weight_map.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "engine/model/tensor_convert.h"
#include "engine/model/tensor_names.h"
#include "engine/model/testing/model.h"
#include "engine/tensor/numbers.h"

namespace wt::model {
namespace {

using testing::SmallDims;
using testing::ZeroParts;

void ExpectRefused(WeightMap::Parts parts, const std::string& text) {
  const auto map = WeightMap::Validate(std::move(parts));
  ASSERT_FALSE(map.ok()) << text;
  EXPECT_EQ(map.status().code(), StatusCode::kDataCorrupt);
  EXPECT_NE(map.status().message().find(text), std::string::npos) << map.status().message();
}

TEST(WeightMapTest, CompleteNetworkIsAccepted) {
  const auto map = WeightMap::Validate(ZeroParts(SmallDims()));
  ASSERT_TRUE(map.ok()) << map.status().message();
  EXPECT_EQ((*map)->dims(), SmallDims());
  EXPECT_EQ((*map)->alignment_heads(), DefaultAlignmentHeads(SmallDims()));
  EXPECT_TRUE((*map)->Has("decoder.blocks.0.cross_attn.key.weight"));
  EXPECT_FALSE((*map)->Has("decoder.blocks.0.cross_attn.key.bias"));
}

TEST(WeightMapTest, EveryTensorIsNeededWithItsShapeAndBytes) {
  const WeightMap::Parts whole = ZeroParts(SmallDims());
  for (const auto& [name, shape] : ExpectedTensors(SmallDims())) {
    WeightMap::Parts parts = whole;
    parts.tensors.erase(name);
    ExpectRefused(parts, name + ": is missing");
    parts = whole;
    parts.tensors[name].shape[0] += 1;
    ExpectRefused(parts, name + ": shape is");
    parts = whole;
    parts.tensors[name].rank = shape.size() == 3 ? 2 : static_cast<int>(shape.size()) + 1;
    ExpectRefused(parts, name + ": shape is");
    parts = whole;
    parts.tensors[name].data = parts.tensors[name].data.subspan(1);
    ExpectRefused(parts, name + ": has ");
    parts = whole;
    parts.tensors[name].type = TensorType::kInt8Rows;
    ExpectRefused(parts, name + ": has ");
  }
}

TEST(WeightMapTest, UnknownTensorIsNamed) {
  WeightMap::Parts parts = ZeroParts(SmallDims());
  parts.tensors.emplace("decoder.blocks.0.extra\n", TensorView());
  ExpectRefused(std::move(parts), "decoder.blocks.0.extra?: does not belong");
}

TEST(WeightMapTest, VocabularyMustBeComplete) {
  WeightMap::Parts parts = ZeroParts(SmallDims());
  parts.vocabulary.resize(50255);
  ExpectRefused(parts, "50255 ordinary tokens, 50256 expected");
  parts.vocabulary.resize(50256);
  EXPECT_TRUE(WeightMap::Validate(std::move(parts)).ok());
}

TEST(WeightMapTest, HeadsOfAnotherNetworkAreReplacedByTheDefault) {
  WeightMap::Parts parts = ZeroParts(SmallDims());
  parts.alignment_heads = {{0, 0}, {7, 0}};
  const auto map = WeightMap::Validate(std::move(parts));
  ASSERT_TRUE(map.ok());
  EXPECT_EQ((*map)->alignment_heads(), (std::vector<AlignmentHead>{{0, 0}}));
}

TEST(WeightMapTest, EveryPublishedSizeHasItsTensors) {
  // Parameters as the model card of openai-whisper gives them, in millions.
  const std::pair<const char*, int> sizes[] = {
      {"tiny", 38}, {"base", 72}, {"small", 242}, {"medium", 764}, {"large", 1541}};
  for (const auto& [size, millions] : sizes) {
    const Dims dims = *DimsOfSize(size == std::string("large") ? "large-v2" : size);
    std::int64_t elements = 0;
    for (const auto& [name, shape] : ExpectedTensors(dims)) {
      std::int64_t n = 1;
      for (const std::int64_t d : shape) n *= d;
      elements += n;
    }
    EXPECT_NEAR(static_cast<double>(elements) / 1e6, millions, 5) << size;
  }
  EXPECT_EQ(ExpectedTensors(*DimsOfSize("large-v3")).size(), 1259u);
}

TEST(WeightMapTest, EveryPublishedSizeIsAcceptedAndAnyWrongShapeRefused) {
  for (const char* size : {"tiny.en", "tiny", "base.en", "base", "small.en", "small", "medium.en",
                           "medium", "large-v2", "large-v3", "large-v3-turbo", "distil-small.en",
                           "distil-medium.en", "distil-large-v2", "distil-large-v3"}) {
    const WeightMap::Parts whole = ZeroParts(*DimsOfSize(size));
    const auto map = WeightMap::Validate(whole);
    ASSERT_TRUE(map.ok()) << size << ": " << map.status().message();
    EXPECT_EQ(SizeName((*map)->dims()), size);
    WeightMap::Parts parts = whole;
    parts.dims.n_text_layer += 1;
    ExpectRefused(parts, "is missing");
    parts = whole;
    parts.dims.n_audio_layer -= 1;
    ExpectRefused(parts, "does not belong");
    parts = whole;
    parts.dims.n_vocab = parts.dims.n_vocab == 51864 ? 51865 : 51864;
    ExpectRefused(parts, "decoder.token_embedding.weight: shape is");
    parts = whole;
    parts.dims.n_mels = parts.dims.n_mels == 80 ? 128 : 80;
    ExpectRefused(parts, "encoder.conv1.weight: shape is");
  }
}

TEST(WeightMapTest, SourceHashIsThatOfTheFiles) {
  WeightMap::Parts parts = ZeroParts(SmallDims());
  const std::string abc = "abc";
  parts.source_files = {std::as_bytes(std::span(abc))};
  const auto map = WeightMap::Validate(std::move(parts));
  ASSERT_TRUE(map.ok());
  // FIPS 180-4, example 1.
  EXPECT_EQ((*map)->source_hash(),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TensorView ViewOf(TensorType type, std::int64_t rows, std::int64_t columns,
                  std::span<const std::byte> data) {
  TensorView view;
  view.type = type;
  view.rank = 2;
  view.shape = {rows, columns, 1};
  view.data = data;
  return view;
}

TEST(TensorConvertTest, EveryHalfIsExactAtAnyAddress) {
  std::vector<std::byte> bytes(65'536 * 2 + 1);
  for (std::uint32_t i = 0; i < 65'536; ++i) {
    const auto half = static_cast<std::uint16_t>(i);
    std::memcpy(bytes.data() + 1 + 2 * i, &half, 2);
  }
  std::vector<float> out(65'536);
  ConvertRowsToFloat(ViewOf(TensorType::kF16, 256, 256, std::span(bytes).subspan(1)), 0, 256, out);
  for (std::uint32_t i = 0; i < 65'536; ++i) {
    const float want = tensor::HalfToFloat(static_cast<std::uint16_t>(i));
    ASSERT_EQ(std::memcmp(&out[i], &want, 4), 0) << i;
  }
}

TEST(TensorConvertTest, QuantisedRowsAreDividedByTheirScales) {
  const std::int8_t numbers[] = {127, -128, 0, 1, 2, 3};
  const float scales[] = {127.0f, 3.0f};
  TensorView view = ViewOf(TensorType::kInt8Rows, 2, 3, std::as_bytes(std::span(numbers)));
  view.scales = std::as_bytes(std::span(scales));
  std::vector<float> out(6);
  ConvertRowsToFloat(view, 0, 2, out);
  EXPECT_EQ(out,
            (std::vector<float>{1.0f, -128.0f / 127.0f, 0.0f, 1.0f / 3.0f, 2.0f / 3.0f, 1.0f}));
  const std::int16_t words[] = {1000, -32768};
  const float scale = 1000.0f;
  view = ViewOf(TensorType::kInt16, 2, 1, std::as_bytes(std::span(words)));
  view.scales = std::as_bytes(std::span(&scale, 1));
  out.resize(2);
  ConvertRowsToFloat(view, 0, 2, out);
  EXPECT_EQ(out, (std::vector<float>{1.0f, -32.768f}));
}

TEST(WeightMapTest, NamesInHuggingFaceAreThoseOfTheTable) {
  EXPECT_EQ(HuggingFaceName("encoder.positional_embedding"),
            "model.encoder.embed_positions.weight");
  EXPECT_EQ(HuggingFaceName("encoder.conv1.bias"), "model.encoder.conv1.bias");
  EXPECT_EQ(HuggingFaceName("encoder.ln_post.weight"), "model.encoder.layer_norm.weight");
  EXPECT_EQ(HuggingFaceName("decoder.ln.bias"), "model.decoder.layer_norm.bias");
  EXPECT_EQ(HuggingFaceName("decoder.token_embedding.weight"), "model.decoder.embed_tokens.weight");
  const std::string ours = "decoder.blocks.11.";
  const std::string theirs = "model.decoder.layers.11.";
  EXPECT_EQ(HuggingFaceName(ours + "attn_ln.weight"), theirs + "self_attn_layer_norm.weight");
  EXPECT_EQ(HuggingFaceName(ours + "attn.query.weight"), theirs + "self_attn.q_proj.weight");
  EXPECT_EQ(HuggingFaceName(ours + "attn.out.bias"), theirs + "self_attn.out_proj.bias");
  EXPECT_EQ(HuggingFaceName(ours + "cross_attn_ln.bias"), theirs + "encoder_attn_layer_norm.bias");
  EXPECT_EQ(HuggingFaceName(ours + "cross_attn.key.weight"), theirs + "encoder_attn.k_proj.weight");
  EXPECT_EQ(HuggingFaceName(ours + "cross_attn.value.bias"), theirs + "encoder_attn.v_proj.bias");
  EXPECT_EQ(HuggingFaceName(ours + "mlp.0.weight"), theirs + "fc1.weight");
  EXPECT_EQ(HuggingFaceName(ours + "mlp.2.bias"), theirs + "fc2.bias");
  EXPECT_EQ(HuggingFaceName(ours + "mlp_ln.weight"), theirs + "final_layer_norm.weight");
}

}  // namespace
}  // namespace wt::model

// Goal: only complete networks are accepted, and every stored type gives the numbers it stands for.
#include "engine/model/weight_map.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "engine/model/tensor_names.h"
#include "engine/tensor/numbers.h"

namespace wt::model {
namespace {

/// Smallest network that CheckDims() accepts.
Dims SmallDims() {
  return {.n_mels = 80,
          .n_audio_ctx = 1500,
          .n_audio_state = 64,
          .n_audio_head = 1,
          .n_audio_layer = 1,
          .n_vocab = 51864,
          .n_text_ctx = 448,
          .n_text_state = 64,
          .n_text_head = 1,
          .n_text_layer = 1};
}

/// All tensors in f16, every one a view of the same zeros.
WeightMap::Parts ZeroParts(const Dims& dims) {
  WeightMap::Parts parts;
  parts.dims = dims;
  parts.format = "pt";
  std::size_t bytes_max = 0;
  for (const auto& [name, shape] : ExpectedTensors(dims)) {
    TensorView view;
    view.type = TensorType::kF16;
    view.rank = static_cast<int>(shape.size());
    for (std::size_t i = 0; i < shape.size(); ++i) view.shape[i] = shape[i];
    parts.tensors.emplace(name, view);
    bytes_max = std::max(bytes_max, static_cast<std::size_t>(view.elements()) * 2);
  }
  auto zeros = std::make_shared<std::vector<std::byte>>(bytes_max);
  for (auto& [name, view] : parts.tensors) {
    view.data = std::span(*zeros).first(static_cast<std::size_t>(view.elements()) * 2);
  }
  parts.owners.push_back(std::move(zeros));
  return parts;
}

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

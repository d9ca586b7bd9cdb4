// Goal: each compute type has the number types of docs/adr/0023-int8.md on every kernel set.
#include "engine/whisper/blob_plan.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <tuple>

#include "engine/kernels/kernels_testing.h"

namespace wt::whisper {
namespace {

using kernels::PackedType;

class BlobPlanTest : public ::testing::TestWithParam<const kernels::KernelSet*> {};
INSTANTIATE_TEST_SUITE_P(Sets, BlobPlanTest, ::testing::ValuesIn(kernels::testing::Sets()),
                         kernels::testing::SetName);

TEST_P(BlobPlanTest, BytesAreWhereTheyCostNothing) {
  const bool tiles = GetParam()->isa == kernels::Isa::kAvx512Amx;
  const PackedType projections = tiles ? PackedType::kBf16 : PackedType::kInt8;
  const NumberTypes types = TypesOf(ComputeType::kInt8, *GetParam());
  EXPECT_EQ(types.linear, PackedType::kInt8);
  EXPECT_EQ(types.cross, PackedType::kInt8);
  EXPECT_EQ(types.projections, projections);
  EXPECT_EQ(types.other, GetParam()->float_type);
  std::map<std::string, PackedType> planned;
  const model::Dims dims = {.n_mels = 80,
                            .n_audio_ctx = 1500,
                            .n_audio_state = 64,
                            .n_audio_head = 1,
                            .n_audio_layer = 1,
                            .n_vocab = 51865,
                            .n_text_ctx = 448,
                            .n_text_state = 64,
                            .n_text_head = 1,
                            .n_text_layer = 1};
  for (const BlobSpec& spec : PlanBlobs(dims, *GetParam(), types)) {
    planned[spec.name] = spec.shape.type;
  }
  for (const char* name :
       {"encoder.0.qkv.w", "encoder.0.attention_out.w", "decoder.0.cross_kv.w"}) {
    EXPECT_EQ(planned.at(name), projections) << name;
  }
  for (const char* name : {"encoder.0.mlp_up.w", "encoder.0.mlp_down.w", "decoder.0.qkv.w",
                           "decoder.0.attention_out.w", "decoder.0.cross_q.w", "logits.w"}) {
    EXPECT_EQ(planned.at(name), PackedType::kInt8) << name;
  }
  EXPECT_EQ(planned.at("near_logits.w"), PackedType::kInt4);
}

TEST_P(BlobPlanTest, OtherTypesKeepBytesAway) {
  for (const auto& [type, linear, cross] :
       {std::tuple(ComputeType::kFloat32, PackedType::kF32, PackedType::kF32),
        {ComputeType::kBfloat16, PackedType::kBf16, PackedType::kBf16},
        {ComputeType::kInt8Bfloat16, PackedType::kInt8, PackedType::kBf16}}) {
    const NumberTypes types = TypesOf(type, *GetParam());
    EXPECT_EQ(types.linear, linear);
    EXPECT_EQ(types.cross, cross);
    EXPECT_EQ(types.other, cross);
  }
}

}  // namespace
}  // namespace wt::whisper

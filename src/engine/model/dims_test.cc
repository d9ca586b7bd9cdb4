// Goal: the tables agree with the reference's, and every lie about a dimension is refused by name.
#include "engine/model/dims.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <string>

#include <nlohmann/json.hpp>

namespace wt::model {
namespace {

nlohmann::json Constants() {
  const char* shared = std::getenv("WT_SHARED_DIR");
  std::ifstream file(std::string(shared ? shared : "../shared") + "/reference/constants.json");
  return nlohmann::json::parse(file, nullptr, false);
}

Dims FromJson(const nlohmann::json& j) {
  return {j["n_mels"],  j["n_audio_ctx"], j["n_audio_state"], j["n_audio_head"], j["n_audio_layer"],
          j["n_vocab"], j["n_text_ctx"],  j["n_text_state"],  j["n_text_head"],  j["n_text_layer"]};
}

TEST(DimsTest, PublishedSizesAndHeadsAreThoseOfTheReference) {
  const nlohmann::json constants = Constants();
  if (constants.is_discarded()) GTEST_SKIP() << "no reference data";
  EXPECT_EQ(constants["dims"].size(), 12u);
  for (const auto& item : constants["dims"].items()) {
    const std::string size = item.key();
    const Dims want = FromJson(item.value());
    ASSERT_TRUE(DimsOfSize(size).has_value()) << size;
    EXPECT_EQ(*DimsOfSize(size), want) << size;
    EXPECT_TRUE(CheckDims(want).ok()) << size;
    if (size == "large-v1") continue;  // Its dimensions are those of large-v2.
    EXPECT_EQ(SizeName(want), size);
    const auto heads = constants["alignment_heads"][size].get<std::vector<AlignmentHead>>();
    EXPECT_EQ(DefaultAlignmentHeads(want), heads) << size;
  }
}

TEST(DimsTest, LargeV1IsTakenForLargeV2) {
  EXPECT_EQ(DimsOfSize("large-v1"), DimsOfSize("large-v2"));
  EXPECT_EQ(SizeName(*DimsOfSize("large-v1")), "large-v2");
}

TEST(DimsTest, DistilSizesUseAllHeadsOfTheUpperHalf) {
  struct Distil {
    const char* size;
    int layers;
    int heads;
  };
  for (const Distil& d : {Distil{"distil-small.en", 4, 12}, Distil{"distil-medium.en", 2, 16},
                          Distil{"distil-large-v2", 2, 20}, Distil{"distil-large-v3", 2, 20}}) {
    const std::optional<Dims> dims = DimsOfSize(d.size);
    ASSERT_TRUE(dims.has_value()) << d.size;
    EXPECT_EQ(dims->n_text_layer, d.layers);
    EXPECT_EQ(SizeName(*dims), d.size);
    const auto heads = DefaultAlignmentHeads(*dims);
    EXPECT_EQ(heads.size(), static_cast<std::size_t>(d.layers / 2 * d.heads)) << d.size;
    EXPECT_EQ(heads.front(), AlignmentHead(d.layers / 2, 0));
    EXPECT_EQ(heads.back(), AlignmentHead(d.layers - 1, d.heads - 1));
  }
}

TEST(DimsTest, UnknownSizesHaveNoName) {
  EXPECT_FALSE(DimsOfSize("huge").has_value());
  Dims dims = *DimsOfSize("tiny");
  dims.n_audio_layer = 3;
  EXPECT_EQ(SizeName(dims), "");
  EXPECT_TRUE(CheckDims(dims).ok());
}

TEST(DimsTest, EveryWrongDimensionIsRefusedByName) {
  struct Case {
    const char* name;
    int Dims::* field;
    std::vector<int> wrong;
  };
  const std::vector<Case> cases = {{"n_mels", &Dims::n_mels, {0, -1, 79, 81, 127, 129}},
                                   {"n_audio_ctx", &Dims::n_audio_ctx, {0, 1499, 1501}},
                                   {"n_audio_state", &Dims::n_audio_state, {0, 383, 385, 448}},
                                   {"n_audio_head", &Dims::n_audio_head, {0, -6, 33}},
                                   {"n_audio_layer", &Dims::n_audio_layer, {0, -1, 65}},
                                   {"n_vocab", &Dims::n_vocab, {0, 51863, 51867}},
                                   {"n_text_ctx", &Dims::n_text_ctx, {0, 447, 449}},
                                   {"n_text_state", &Dims::n_text_state, {0, 512}},
                                   {"n_text_head", &Dims::n_text_head, {0, 8}},
                                   {"n_text_layer", &Dims::n_text_layer, {0, -1, 65, 1 << 30}}};
  for (const Case& c : cases) {
    for (const int value : c.wrong) {
      Dims dims = *DimsOfSize("tiny");
      dims.*c.field = value;
      const Status status = CheckDims(dims);
      EXPECT_EQ(status.code(), StatusCode::kDataCorrupt) << c.name << " " << value;
      EXPECT_NE(status.message().find(c.name), std::string::npos) << status.message();
    }
  }
}

}  // namespace
}  // namespace wt::model

// Goal: the same weights give the same float32 numbers, bit for bit, whatever file they came from.
// Method: one random network, exact in f16, written in every format and read back.
#include "engine/model/readers/readers.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <filesystem>

#include "engine/model/tensor_names.h"
#include "engine/model/testing/checkpoint.h"
#include "engine/model/testing/files.h"
#include "engine/model/testing/model.h"
#include "engine/model/writers/model_writer.h"
#include "engine/tensor/numbers.h"

namespace wt::model {
namespace {

using testing::AllFloats;
using testing::AsBytes;
using testing::CheckpointPickle;
using testing::FakeFacts;
using testing::MakeCheckpoint;
using testing::RandomModel;
using testing::SmallDims;
using testing::TemporaryDirectory;
using testing::TestTensor;
using testing::ZipForm;

class ReadersTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { model_ = new auto(RandomModel()); }
  static void TearDownTestSuite() { delete model_; }
  static const WeightMap& model() { return **model_; }

  /// Writes with our own writer, reads through OpenModel().
  static std::shared_ptr<const WeightMap> RoundTrip(const char* format, const char* type) {
    const TemporaryDirectory dir;
    const Status status = ConvertModel(model(), FakeFacts(), format, type, dir / "m");
    EXPECT_TRUE(status.ok()) << status.message();
    auto map = OpenModel(dir / "m");  // The mapping stays valid when the files are removed.
    EXPECT_TRUE(map.ok()) << map.status().message();
    return map.ok() ? *map : nullptr;
  }

  static void ExpectSame(const WeightMap& map, const char* format) {
    EXPECT_EQ(map.format(), format);
    EXPECT_EQ(map.dims(), model().dims());
    EXPECT_EQ(map.alignment_heads(), model().alignment_heads());
    EXPECT_TRUE(AllFloats(map) == AllFloats(model())) << format;
  }

  static void ExpectFloatFilesAreSame(const char* format) {
    for (const char* type : {"f16", "f32"}) {
      const auto map = RoundTrip(format, type);
      ASSERT_NE(map, nullptr);
      ExpectSame(*map, format);
      EXPECT_TRUE(map->vocabulary() == model().vocabulary()) << format;
    }
  }

 private:
  static std::shared_ptr<const WeightMap>* model_;
};

std::shared_ptr<const WeightMap>* ReadersTest::model_ = nullptr;

TEST_F(ReadersTest, GgmlFloatFilesGiveTheSameNumbers) { ExpectFloatFilesAreSame("ggml"); }
TEST_F(ReadersTest, Ct2FloatFilesGiveTheSameNumbers) { ExpectFloatFilesAreSame("ct2"); }
TEST_F(ReadersTest, SafetensorsFilesGiveTheSameNumbers) { ExpectFloatFilesAreSame("safetensors"); }

TEST_F(ReadersTest, CheckpointsGiveTheSameNumbers) {
  for (const TensorType type : {TensorType::kF16, TensorType::kF32}) {
    for (const ZipForm form : {ZipForm::kPlain, ZipForm::kZip64}) {
      const std::string bytes = MakeCheckpoint(model(), type, form);
      auto parts = ReadCheckpoint(AsBytes(bytes));
      ASSERT_TRUE(parts.ok()) << parts.status().message();
      const auto map = WeightMap::Validate(std::move(parts).value());
      ASSERT_TRUE(map.ok()) << map.status().message();
      ExpectSame(**map, "pt");
      EXPECT_TRUE((*map)->vocabulary().empty());
    }
  }
}

TEST_F(ReadersTest, Bf16CheckpointGivesTheRoundedNumbers) {
  const std::string bytes = MakeCheckpoint(model(), TensorType::kBf16);
  auto parts = ReadCheckpoint(AsBytes(bytes));
  ASSERT_TRUE(parts.ok()) << parts.status().message();
  const auto map = WeightMap::Validate(std::move(parts).value());
  ASSERT_TRUE(map.ok()) << map.status().message();
  std::vector<float> want = AllFloats(model());
  for (float& x : want) x = tensor::Bf16ToFloat(tensor::FloatToBf16(x));
  EXPECT_TRUE(AllFloats(**map) == want);
}

TEST_F(ReadersTest, Int8IsWithinHalfAStepOfEachRow) {
  const auto map = RoundTrip("ct2", "int8");
  ASSERT_NE(map, nullptr);
  for (const auto& [name, shape] : ExpectedTensors(model().dims())) {
    const TensorView& view = map->Get(name);
    std::vector<float> want(static_cast<std::size_t>(view.elements()));
    std::vector<float> have(want.size());
    model().ToFloat(name, want);
    map->ToFloat(name, have);
    const bool quantised = shape.size() > 1 && !name.ends_with("positional_embedding");
    EXPECT_EQ(view.type, quantised ? TensorType::kInt8Rows : TensorType::kF32) << name;
    if (!quantised) {
      EXPECT_TRUE(have == want) << name;
      continue;
    }
    // Magnitudes are below 1, so that a step is below 1 / 127.
    for (std::size_t i = 0; i < want.size(); ++i) {
      ASSERT_NEAR(have[i], want[i], 0.5f / 127.0f + 1e-6f) << name << " " << i;
    }
  }
}

TEST_F(ReadersTest, BlocksAreWithinTheirStepAndVectorsAreExact) {
  struct Type {
    const char* name;
    TensorType type;
    float error;  // Half of the widest step: values are within -1 and 1.
  };
  for (const Type& type :
       {Type{"q8_0", TensorType::kQ8_0, 0.5f / 127}, Type{"q5_0", TensorType::kQ5_0, 1.0f / 16},
        Type{"q5_1", TensorType::kQ5_1, 1.0f / 31}, Type{"q4_0", TensorType::kQ4_0, 1.0f / 8},
        Type{"q4_1", TensorType::kQ4_1, 1.0f / 15}}) {
    const auto map = RoundTrip("ggml", type.name);
    ASSERT_NE(map, nullptr);
    EXPECT_EQ(map->Get("decoder.token_embedding.weight").type, type.type);
    EXPECT_EQ(map->Get("encoder.conv1.weight").type, TensorType::kF16);
    EXPECT_EQ(map->Get("encoder.conv1.bias").rank, 1);
    const std::vector<float> want = AllFloats(model());
    const std::vector<float> have = AllFloats(*map);
    float worst = 0.0f;
    for (std::size_t i = 0; i < want.size(); ++i) {
      worst = std::max(worst, std::fabs(have[i] - want[i]));
    }
    // More, because step and minimum are rounded to f16: 2^-11 of a range of 2, and 2^-12.
    EXPECT_LE(worst, type.error + 0.0013f) << type.name;
    EXPECT_GT(worst, type.error * 0.5f) << type.name;
  }
}

TEST_F(ReadersTest, RowsAreTheSameAsTheWhole) {
  for (const char* type : {"q5_1", "int8"}) {
    const auto map = RoundTrip(type == std::string("int8") ? "ct2" : "ggml", type);
    ASSERT_NE(map, nullptr);
    const std::string name = "decoder.blocks.0.cross_attn.value.weight";
    std::vector<float> whole(64 * 64);
    map->ToFloat(name, whole);
    std::vector<float> rows(5 * 64);
    map->RowsToFloat(name, 17, 5, rows);
    EXPECT_TRUE(std::equal(rows.begin(), rows.end(), whole.begin() + 17 * 64)) << type;
  }
}

/// The bytes of a shard with the given Hugging Face tensors in f16.
std::string Shard(const WeightMap& model,
                  const std::vector<std::pair<std::string, std::string>>& names,
                  const std::string& dtype = "F16") {
  std::string header = "{";
  std::string data;
  const TensorType type = dtype == "F16" ? TensorType::kF16 : TensorType::kBf16;
  for (const auto& [theirs, ours] : names) {
    const TensorView& view = model.Get(ours);
    std::string shape;
    for (int i = 0; i < view.rank; ++i) {
      shape += (i ? "," : "") + std::to_string(view.shape[static_cast<std::size_t>(i)]);
    }
    const std::size_t begin = data.size();
    data += testing::NumbersAs(model, ours, type);
    header += (header.size() > 1 ? ",\"" : "\"") + theirs + "\":{\"dtype\":\"" + dtype +
              "\",\"shape\":[" + shape + "],\"data_offsets\":[" + std::to_string(begin) + "," +
              std::to_string(data.size()) + "]}";
  }
  header += "}";
  const std::uint64_t size = header.size();
  return std::string(reinterpret_cast<const char*>(&size), 8) + header + data;
}

std::vector<std::pair<std::string, std::string>> AllNames(const WeightMap& model,
                                                          std::size_t prefix) {
  std::vector<std::pair<std::string, std::string>> names;
  for (const auto& [name, shape] : ExpectedTensors(model.dims())) {
    names.emplace_back(HuggingFaceName(name).substr(prefix), name);
  }
  return names;
}

TEST_F(ReadersTest, PrefixMayBeAbsentAndTheTiedOutputIsIgnored) {
  auto names = AllNames(model(), 6);
  names.emplace_back("proj_out.weight", "decoder.token_embedding.weight");
  const std::string bytes = Shard(model(), names);
  const std::span<const std::byte> shard = AsBytes(bytes);
  auto parts = ReadSafetensors(std::span(&shard, 1));
  ASSERT_TRUE(parts.ok()) << parts.status().message();
  const auto map = WeightMap::Validate(std::move(parts).value());
  ASSERT_TRUE(map.ok()) << map.status().message();
  ExpectSame(**map, "safetensors");
}

TEST_F(ReadersTest, OutputOfAnotherShapeIsRefused) {
  auto names = AllNames(model(), 0);
  names.emplace_back("proj_out.weight", "decoder.positional_embedding");
  const std::string bytes = Shard(model(), names);
  const std::span<const std::byte> shard = AsBytes(bytes);
  const auto parts = ReadSafetensors(std::span(&shard, 1));
  ASSERT_FALSE(parts.ok());
  EXPECT_NE(parts.status().message().find("proj_out.weight"), std::string::npos);
}

TEST_F(ReadersTest, ShardsAreJoinedByTheirIndex) {
  const TemporaryDirectory dir;
  const auto names = AllNames(model(), 0);
  const std::vector first(names.begin(), names.begin() + 5);
  const std::vector second(names.begin() + 5, names.end());
  testing::WriteFile(dir / "a.safetensors", Shard(model(), first));
  testing::WriteFile(dir / "b.safetensors", Shard(model(), second));
  testing::WriteFile(dir / "model.safetensors.index.json",
                     R"({"metadata": {}, "weight_map": {"x": "a.safetensors", "y": "b.safetensors",
                         "z": "a.safetensors"}})");
  const auto map = OpenModel(dir.path());
  ASSERT_TRUE(map.ok()) << map.status().message();
  ExpectSame(**map, "safetensors");
  testing::WriteFile(dir / "model.safetensors.index.json",
                     R"({"weight_map": {"x": "a.safetensors"}})");
  EXPECT_FALSE(OpenModel(dir.path()).ok());
  for (const char* bad :
       {R"({"weight_map": {"x": "../a.safetensors"}})", R"({"weight_map": {"x": "model.bin"}})",
        R"({"weight_map": {}})", R"({"weight_map": {"x": 1}})", "[]", "{}"}) {
    testing::WriteFile(dir / "model.safetensors.index.json", bad);
    EXPECT_EQ(OpenModel(dir.path()).status().code(), StatusCode::kDataCorrupt) << bad;
  }
}

TEST_F(ReadersTest, Bf16SafetensorsGiveTheRoundedNumbers) {
  const std::string bytes = Shard(model(), AllNames(model(), 0), "BF16");
  const std::span<const std::byte> shard = AsBytes(bytes);
  auto parts = ReadSafetensors(std::span(&shard, 1));
  ASSERT_TRUE(parts.ok()) << parts.status().message();
  const auto map = WeightMap::Validate(std::move(parts).value());
  ASSERT_TRUE(map.ok());
  std::vector<float> want = AllFloats(model());
  for (float& x : want) x = tensor::Bf16ToFloat(tensor::FloatToBf16(x));
  EXPECT_TRUE(AllFloats(**map) == want);
}

/// Two square matrices of one storage, one of them transposed, and what their numbers are.
TEST_F(ReadersTest, SharedStoragesOffsetsAndTransposedTensorsAreRead) {
  std::string numbers;
  for (int i = 0; i < 24; ++i) {
    const auto x = static_cast<float>(i);
    numbers.append(reinterpret_cast<const char*>(&x), 4);
  }
  TestTensor plain = {.name = "plain",
                      .storage_type = "FloatStorage",
                      .key = "s",
                      .storage_elements = 24,
                      .offset = 12,
                      .shape = {3, 4},
                      .stride = {4, 1}};
  TestTensor turned = {.name = "turned",
                       .storage_type = "FloatStorage",
                       .key = "s",
                       .storage_elements = 24,
                       .offset = 0,
                       .shape = {4, 3},
                       .stride = {1, 4}};
  const std::string zip = testing::MakeZip(
      {{.name = "x/data.pkl", .data = CheckpointPickle(SmallDims(), {plain, turned})},
       {.name = "x/data/s", .data = numbers}});
  const auto parts = ReadCheckpoint(AsBytes(zip));
  ASSERT_TRUE(parts.ok()) << parts.status().message();
  const TensorView& a = parts->tensors.at("plain");
  const TensorView& b = parts->tensors.at("turned");
  float value;
  std::memcpy(&value, a.data.data() + 4 * 5, 4);
  EXPECT_EQ(value, 17.0f);  // [1, 1] at 12 + 4 + 1.
  std::memcpy(&value, b.data.data() + 4 * 5, 4);
  EXPECT_EQ(value, 9.0f);  // [1, 2] at 1 * 1 + 2 * 4.
  for (TestTensor bad : {plain, turned}) {
    bad.offset = 13;
    const std::string file =
        testing::MakeZip({{.name = "x/data.pkl", .data = CheckpointPickle(SmallDims(), {bad})},
                          {.name = "x/data/s", .data = numbers}});
    EXPECT_EQ(ReadCheckpoint(AsBytes(file)).status().code(), StatusCode::kDataCorrupt);
  }
}

TEST_F(ReadersTest, StridesThatRepeatOrSkipElementsAreRefused) {
  const std::vector<std::vector<std::int64_t>> strides = {{4, 2}, {3, 1}, {1, 1}, {5, 1}};
  for (const auto& stride : strides) {
    const TestTensor tensor = {.name = "t",
                               .storage_type = "FloatStorage",
                               .key = "s",
                               .storage_elements = 24,
                               .offset = 0,
                               .shape = {3, 4},
                               .stride = stride};
    const std::string zip =
        testing::MakeZip({{.name = "x/data.pkl", .data = CheckpointPickle(SmallDims(), {tensor})},
                          {.name = "x/data/s", .data = std::string(96, '\0')}});
    const Status status = ReadCheckpoint(AsBytes(zip)).status();
    EXPECT_EQ(status.code(), StatusCode::kDataCorrupt);
    EXPECT_NE(status.message().find("tensor t: its strides"), std::string::npos);
  }
}

}  // namespace
}  // namespace wt::model

#include "models/archive/vad_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "models/archive/onnx_weights.h"

namespace wt::archive {
namespace {

using ::testing::HasSubstr;

std::string Varint(std::uint64_t value) {
  std::string out;
  while (value > 127) {
    out += static_cast<char>(value | 128);
    value >>= 7;
  }
  return out + static_cast<char>(value);
}

std::string Number(std::uint32_t field, std::uint64_t value) {
  return Varint(field << 3) + Varint(value);
}
std::string Message(std::uint32_t field, std::string_view body) {
  return Varint(field << 3 | 2) + Varint(body.size()) + std::string(body);
}
std::string Floats(std::initializer_list<float> values) {
  std::string out;
  for (const float value : values) {
    out.append(reinterpret_cast<const char*>(&value), sizeof(value));
  }
  return out;
}
std::string Tensor(std::string_view name, std::string_view data, std::uint64_t count,
                   std::uint64_t type = 1) {
  return Message(5, Number(1, count) + Number(2, type) + Message(8, name) + Message(9, data));
}
std::span<const std::byte> Bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

TEST(OnnxWeightsTest, InitialisersAreReadAndTheRestIsSkipped) {
  const std::string packed_dims = Message(1, Varint(1) + Varint(2));
  const std::string packed =
      Message(5, packed_dims + Number(2, 1) + Message(4, Floats({3, 4})) + Message(8, "packed"));
  const std::string fixed = Varint(9 << 3 | 5) + "abcd" + Varint(10 << 3 | 1) + "abcdefgh";
  const std::string graph = Message(2, "a name") + Tensor("raw", Floats({1, 2, 3}), 3) + packed;
  const std::string model = Number(1, 8) + fixed + Message(7, graph);
  const Result<std::vector<OnnxTensor>> tensors = ReadOnnxWeights(Bytes(model));
  ASSERT_TRUE(tensors.ok()) << tensors.status().message();
  ASSERT_EQ(tensors->size(), 2u);
  EXPECT_EQ((*tensors)[0].name, "raw");
  EXPECT_EQ((*tensors)[0].dims, std::vector<std::int64_t>{3});
  EXPECT_EQ((*tensors)[1].dims, (std::vector<std::int64_t>{1, 2}));
  float last = 0;
  std::memcpy(&last, (*tensors)[1].data.data() + 4, 4);
  EXPECT_EQ(last, 4.0f);
}

TEST(OnnxWeightsTest, EveryTruncationIsAnErrorOrHasNoTensor) {
  const std::string model = Message(7, Tensor("t", Floats({1}), 1));
  for (std::size_t size = 1; size < model.size(); ++size) {
    EXPECT_FALSE(ReadOnnxWeights(Bytes(model.substr(0, size))).ok()) << size;
  }
}

TEST(OnnxWeightsTest, LyingTensorsAreRefusedByName) {
  const auto message = [](const std::string& tensor) {
    return ReadOnnxWeights(Bytes(Message(7, tensor))).status().message();
  };
  EXPECT_THAT(message(Tensor("short", Floats({1}), 2)), HasSubstr("short: has 4 bytes"));
  EXPECT_THAT(message(Tensor("huge", "", 1ULL << 62)), HasSubstr("huge: its shape is too large"));
  EXPECT_THAT(message(Tensor("negative", "", ~0ULL)), HasSubstr("negative dimension"));
  EXPECT_THAT(message(Tensor("int", Floats({1}), 1, 7)), HasSubstr("int is not float32"));
  EXPECT_THAT(message(Tensor(std::string(300, 'n'), "", 0)), HasSubstr("too long"));
  EXPECT_THAT(message(Message(5, Message(13, "x"))), HasSubstr("another file"));
}

TEST(OnnxWeightsTest, NumbersOfMoreThanTenBytesAreRefused) {
  const std::string endless(40, '\xff');
  EXPECT_FALSE(ReadOnnxWeights(Bytes(endless)).ok());
}

TEST(VadWeightsTest, FifteenTensorsBecomeOneSafetensorsFile) {
  std::string graph;
  for (int i = 14; i >= 0; --i) {
    const std::string name = (i % 2 ? "model.t" : "t") + std::to_string(10 + i);
    graph += Tensor(name, Floats({static_cast<float>(i)}), 1);
  }
  const Result<std::string> made = VadWeightsFromOnnx(Bytes(Message(7, graph)));
  ASSERT_TRUE(made.ok()) << made.status().message();
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, made->data(), 8);
  EXPECT_EQ(header_bytes % 8, 0u);
  const auto header = nlohmann::json::parse(made->substr(8, header_bytes), nullptr, false);
  ASSERT_TRUE(header.is_object());
  EXPECT_EQ(header["t13"]["data_offsets"], (nlohmann::json{12, 16}));
  float value = 0;
  std::memcpy(&value, made->data() + 8 + header_bytes + 12, 4);
  EXPECT_EQ(value, 3.0f);
}

TEST(VadWeightsTest, AnotherNetworkIsRefused) {
  const std::string model = Message(7, Tensor("t", Floats({1}), 1));
  EXPECT_THAT(VadWeightsFromOnnx(Bytes(model)).status().message(), HasSubstr("15 tensors"));
}

}  // namespace
}  // namespace wt::archive

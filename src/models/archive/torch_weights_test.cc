#include "models/archive/torch_weights.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace wt::archive {
namespace {

using ::testing::HasSubstr;

template <typename T>
std::string Le(T value) {
  std::string out(sizeof(T), '\0');
  std::memcpy(out.data(), &value, sizeof(T));
  return out;
}

std::string Text(std::string_view text) {
  return "X" + Le(static_cast<std::uint32_t>(text.size())) + std::string(text);
}
std::string Int(int value) { return "J" + Le(value); }
std::string Tuple(const std::vector<std::string>& items) {
  std::string out = "(";
  for (const std::string& item : items) out += item;
  return out + "t";
}
std::string Shape(const std::vector<int>& sizes) {
  std::vector<std::string> items;
  for (const int size : sizes) items.push_back(Int(size));
  return Tuple(items);
}

/// A call of _rebuild_tensor_v2.
std::string Tensor(std::string_view key, int offset, const std::vector<int>& shape,
                   const std::vector<int>& strides, std::string_view type = "FloatStorage") {
  const std::string storage = Tuple({Text("storage"), "ctorch\n" + std::string(type) + "\n",
                                     Text(key), Text("cpu"), Int(8)}) +
                              "Q";
  return "ctorch._utils\n_rebuild_tensor_v2\n" +
         Tuple({storage, Int(offset), Shape(shape), Shape(strides), "\x89", "}"}) + "R";
}

std::string Program(const std::string& body) { return "\x80\x02" + body + "."; }

/// A zip archive with stored members.
std::string Zip(const std::vector<std::pair<std::string, std::string>>& members) {
  std::string file, directory;
  for (const auto& [name, data] : members) {
    const auto crc = static_cast<std::uint32_t>(
        ::crc32(0, reinterpret_cast<const Bytef*>(data.data()), static_cast<uInt>(data.size())));
    const auto size = static_cast<std::uint32_t>(data.size());
    const auto name_size = static_cast<std::uint16_t>(name.size());
    const std::uint16_t none = 0, version = 20;
    const std::string common = Le(version) + Le(none) + Le(none) + Le(none) + Le(none) + Le(crc) +
                               Le(size) + Le(size) + Le(name_size) + Le(none);
    const auto offset = static_cast<std::uint32_t>(file.size());
    file += "PK\x03\x04" + common + name + data;
    directory += "PK\x01\x02" + Le(version) + common + Le(none) + Le(none) + Le(none) +
                 Le(std::uint32_t{0}) + Le(offset) + name;
  }
  const auto count = static_cast<std::uint16_t>(members.size());
  const auto begin = static_cast<std::uint32_t>(file.size());
  const auto length = static_cast<std::uint32_t>(directory.size());
  return file + directory + "PK\x05\x06" + Le(std::uint32_t{0}) + Le(count) + Le(count) +
         Le(length) + Le(begin) + Le(std::uint16_t{0});
}

std::string Floats(std::initializer_list<float> values) {
  std::string out;
  for (const float value : values) out += Le(value);
  return out;
}

Result<std::string> Convert(const std::string& program) {
  const std::string zip =
      Zip({{"a/data.pkl", program}, {"a/data/0", Floats({0, 1, 2, 3, 4, 5, 6, 7})}});
  return SafetensorsFromTorch(std::as_bytes(std::span(zip)), {"toy", "MIT"});
}

std::string ErrorOf(const std::string& body) { return Convert(Program(body)).status().message(); }

TEST(TorchWeightsTest, TensorsOfAStateDictBecomeOneFileInTheOrderOfTheirNames) {
  const std::string inner = "}(" + Text("z") + Tensor("0", 6, {2}, {1}) + Text("a") +
                            Tensor("0", 1, {2, 2}, {2, 1}) + Text("n") +
                            Tensor("0", 0, {1}, {1}, "LongStorage") + "u";
  // Around it objects that mean nothing here: a class with arguments and a state.
  const std::string other = "cos\nsystem\n" + Tuple({Text("true")}) + "R}b";
  const auto made =
      Convert(Program("}(" + Text("epoch") + other + Text("state_dict") + inner + "u"));
  ASSERT_TRUE(made.ok()) << made.status().message();
  std::uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, made->data(), 8);
  EXPECT_EQ(header_bytes % 8, 0u);
  const auto header = nlohmann::json::parse(made->substr(8, header_bytes), nullptr, false);
  ASSERT_EQ(header.size(), 3u);  // The tensor of integers is left out.
  EXPECT_EQ(header["a"]["shape"], (nlohmann::json{2, 2}));
  EXPECT_EQ(header["z"]["data_offsets"], (nlohmann::json{16, 24}));
  EXPECT_EQ(header["__metadata__"]["model"], "toy");
  EXPECT_EQ(made->substr(8 + header_bytes), Floats({1, 2, 3, 4, 6, 7}));
}

TEST(TorchWeightsTest, EveryTruncationIsAnError) {
  const std::string whole = Program("}(" + Text("a") + Tensor("0", 0, {2}, {1}) + "u");
  ASSERT_TRUE(Convert(whole).ok());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(Convert(whole.substr(0, size)).ok()) << size;
  }
}

TEST(TorchWeightsTest, LyingProgramsAreRefused) {
  const auto tensor = [](const std::string& what) { return "}(" + Text("a") + what + "u"; };
  EXPECT_THAT(ErrorOf(tensor(Tensor("0", 7, {2}, {1}))), HasSubstr("a: lies outside its storage"));
  EXPECT_THAT(ErrorOf(tensor(Tensor("0", -1, {2}, {1}))), HasSubstr("a: has no shape"));
  EXPECT_THAT(ErrorOf(tensor(Tensor("0", 0, {2, 2}, {1, 2}))), HasSubstr("row by row"));
  EXPECT_THAT(ErrorOf(tensor(Tensor("0", 0, {1 << 30, 1 << 30}, {1 << 30, 1}))),
              HasSubstr("too large"));
  EXPECT_FALSE(Convert(Program(tensor(Tensor("../0", 0, {2}, {1})))).ok());
  EXPECT_THAT(ErrorOf("i"), HasSubstr("opcode 105"));
  EXPECT_THAT(ErrorOf("R"), HasSubstr("empty stack"));
  EXPECT_THAT(ErrorOf("u"), HasSubstr("no mark"));
  EXPECT_THAT(ErrorOf("h\x05"), HasSubstr("not remembered"));
  EXPECT_THAT(ErrorOf("}r" + Le(std::uint32_t{1} << 31)), HasSubstr("remembers too much"));
  EXPECT_FALSE(Convert(Program(std::string(300'000, ')'))).ok());
}

}  // namespace
}  // namespace wt::archive

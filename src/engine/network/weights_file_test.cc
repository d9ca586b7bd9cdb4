// Damaged and foreign weight files: each is refused with the tensor and the reason, before memory
// is taken for it.
#include "engine/network/weights_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <limits>
#include <string>
#include <vector>

namespace wt::network {
namespace {

using ::testing::HasSubstr;

std::vector<std::byte> File(const std::string& header, const std::vector<float>& values) {
  const std::uint64_t header_bytes = header.size();
  std::vector<std::byte> file(8 + header.size() + values.size() * sizeof(float));
  std::memcpy(file.data(), &header_bytes, 8);
  std::memcpy(file.data() + 8, header.data(), header.size());
  if (!values.empty()) {
    std::memcpy(file.data() + 8 + header.size(), values.data(), values.size() * sizeof(float));
  }
  return file;
}

constexpr const char* kGood =
    R"({"__metadata__":{"a":"b"},"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";

constexpr WeightsRules kRules = {
    .what = "toy", .bytes_max = 64 << 10, .header_bytes_max = 1 << 10, .tensors = 1};

std::string ErrorOf(const std::string& header, const std::vector<float>& values = {1, 2}) {
  const auto bytes = File(header, values);
  const auto file = WeightsFile::Open(bytes, kRules);
  if (!file.ok()) return file.status().message();
  return file->Read("t", {2}).status().message();
}

TEST(WeightsFileTest, TensorsAreReadByNameAndShape) {
  const auto bytes = File(kGood, {1, 2});
  const auto file = WeightsFile::Open(bytes, kRules);
  ASSERT_TRUE(file.ok()) << file.status().message();
  const auto values = file->Read("t", {2});
  ASSERT_TRUE(values.ok()) << values.status().message();
  EXPECT_EQ(*values, (std::vector<float>{1, 2}));
  EXPECT_THAT(file->Read("u", {2}).status().message(), HasSubstr("\"u\" is missing"));
  EXPECT_THAT(file->Read("t", {1, 2}).status().message(), HasSubstr("shape other than [1, 2]"));
}

TEST(WeightsFileTest, LyingHeadersAreRefused) {
  const auto tensor = [](const std::string& entry) { return "{\"t\":" + entry + "}"; };
  EXPECT_THAT(ErrorOf(R"({"t":1,"u":2})"), HasSubstr("2 tensors, 1 expected"));
  EXPECT_THAT(ErrorOf("[]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(ErrorOf("{"), HasSubstr("not a JSON object"));
  EXPECT_THAT(ErrorOf(tensor("1")), HasSubstr("has no description"));
  EXPECT_THAT(ErrorOf(tensor(R"({"dtype":"F16","shape":[2],"data_offsets":[0,8]})")),
              HasSubstr("not of type F32"));
  EXPECT_THAT(ErrorOf(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0,80]})")),
              HasSubstr("outside the file"));
  EXPECT_THAT(ErrorOf(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})")),
              HasSubstr("outside the file"));
  EXPECT_THAT(ErrorOf(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[0,4]})")),
              HasSubstr("wrong number of bytes"));
  EXPECT_THAT(ErrorOf(tensor(R"({"dtype":"F32","shape":[2],"data_offsets":[-1,7]})")),
              HasSubstr("no data offsets"));
  EXPECT_THAT(ErrorOf(kGood, {1, std::numeric_limits<float>::quiet_NaN()}),
              HasSubstr("not a number"));
}

TEST(WeightsFileTest, OtherTensorsDoNotMatterWhereTheirNumberIsNotSaid) {
  const auto bytes =
      File(R"({"u":{},"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", {1, 2});
  EXPECT_FALSE(WeightsFile::Open(bytes, kRules).ok());
  WeightsRules rules = kRules;
  rules.tensors = 0;
  const auto file = WeightsFile::Open(bytes, rules);
  ASSERT_TRUE(file.ok()) << file.status().message();
  EXPECT_TRUE(file->Read("t", {2}).ok());
}

TEST(WeightsFileTest, EveryTruncationIsRefused) {
  const auto whole = File(kGood, {1, 2});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto file = WeightsFile::Open(std::span(whole).first(size), kRules);
    EXPECT_TRUE(!file.ok() || !file->Read("t", {2}).ok()) << size;
  }
  const std::vector<std::byte> large((64 << 10) + 1);
  EXPECT_EQ(WeightsFile::Open(large, kRules).status().message(),
            "toy weights: the file is larger than 64 KiB");
  std::vector<std::byte> huge(16, std::byte{0xff});
  EXPECT_THAT(WeightsFile::Open(huge, kRules).status().message(),
              HasSubstr("header is larger than 1 KiB"));
}

}  // namespace
}  // namespace wt::network

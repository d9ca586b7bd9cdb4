// Files of another network's weights are refused, and the message names whose they should be.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <string>
#include <vector>

#include "engine/diarize/networks/segmentation.h"
#include "engine/diarize/networks/voice.h"

namespace wt::diarize {
namespace {

using ::testing::HasSubstr;

TEST(SpeakerWeightsTest, BothNetworksSayWhoseWeightsAreWrong) {
  const std::string header = R"({"t":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  const std::uint64_t header_bytes = header.size();
  std::vector<std::byte> bytes(8 + header.size() + 8);
  std::memcpy(bytes.data(), &header_bytes, 8);
  std::memcpy(bytes.data() + 8, header.data(), header.size());
  const auto segmentation = SegmentationNetwork::Read(bytes, kernels::BestKernels());
  EXPECT_EQ(segmentation.status().code(), StatusCode::kDataCorrupt);
  EXPECT_THAT(segmentation.status().message(),
              HasSubstr("speaker segmentation weights: the file has 1 tensors, 54"));
  const auto voice = VoiceNetwork::Read(bytes, kernels::BestKernels());
  EXPECT_THAT(voice.status().message(), HasSubstr("voice weights: the file has 1 tensors, 815"));
}

}  // namespace
}  // namespace wt::diarize

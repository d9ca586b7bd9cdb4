#include "media/media_stream.h"

#include <gtest/gtest.h>

#include <array>
#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

namespace wt::media {
namespace {

std::vector<std::byte> Stream(const StreamHeader& header, const std::vector<float>& values) {
  const auto head = EncodeStreamHeader(header);
  std::vector<std::byte> bytes(head.begin(), head.end());
  const auto body = std::as_bytes(std::span(values));
  bytes.insert(bytes.end(), body.begin(), body.end());
  return bytes;
}

TEST(MediaStreamTest, TheHeaderSurvivesTheWay) {
  const StreamHeader header{
      .kind = StreamKind::kPeaks, .items = 12, .lead_samples = 8'000, .samples_per_item = 160};
  const Result<StreamHeader> read = DecodeStreamHeader(EncodeStreamHeader(header));
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->kind, StreamKind::kPeaks);
  EXPECT_EQ(read->items, 12);
  EXPECT_EQ(read->lead_samples, 8'000u);
  EXPECT_EQ(read->samples_per_item, 160u);
}

TEST(MediaStreamTest, EveryFieldOfTheHeaderIsChecked) {
  const auto good = EncodeStreamHeader({});
  ASSERT_TRUE(DecodeStreamHeader(good).ok());
  // Magic, version, kind, rate, samples per item and the sign of the items.
  for (const std::size_t at : {0u, 4u, 6u, 9u, 13u, 23u}) {
    auto bad = good;
    bad[at] ^= std::byte{0x40};
    EXPECT_EQ(DecodeStreamHeader(bad).status().code(), StatusCode::kInternal) << at;
  }
}

TEST(MediaStreamTest, ValuesDoNotDependOnHowTheyArrive) {
  const std::vector<float> values = {0.5F, -0.25F, 1.0F, 0.125F, -1.0F};
  const std::vector<std::byte> bytes = Stream({}, values);
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    StreamParser parser(StreamKind::kPcm, 5);
    std::vector<float> out;
    for (std::size_t i = 0; i < bytes.size(); i += piece) {
      const std::size_t count = std::min(piece, bytes.size() - i);
      ASSERT_TRUE(parser.Push(std::span(bytes).subspan(i, count), &out).ok());
    }
    EXPECT_EQ(out, values) << piece;
    EXPECT_TRUE(parser.at_boundary());
    EXPECT_EQ(parser.values(), 5);
  }
}

TEST(MediaStreamTest, TheLimitHoldsToTheValue) {
  const std::vector<std::byte> bytes = Stream({}, {1, 2, 3, 4});
  std::vector<float> out;
  StreamParser enough(StreamKind::kPcm, 4);
  EXPECT_TRUE(enough.Push(bytes, &out).ok());
  StreamParser too_few(StreamKind::kPcm, 3);
  EXPECT_EQ(too_few.Push(bytes, &out).code(), StatusCode::kResourceExhausted);
}

TEST(MediaStreamTest, ValuesAreMadeFiniteAndCutsAreSeen) {
  std::vector<std::byte> bytes = Stream(
      {}, {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity(), 0.5F});
  bytes.pop_back();
  StreamParser parser(StreamKind::kPcm, 10);
  std::vector<float> out;
  ASSERT_TRUE(parser.Push(bytes, &out).ok());
  EXPECT_EQ(out, (std::vector<float>{0.0F, 0.0F}));
  EXPECT_FALSE(parser.at_boundary());
  StreamParser other(StreamKind::kPeaks, 10);
  EXPECT_FALSE(other.Push(bytes, &out).ok());
}

TEST(MessagesTest, ErrorsAndWarningsSurviveTheWay) {
  const std::string text = EncodeWarningLine("two\nlines") + "detail libav says hello\n" +
                           EncodeErrorLine(StatusCode::kUnsupported, "is encrypted");
  const Messages messages = DecodeMessages(text);
  EXPECT_EQ(messages.error.code(), StatusCode::kUnsupported);
  EXPECT_EQ(messages.error.message(), "is encrypted");
  EXPECT_EQ(messages.warnings, (std::vector<std::string>{"two lines"}));
  EXPECT_EQ(messages.other, "detail libav says hello\n");
}

TEST(MessagesTest, AHostileChildCannotChooseWhatIsShown) {
  // Codes that the child may not give, control characters and endless texts.
  EXPECT_TRUE(DecodeMessages("error cancelled x\nerror ok x\nerror").error.ok());
  const Messages escape = DecodeMessages("error data_corrupt \x1B[31mred\xFF\n");
  EXPECT_EQ(escape.error.message(), "?[31mred?");
  const Messages longest = DecodeMessages("error internal " + std::string(100'000, 'x'));
  EXPECT_EQ(longest.error.message().size(), 500u);
  std::string many;
  for (int i = 0; i < 1'000; ++i) many += "warning w\n";
  EXPECT_EQ(DecodeMessages(many).warnings.size(), 20u);
}

}  // namespace
}  // namespace wt::media

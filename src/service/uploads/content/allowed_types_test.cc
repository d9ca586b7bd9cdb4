#include "service/uploads/content/allowed_types.h"

#include <gtest/gtest.h>

namespace wt::uploads {
namespace {

AllowedTypes Of(const std::vector<std::string>& entries) {
  Result<AllowedTypes> types = AllowedTypes::Parse(entries);
  EXPECT_TRUE(types.ok()) << types.status().message();
  return *std::move(types);
}

TEST(AllowedTypesTest, NoListAllowsEverything) {
  EXPECT_TRUE(Of({}).Allows(Signature::kUnknown, true));
  EXPECT_TRUE(Of({}).everything());
}

TEST(AllowedTypesTest, ExtensionsAndTypesMeanTheContent) {
  for (const char* entry : {"mp3", ".MP3", "audio/mpeg", "Audio/*"}) {
    EXPECT_TRUE(Of({entry}).Allows(Signature::kMp3, false)) << entry;
    EXPECT_FALSE(Of({entry}).Allows(Signature::kUnknown, false)) << entry;
  }
  EXPECT_FALSE(Of({"mp3", "wav"}).Allows(Signature::kFlac, false));
  EXPECT_EQ(Of({"mp3", ".wav"}).Describe(), "mp3, wav");
}

TEST(AllowedTypesTest, SoundFormatsLetNoVideoIn) {
  EXPECT_TRUE(Of({"m4a"}).Allows(Signature::kMp4, false));
  EXPECT_FALSE(Of({"m4a", "audio/*"}).Allows(Signature::kMp4, true));
  EXPECT_TRUE(Of({"m4a", "video/mp4"}).Allows(Signature::kMp4, true));
  EXPECT_TRUE(Of({"mp4"}).Allows(Signature::kMp4, false));
}

TEST(AllowedTypesTest, AnUnknownEntryIsNamed) {
  for (const char* entry : {"exe", "audio/mpeg mp3", "*", "", ".", "audio/"}) {
    const Status status = AllowedTypes::Parse({"mp3", entry}).status();
    EXPECT_EQ(status.code(), StatusCode::kInvalidArgument) << entry;
    EXPECT_NE(status.message().find("'" + std::string(entry) + "'"), std::string::npos) << entry;
  }
}

}  // namespace
}  // namespace wt::uploads

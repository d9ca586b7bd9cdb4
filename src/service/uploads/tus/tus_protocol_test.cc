#include "service/uploads/tus/tus_protocol.h"

#include <gtest/gtest.h>

#include <map>

namespace wt::uploads {
namespace {

class TusHeaders {
 public:
  TusHeaders(std::initializer_list<std::pair<const std::string, std::string>> fields)
      : fields_(fields) {
    fields_.emplace("Tus-Resumable", "1.0.0");
  }
  operator HeaderLookup() const {  // NOLINT
    return [fields = fields_](std::string_view name) -> std::optional<std::string_view> {
      const auto found = fields.find(std::string(name));
      if (found == fields.end()) return std::nullopt;
      return found->second;
    };
  }

 private:
  std::map<std::string, std::string> fields_;
};

constexpr char kStream[] = "application/offset+octet-stream";

int CreationStatus(const TusHeaders& headers) {
  const auto decision = DecideTusCreation(headers, {.bytes_max = 1'000});
  const auto* reply = std::get_if<TusReply>(&decision);
  return reply == nullptr ? 0 : reply->status;
}

int PatchStatus(const TusHeaders& headers) {
  const auto decision = DecideTusPatch(headers);
  const auto* reply = std::get_if<TusReply>(&decision);
  return reply == nullptr ? 0 : reply->status;
}

std::string Field(const TusReply& reply, const std::string& name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "absent";
}

TEST(TusProtocolTest, OtherVersionsAreRefusedAndToldOurs) {
  for (const std::string version : {"", "0.2.2", "1.0.1", "1.0.0 "}) {
    TusHeaders headers{{"Tus-Resumable", version}, {"Upload-Length", "5"}};
    EXPECT_EQ(CreationStatus(headers), 412);
    EXPECT_EQ(PatchStatus(headers), 412);
    EXPECT_EQ(Field(*RefuseTusVersion(headers), "Tus-Version"), "1.0.0");
  }
  EXPECT_FALSE(RefuseTusVersion(TusHeaders{}).has_value());
}

TEST(TusProtocolTest, CreationNeedsALengthWithinTheLimit) {
  EXPECT_EQ(CreationStatus({{"Upload-Length", "1000"}}), 0);
  EXPECT_EQ(CreationStatus({{"Upload-Length", "1001"}}), 413);
  EXPECT_EQ(CreationStatus({{"Upload-Length", "0"}}), 0);
  for (const std::string length :
       {"", "-1", "+5", " 5", "5 ", "5x", "0x5", "1e3", "99999999999999999999"}) {
    EXPECT_EQ(CreationStatus({{"Upload-Length", length}}), 400) << length;
  }
  EXPECT_EQ(CreationStatus({}), 400);
  EXPECT_EQ(CreationStatus({{"Upload-Defer-Length", "1"}}), 400);
  EXPECT_EQ(CreationStatus({{"Upload-Length", "5"}, {"Upload-Concat", "partial"}}), 400);
}

TEST(TusProtocolTest, CreationMayCarryContent) {
  const auto decision = DecideTusCreation(
      TusHeaders{{"Upload-Length", "10"}, {"Content-Type", kStream}, {"Content-Length", "4"}}, {});
  const auto& creation = std::get<TusCreation>(decision);
  EXPECT_TRUE(creation.has_content);
  EXPECT_EQ(creation.content_length, 4);
  EXPECT_EQ(
      CreationStatus({{"Upload-Length", "3"}, {"Content-Type", kStream}, {"Content-Length", "4"}}),
      413);
  EXPECT_EQ(CreationStatus(
                {{"Upload-Length", "5"}, {"Content-Type", "text/plain"}, {"Content-Length", "4"}}),
            415);
  EXPECT_EQ(CreationStatus({{"Upload-Length", "5"}, {"Content-Length", "0"}}), 0);
}

TEST(TusProtocolTest, PatchNeedsItsTypeAndOffset) {
  EXPECT_EQ(PatchStatus({{"Content-Type", kStream}, {"Upload-Offset", "0"}}), 0);
  EXPECT_EQ(PatchStatus(
                {{"Content-Type", "Application/Offset+Octet-Stream; x=y"}, {"Upload-Offset", "7"}}),
            0);
  EXPECT_EQ(PatchStatus({{"Upload-Offset", "0"}}), 415);
  EXPECT_EQ(PatchStatus({{"Content-Type", "application/octet-stream"}, {"Upload-Offset", "0"}}),
            415);
  EXPECT_EQ(PatchStatus({{"Content-Type", kStream}}), 400);
  EXPECT_EQ(PatchStatus({{"Content-Type", kStream}, {"Upload-Offset", "-1"}}), 400);
  EXPECT_EQ(
      PatchStatus({{"Content-Type", kStream}, {"Upload-Offset", "1"}, {"Content-Length", "x"}}),
      400);
}

TEST(TusProtocolTest, ChecksumsAreReadAndUnknownOnesRefused) {
  const auto patch = [](const std::string& checksum) {
    return DecideTusPatch(TusHeaders{
        {"Content-Type", kStream}, {"Upload-Offset", "0"}, {"Upload-Checksum", checksum}});
  };
  const auto good = patch("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=");
  ASSERT_EQ(std::get<TusPatch>(good).checksum->digest.size(), 20U);
  EXPECT_EQ(std::get<TusPatch>(good).checksum->digest.substr(0, 2), "\x2a\xae");
  for (const std::string bad : {"md5 AAAA", "sha1", "sha1 AAAA", "sha1 !!!!", "", "sha256 ="}) {
    EXPECT_EQ(std::get<TusReply>(patch(bad)).status, 400) << bad;
  }
}

TEST(TusProtocolTest, MetadataIsDecoded) {
  const auto pairs = ParseTusMetadata("filename d29ybGQud2F2,is_confidential,model YmFzZQ==");
  ASSERT_TRUE(pairs.has_value());
  ASSERT_EQ(pairs->size(), 3U);
  EXPECT_EQ((*pairs)[0], std::make_pair(std::string("filename"), std::string("world.wav")));
  EXPECT_EQ((*pairs)[1].second, "");
  TusCreation creation;
  creation.metadata = *pairs;
  EXPECT_EQ(creation.Meta("model"), "base");
  EXPECT_EQ(creation.Meta("none"), "");
  EXPECT_TRUE(ParseTusMetadata("")->empty());
  for (const std::string bad :
       {",", "a,", "a b c", "a YQ", "a YQ==,a YQ==", "\x80 YQ==", "a YQ==,,b YQ=="}) {
    EXPECT_FALSE(ParseTusMetadata(bad).has_value()) << bad;
  }
  EXPECT_FALSE(ParseTusMetadata("a " + std::string(16 << 10, 'A')).has_value());
}

TEST(TusProtocolTest, RepliesHaveTheFieldsOfTheProtocol) {
  const TusState state{
      .offset = 3, .length = 9, .expires_at = 1'795'253'400'250, .metadata = "a YQ=="};
  const TusReply created = ReplyTusCreated("/files/1", state);
  EXPECT_EQ(created.status, 201);
  EXPECT_EQ(Field(created, "Location"), "/files/1");
  EXPECT_EQ(Field(created, "Upload-Expires"), "Sat, 21 Nov 2026 09:30:00 GMT");
  const TusReply head = ReplyTusHead(state);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(Field(head, "Upload-Offset") + Field(head, "Upload-Length"), "39");
  EXPECT_EQ(Field(head, "Cache-Control"), "no-store");
  EXPECT_EQ(Field(head, "Upload-Metadata"), "a YQ==");
  EXPECT_EQ(ReplyTusPatched(state).status, 204);
  EXPECT_EQ(ReplyTusTerminated().status, 204);
  const TusReply options = TusCapabilities({.bytes_max = 77});
  EXPECT_EQ(Field(options, "Tus-Max-Size"), "77");
  EXPECT_EQ(Field(options, "Tus-Extension"),
            "creation,creation-with-upload,expiration,checksum,termination");
  for (const TusReply& reply : {created, head, options, ReplyTusPatched(state)}) {
    EXPECT_EQ(Field(reply, "Tus-Resumable"), "1.0.0");
  }
}

TEST(TusProtocolTest, FailuresHaveTheStatusOfTheProtocol) {
  const auto status = [](UploadError error) {
    return ReplyTusFailure(MakeFailure(error, "x")).status;
  };
  EXPECT_EQ(status(UploadError::kOffsetConflict), 409);
  EXPECT_EQ(status(UploadError::kFileTooLarge), 413);
  EXPECT_EQ(status(UploadError::kChecksumMismatch), 460);
  EXPECT_EQ(status(UploadError::kNotFound), 404);
  EXPECT_EQ(status(UploadError::kExpired), 410);
  EXPECT_EQ(status(UploadError::kWrongState), 410);
  EXPECT_EQ(status(UploadError::kTakenOver), 423);
}

TEST(TusProtocolTest, OnlyPostMayBeOverridden) {
  const TusHeaders patch{{"X-HTTP-Method-Override", "PATCH"}};
  EXPECT_EQ(TusMethod("POST", patch), "PATCH");
  EXPECT_EQ(TusMethod("GET", patch), "GET");
  EXPECT_EQ(TusMethod("POST", TusHeaders{{"X-HTTP-Method-Override", "TRACE"}}), "POST");
}

}  // namespace
}  // namespace wt::uploads

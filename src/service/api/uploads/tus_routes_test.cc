#include "service/api/uploads/tus_routes.h"

#include <gtest/gtest.h>

#include "service/api/rest/job_json.h"
#include "service/api/testing/upload_api.h"

namespace wt::api {
namespace {

using http::Method;
using uploads::testing::FakeWav;
using Fields = std::vector<std::pair<std::string, std::string>>;

constexpr char kContent[] = "application/offset+octet-stream";
// "talk.wav", "base", "de".
constexpr char kMetadata[] = "filename dGFsay53YXY=,model YmFzZQ==,language ZGU=,mine";

uploads::SessionLimits SmallFiles() {
  uploads::SessionLimits limits;
  limits.bytes_max = 100'000;
  limits.tus_part_bytes = 1'000;
  return limits;
}

std::string Header(const http::Response& response, std::string_view name) {
  return std::string(response.headers.Find(name).value_or(""));
}

class TusRoutesTest : public ::testing::Test {
 protected:
  TusRoutesTest() {
    EXPECT_TRUE(AddJobSchemas(&api().routes.schemas()).ok());
    TusRouteParts parts;
    parts.uploads = setup_.world.uploads.get();
    parts.locks = &setup_.world.locks;
    parts.jobs = &setup_.upload_jobs;
    parts.models = &setup_.names;
    AddTusRoutes(parts, &api().routes);
  }
  testing::ApiHarness& api() { return setup_.api; }

  /// With the protocol's version; every reply must say it too.
  http::Response Send(Method method, const std::string& path, const Fields& fields = {},
                      const std::string& body = "", bool version = true) {
    api().headers = {};
    if (version) api().headers.Add("Tus-Resumable", "1.0.0");
    for (const auto& [name, value] : fields) api().headers.Set(name, value);
    http::Response response = api().Send(method, path, {}, body);
    EXPECT_EQ(Header(response, "Tus-Resumable"), "1.0.0") << path << response.status;
    return response;
  }
  http::Response Create(const Fields& fields, const std::string& body = "") {
    return Send(Method::kPost, "/files", fields, body);
  }
  std::string Begin(std::size_t bytes) {
    const http::Response made =
        Create({{"Upload-Length", std::to_string(bytes)}, {"Upload-Metadata", kMetadata}});
    EXPECT_EQ(made.status, 201);
    return Header(made, "Location");
  }
  http::Response Patch(const std::string& at, std::size_t offset, const std::string& body,
                       const Fields& more = {}) {
    Fields fields{{"Content-Type", kContent}, {"Upload-Offset", std::to_string(offset)}};
    fields.insert(fields.end(), more.begin(), more.end());
    return Send(Method::kPatch, at, fields, body);
  }
  std::string Offset(const std::string& at) {
    return Header(Send(Method::kHead, at), "Upload-Offset");
  }

  testing::UploadApi setup_{SmallFiles()};
};

TEST_F(TusRoutesTest, CapabilitiesNeedNoCredentials) {
  api().principal = {};
  const http::Response reply = Send(Method::kOptions, "/files", {}, "", false);
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(Header(reply, "Tus-Version"), "1.0.0");
  EXPECT_EQ(Header(reply, "Tus-Max-Size"), "100000");
  EXPECT_EQ(Header(reply, "Tus-Extension"),
            "creation,creation-with-upload,expiration,checksum,termination");
  EXPECT_EQ(Header(reply, "Tus-Checksum-Algorithm"), "sha1,sha256");
  EXPECT_EQ(Create({{"Upload-Length", "10"}}).status, 401);
  EXPECT_EQ(Send(Method::kHead, "/files/x").status, 401);
}

TEST_F(TusRoutesTest, APreflightOfOneUploadIsAnswered) {
  api().principal = {};
  api().headers = {};
  const http::Response reply = api().Send(Method::kOptions, "/files/x");
  EXPECT_EQ(reply.status, 204);
  EXPECT_EQ(Header(reply, "Allow"), "OPTIONS, HEAD, POST, PATCH, DELETE");
}

TEST_F(TusRoutesTest, AnUploadInPiecesBecomesAJob) {
  const std::string content = FakeWav(5'000);
  const std::string at = Begin(content.size());
  EXPECT_TRUE(at.starts_with("/files/"));
  http::Response head = Send(Method::kHead, at);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(Header(head, "Upload-Offset"), "0");
  EXPECT_EQ(Header(head, "Upload-Length"), "5000");
  EXPECT_EQ(Header(head, "Upload-Metadata"), kMetadata);
  EXPECT_EQ(Header(head, "Cache-Control"), "no-store");
  EXPECT_FALSE(Header(head, "Upload-Expires").empty());

  http::Response first = Patch(at, 0, content.substr(0, 3'000));
  EXPECT_EQ(first.status, 204);
  EXPECT_EQ(Header(first, "Upload-Offset"), "3000");
  EXPECT_FALSE(Header(first, "Upload-Expires").empty());
  EXPECT_TRUE(setup_.Jobs().empty());
  const http::Response last = Patch(at, 3'000, content.substr(3'000));
  EXPECT_EQ(last.status, 204);
  EXPECT_EQ(Header(last, "Upload-Offset"), "5000");
  ASSERT_EQ(setup_.Jobs().size(), 1U);
  const jobs::Job job = setup_.Jobs()[0];
  EXPECT_EQ(Header(last, "X-Job-ID"), job.id);
  EXPECT_EQ(job.media.filename, "talk.wav");
  EXPECT_EQ(job.media.bytes, 5'000);
  EXPECT_EQ(job.model, "base");
  EXPECT_EQ(job.language, "de");
  EXPECT_EQ(Header(Send(Method::kHead, at), "X-Job-ID"), job.id);
  EXPECT_EQ(Offset(at), "5000");
  EXPECT_EQ(setup_.Jobs().size(), 1U);
}

TEST_F(TusRoutesTest, CreationMayBringTheContent) {
  const std::string content = FakeWav(2'500);
  const http::Response whole =
      Create({{"Upload-Length", "2500"}, {"Content-Type", kContent}}, content);
  EXPECT_EQ(whole.status, 201);
  EXPECT_EQ(Header(whole, "Upload-Offset"), "2500");
  ASSERT_EQ(setup_.Jobs().size(), 1U);
  EXPECT_EQ(Header(whole, "X-Job-ID"), setup_.Jobs()[0].id);
  const http::Response part =
      Create({{"Upload-Length", "2500"}, {"Content-Type", kContent}}, content.substr(0, 700));
  EXPECT_EQ(Header(part, "Upload-Offset"), "700");
  EXPECT_EQ(Offset(Header(part, "Location")), "700");
}

TEST_F(TusRoutesTest, CreationIsCheckedBeforeAnythingIsMade) {
  EXPECT_EQ(Create({}).status, 400);
  EXPECT_EQ(Create({{"Upload-Length", "-1"}}).status, 400);
  EXPECT_EQ(Create({{"Upload-Length", "12x"}}).status, 400);
  EXPECT_EQ(Create({{"Upload-Length", "0"}}).status, 400);
  EXPECT_EQ(Create({{"Upload-Length", "100001"}}).status, 413);
  EXPECT_EQ(Create({{"Upload-Defer-Length", "1"}}).status, 400);
  EXPECT_EQ(Create({{"Upload-Length", "10"}, {"Upload-Concat", "partial"}}).status, 400);
  EXPECT_EQ(Create({{"Upload-Length", "10"}, {"Upload-Metadata", "a b c"}}).status, 400);
  // "none", and a language that there is not.
  EXPECT_EQ(Create({{"Upload-Length", "10"}, {"Upload-Metadata", "model bm9uZQ=="}}).status, 400);
  EXPECT_EQ(Create({{"Upload-Length", "10"}, {"Upload-Metadata", "language bm9uZQ=="}}).status,
            422);
  EXPECT_EQ(Create({{"Upload-Length", "10"}, {"Content-Type", "text/plain"}}, "abc").status, 415);
  EXPECT_EQ(Create({{"Upload-Length", "2"}, {"Content-Type", kContent}}, "abc").status, 413);
  EXPECT_EQ(Send(Method::kPost, "/files", {{"Upload-Length", "10"}}, "", false).status, 412);
  EXPECT_TRUE(setup_.world.sessions->List("u1", false, 10)->empty());
}

TEST_F(TusRoutesTest, TheVersionIsNeededEverywhere) {
  const std::string at = Begin(5'000);
  for (const Method method : {Method::kHead, Method::kPatch, Method::kDelete}) {
    const http::Response reply = Send(method, at, {}, "", false);
    EXPECT_EQ(reply.status, 412);
    EXPECT_EQ(Header(reply, "Tus-Version"), "1.0.0");
  }
  EXPECT_EQ(Send(Method::kHead, at, {{"Tus-Resumable", "0.2.2"}}).status, 412);
}

TEST_F(TusRoutesTest, PatchesThatDoNotFitAreRefused) {
  const std::string content = FakeWav(2'000);
  const std::string at = Begin(content.size());
  EXPECT_EQ(Patch(at, 0, content.substr(0, 500)).status, 204);
  EXPECT_EQ(Patch(at, 0, content.substr(0, 500)).status, 409);
  EXPECT_EQ(Header(Patch(at, 0, content.substr(0, 500)), "X-Error-Code"), "OFFSET_CONFLICT");
  EXPECT_EQ(Patch(at, 600, content.substr(600)).status, 409);
  EXPECT_EQ(Patch(at, 500, content).status, 413);
  EXPECT_EQ(
      Send(Method::kPatch, at, {{"Content-Type", "text/plain"}, {"Upload-Offset", "500"}}, "x")
          .status,
      415);
  EXPECT_EQ(Send(Method::kPatch, at, {{"Content-Type", kContent}}, "x").status, 400);
  EXPECT_EQ(Patch("/files/none", 0, "x").status, 404);
  EXPECT_EQ(Offset(at), "500");
}

TEST_F(TusRoutesTest, AChecksumIsAllOrNothing) {
  const std::string at = Begin(2'000);
  EXPECT_EQ(Patch(at, 0, "RIFF", {{"Upload-Checksum", "sha1 MTIzNDU2Nzg5MDEyMzQ1Njc4OTA="}}).status,
            460);
  EXPECT_EQ(Patch(at, 0, "RIFF", {{"Upload-Checksum", "crc32 AAAA"}}).status, 400);
  EXPECT_EQ(Patch(at, 0, "RIFF", {{"Upload-Checksum", "sha1 short"}}).status, 400);
  EXPECT_EQ(Offset(at), "0");
  const std::string of_riff = "sha1 bKChLCPwNxngIp/oXjTJjecHk5c=";
  const http::Response created = Create(
      {{"Upload-Length", "9"}, {"Content-Type", kContent}, {"Upload-Checksum", of_riff}}, "other");
  EXPECT_EQ(created.status, 460);
  const auto active = setup_.world.sessions->List("u1", true, 10);
  EXPECT_EQ(active->size(), 1U);
  EXPECT_EQ(Patch(at, 0, "RIFF", {{"Upload-Checksum", of_riff}}).status, 204);
  EXPECT_EQ(Offset(at), "4");
}

TEST_F(TusRoutesTest, TerminationDeletesWhatArrived) {
  const std::string content = FakeWav(2'000);
  const std::string at = Begin(content.size());
  Patch(at, 0, content.substr(0, 1'500));
  EXPECT_EQ(Send(Method::kDelete, at).status, 204);
  EXPECT_EQ(setup_.world.CountBlobs(""), 0);
  EXPECT_EQ(Send(Method::kHead, at).status, 410);
  EXPECT_EQ(Patch(at, 1'500, content.substr(1'500)).status, 410);
  EXPECT_EQ(Send(Method::kDelete, at).status, 410);
}

TEST_F(TusRoutesTest, AnExpiredUploadIsGone) {
  const std::string at = Begin(2'000);
  setup_.world.clock.Advance(25LL * 3'600'000);
  EXPECT_EQ(Send(Method::kHead, at).status, 410);
  EXPECT_EQ(Patch(at, 0, "RIFF").status, 410);
}

TEST_F(TusRoutesTest, AMethodMayBeOverridden) {
  const std::string content = FakeWav(2'000);
  const std::string at = Begin(content.size());
  const auto post = [&](const std::string& method, const Fields& more, const std::string& body) {
    Fields fields{{"X-HTTP-Method-Override", method}};
    fields.insert(fields.end(), more.begin(), more.end());
    return Send(Method::kPost, at, fields, body);
  };
  EXPECT_EQ(
      post("PATCH", {{"Content-Type", kContent}, {"Upload-Offset", "0"}}, content.substr(0, 100))
          .status,
      204);
  EXPECT_EQ(Header(post("HEAD", {}, ""), "Upload-Offset"), "100");
  EXPECT_EQ(post("PUT", {}, "").status, 405);
  EXPECT_EQ(Send(Method::kPost, at).status, 405);
  EXPECT_EQ(post("DELETE", {}, "").status, 204);
  // Only POST may be another method.
  const std::string other = Begin(2'000);
  EXPECT_EQ(Send(Method::kHead, other, {{"X-HTTP-Method-Override", "DELETE"}}).status, 200);
  EXPECT_EQ(Offset(other), "0");
}

TEST_F(TusRoutesTest, StrangersSeeNothing) {
  const std::string at = Begin(2'000);
  api().principal.user_id = "u2";
  for (const Method method : {Method::kHead, Method::kDelete}) {
    const http::Response foreign = Send(method, at);
    const http::Response missing = Send(method, "/files/none");
    EXPECT_EQ(foreign.status, 404);
    EXPECT_EQ(std::get<std::string>(foreign.body), std::get<std::string>(missing.body));
  }
  EXPECT_EQ(Patch(at, 0, "RIFF").status, 404);
}

TEST_F(TusRoutesTest, AnUploadThatIsNoRecordingFails) {
  const std::string content(2'000, 'x');
  const std::string at = Begin(content.size());
  EXPECT_EQ(Patch(at, 0, content).status, 400);
  EXPECT_EQ(Send(Method::kHead, at).status, 400);
  EXPECT_TRUE(setup_.Jobs().empty());
  EXPECT_EQ(setup_.world.CountBlobs(""), 0);
}

TEST_F(TusRoutesTest, AJobThatCouldNotBeMadeIsMadeByTheNextQuestion) {
  const std::string content = FakeWav(2'000);
  const std::string at = Begin(content.size());
  setup_.world.probe_fails = Status(StatusCode::kUnavailable, "the decoder is away");
  EXPECT_EQ(Patch(at, 0, content).status, 503);
  // Not 200: the client would believe that all is well.
  EXPECT_EQ(Send(Method::kHead, at).status, 503);
  EXPECT_TRUE(setup_.Jobs().empty());
  setup_.world.probe_fails = {};
  const http::Response again = Patch(at, 2'000, "");
  EXPECT_EQ(again.status, 204);
  EXPECT_EQ(setup_.Jobs().size(), 1U);
  EXPECT_EQ(Send(Method::kHead, at).status, 200);
  EXPECT_EQ(setup_.Jobs().size(), 1U);
}

}  // namespace
}  // namespace wt::api

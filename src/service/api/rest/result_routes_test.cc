#include "service/api/rest/result_routes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/json.h"
#include "platform/sha256.h"
#include "service/api/rest/job_json.h"
#include "service/api/testing/api_harness.h"
#include "service/api/testing/fake_job_store.h"
#include "service/blob/memory_store.h"
#include "service/documents/testing/memory_document_store.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr char kMine[] = "01923456-789a-7fff-bfff-000000000001";
constexpr char kForeign[] = "01923456-789a-7fff-bfff-000000000002";
constexpr char kMissing[] = "01923456-789a-7fff-bfff-000000000003";
// As if somebody had stored a page: it must never be run as one.
constexpr char kRecording[] = "<script>alert(1)</script> and some more bytes";

class ResultRoutesTest : public ::testing::Test {
 protected:
  ResultRoutesTest() {
    EXPECT_TRUE(AddJobSchemas(&api_.routes.schemas()).ok());
    EXPECT_TRUE(AddResultSchemas(&api_.routes.schemas()).ok());
    ResultRouteParts parts;
    parts.jobs = &jobs_;
    parts.blobs = &blobs_;
    parts.documents = &documents_;
    parts.clock = &api_.clock;
    parts.default_format = "txt";
    parts.peaks = [this](const jobs::Job& job, int points) -> Result<std::string> {
      if (!peaks_.ok()) return peaks_;
      return json{{"job", job.id}, {"points", points}}.dump();
    };
    AddResultRoutes(parts, &api_.routes);
    Put(kMine, "u1");
    Put(kForeign, "u2");
  }
  void Put(const std::string& id, const std::string& owner) {
    Transcript transcript;
    transcript.language = "en";
    transcript.duration_s = 10;
    Segment segment;
    segment.end_s = 2;
    segment.text = " Fish <b>&</b> chips";
    transcript.segments = {segment};
    transcript.text = segment.text;
    const std::string text = formats::WriteJson(transcript);
    jobs::NewResult result;
    result.id = "result-" + id;
    result.blob_key = transcripts::TranscriptKey(owner, {id, 1, "t"});
    result.sha256 = platform::Sha256Hex(std::as_bytes(std::span(text)));
    result.text = "Fish <b>&</b> chips";
    result.metadata_json = R"({"words":4,"language":"en"})";
    EXPECT_TRUE(transcripts::WriteBlob(&blobs_, result.blob_key, text).ok());
    jobs_.PutResult(id, result);
    jobs::Job job;
    job.id = id;
    job.owner = owner;
    job.state = jobs::JobState::kSucceeded;
    job.result_ref = result.id;
    job.media.filename = "../talk \"1\".html";
    job.media.container = "wav";
    job.media.blob_key = "media/" + owner + "/" + id;
    job.media.bytes = sizeof(kRecording) - 1;
    job.media.sha256 = std::string(64, 'a');
    EXPECT_TRUE(transcripts::WriteBlob(&blobs_, job.media.blob_key, kRecording).ok());
    jobs_.Put(job);
    jobs_.Append(id, "log", R"({"level":"info","message":"attempt 1 begins"})");
    jobs_.Append(id, "segment", R"({"text":"Fish"})");
    jobs_.Append(id, "status", R"({"status":"completed"})");
  }
  static std::string Path(const std::string& rest, const std::string& id = kMine) {
    return "/jobs/" + id + rest;
  }
  std::string Text(const std::string& path, const testing::ApiHarness::Query& query = {}) {
    response_ = api_.Send(Method::kGet, path, query);
    if (const auto* text = std::get_if<std::string>(&response_.body)) return *text;
    auto* reader = std::get_if<http::ReaderBody>(&response_.body);
    std::string all;
    std::byte piece[7];
    while (reader != nullptr) {
      const Result<std::size_t> got = reader->read(piece);
      EXPECT_TRUE(got.ok());
      if (!got.ok() || *got == 0) break;
      all.append(reinterpret_cast<const char*>(piece), *got);
    }
    return all;
  }
  std::string Header(const char* name) const {
    return std::string(response_.headers.Find(name).value_or(""));
  }

  testing::ApiHarness api_;
  testing::FakeJobStore jobs_;
  blob::MemoryBlobStore blobs_{&api_.clock};
  transcripts::TranscriptStore transcripts_{&jobs_, &blobs_};
  documents::testing::MemoryDocumentStore store_{&api_.clock};
  documents::Documents documents_{&store_, &transcripts_};
  Status peaks_;
  http::Response response_;
};

TEST_F(ResultRoutesTest, TextIsStoredAndGivenAsItWasSpoken) {
  // Escaping is a matter of whoever shows it.
  EXPECT_THAT(Text("/transcripts/" + std::string(kMine) + "/raw"),
              HasSubstr("Fish <b>&</b> chips"));
  EXPECT_THAT(Header("Content-Type"), StartsWith("text/plain"));
  const json body = api_.Json(Method::kGet, "/transcripts/" + std::string(kMine));
  EXPECT_THAT(body["transcript"].get<std::string>(), HasSubstr("<b>&</b>"));
  EXPECT_EQ(body["job_id"], kMine);
}

TEST_F(ResultRoutesTest, EveryFormatIsADownload) {
  const json formats = api_.Json(Method::kGet, "/export/formats");
  ASSERT_GE(formats["formats"].size(), 7U);
  for (const json& format : formats["formats"]) {
    const auto name = format["name"].get<std::string>();
    EXPECT_FALSE(Text(Path("/download"), {{"format", name}}).empty()) << name;
    EXPECT_EQ(response_.status, 200) << name;
    EXPECT_THAT(Header("Content-Disposition"), StartsWith("attachment")) << name;
    EXPECT_THAT(Header("Content-Disposition"), Not(HasSubstr("/"))) << name;
    EXPECT_EQ(Text("/export/download/" + std::string(kMine) + "/" + name),
              Text(Path("/download"), {{"format", name}}))
        << name;
  }
  EXPECT_EQ(Text(Path("/download")), Text(Path("/download"), {{"format", "txt"}}));
  for (const auto& [name, value, status] :
       {std::tuple("format", "exe", 400), std::tuple("max_line_width", "-3", 422),
        std::tuple("version", "99", 404), std::tuple("version", "nonsense", 404)}) {
    Text(Path("/download"), {{name, value}});
    EXPECT_EQ(response_.status, status) << name << value;
  }
}

// As the page does it: a speaker, a turn that is theirs, and another name for them later.
TEST_F(ResultRoutesTest, EveryFormatHasTheNamesThatPeopleGave) {
  const jobs::Job job = *jobs_.Get(kMine, "");
  documents::Turn turn = documents_.Get(job)->content.turns.front();
  turn.speaker = "s1";
  const auto put_name = [](const char* name, std::int64_t seen) {
    return documents::Change{.op = documents::Op::kPutSpeaker,
                             .if_rev = seen,
                             .id = "s1",
                             .speaker = {.id = "s1", .name = name}};
  };
  documents::ChangeSet named;
  named.change_id = "c1";
  named.changes = {put_name("Speaker 1", 0), {.if_rev = turn.rev, .id = turn.id, .turn = turn}};
  const Result<documents::Applied> first = documents_.Apply(job, named);
  ASSERT_TRUE(first.ok() && first->conflicts.empty());
  documents::ChangeSet renamed;
  renamed.change_id = "c2";
  renamed.changes = {put_name("Ann", first->revision)};
  const Result<documents::Applied> second = documents_.Apply(job, renamed);
  ASSERT_TRUE(second.ok() && second->conflicts.empty());
  const json formats = api_.Json(Method::kGet, "/export/formats");
  for (const json& format : formats["formats"]) {
    const auto name = format["name"].get<std::string>();
    // The parts of a DOCX are compressed; reading_text_test.cc looks into them.
    const bool text = name != "docx";
    const std::string file = Text(Path("/download"), {{"format", name}});
    if (text) EXPECT_THAT(file, AllOf(HasSubstr("Ann"), Not(HasSubstr("Speaker 1")))) << name;
    EXPECT_EQ(Text("/export/download/" + std::string(kMine) + "/" + name), file) << name;
    const std::string without = Text(Path("/download"), {{"format", name}, {"speakers", "false"}});
    EXPECT_NE(without, file) << name;
    if (text) EXPECT_THAT(without, Not(HasSubstr("Ann"))) << name;
  }
  EXPECT_THAT(Text(Path("/download"), {{"format", "vtt"}}), HasSubstr("<v Ann>Fish"));
}

TEST_F(ResultRoutesTest, AForeignResultLooksLikeAMissingOne) {
  for (const char* rest : {"/download", "/metadata", "/log", "/audio", "/peaks", "/events"}) {
    json first;
    for (const std::string id : {kForeign, kMissing, "x"}) {
      json body = api_.Json(Method::kGet, Path(rest, id));
      EXPECT_EQ(api_.last_status, 404) << rest << id;
      for (const char* varying : {"request_id", "timestamp"}) body.erase(varying);
      if (first.is_null()) first = body;
      EXPECT_EQ(body, first) << rest << id;
    }
  }
}

TEST_F(ResultRoutesTest, RecordingsComeWithRangesAndNeverAsAPage) {
  EXPECT_EQ(Text(Path("/audio")), kRecording);
  EXPECT_EQ(response_.status, 200);
  EXPECT_EQ(Header("Content-Type"), "audio/wav");
  EXPECT_THAT(Header("Content-Security-Policy"), HasSubstr("sandbox"));
  EXPECT_EQ(Header("X-Content-Type-Options"), "nosniff");
  EXPECT_EQ(Header("Cache-Control"), "private, no-cache");
  const std::string tag = Header("ETag");
  api_.headers.Set("Range", "bytes=8-13");
  EXPECT_EQ(Text(Path("/audio")), std::string(kRecording).substr(8, 6));
  EXPECT_EQ(response_.status, 206);
  api_.headers.Set("Range", "bytes=1000-");
  Text(Path("/audio"));
  EXPECT_EQ(response_.status, 416);
  api_.headers = {};
  api_.headers.Set("If-None-Match", tag);
  EXPECT_EQ(Text(Path("/audio")), "");
  EXPECT_EQ(response_.status, 304);
}

TEST_F(ResultRoutesTest, ARecordingThatIsGoneIsSaidToBe) {
  ASSERT_TRUE(blobs_.Delete("media/u1/" + std::string(kMine)).ok());
  const json error = api_.Json(Method::kGet, Path("/audio"));
  EXPECT_EQ(api_.last_status, 410);
  EXPECT_EQ(error["code"], 50002);
  // Its text is there all the same.
  EXPECT_THAT(Text(Path("/download")), HasSubstr("chips"));
}

TEST_F(ResultRoutesTest, DamagedBytesAreNotServed) {
  jobs::NewResult result = jobs_.Results(kMine)->front();
  ASSERT_TRUE(blobs_.Delete(result.blob_key).ok());
  ASSERT_TRUE(transcripts::WriteBlob(&blobs_, result.blob_key, "{}").ok());
  const json error = api_.Json(Method::kGet, Path("/download"));
  EXPECT_EQ(api_.last_status, 500);
  EXPECT_EQ(error["error_code"], "STORAGE_ERROR");
  EXPECT_EQ(error.dump().find("media/"), std::string::npos);
}

TEST_F(ResultRoutesTest, BeforeTheEndThereIsNoTranscript) {
  jobs::Job job = *jobs_.Get(kMine, "");
  job.state = jobs::JobState::kRunning;
  job.result_ref = "";
  jobs_.Put(job);
  for (const std::string& path :
       {Path("/download"), "/transcripts/" + std::string(kMine), Path("/metadata")}) {
    EXPECT_EQ(api_.Json(Method::kGet, path)["error_code"], "TRANSCRIPT_NOT_READY") << path;
    EXPECT_EQ(api_.last_status, 409) << path;
  }
  EXPECT_EQ(Text(Path("/audio")), kRecording) << "the recording can be heard meanwhile";
}

TEST_F(ResultRoutesTest, TheLogHasWhatHappenedAndNothingElse) {
  const std::string log = Text(Path("/log"));
  EXPECT_THAT(log, HasSubstr("attempt 1 begins"));
  EXPECT_THAT(log, HasSubstr("completed"));
  EXPECT_THAT(log, HasSubstr(kMine));
  EXPECT_THAT(log, Not(HasSubstr("Fish"))) << "what was said is no business of a log";
  EXPECT_EQ(Text("/log/" + std::string(kMine)), log);
}

TEST_F(ResultRoutesTest, MetadataAndPeaksAreJson) {
  const json metadata = api_.Json(Method::kGet, Path("/metadata"));
  EXPECT_EQ(metadata["words"], 4);
  EXPECT_EQ(metadata["job_id"], kMine);
  EXPECT_EQ(api_.Json(Method::kGet, Path("/peaks"))["points"], 2'000);
  EXPECT_EQ(api_.Json(Method::kGet, Path("/peaks"), {{"points", "500"}})["points"], 500);
  for (const char* points : {"99", "20001", "x", "-1"}) {
    api_.Json(Method::kGet, Path("/peaks"), {{"points", points}});
    EXPECT_EQ(api_.last_status, 422) << points;
  }
  peaks_ = Status(StatusCode::kDataCorrupt, "damaged");
  api_.Json(Method::kGet, Path("/peaks"));
  EXPECT_EQ(api_.last_status, 500);
}

TEST_F(ResultRoutesTest, ReadingAndDownloadingAreRightsOfTheirOwn) {
  api_.principal.permissions = {auth::Permission::kJobsRead};
  api_.Json(Method::kGet, Path("/download"));
  EXPECT_EQ(api_.last_status, 403);
  api_.Json(Method::kGet, Path("/metadata"));
  EXPECT_EQ(api_.last_status, 200);
  api_.principal = {};
  api_.Json(Method::kGet, Path("/audio"));
  EXPECT_EQ(api_.last_status, 401);
}

}  // namespace
}  // namespace wt::api

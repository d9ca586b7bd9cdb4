#include "service/api/documents/document_routes.h"

#include <gtest/gtest.h>

#include "formats/json.h"
#include "platform/sha256.h"
#include "service/api/rest/job_json.h"
#include "service/api/rest/job_routes.h"
#include "service/api/rest/result_routes.h"
#include "service/api/testing/api_harness.h"
#include "service/api/testing/fake_job_store.h"
#include "service/blob/memory_store.h"
#include "service/documents/testing/memory_document_store.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;

constexpr char kMine[] = "01923456-789a-7fff-bfff-000000000001";
constexpr char kForeign[] = "01923456-789a-7fff-bfff-000000000002";
constexpr char kMissing[] = "01923456-789a-7fff-bfff-000000000003";

class Hints : public jobs::JobHints {
 public:
  void JobAvailable() override {}
  void CancelRequested(const std::string&) override {}
  void JobChanged(const std::string&) override { ++changed; }
  int changed = 0;
};

class DocumentRoutesTest : public ::testing::Test {
 protected:
  DocumentRoutesTest() {
    EXPECT_TRUE(AddJobSchemas(&api_.routes.schemas()).ok());
    EXPECT_TRUE(AddResultSchemas(&api_.routes.schemas()).ok());
    EXPECT_TRUE(AddDocumentSchemas(&api_.routes.schemas()).ok());
    AddDocumentRoutes({&jobs_, &documents_, &hints_}, &api_.routes);
    results_.jobs = &jobs_;
    results_.blobs = &blobs_;
    results_.documents = &documents_;
    results_.clock = &api_.clock;
    results_.default_format = "txt";
    AddResultRoutes(results_, &api_.routes);
    jobs_parts_.jobs = &jobs_;
    jobs_parts_.hints = &hints_;
    jobs_parts_.blobs = &blobs_;
    jobs_parts_.clock = &api_.clock;
    jobs_parts_.documents = &documents_;
    AddJobRoutes(jobs_parts_, &api_.routes);
    api_.principal.username = "ann";
    Put(kMine, "u1");
    Put(kForeign, "u2");
  }
  void Put(const std::string& id, const std::string& owner) {
    Transcript transcript;
    transcript.language = "en";
    transcript.duration_s = 10;
    Segment segment;
    segment.end_s = 2;
    segment.text = " Hello world";
    segment.words = {{.text = " Hello", .start_s = 0, .end_s = 1, .probability = 0.9},
                     {.text = " world", .start_s = 1, .end_s = 2, .probability = 0.8}};
    transcript.segments = {segment};
    transcript.text = segment.text;
    const std::string text = formats::WriteJson(transcript);
    jobs::NewResult result;
    result.id = "result-" + id;
    result.blob_key = transcripts::TranscriptKey(owner, {id, 1, "t"});
    result.sha256 = platform::Sha256Hex(std::as_bytes(std::span(text)));
    result.words = 2;
    result.text = "Hello world";
    EXPECT_TRUE(transcripts::WriteBlob(&blobs_, result.blob_key, text).ok());
    jobs_.PutResult(id, result);
    jobs::Job job;
    job.id = id;
    job.owner = owner;
    job.state = jobs::JobState::kSucceeded;
    job.result_ref = result.id;
    job.media.filename = "talk.wav";
    jobs_.Put(job);
  }
  static std::string Path(const std::string& rest, const std::string& id = kMine) {
    return "/jobs/" + id + rest;
  }
  json Edit(const std::string& change_id, int if_rev, const std::string& word) {
    const json change = {{"change_id", change_id},
                         {"changes",
                          {{{"op", "put_turn"},
                            {"if_rev", if_rev},
                            {"turn",
                             {{"id", "t1"},
                              {"pos", "a1V"},
                              {"start", 0},
                              {"end", 2},
                              {"words", {{{"t", word}, {"s", 0}, {"e", 2}, {"x", 1}}}}}}}}}};
    return api_.Json(Method::kPost, Path("/document/changes"), {}, change.dump());
  }
  std::string Download(const testing::ApiHarness::Query& query = {}) {
    const http::Response response = api_.Send(Method::kGet, Path("/download"), query);
    return std::get<std::string>(response.body);
  }

  testing::ApiHarness api_;
  testing::FakeJobStore jobs_;
  blob::MemoryBlobStore blobs_{&api_.clock};
  transcripts::TranscriptStore transcripts_{&jobs_, &blobs_};
  documents::testing::MemoryDocumentStore store_{&api_.clock};
  documents::Documents documents_{&store_, &transcripts_};
  Hints hints_;
  ResultRouteParts results_;
  JobRouteParts jobs_parts_;
};

// One text everywhere: people who corrected a transcript must not meet the machine's again.
TEST_F(DocumentRoutesTest, AJobShowsItsCorrectedText) {
  json job = api_.Json(Method::kGet, Path(""));
  EXPECT_EQ(job["transcript"], "Hello world");
  EXPECT_EQ(job["transcript_edited"], false);
  EXPECT_TRUE(api_.routes.schemas().Check("Job", job, "body").empty());
  Edit("c1", 1, " Goodbye");
  ASSERT_EQ(api_.last_status, 200);
  job = api_.Json(Method::kGet, Path(""));
  EXPECT_EQ(job["transcript"], "Goodbye");
  EXPECT_EQ(job["transcript_edited"], true);
  EXPECT_EQ(api_.Json(Method::kGet, "/transcripts/" + std::string(kMine))["transcript"]
                .get<std::string>()
                .find("Hello"),
            std::string::npos);
}

TEST_F(DocumentRoutesTest, ADocumentHasTheShapeOfTheContract) {
  const http::Response response = api_.Send(Method::kGet, Path("/document"));
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.Find("ETag"), "\"r1\"");
  const json document = json::parse(std::get<std::string>(response.body));
  EXPECT_TRUE(api_.routes.schemas().Check("Document", document, "body").empty());
  EXPECT_EQ(document["turns"][0].dump(),
            R"({"end":2,"id":"t1","note":"","pos":"a1V","rev":1,"speaker":null,"start":0,)"
            R"("words":[{"e":1,"p":0.9,"s":0,"t":" Hello"},{"e":2,"p":0.8,"s":1,"t":" world"}]})");
  api_.headers.Set("If-None-Match", "\"r1\"");
  EXPECT_EQ(api_.Send(Method::kGet, Path("/document")).status, 304);
}

TEST_F(DocumentRoutesTest, ChangesAreAppliedOnceAndConflictsShowWhatIsThere) {
  EXPECT_EQ(Edit("c1", 1, " Howdy"), json::parse(R"({"revision":2,"revs":{"t1":2}})"));
  EXPECT_EQ(hints_.changed, 1);
  EXPECT_EQ(Edit("c1", 1, " Howdy")["revision"], 2);
  EXPECT_EQ(hints_.changed, 1);
  EXPECT_EQ(Edit("c1", 1, " other")["error_code"], "CHANGE_ID_TAKEN");

  const json conflict = Edit("c2", 1, " Servus");
  EXPECT_EQ(api_.last_status, 409);
  EXPECT_EQ(conflict["revision"], 2);
  EXPECT_EQ(conflict["conflicts"][0]["index"], 0);
  EXPECT_EQ(conflict["conflicts"][0]["current"]["words"][0]["t"], " Howdy");
  EXPECT_EQ(conflict["conflicts"][0]["current"]["rev"], 2);

  const json delta = api_.Json(Method::kGet, Path("/document/changes"), {{"since", "1"}});
  EXPECT_EQ(delta["turns"].size(), 1U);
  EXPECT_EQ(delta["revision"], 2);
  api_.Json(Method::kGet, Path("/document/changes"), {{"since", "9"}});
  EXPECT_EQ(api_.last_status, 410);
  api_.Json(Method::kGet, Path("/document/changes"));
  EXPECT_EQ(api_.last_status, 422);
}

TEST_F(DocumentRoutesTest, DownloadsRenderTheCurrentTextUnlessAVersionIsNamed) {
  Edit("c1", 1, " Howdy");
  EXPECT_EQ(Download(), "Howdy\n");
  EXPECT_EQ(Download({{"version", "1"}}), "Hello world\n");
  EXPECT_EQ(Download({{"version", "result-" + std::string(kMine)}}), "Hello world\n");
  const json missing = api_.Json(Method::kGet, Path("/result"), {{"version", "7"}});
  EXPECT_EQ(api_.last_status, 404);
  EXPECT_EQ(missing["error_code"], "TRANSCRIPT_NOT_FOUND");
}

TEST_F(DocumentRoutesTest, VersionsAreListedKeptAndRestored) {
  Edit("c1", 1, " Howdy");
  const json kept = api_.Json(Method::kPost, Path("/versions"), {}, R"({"label":"before lunch"})");
  EXPECT_EQ(api_.last_status, 201);
  EXPECT_EQ(kept["version"], 2);
  EXPECT_EQ(kept["author"], "ann");
  const json old = api_.Json(Method::kGet, Path("/versions/1/document"));
  EXPECT_EQ(old["turns"][0]["words"][0]["t"], " Hello");
  const json restored = api_.Json(Method::kPost, Path("/versions/1/restore"));
  EXPECT_EQ(api_.last_status, 200);
  EXPECT_EQ(restored["revision"], 3);
  EXPECT_EQ(Download(), "Hello world\n");
  const json list = api_.Json(Method::kGet, Path("/versions"));
  ASSERT_EQ(list.size(), 3U);
  EXPECT_EQ(list[0]["kind"], "machine");
  EXPECT_EQ(list[1]["kind"], "edit");
  EXPECT_EQ(list[2]["kind"], "restore");
  EXPECT_TRUE(api_.routes.schemas().Check("TranscriptVersions", list, "body").empty());
  api_.Json(Method::kPost, Path("/versions/9/restore"));
  EXPECT_EQ(api_.last_status, 404);
  api_.Json(Method::kGet, Path("/versions/x/document"));
  EXPECT_EQ(api_.last_status, 404);
}

TEST_F(DocumentRoutesTest, AForeignJobAnswersLikeAMissingOne) {
  const std::pair<Method, const char*> calls[] = {{Method::kGet, "/document"},
                                                  {Method::kPost, "/document/changes"},
                                                  {Method::kGet, "/versions"},
                                                  {Method::kPost, "/versions"},
                                                  {Method::kGet, "/versions/1/document"},
                                                  {Method::kPost, "/versions/1/restore"}};
  for (const auto& [method, rest] : calls) {
    json foreign = api_.Json(method, Path(rest, kForeign));
    EXPECT_EQ(api_.last_status, 404) << rest;
    json missing = api_.Json(method, Path(rest, kMissing));
    for (json* reply : {&foreign, &missing}) {
      reply->erase("request_id");
      reply->erase("timestamp");
    }
    EXPECT_EQ(foreign, missing) << rest;
  }
}

TEST_F(DocumentRoutesTest, BadChangesAreRefusedBeforeAnythingIsStored) {
  const auto send = [&](const std::string& body) {
    api_.Json(Method::kPost, Path("/document/changes"), {}, body);
    return api_.last_status;
  };
  EXPECT_EQ(send("{"), 400);
  EXPECT_EQ(send(R"({"change_id":"c","changes":[{"op":"delete_turn","if_rev":0,"id":"t1"}]})"),
            400);
  EXPECT_EQ(send(std::string(documents::kChangesPerSetMax, ' ') + "[]"), 400);
  EXPECT_EQ(send(std::string((16 << 20) + 1, ' ')), 413);
  api_.headers.Set("Content-Type", "text/plain");
  EXPECT_EQ(send("{}"), 415);
  EXPECT_EQ(store_.GetHead(kMine)->untouched, true);
}

}  // namespace
}  // namespace wt::api

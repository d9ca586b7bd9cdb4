#include "service/api/uploads/session_routes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <thread>

#include "platform/sha256.h"
#include "service/api/rest/job_json.h"
#include "service/api/testing/upload_api.h"

namespace wt::api {
namespace {

using http::Method;
using nlohmann::json;
using testing::kFormType;
using testing::MakeForm;
using uploads::testing::FakeWav;

constexpr std::int64_t kChunk = 1'000;

uploads::SessionLimits SmallChunks() {
  uploads::SessionLimits limits;
  limits.chunk_bytes = kChunk;
  limits.bytes_max = 1'000'000;
  return limits;
}

std::string Sha256(const std::string& content) {
  return platform::Sha256Hex(std::as_bytes(std::span<const char>(content)));
}

class SessionRoutesTest : public ::testing::Test {
 protected:
  SessionRoutesTest() {
    EXPECT_TRUE(AddJobSchemas(&api().routes.schemas()).ok());
    EXPECT_TRUE(AddSessionSchemas(&api().routes.schemas()).ok());
    SessionRouteParts parts;
    parts.uploads = world().uploads.get();
    parts.sessions = world().sessions;
    parts.jobs = &setup_.upload_jobs;
    parts.models = &setup_.names;
    parts.clean = [this] { return world().cleaner->Step(); };
    AddSessionRoutes(parts, &api().routes);
  }
  testing::ApiHarness& api() { return setup_.api; }
  uploads::testing::UploadWorld& world() { return setup_.world; }

  json Begin(const json& body, const std::string& path = "/uploads/initialize") {
    api().headers.Set("Content-Type", "application/json");
    json reply = api().Json(Method::kPost, path, {}, body.dump());
    api().headers.Remove("Content-Type");
    return reply;
  }
  std::string BeginFor(const std::string& content, const std::string& hash = "") {
    json body{{"filename", "talk.wav"}, {"file_size", content.size()}, {"model_name", "base"}};
    if (!hash.empty()) body["file_hash"] = hash;
    return Begin(body)["session_id"];
  }
  json SendChunk(const std::string& id, std::int64_t index, const std::string& content) {
    return api().Json(Method::kPost, "/uploads/" + id + "/chunks/" + std::to_string(index), {},
                      content.substr(static_cast<std::size_t>(index * kChunk), kChunk));
  }
  void SendAll(const std::string& id, const std::string& content) {
    const auto count = static_cast<std::int64_t>((content.size() + kChunk - 1) / kChunk);
    for (std::int64_t i = count - 1; i >= 0; --i) {
      SendChunk(id, i, content);
      EXPECT_EQ(api().last_status, 200) << i;
    }
  }
  json Get(const std::string& id, const char* what) {
    return api().Json(Method::kGet, "/uploads/" + id + what);
  }
  json Finalize(const std::string& id) {
    return api().Json(Method::kPost, "/uploads/" + id + "/finalize");
  }

  testing::UploadApi setup_{SmallChunks()};
};

TEST_F(SessionRoutesTest, InitializeTellsWhatTheClientNeeds) {
  for (const char* path : {"/uploads/initialize", "/uploads/init", "/chunked-uploads/initialize",
                           "/uploads/chunked/start", "/api/chunked-uploads/initialize",
                           "/api/uploads/chunked/start", "/api/v1/uploads/initialize"}) {
    const json session = Begin({{"filename", "../a/talk.wav"},
                                {"file_size", 2'500},
                                {"model_name", "base"},
                                {"language", "english"}},
                               path);
    EXPECT_EQ(api().last_status, 200) << path << session;
    EXPECT_FALSE(session["session_id"].get<std::string>().empty());
    EXPECT_EQ(session["chunk_size"], kChunk);
    EXPECT_EQ(session["total_chunks"], 3);
    EXPECT_EQ(session["filename"], "talk.wav");
    EXPECT_EQ(session["language"], "en");
    EXPECT_EQ(session["status"], "active");
    EXPECT_EQ(session["parallel_chunks"], 4);
    EXPECT_TRUE(session["expires_at"].is_string());
  }
}

TEST_F(SessionRoutesTest, InitializeRefusesWhatCannotBecomeAJob) {
  const json good{{"filename", "a.wav"}, {"file_size", 2'500}};
  const auto refuse = [&](const char* field, const json& value, int status) {
    json body = good;
    body[field] = value;
    const json error = Begin(body);
    EXPECT_EQ(api().last_status, status) << field << value << error;
    EXPECT_TRUE(error.contains("error_code"));
  };
  refuse("file_size", 1'000'001, 413);
  refuse("file_size", 0, 400);
  refuse("file_size", -1, 400);
  refuse("file_size", "many", 422);
  refuse("file_hash", "xyz", 400);
  refuse("model_name", "no-such-model", 400);
  refuse("language", "klingon", 422);
  refuse("priority", "now", 422);
  refuse("beam_size", 1'000'000, 422);
  refuse("filename", 7, 422);
  EXPECT_EQ(Begin(json::array()).value("error_code", ""), "VALIDATION_ERROR");
  EXPECT_TRUE(world().sessions->List("u1", false, 10)->empty());
}

TEST_F(SessionRoutesTest, ChunksInAnyOrderAndAtTheSameTimeBecomeOneJob) {
  const std::string content = FakeWav(20 * kChunk + 7);
  const std::string id = BeginFor(content, Sha256(content));
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::int64_t i = 20 - t; i >= 0; i -= 4) {
        const std::string chunk = content.substr(static_cast<std::size_t>(i * kChunk), kChunk);
        const std::string path = "/uploads/" + id + "/chunks/" + std::to_string(i);
        EXPECT_EQ(api().Send(Method::kPost, path, {}, chunk).status, 200);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Get(id, "/status")["progress_percent"], 100.0);
  const json done = Finalize(id);
  EXPECT_EQ(done["status"], "completed");
  EXPECT_EQ(done["file_hash"], Sha256(content));
  EXPECT_EQ(done["final_filename"], "talk.wav");
  ASSERT_EQ(setup_.Jobs().size(), 1U);
  EXPECT_EQ(done["job_id"], setup_.Jobs()[0].id);
  EXPECT_EQ(setup_.Jobs()[0].media.sha256, Sha256(content));
  EXPECT_EQ(setup_.hints.available, 1);
}

TEST_F(SessionRoutesTest, AChunkSentAgainIsFineAndADifferentOneIsNot) {
  const std::string content = FakeWav(3 * kChunk);
  const std::string id = BeginFor(content);
  const json first = SendChunk(id, 1, content);
  json second = SendChunk(id, 1, content);
  EXPECT_EQ(api().last_status, 200);
  EXPECT_EQ(first["status"], "uploaded");
  EXPECT_EQ(second["status"], "already_uploaded");
  second["status"] = first["status"];
  EXPECT_EQ(first, second);
  EXPECT_EQ(first["chunk_hash"], Sha256(content.substr(kChunk, kChunk)));
  EXPECT_EQ(first["uploaded_chunks"], 1);
  EXPECT_EQ(first["total_chunks"], 3);
  EXPECT_EQ(first["progress_percent"], 33.33);
  const json other = SendChunk(id, 1, std::string(3 * kChunk, 'x'));
  EXPECT_EQ(api().last_status, 409);
  EXPECT_EQ(other["error_code"], "CHUNK_CONFLICT");
}

TEST_F(SessionRoutesTest, AChunkMayBeTheFileOfAForm) {
  const std::string content = FakeWav(kChunk);
  const std::string id = BeginFor(content);
  const std::string path = "/uploads/" + id + "/chunk/0";
  api().headers.Set("Content-Type", kFormType);
  EXPECT_EQ(api().Send(Method::kPost, path, {}, MakeForm({{"note", "x"}})).status, 422);
  EXPECT_EQ(api().Send(Method::kPost, path, {}, "--xYzZY\r\n").status, 422);
  const std::string form = MakeForm({{"chunk_number", "0"}, {"chunk_data", content, "blob"}});
  EXPECT_EQ(api().Send(Method::kPost, path, {}, form.substr(0, form.size() - 20)).status, 400);
  EXPECT_EQ(Get(id, "/status")["uploaded_chunks"], 0);
  EXPECT_EQ(api().Send(Method::kPost, path, {}, form).status, 200);
  EXPECT_EQ(Finalize(id)["status"], "completed");
}

TEST_F(SessionRoutesTest, ChunksOfTheWrongLengthOrPlaceAreRefused) {
  const std::string content = FakeWav(2 * kChunk + 5);
  const std::string id = BeginFor(content);
  const auto send = [&](const std::string& index, std::size_t bytes) {
    return api()
        .Send(Method::kPost, "/uploads/" + id + "/chunks/" + index, {}, std::string(bytes, 'a'))
        .status;
  };
  EXPECT_EQ(send("0", kChunk - 1), 400);
  EXPECT_EQ(send("0", kChunk + 1), 400);
  EXPECT_EQ(send("0", 0), 400);
  EXPECT_EQ(send("2", kChunk), 400);
  EXPECT_EQ(send("3", kChunk), 400);
  EXPECT_EQ(send("-1", kChunk), 400);
  EXPECT_EQ(send("x", kChunk), 400);
  EXPECT_EQ(send("9223372036854775807", kChunk), 400);
  EXPECT_EQ(send("99999999999999999999", kChunk), 400);
  EXPECT_EQ(send("0", 200'000), 413);
  EXPECT_EQ(send("2", 5), 200);
}

TEST_F(SessionRoutesTest, EveryMissingChunkIsListed) {
  const std::string content = FakeWav(60 * kChunk);
  const std::string id = BeginFor(content);
  for (std::int64_t i = 0; i < 60; i += 6) SendChunk(id, i, content);
  const json status = Get(id, "/status");
  EXPECT_EQ(status["missing_chunks"].size(), 50U);
  EXPECT_EQ(status["uploaded_chunks"], 10);
  const json resume = Get(id, "/resume");
  EXPECT_EQ(resume["missing_chunks"], status["missing_chunks"]);
  EXPECT_EQ(resume["resumable"], true);
  EXPECT_EQ(resume["total_chunks"], 60);
  const json early = Finalize(id);
  EXPECT_EQ(api().last_status, 200);
  EXPECT_EQ(early["status"], "incomplete");
  EXPECT_EQ(early["missing_chunks"], status["missing_chunks"]);
  EXPECT_TRUE(early["job_id"].is_null());
  EXPECT_TRUE(setup_.Jobs().empty());
}

TEST_F(SessionRoutesTest, FinalizingTwiceGivesTheSameJob) {
  const std::string content = FakeWav(3 * kChunk);
  const std::string id = BeginFor(content);
  SendAll(id, content);
  const json first = Finalize(id);
  EXPECT_EQ(Finalize(id), first);
  EXPECT_EQ(setup_.Jobs().size(), 1U);
  EXPECT_EQ(Get(id, "/status")["job_id"], first["job_id"]);
  EXPECT_EQ(Get(id, "/resume")["resumable"], false);
  EXPECT_EQ(world().CountBlobs("chunks/"), 0);
  EXPECT_EQ(world().CountBlobs("media/"), 1);
}

TEST_F(SessionRoutesTest, TheDeclaredHashIsCompared) {
  const std::string content = FakeWav(3 * kChunk);
  const std::string id = BeginFor(content, std::string(64, 'a'));
  SendAll(id, content);
  EXPECT_EQ(Finalize(id)["error_code"], "HASH_MISMATCH");
  EXPECT_EQ(api().last_status, 422);
  EXPECT_EQ(Finalize(id)["error_code"], "HASH_MISMATCH");
  EXPECT_TRUE(setup_.Jobs().empty());
  EXPECT_EQ(world().CountBlobs(""), 0);
}

TEST_F(SessionRoutesTest, AFullQueueKeepsTheUploadForLater) {
  SubmitParts parts = setup_.MakeSubmitParts();
  parts.limits.queue_depth_max = 0;
  const JobSubmitter refusing(parts);
  const UploadJobs full(world().uploads.get(), &refusing);
  const std::string content = FakeWav(3 * kChunk);
  const std::string id = BeginFor(content);
  SendAll(id, content);
  auto refused = full.Finish("u1", id, "r1", "");
  ASSERT_TRUE(std::holds_alternative<UploadJobs::Refused>(refused));
  const ApiError error = std::get<UploadJobs::Refused>(refused).ToError();
  EXPECT_EQ(error.status, 503);
  EXPECT_EQ(error.error_code, "QUEUE_FULL");
  EXPECT_TRUE(error.retry_after_s.has_value());
  EXPECT_EQ(world().CountBlobs("media/"), 1);
  EXPECT_EQ(Finalize(id)["status"], "completed");
  EXPECT_EQ(setup_.Jobs().size(), 1U);
}

TEST_F(SessionRoutesTest, TheOptionsOfTheBeginningAreThoseOfTheJob) {
  const std::string content = FakeWav(kChunk);
  const json session = Begin({{"filename", "a.wav"},
                              {"file_size", content.size()},
                              {"model", "whisper-1"},
                              {"language", "de"},
                              {"priority", "high"},
                              {"beam_size", 3},
                              {"word_timestamps", true}});
  const std::string id = session.value("session_id", "");
  ASSERT_FALSE(id.empty()) << session;
  SendAll(id, content);
  Finalize(id);
  ASSERT_EQ(setup_.Jobs().size(), 1U);
  const jobs::Job job = setup_.Jobs()[0];
  EXPECT_EQ(job.language, "de");
  EXPECT_EQ(job.priority, jobs::Priority::kHigh);
  const auto options = worker::ParseRequestOptions(job.options_json);
  ASSERT_TRUE(options.ok());
  EXPECT_TRUE(options->request.words.word_timestamps);
}

TEST_F(SessionRoutesTest, ACancelledUploadIsOver) {
  const std::string content = FakeWav(2 * kChunk);
  const std::string id = BeginFor(content);
  SendAll(id, content);
  EXPECT_EQ(api().Json(Method::kDelete, "/uploads/" + id)["status"], "cancelled");
  EXPECT_EQ(api().Send(Method::kDelete, "/uploads/" + id).status, 200);
  EXPECT_EQ(world().CountBlobs(""), 0);
  Finalize(id);
  EXPECT_EQ(api().last_status, 409);
  SendChunk(id, 0, content);
  EXPECT_EQ(api().last_status, 409);
}

TEST_F(SessionRoutesTest, AnExpiredUploadIsGone) {
  const std::string content = FakeWav(2 * kChunk);
  const std::string id = BeginFor(content);
  SendChunk(id, 0, content);
  world().clock.Advance(24LL * 3'600'000 + 1);
  for (int i = 0; i < 2; ++i) {
    Get(id, "/status");
    EXPECT_EQ(api().last_status, 410);
    Get(id, "/resume");
    EXPECT_EQ(api().last_status, 410);
    SendChunk(id, 1, content);
    EXPECT_EQ(api().last_status, 410);
    Finalize(id);
    EXPECT_EQ(api().last_status, 410);
    world().cleaner->Step();
  }
  EXPECT_EQ(world().CountBlobs(""), 0);
}

TEST_F(SessionRoutesTest, StrangersSeeNothing) {
  const std::string content = FakeWav(2 * kChunk);
  const std::string id = BeginFor(content);
  SendChunk(id, 0, content);
  api().principal.user_id = "u2";
  EXPECT_EQ(api().Json(Method::kGet, "/uploads")["total"], 0);
  const auto ask = [&](const std::string& which) {
    std::string all;
    for (const auto& [method, rest] :
         {std::pair(Method::kGet, "/status"), std::pair(Method::kGet, "/resume"),
          std::pair(Method::kPost, "/finalize"), std::pair(Method::kPost, "/chunks/0"),
          std::pair(Method::kDelete, "")}) {
      json body = api().Json(method, "/uploads/" + which + rest, {}, content.substr(0, kChunk));
      EXPECT_EQ(api().last_status, 404) << rest;
      for (const char* varying : {"request_id", "timestamp"}) body.erase(varying);
      all += body.dump();
    }
    return all;
  };
  EXPECT_EQ(ask(id), ask("01923456-789a-7fff-bfff-000000000001"));
  api().principal.user_id = "u1";
  const json list = api().Json(Method::kGet, "/uploads", {{"active_only", "true"}});
  EXPECT_EQ(list["total"], 1);
  EXPECT_EQ(list["sessions"][0]["session_id"], id);
}

TEST_F(SessionRoutesTest, ActiveOnlyLeavesOutWhatIsOver) {
  const std::string content = FakeWav(kChunk);
  const std::string over = BeginFor(content);
  api().Send(Method::kDelete, "/uploads/" + over);
  const std::string open = BeginFor(content);
  EXPECT_EQ(api().Json(Method::kGet, "/uploads/")["total"], 2);
  const json list = api().Json(Method::kGet, "/uploads", {{"active_only", "1"}});
  ASSERT_EQ(list["total"], 1);
  EXPECT_EQ(list["sessions"][0]["session_id"], open);
}

TEST_F(SessionRoutesTest, MetricsAndCleanupAreTheOperators) {
  const std::string content = FakeWav(kChunk);
  const std::string id = BeginFor(content);
  SendAll(id, content);
  EXPECT_EQ(api().Send(Method::kGet, "/uploads/metrics").status, 403);
  EXPECT_EQ(api().Send(Method::kPost, "/uploads/cleanup").status, 403);
  auth::Principal nobody;
  std::swap(nobody, api().principal);
  EXPECT_EQ(api().Send(Method::kGet, "/uploads/metrics").status, 401);
  EXPECT_EQ(api().Send(Method::kPost, "/uploads/cleanup").status, 401);
  std::swap(nobody, api().principal);
  api().principal.permissions.push_back(auth::Permission::kUploadAdmin);
  const json metrics = api().Json(Method::kGet, "/uploads/metrics");
  EXPECT_EQ(metrics["sessions"]["active"], 1);
  EXPECT_EQ(metrics["stored_bytes"], kChunk);
  world().clock.Advance(25LL * 3'600'000);
  const json cleaned = api().Json(Method::kPost, "/uploads/cleanup");
  EXPECT_EQ(cleaned["expired_sessions"], 1) << cleaned;
  EXPECT_EQ(world().CountBlobs(""), 0);
}

}  // namespace
}  // namespace wt::api

#include "service/documents/documents.h"

#include <gtest/gtest.h>

#include <cmath>

#include "formats/json.h"
#include "platform/sha256.h"
#include "service/blob/memory_store.h"
#include "service/documents/from_transcript.h"
#include "service/documents/testing/memory_document_store.h"
#include "service/jobs/testing/model_job_store.h"

namespace wt::documents {
namespace {

wt::Transcript Machine(const std::string& first = " Hello") {
  wt::Transcript transcript;
  transcript.language = "en";
  transcript.duration_s = 10;
  Segment measured;
  measured.start_s = 0;
  measured.end_s = 2;
  measured.text = first + " world";
  measured.tokens = {1, 2};
  measured.avg_logprob = -0.25;
  measured.words = {{.text = first, .start_s = 0, .end_s = 0.5, .probability = 0.9},
                    {.text = " world", .start_s = 0.5, .end_s = 2, .probability = 0.8}};
  Segment plain;
  plain.id = 1;
  plain.start_s = 2;
  plain.end_s = 4;
  plain.text = " one two";
  transcript.segments = {measured, plain};
  transcript.text = measured.text + plain.text;
  return transcript;
}

TEST(FromTranscriptTest, KeepsMeasuredTimesAndMarksInterpolatedOnes) {
  const Result<Document> document = FromTranscript("j", Machine());
  ASSERT_TRUE(document.ok());
  const auto& turns = document->content.turns;
  ASSERT_EQ(turns.size(), 2U);
  EXPECT_EQ(turns[0].id, "t1");
  EXPECT_LT(turns[0].pos, turns[1].pos);
  EXPECT_EQ(turns[0].words[0],
            (Word{.text = " Hello", .start_s = 0, .end_s = 0.5, .probability = 0.9}));
  ASSERT_EQ(turns[1].words.size(), 2U);
  EXPECT_EQ(turns[1].Text(), " one two");
  EXPECT_TRUE(turns[1].words[0].interpolated);
  EXPECT_EQ(turns[1].words[0].end_s, 3);
  EXPECT_EQ(turns[1].words[1].end_s, 4);
  EXPECT_FALSE(turns[1].words[0].probability);
}

TEST(FromTranscriptTest, SpeakersOfTheMachineBecomeSpeakersOfTheDocument) {
  Transcript transcript = Machine();
  ASSERT_GE(transcript.segments.size(), 2U);
  transcript.segments[0].speaker = "S2";
  transcript.segments[1].speaker = "S1";
  Result<Document> document = FromTranscript("j", transcript);
  ASSERT_TRUE(document.ok());
  ASSERT_EQ(document->content.speakers.size(), 2U);
  EXPECT_EQ(document->content.speakers[0].id, "s1");
  EXPECT_EQ(document->content.speakers[0].name, "S1");
  EXPECT_NE(document->content.speakers[0].color, document->content.speakers[1].color);
  EXPECT_EQ(document->content.turns[0].speaker, "s2");
  // A new name goes to the segments and their words.
  document->content.speakers[1].name = "Ann";
  const EditedTranscript edited = ToTranscript(*document, transcript);
  EXPECT_EQ(edited.speakers[0], "Ann");
  EXPECT_EQ(edited.transcript.segments[0].speaker, "Ann");
  // What is no name of the engine's is no speaker.
  transcript.segments[0].speaker = "S<>";
  document = FromTranscript("j", transcript);
  ASSERT_TRUE(document.ok());
  EXPECT_EQ(document->content.turns[0].speaker, "");
}

TEST(FromTranscriptTest, CutsTextWithoutSpaces) {
  wt::Transcript transcript = Machine();
  transcript.segments[1].text = "水を飲む" + std::string(100, 'x');
  const Result<Document> document = FromTranscript("j", transcript);
  ASSERT_TRUE(document.ok());
  const auto& words = document->content.turns[1].words;
  ASSERT_EQ(words.size(), 6U);
  EXPECT_EQ(words[0].text, "水");
  EXPECT_EQ(words[4].text, std::string(kWordCharactersMax, 'x'));
  EXPECT_EQ(document->content.turns[1].Text(), transcript.segments[1].text);
}

TEST(FromTranscriptTest, PositionsGrowAndLeaveRoom) {
  std::string last;
  for (std::int64_t n = 1; n <= 5'000; ++n) {
    const std::string position = PositionAt(n, 5'000);
    ASSERT_LT(last, position);
    ASSERT_NE(position.back(), '0');
    last = position;
  }
  EXPECT_EQ(PositionAt(1, 10), "a1V");
}

TEST(ToTranscriptTest, WhatTheModelMeasuredStaysWithItsWords) {
  const wt::Transcript machine = Machine();
  Result<Document> document = FromTranscript("j", machine);
  ASSERT_TRUE(document.ok());
  document->content.turns[1].words[0].text = " five";
  Turn empty{.id = "new", .pos = "zz", .start_s = 1, .end_s = 2};
  document->content.turns.push_back(empty);
  document->content.speakers = {{.id = "s1", .name = "Ann"}};
  document->content.turns[1].speaker = "s1";
  const auto [edited, speakers] = ToTranscript(*document, machine);
  EXPECT_EQ(speakers, (std::vector<std::string>{"", "Ann"}));
  ASSERT_EQ(edited.segments.size(), 2U);
  EXPECT_EQ(edited.text, " Hello world five two");
  EXPECT_EQ(edited.segments[0].tokens, machine.segments[0].tokens);
  EXPECT_EQ(edited.segments[0].avg_logprob, -0.25);
  EXPECT_TRUE(std::isnan(edited.segments[1].avg_logprob));
  EXPECT_EQ(edited.segments[1].text, " five two");
}

class DocumentsTest : public ::testing::Test {
 protected:
  DocumentsTest() {
    jobs::NewJob job;
    job.job.id = "j";
    job.job.owner = "ann";
    job.job.media.id = "m";
    job.job.media.blob_key = "media/m";
    EXPECT_TRUE(jobs_.Create(job, {}).ok());
  }
  jobs::Job Job() { return *jobs_.Get("j", "ann"); }
  void Finish(const std::string& result_id, const wt::Transcript& transcript) {
    const auto claim = jobs_.ClaimNext({.worker_id = "w"});
    ASSERT_TRUE(claim.ok() && claim->has_value());
    const std::string json = formats::WriteJson(transcript);
    jobs::NewResult result;
    result.id = result_id;
    result.blob_key = transcripts::TranscriptKey("ann", (*claim)->lease);
    result.sha256 = platform::Sha256Hex(std::as_bytes(std::span(json)));
    result.words = 4;
    ASSERT_TRUE(transcripts::WriteBlob(&blobs_, result.blob_key, json).ok());
    ASSERT_TRUE(jobs_.Succeed((*claim)->lease, result).ok());
  }
  Result<Applied> Edit(const std::string& change_id, std::int64_t if_rev, const std::string& word) {
    Result<Document> document = documents_.Get(Job());
    if (!document.ok()) return document.status();
    ChangeSet set;
    set.change_id = change_id;
    set.digest = change_id + word;
    set.author = "ann";
    Change change{.if_rev = if_rev, .id = "t1"};
    change.turn = document->content.turns[0];
    change.turn.words[0].text = word;
    set.changes = {change};
    return documents_.Apply(Job(), set);
  }
  std::string Text(const std::string& version = "") {
    const auto stored = documents_.Transcript(Job(), version);
    return stored.ok() ? stored->transcript.text : stored.status().message();
  }

  base::ManualClock clock_;
  jobs::testing::ModelJobStore jobs_{&clock_};
  blob::MemoryBlobStore blobs_{&clock_};
  transcripts::TranscriptStore transcripts_{&jobs_, &blobs_};
  testing::MemoryDocumentStore store_{&clock_};
  Documents documents_{&store_, &transcripts_};
};

TEST_F(DocumentsTest, ReadingStoresNothingAndTheFirstChangeDoes) {
  EXPECT_EQ(documents_.Get(Job()).status().code(), StatusCode::kFailedPrecondition);
  Finish("r1", Machine());
  ASSERT_TRUE(documents_.Get(Job()).ok());
  EXPECT_EQ(store_.GetHead("j").status().code(), StatusCode::kNotFound);
  ASSERT_EQ(documents_.Versions(Job())->size(), 1U);
  EXPECT_FALSE(documents_.Since(Job(), 1)->too_old);

  const auto applied = Edit("c1", 1, " Howdy");
  ASSERT_TRUE(applied.ok()) << applied.status().message();
  EXPECT_EQ(applied->revision, 2);
  EXPECT_EQ(Text(), " Howdy world one two");
  EXPECT_EQ(Text("1"), " Hello world one two");
  EXPECT_EQ(Text("r1"), " Hello world one two");
  EXPECT_EQ(documents_.Versions(Job())->size(), 1U);
  EXPECT_EQ(documents_.GetVersion(Job(), 9).status().code(), StatusCode::kNotFound);
}

TEST_F(DocumentsTest, AnotherRunBecomesTheDocumentAndEditsStayAsAVersion) {
  Finish("r1", Machine());
  ASSERT_TRUE(Edit("c1", 1, " Howdy").ok());
  ASSERT_TRUE(jobs_.Restart("j", "ann", jobs::RestartFrom::kBeginning).ok());
  // Meanwhile there is what was there before.
  EXPECT_EQ(Text(), " Howdy world one two");
  Finish("r2", Machine(" Again"));
  EXPECT_EQ(Text(), " Again world one two");
  const auto versions = documents_.Versions(Job());
  ASSERT_EQ(versions->size(), 3U);
  EXPECT_EQ((*versions)[0].result_id, "r1");
  EXPECT_EQ((*versions)[1].kind, VersionKind::kEdit);
  EXPECT_EQ((*versions)[2].result_id, "r2");
  EXPECT_EQ(Text("2"), " Howdy world one two");
  EXPECT_EQ(documents_.Get(Job())->revision, 3);

  const auto restored = documents_.Restore(Job(), 2, "ann");
  ASSERT_TRUE(restored.ok());
  EXPECT_EQ(restored->kind, VersionKind::kRestore);
  EXPECT_EQ(Text(), " Howdy world one two");
}

TEST_F(DocumentsTest, AnUnstoredDocumentOfAnotherRunIsAnotherRevision) {
  Finish("r1", Machine());
  ASSERT_TRUE(jobs_.Restart("j", "ann", jobs::RestartFrom::kBeginning).ok());
  Finish("r2", Machine(" Again"));
  EXPECT_EQ(documents_.Get(Job())->revision, 2);
  EXPECT_TRUE(documents_.Since(Job(), 1)->too_old);
  EXPECT_FALSE(Edit("c1", 1, " Howdy")->conflicts.empty());
  EXPECT_EQ(Edit("c2", 2, " Howdy")->revision, 3);
  EXPECT_TRUE(documents_.Since(Job(), 1)->too_old);
  EXPECT_EQ(documents_.Since(Job(), 2)->turns.size(), 1U);
}

TEST_F(DocumentsTest, RefusesTimesBehindTheEnd) {
  Finish("r1", Machine());
  ChangeSet set;
  set.change_id = "c";
  Change change{.id = "n"};
  change.turn = {.id = "n", .pos = "a1", .start_s = 0, .end_s = 12};
  set.changes = {change};
  EXPECT_EQ(documents_.Apply(Job(), set).status().code(), StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace wt::documents

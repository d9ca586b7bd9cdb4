// The index over a real database, with jobs, documents and the indexer around it.
#include "service/search/search.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "formats/json.h"
#include "platform/sha256.h"
#include "service/blob/memory_store.h"
#include "service/documents/documents.h"
#include "service/jobs/rules/details.h"
#include "service/store/sqlite/documents/sqlite_document_store.h"
#include "service/store/sqlite/jobs/sqlite_job_store.h"
#include "service/store/sqlite/search/sqlite_search_store.h"
#include "service/store/sqlite/testing/temporary_folder.h"

namespace wt::store {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class SqliteSearchTest : public ::testing::Test {
 protected:
  SqliteSearchTest() {
    search_ = std::move(search::Search::Create(&store_, &jobs_, &documents_)).value();
  }
  void Add(const std::string& id, const std::string& owner,
           const std::vector<std::string>& segments,
           const std::vector<std::string>& speakers = {}) {
    jobs::NewJob job;
    job.job.id = id;
    job.job.owner = owner;
    job.job.model = "base";
    job.job.media.id = "m-" + id;
    job.job.media.owner = owner;
    job.job.media.blob_key = "media/" + owner + "/" + id;
    job.job.media.filename = id + ".wav";
    ASSERT_TRUE(jobs_.Create(job, {}).ok());
    const auto claim = jobs_.ClaimNext({.worker_id = "w"});
    ASSERT_TRUE(claim.ok() && claim->has_value());
    Transcript transcript;
    transcript.duration_s = 100;
    for (const std::string& text : segments) {
      Segment segment;
      segment.start_s = static_cast<double>(transcript.segments.size());
      segment.end_s = segment.start_s + 1;
      segment.text = text;
      const std::size_t index = transcript.segments.size();
      if (index < speakers.size()) segment.speaker = speakers[index];
      transcript.segments.push_back(segment);
    }
    const std::string json = formats::WriteJson(transcript);
    jobs::NewResult result;
    result.id = "r-" + id;
    result.blob_key = transcripts::TranscriptKey(owner, (*claim)->lease);
    result.sha256 = platform::Sha256Hex(std::as_bytes(std::span(json)));
    ASSERT_TRUE(transcripts::WriteBlob(&blobs_, result.blob_key, json).ok());
    ASSERT_TRUE(jobs_.Succeed((*claim)->lease, result).ok());
    clock_.Advance(1'000);
  }
  void Index() {
    const Result<int> done = search_->Step(100);
    ASSERT_TRUE(done.ok()) << done.status().message();
  }
  Result<search::FoundPage> Find(const std::string& query, const search::HitFilter& filter,
                                 search::HitOrder order = search::HitOrder::kRelevance) {
    return search_->Find(query, filter, order, 10, 0);
  }
  std::vector<std::string> Ids(const std::string& query, const std::string& owner = "ann") {
    const auto page = Find(query, {.owner = owner});
    if (!page.ok()) return {page.status().message()};
    std::vector<std::string> ids;
    for (const search::Found& found : page->jobs) ids.push_back(found.job.id);
    EXPECT_EQ(page->total, static_cast<std::int64_t>(ids.size()));
    return ids;
  }

  base::ManualClock clock_;
  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> database_ = testing::OpenMigrated(testing::OptionsFor(folder_));
  SqliteJobStore jobs_{database_.get(), &clock_};
  blob::MemoryBlobStore blobs_{&clock_};
  transcripts::TranscriptStore transcripts_{&jobs_, &blobs_};
  SqliteDocumentStore document_store_{database_.get(), &clock_};
  documents::Documents documents_{&document_store_, &transcripts_};
  SqliteSearchStore store_{database_.get()};
  std::unique_ptr<search::Search> search_;
};

TEST_F(SqliteSearchTest, FindsOnlyTheOwnersJobsWithThePlace) {
  Add("a", "ann", {" Nothing here", " The Überraschung came late"});
  Add("b", "bob", {" uberraschung too"});
  EXPECT_THAT(Ids("überraschung"), IsEmpty());
  Index();
  EXPECT_THAT(Ids("UBERRASCHUNG"), ElementsAre("a"));
  EXPECT_THAT(Ids("uberraschung", "bob"), ElementsAre("b"));
  EXPECT_THAT(Ids("uberraschung", "eve"), IsEmpty());
  const auto page = Find("überrasch", {.owner = "ann"});
  ASSERT_EQ(page->jobs.size(), 1U);
  ASSERT_EQ(page->jobs[0].snippets.size(), 1U);
  const search::Snippet& snippet = page->jobs[0].snippets[0];
  EXPECT_EQ(snippet.turn_id, "t2");
  EXPECT_EQ(snippet.start_s, 1);
  EXPECT_EQ(snippet.text, " The Überraschung came late");
  EXPECT_THAT(snippet.highlights, ElementsAre(std::pair<std::size_t, std::size_t>(5, 17)));
}

TEST_F(SqliteSearchTest, ListsSayWhoSpeaks) {
  Add("a", "ann", {"one", "two", "three"}, {"S2", "S1", "S2"});
  Add("b", "ann", {"one"});
  EXPECT_THAT(jobs_.Get("a", "ann")->speakers, IsEmpty());
  Index();
  // In the order in which they begin to speak.
  EXPECT_THAT(jobs_.Get("a", "ann")->speakers, ElementsAre("S2", "S1"));
  EXPECT_THAT(jobs_.Get("b", "ann")->speakers, IsEmpty());
  const documents::Document document = *documents_.Get(*jobs_.Get("a", "ann"));
  const documents::Speaker& first = document.content.speakers[0];
  documents::Change rename;
  rename.op = documents::Op::kPutSpeaker;
  rename.if_rev = first.rev;
  rename.id = first.id;
  rename.speaker = first;
  rename.speaker.name = "Köhler";
  documents::ChangeSet set;
  set.change_id = "c";
  set.changes = {rename};
  ASSERT_TRUE(documents_.Apply(*jobs_.Get("a", "ann"), set).ok());
  Index();
  EXPECT_THAT(jobs_.Get("a", "ann")->speakers, ::testing::Contains("Köhler"));
  // Whoever was named is found by the name.
  EXPECT_THAT(Ids("kohler"), ElementsAre("a"));
}

TEST_F(SqliteSearchTest, TruthTableOfTheSyntax) {
  Add("a", "ann", {" red apple", " green tree"});
  Add("b", "ann", {" red pear"});
  Add("c", "ann", {" apple red"});
  Index();
  EXPECT_THAT(Ids("red apple"), UnorderedElementsAre("a", "c"));
  EXPECT_THAT(Ids("\"red apple\""), ElementsAre("a"));
  EXPECT_THAT(Ids("red -apple"), ElementsAre("b"));
  EXPECT_THAT(Ids("pear OR tree"), UnorderedElementsAre("a", "b"));
  EXPECT_THAT(Ids("red tree"), ElementsAre("a"));
  EXPECT_THAT(Ids("app"), UnorderedElementsAre("a", "c"));
  EXPECT_THAT(Ids("\"app\""), IsEmpty());
}

TEST_F(SqliteSearchTest, FindsTextWithoutSpaces) {
  Add("ja", "ann", {"東京都に行きました"});
  Add("th", "ann", {"ภาษาไทยง่าย"});
  Index();
  // A dictionary cuts 東京 / 都: what is looked for lies across.
  EXPECT_THAT(Ids("京都"), ElementsAre("ja"));
  EXPECT_THAT(Ids("都京"), IsEmpty());
  EXPECT_THAT(Ids("ไทย"), ElementsAre("th"));
}

TEST_F(SqliteSearchTest, FollowsTitlesEditsAndDeletions) {
  Add("a", "ann", {" alpha"});
  Index();
  ASSERT_TRUE(jobs_.SetDetails("a", "ann", {.title = "Board meeting", .tags = {{"q3"}}}).ok());
  EXPECT_THAT(Ids("board"), IsEmpty());
  Index();
  EXPECT_THAT(Ids("board"), ElementsAre("a"));
  EXPECT_THAT(Ids("q3"), ElementsAre("a"));
  EXPECT_THAT(Ids("wav"), ElementsAre("a"));

  documents::ChangeSet set;
  set.change_id = "c";
  documents::Change change{.if_rev = 1, .id = "t1"};
  change.turn = documents_.Get(*jobs_.Get("a", "ann"))->content.turns[0];
  change.turn.words[0].text = " omega";
  set.changes = {change};
  ASSERT_TRUE(documents_.Apply(*jobs_.Get("a", "ann"), set).ok());
  Index();
  EXPECT_THAT(Ids("alpha"), IsEmpty());
  EXPECT_THAT(Ids("omega"), ElementsAre("a"));

  ASSERT_TRUE(jobs_.Delete("a", "ann").ok());
  EXPECT_THAT(Ids("omega"), IsEmpty());
  EXPECT_TRUE(database_->CheckIntegrity().ok());
}

TEST_F(SqliteSearchTest, AChangeWhileItIsIndexedIsNotLost) {
  Add("a", "ann", {" alpha"});
  const std::vector<search::Due> due = *store_.TakeDue(10);
  ASSERT_EQ(due.size(), 1U);
  ASSERT_TRUE(jobs_.SetDetails("a", "ann", {.title = "later"}).ok());
  search::Entry entry{.job_id = "a", .owner = "ann", .title_words = " early ", .passages = {}};
  ASSERT_TRUE(store_.Put(due[0], entry).ok());
  EXPECT_EQ(store_.TakeDue(10)->size(), 1U);
  Index();
  EXPECT_THAT(Ids("later"), ElementsAre("a"));
  EXPECT_THAT(*store_.TakeDue(10), IsEmpty());
  ASSERT_TRUE(search_->Rebuild().ok());
  EXPECT_EQ(store_.TakeDue(10)->size(), 1U);
}

TEST_F(SqliteSearchTest, FiltersAndOrder) {
  Add("a", "ann", {" word"});
  Add("b", "ann", {" word word"});
  ASSERT_TRUE(jobs_.SetDetails("a", "ann", {.tags = {{"t"}}, .starred = true}).ok());
  Index();
  const auto ids = [&](const search::HitFilter& filter, search::HitOrder order) {
    std::string text;
    const auto page = Find("word", filter, order);
    for (const search::Found& found : page->jobs) text += found.job.id;
    return text;
  };
  EXPECT_EQ(ids({.owner = "ann"}, search::HitOrder::kNewest), "ba");
  EXPECT_EQ(ids({.owner = "ann"}, search::HitOrder::kOldest), "ab");
  EXPECT_EQ(ids({.owner = "ann", .tag = "t"}, search::HitOrder::kNewest), "a");
  EXPECT_EQ(ids({.owner = "ann", .starred = false}, search::HitOrder::kNewest), "b");
  EXPECT_EQ(ids({.owner = "ann", .model = "small"}, search::HitOrder::kNewest), "");
  EXPECT_EQ(ids({.owner = "ann", .statuses = {"completed"}}, search::HitOrder::kNewest), "ba");
}

}  // namespace
}  // namespace wt::store

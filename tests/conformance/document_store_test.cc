// What every DocumentStore must do; the same cases for each implementation.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "service/documents/testing/memory_document_store.h"
#include "service/store/sqlite/documents/sqlite_document_store.h"
#include "tests/conformance/job_stores.h"

namespace wt::conformance {
namespace {

using documents::Applied;
using documents::Change;
using documents::ChangeSet;
using documents::ConflictReason;
using documents::DocumentStore;
using documents::Op;
using documents::Speaker;
using documents::Turn;
using documents::Version;
using documents::VersionKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr char kJob[] = "job";

class DocumentsUnderTest {
 public:
  virtual ~DocumentsUnderTest() = default;
  virtual DocumentStore& store() = 0;
  virtual void DeleteJob() = 0;
  virtual Status Check() { return Status(); }
};

class SqliteDocuments : public DocumentsUnderTest {
 public:
  SqliteDocuments(const base::Clock* clock, const store::DatabaseOptions& options)
      : jobs_(clock, options), store_(&jobs_.database(), clock) {
    EXPECT_TRUE(jobs_.store().Create(MakeJob(kJob), {}).ok());
  }
  DocumentStore& store() override { return store_; }
  void DeleteJob() override {
    ASSERT_TRUE(jobs_.store().RequestCancel(kJob, "").ok());
    ASSERT_TRUE(jobs_.store().Delete(kJob, "").ok());
  }
  Status Check() override { return jobs_.Check(); }
  jobs::JobStore& jobs() { return jobs_.store(); }

 private:
  SqliteUnderTest jobs_;
  store::SqliteDocumentStore store_;
};

class MemoryDocuments : public DocumentsUnderTest {
 public:
  explicit MemoryDocuments(const base::Clock* clock) : store_(clock) {}
  DocumentStore& store() override { return store_; }
  void DeleteJob() override { store_.DeleteJob(kJob); }

 private:
  documents::testing::MemoryDocumentStore store_;
};

Turn MakeTurn(const std::string& id, const std::string& pos, const std::string& text) {
  Turn turn{.id = id, .pos = pos, .start_s = 1, .end_s = 2};
  turn.words = {{.text = text, .start_s = 1, .end_s = 2, .probability = 0.5}};
  return turn;
}

Change Put(const Turn& turn, std::int64_t if_rev) {
  return {.op = Op::kPutTurn, .if_rev = if_rev, .id = turn.id, .turn = turn};
}
Change DeleteTurn(const std::string& id, std::int64_t if_rev) {
  return {.op = Op::kDeleteTurn, .if_rev = if_rev, .id = id};
}
Change Put(const Speaker& speaker, std::int64_t if_rev) {
  return {.op = Op::kPutSpeaker, .if_rev = if_rev, .id = speaker.id, .speaker = speaker};
}
Change DeleteSpeaker(const std::string& id, std::int64_t if_rev) {
  return {.op = Op::kDeleteSpeaker, .if_rev = if_rev, .id = id};
}

class DocumentStoreTest : public ::testing::TestWithParam<Kind> {
 protected:
  DocumentStoreTest() {
    if (GetParam() == Kind::kModel) {
      under_test_ = std::make_unique<MemoryDocuments>(&clock_);
    } else {
      const bool tiny = GetParam() == Kind::kSqliteTinyCache;
      under_test_ = std::make_unique<SqliteDocuments>(
          &clock_, tiny ? TinyOptions() : store::DatabaseOptions());
    }
  }
  ~DocumentStoreTest() override { EXPECT_TRUE(under_test_->Check().ok()); }
  DocumentStore& store() { return under_test_->store(); }

  void Begin() {
    documents::NewDocument document;
    document.job_id = kJob;
    document.owner = "ann";
    document.result_id = "r1";
    document.language = "en";
    document.duration_s = 60;
    document.content.turns = {MakeTurn("t1", "a1", " one"), MakeTurn("t2", "a2", " two")};
    Version machine;
    machine.result_id = "r1";
    machine.words = 2;
    machine.created_at = clock_.Now();
    document.machine_versions = {machine};
    ASSERT_TRUE(store().Begin(document).ok());
  }
  Result<Applied> Apply(const std::vector<Change>& changes) {
    ChangeSet set;
    set.change_id = "c" + std::to_string(++sets_);
    set.digest = set.change_id;
    set.author = "ann";
    set.changes = changes;
    return store().Apply(kJob, set);
  }
  /// "one two", in order.
  std::string Text(std::optional<std::int64_t> revision = std::nullopt) {
    const auto document = store().Read(kJob, revision);
    std::string text;
    if (!document.ok()) return document.status().message();
    for (const Turn& turn : document->content.turns) text += turn.Text();
    return text;
  }
  std::vector<VersionKind> Kinds() {
    std::vector<VersionKind> kinds;
    const auto versions = store().Versions(kJob);
    for (const Version& version : *versions) kinds.push_back(version.kind);
    return kinds;
  }

  base::ManualClock clock_;
  std::unique_ptr<DocumentsUnderTest> under_test_;
  int sets_ = 0;
};

TEST_P(DocumentStoreTest, BeginsOnce) {
  EXPECT_EQ(store().GetHead(kJob).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Apply({DeleteTurn("t1", 1)}).status().code(), StatusCode::kNotFound);
  EXPECT_THAT(*store().Versions(kJob), IsEmpty());
  Begin();
  ASSERT_TRUE(Apply({Put(MakeTurn("t1", "a1", " uno"), 1)}).ok());
  Begin();
  EXPECT_EQ(Text(), " uno two");
  const auto head = store().GetHead(kJob);
  EXPECT_EQ(head->revision, 2);
  EXPECT_EQ(head->words, 2);
  EXPECT_EQ(head->turns, 2);
  EXPECT_FALSE(head->untouched);
  EXPECT_EQ(head->duration_s, 60);
}

TEST_P(DocumentStoreTest, KeepsEveryField) {
  Begin();
  Turn turn = MakeTurn("new", "a1V", " quote \" and \\ 水");
  turn.note = "a note";
  turn.speaker = "s1";
  turn.words.push_back({.text = "x", .start_s = 1.125, .end_s = 1.5, .changed = true});
  turn.words.push_back({.text = "y", .start_s = 1.5, .end_s = 2, .interpolated = true});
  ASSERT_TRUE(Apply({Put(turn, 0), Put({.id = "s1", .name = "Ann", .color = 7}, 0)}).ok());
  const auto document = store().Read(kJob, std::nullopt);
  ASSERT_EQ(document->content.turns.size(), 3U);
  EXPECT_EQ(document->revision, 2);
  EXPECT_EQ(document->language, "en");
  EXPECT_TRUE(SameContent(document->content.turns[1], turn));
  EXPECT_EQ(document->content.turns[1].rev, 2);
  EXPECT_EQ(document->content.turns[0].rev, 1);
  ASSERT_EQ(document->content.speakers.size(), 1U);
  EXPECT_EQ(document->content.speakers[0].name, "Ann");
  EXPECT_EQ(document->content.speakers[0].color, 7);
  EXPECT_EQ(document->content.speakers[0].rev, 2);
}

TEST_P(DocumentStoreTest, AppliesAllOrNothing) {
  Begin();
  const auto applied = Apply({Put(MakeTurn("t3", "a3", " three"), 0),
                              Put(MakeTurn("t1", "a1", " uno"), 9), DeleteTurn("t4", 1)});
  ASSERT_TRUE(applied.ok());
  EXPECT_EQ(applied->revision, 1);
  ASSERT_EQ(applied->conflicts.size(), 2U);
  EXPECT_EQ(applied->conflicts[0].index, 1U);
  ASSERT_TRUE(applied->conflicts[0].turn);
  EXPECT_EQ(applied->conflicts[0].turn->Text(), " one");
  EXPECT_EQ(applied->conflicts[1].id, "t4");
  EXPECT_FALSE(applied->conflicts[1].turn);
  EXPECT_EQ(Text(), " one two");
  EXPECT_TRUE(store().GetHead(kJob)->untouched);
  // What must not exist, does.
  EXPECT_EQ(Apply({Put(MakeTurn("t1", "a1", " uno"), 0)})->conflicts.size(), 1U);
}

TEST_P(DocumentStoreTest, ARepeatedSetIsAppliedOnce) {
  Begin();
  ChangeSet set;
  set.change_id = "same";
  set.digest = "d1";
  set.changes = {Put(MakeTurn("t1", "a1", " uno"), 1)};
  EXPECT_EQ(store().Apply(kJob, set)->revision, 2);
  ASSERT_TRUE(Apply({Put(MakeTurn("t1", "a1", " eins"), 2)}).ok());
  const auto again = store().Apply(kJob, set);
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->revision, 2);
  EXPECT_EQ(Text(), " eins two");
  set.digest = "d2";
  EXPECT_EQ(store().Apply(kJob, set).status().code(), StatusCode::kAlreadyExists);
}

TEST_P(DocumentStoreTest, TurnsNameSpeakersThatAreThere) {
  Begin();
  Turn turn = MakeTurn("t1", "a1", " one");
  turn.speaker = "s1";
  auto applied = Apply({Put(turn, 1)});
  ASSERT_EQ(applied->conflicts.size(), 1U);
  EXPECT_EQ(applied->conflicts[0].reason, ConflictReason::kMissingSpeaker);
  EXPECT_EQ(applied->conflicts[0].id, "s1");
  // In one set the order does not matter.
  EXPECT_EQ(Apply({Put(turn, 1), Put({.id = "s1", .name = "Ann"}, 0)})->revision, 2);
  applied = Apply({DeleteSpeaker("s1", 2)});
  ASSERT_EQ(applied->conflicts.size(), 1U);
  EXPECT_EQ(applied->conflicts[0].reason, ConflictReason::kSpeakerInUse);
  EXPECT_EQ(applied->conflicts[0].speaker->name, "Ann");
  EXPECT_EQ(Apply({DeleteSpeaker("s1", 2), Put(MakeTurn("t1", "a1", " one"), 2)})->revision, 3);
  EXPECT_THAT(store().Read(kJob, std::nullopt)->content.speakers, IsEmpty());
}

TEST_P(DocumentStoreTest, SaysWhatChangedSince) {
  Begin();
  ASSERT_TRUE(Apply({Put({.id = "s1", .name = "Ann"}, 0)}).ok());
  ASSERT_TRUE(Apply({DeleteTurn("t1", 1), Put(MakeTurn("t3", "a0", " zero"), 0)}).ok());
  const auto delta = store().Since(kJob, 2);
  EXPECT_EQ(delta->revision, 3);
  EXPECT_FALSE(delta->too_old);
  ASSERT_EQ(delta->turns.size(), 1U);
  EXPECT_EQ(delta->turns[0].id, "t3");
  EXPECT_THAT(delta->speakers, IsEmpty());
  EXPECT_THAT(delta->deleted_turns, ElementsAre("t1"));
  EXPECT_EQ(store().Since(kJob, 1)->speakers.size(), 1U);
  EXPECT_THAT(store().Since(kJob, 3)->deleted_turns, IsEmpty());
  EXPECT_TRUE(store().Since(kJob, 0)->too_old);
  EXPECT_TRUE(store().Since(kJob, 4)->too_old);
  // What comes back is not deleted any more.
  ASSERT_TRUE(Apply({Put(MakeTurn("t1", "a1", " one"), 0)}).ok());
  EXPECT_THAT(store().Since(kJob, 1)->deleted_turns, IsEmpty());
}

TEST_P(DocumentStoreTest, VersionsKeepWhatTheyName) {
  Begin();
  EXPECT_EQ(store().Snapshot(kJob, "", "ann")->version, 1);
  ASSERT_TRUE(Apply({Put(MakeTurn("t1", "a1", " uno"), 1)}).ok());
  const auto kept = store().Snapshot(kJob, "first", "ann");
  EXPECT_EQ(kept->version, 2);
  EXPECT_EQ(kept->label, "first");
  EXPECT_EQ(store().Snapshot(kJob, "", "ann")->version, 2);
  ASSERT_TRUE(Apply({Put(MakeTurn("t1", "a1", " eins"), 2), DeleteTurn("t2", 1)}).ok());
  ASSERT_TRUE(Apply({DeleteTurn("t1", 3)}).ok());
  EXPECT_EQ(Text(), "");
  EXPECT_EQ(Text(kept->revision), " uno two");
  EXPECT_THAT(Kinds(), ElementsAre(VersionKind::kMachine, VersionKind::kEdit));
}

TEST_P(DocumentStoreTest, TenMinutesOfEditsBecomeAVersion) {
  Begin();
  ASSERT_TRUE(Apply({Put(MakeTurn("t1", "a1", " uno"), 1)}).ok());
  clock_.Advance(9 * 60'000);
  ASSERT_TRUE(Apply({Put(MakeTurn("t1", "a1", " due"), 2)}).ok());
  EXPECT_EQ(Kinds().size(), 1U);
  clock_.Advance(60'000);
  // A refused set leaves no version either.
  EXPECT_FALSE(Apply({DeleteTurn("t1", 1)})->conflicts.empty());
  EXPECT_EQ(Kinds().size(), 1U);
  ASSERT_TRUE(Apply({Put(MakeTurn("t1", "a1", " tre"), 3)}).ok());
  const auto versions = store().Versions(kJob);
  ASSERT_EQ(versions->size(), 2U);
  EXPECT_EQ((*versions)[1].author, "ann");
  EXPECT_EQ(Text((*versions)[1].revision), " due two");
}

TEST_P(DocumentStoreTest, RestoringKeepsWhatIsTheSameAndSavesWhatWasThere) {
  Begin();
  ASSERT_TRUE(Apply({Put(MakeTurn("t1", "a1", " uno"), 1), DeleteTurn("t2", 1),
                     Put(MakeTurn("t3", "a3", " three"), 0)})
                  .ok());
  documents::Replacement replacement;
  replacement.job_id = kJob;
  replacement.content.turns = {MakeTurn("t2", "a2", " two"), MakeTurn("t3", "a3", " three")};
  replacement.author = "ann";
  const auto version = store().Replace(replacement);
  ASSERT_TRUE(version.ok()) << version.status().message();
  EXPECT_EQ(version->revision, 3);
  EXPECT_EQ(Text(), " two three");
  EXPECT_THAT(Kinds(),
              ElementsAre(VersionKind::kMachine, VersionKind::kEdit, VersionKind::kRestore));
  EXPECT_EQ(Text(2), " uno three");
  const auto delta = store().Since(kJob, 2);
  ASSERT_EQ(delta->turns.size(), 1U);
  EXPECT_EQ(delta->turns[0].id, "t2");
  EXPECT_THAT(delta->deleted_turns, ElementsAre("t1"));
  EXPECT_EQ(store().GetHead(kJob)->words, 2);
}

TEST_P(DocumentStoreTest, ANewTranscriptOfTheMachineIsTakenOnce) {
  Begin();
  documents::Replacement replacement;
  replacement.job_id = kJob;
  replacement.kind = VersionKind::kMachine;
  replacement.result_id = "r2";
  replacement.content.turns = {MakeTurn("t1", "a1", " again")};
  Version first;
  first.result_id = "r1";
  Version second;
  second.result_id = "r2";
  replacement.machine_versions = {first, second};
  EXPECT_EQ(store().Replace(replacement)->version, 2);
  EXPECT_EQ(store().Replace(replacement)->version, 2);
  EXPECT_THAT(Kinds(), ElementsAre(VersionKind::kMachine, VersionKind::kMachine));
  const auto head = store().GetHead(kJob);
  EXPECT_EQ(head->revision, 2);
  EXPECT_TRUE(head->untouched);
  EXPECT_EQ(head->result_id, "r2");
}

TEST_P(DocumentStoreTest, TheOldestVersionWithoutANameGivesWay) {
  if (GetParam() == Kind::kModel) GTEST_SKIP() << "the model forgets nothing";
  Begin();
  for (std::int64_t i = 1; i <= documents::kVersionsMax + 1; ++i) {
    ASSERT_TRUE(Apply({Put(MakeTurn("t1", "a1", " " + std::to_string(i)), i)}).ok());
    ASSERT_TRUE(store().Snapshot(kJob, i == 1 ? "named" : "", "ann").ok());
  }
  const auto versions = store().Versions(kJob);
  ASSERT_EQ(versions->size(), static_cast<std::size_t>(documents::kVersionsMax) + 1);
  EXPECT_EQ((*versions)[0].kind, VersionKind::kMachine);
  EXPECT_EQ((*versions)[1].label, "named");
  EXPECT_EQ(Text(2), " 1 two");
  EXPECT_EQ((*versions)[2].version, 4);
  EXPECT_EQ(Text(4), " 3 two");
  // The content that only the dropped version named is gone with it.
  EXPECT_EQ(Text(3), " two");
}

TEST_P(DocumentStoreTest, RefusesMoreSpeakersThanAllowed) {
  Begin();
  std::vector<Change> changes;
  for (std::size_t i = 0; i <= documents::kSpeakersMax; ++i) {
    changes.push_back(Put({.id = "s" + std::to_string(i), .name = "n"}, 0));
  }
  EXPECT_EQ(Apply(changes).status().code(), StatusCode::kResourceExhausted);
  changes.pop_back();
  EXPECT_TRUE(Apply(changes).ok());
}

TEST_P(DocumentStoreTest, GoesWithItsJob) {
  Begin();
  ASSERT_TRUE(Apply({Put(MakeTurn("t1", "a1", " uno"), 1)}).ok());
  under_test_->DeleteJob();
  EXPECT_EQ(store().GetHead(kJob).status().code(), StatusCode::kNotFound);
  EXPECT_THAT(*store().Versions(kJob), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(Stores, DocumentStoreTest,
                         ::testing::Values(Kind::kSqlite, Kind::kSqliteTinyCache, Kind::kModel),
                         KindName);

TEST(SqliteDocumentStoreTest, WatchersOfTheJobLearnOfTheLastRevision) {
  const base::ManualClock clock;
  SqliteDocuments under_test(&clock, store::DatabaseOptions());
  documents::NewDocument document;
  document.job_id = kJob;
  document.result_id = "r1";
  document.content.turns = {MakeTurn("t1", "a1", " one")};
  ASSERT_TRUE(under_test.store().Begin(document).ok());
  std::int64_t seen = 0;
  for (std::int64_t i = 1; i <= 3; ++i) {
    ChangeSet set;
    set.change_id = "c" + std::to_string(i);
    set.changes = {Put(MakeTurn("t1", "a1", " " + std::to_string(i)), i)};
    ASSERT_TRUE(under_test.store().Apply(kJob, set).ok());
    const auto events = under_test.jobs().Events(kJob, seen, 10);
    ASSERT_EQ(events->back().type, "document");
    EXPECT_EQ(events->back().data_json, "{\"revision\":" + std::to_string(i + 1) + "}");
    EXPECT_GT(events->back().seq, seen);
    seen = events->back().seq;
  }
  EXPECT_EQ(under_test.jobs().Events(kJob, 0, 10)->size(), 2U) << "one status, one document";
}

}  // namespace
}  // namespace wt::conformance

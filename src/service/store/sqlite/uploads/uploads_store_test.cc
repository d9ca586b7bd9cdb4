// Goal: the database keeps sessions exactly as the in-memory model does. Method: each case over
// both.
#include "service/store/sqlite/uploads/uploads_store.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/random.h"
#include "service/store/sqlite/testing/temporary_folder.h"
#include "service/uploads/memory_session_store.h"

namespace wt::store {
namespace {

using uploads::Part;
using uploads::Session;
using uploads::SessionChange;
using uploads::SessionKind;
using uploads::SessionState;

Session MakeSession(const std::string& id, const std::string& owner = "ann") {
  Session session;
  session.id = id;
  session.owner = owner;
  session.filename = "talk \xc3\xa9.wav";
  session.bytes = 2'500;
  session.sha256 = std::string(64, 'a');
  session.chunk_bytes = 1'000;
  session.model = "base";
  session.language = "fr";
  session.options_json = "{\"x\":1}";
  session.media_id = "m-" + id;
  session.created_at = session.updated_at = 100;
  session.expires_at = 1'000;
  return session;
}

Part MakePart(const std::string& id, std::int64_t offset, std::int64_t bytes,
              const std::string& key) {
  return {.session_id = id,
          .offset = offset,
          .bytes = bytes,
          .sha256 = std::string(64, 'b'),
          .blob_key = key};
}

SessionChange To(const std::string& id, SessionState to, std::vector<SessionState> from) {
  SessionChange change;
  change.id = id;
  change.from = std::move(from);
  change.to = to;
  change.now = 500;
  if (to == SessionState::kCompleted) change.job_id = "j1";
  if (to == SessionState::kFailed) change.error_code = "X";
  return change;
}

class SessionStoreTest : public ::testing::TestWithParam<bool> {
 protected:
  SessionStoreTest() : database_(OpenMigrated(testing::OptionsFor(folder_))) {
    if (GetParam()) {
      store_ = std::make_unique<SqliteUploadStore>(database_.get());
    } else {
      store_ = std::make_unique<uploads::MemorySessionStore>();
    }
  }
  static std::unique_ptr<Database> OpenMigrated(DatabaseOptions options) {
    return testing::OpenMigrated(std::move(options));
  }

  testing::TemporaryFolder folder_;
  std::unique_ptr<Database> database_;
  std::unique_ptr<uploads::SessionStore> store_;
};

TEST_P(SessionStoreTest, EveryFieldIsKept) {
  Session session = MakeSession("s1");
  ASSERT_TRUE(store_->Create(session, 10).ok());
  const auto change = To("s1", SessionState::kAssembling, {SessionState::kActive});
  ASSERT_TRUE(store_->Change(change).ok());
  SessionChange done = To("s1", SessionState::kCompleted, {SessionState::kAssembling});
  done.content_sha256 = "cc";
  ASSERT_TRUE(store_->Change(done).ok());
  const auto kept = store_->Get("s1", "ann");
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->filename, session.filename);
  EXPECT_EQ(kept->bytes, 2'500);
  EXPECT_EQ(kept->sha256, session.sha256);
  EXPECT_EQ(kept->chunk_bytes, 1'000);
  EXPECT_EQ(kept->model + kept->language + kept->options_json, "basefr{\"x\":1}");
  EXPECT_EQ(kept->media_id, "m-s1");
  EXPECT_EQ(kept->created_at, 100);
  EXPECT_EQ(kept->updated_at, 500);
  EXPECT_EQ(kept->expires_at, 1'000);
  EXPECT_EQ(kept->job_id + kept->content_sha256, "j1cc");
  EXPECT_EQ(kept->state, SessionState::kCompleted);
}

TEST_P(SessionStoreTest, AnotherOwnerFindsNothing) {
  ASSERT_TRUE(store_->Create(MakeSession("s1"), 10).ok());
  EXPECT_EQ(store_->Get("s1", "bob").status().code(), StatusCode::kNotFound);
  EXPECT_TRUE(store_->List("bob", false, 10)->empty());
  SessionChange change = To("s1", SessionState::kCancelled, {SessionState::kActive});
  change.owner = "bob";
  EXPECT_EQ(store_->Change(change).status().code(), StatusCode::kNotFound);
  EXPECT_EQ(store_->Get("s1", "")->state, SessionState::kActive);
}

TEST_P(SessionStoreTest, TheFirstPartStays) {
  ASSERT_TRUE(store_->Create(MakeSession("s1"), 10).ok());
  const auto first = store_->AddPart(MakePart("s1", 1'000, 1'000, "k1"), 200);
  ASSERT_TRUE(first.ok());
  const auto second = store_->AddPart(MakePart("s1", 1'000, 1'000, "k2"), 300);
  ASSERT_TRUE(second.ok());
  EXPECT_EQ(second->stored.blob_key, "k1");
  EXPECT_EQ(second->parts, 1);
  EXPECT_EQ(second->bytes, 1'000);
  EXPECT_EQ(store_->Get("s1", "")->updated_at, 200);
  EXPECT_TRUE(*store_->IsReferenced("k1"));
  EXPECT_FALSE(*store_->IsReferenced("k2"));
  ASSERT_TRUE(store_->AddPart(MakePart("s1", 0, 1'000, "k0"), 300).ok());
  const auto parts = store_->Parts("s1");
  ASSERT_EQ(parts->size(), 2U);
  EXPECT_EQ((*parts)[0].blob_key + (*parts)[1].blob_key, "k0k1");
}

TEST_P(SessionStoreTest, TusPartsFollowEachOther) {
  Session session = MakeSession("s1");
  session.kind = SessionKind::kTus;
  session.chunk_bytes = 0;
  ASSERT_TRUE(store_->Create(session, 10).ok());
  EXPECT_EQ(store_->AddPart(MakePart("s1", 5, 5, "k"), 1).status().code(), StatusCode::kAborted);
  EXPECT_TRUE(store_->AddPart(MakePart("s1", 0, 5, "k"), 1).ok());
  EXPECT_EQ(store_->AddPart(MakePart("s1", 0, 5, "k2"), 1).status().code(), StatusCode::kAborted);
  EXPECT_TRUE(store_->AddPart(MakePart("s1", 5, 5, "k3"), 1).ok());
}

TEST_P(SessionStoreTest, EndedSessionsTakeNoPartsAndStayEnded) {
  ASSERT_TRUE(store_->Create(MakeSession("s1"), 10).ok());
  ASSERT_TRUE(store_->AddPart(MakePart("s1", 0, 1'000, "k"), 1).ok());
  EXPECT_EQ(store_->ForgetParts("s1").code(), StatusCode::kFailedPrecondition);
  ASSERT_TRUE(store_->Change(To("s1", SessionState::kCancelled, {SessionState::kActive})).ok());
  EXPECT_EQ(store_->AddPart(MakePart("s1", 1'000, 9, "k2"), 1).status().code(),
            StatusCode::kFailedPrecondition);
  EXPECT_EQ(store_->DropPart("s1", 0).code(), StatusCode::kFailedPrecondition);
  EXPECT_EQ(
      store_->Change(To("s1", SessionState::kActive, {SessionState::kActive})).status().code(),
      StatusCode::kFailedPrecondition);
  EXPECT_EQ(store_->Change(To("no", SessionState::kActive, {})).status().code(),
            StatusCode::kNotFound);
  EXPECT_EQ(store_->WithGarbage(10)->size(), 1U);
  EXPECT_EQ(*store_->Purge(10'000, 10), 0) << "parts are left";
  EXPECT_TRUE(store_->ForgetParts("s1").ok());
  EXPECT_TRUE(store_->WithGarbage(10)->empty());
  EXPECT_EQ(*store_->Purge(500, 10), 0) << "not before the time";
  EXPECT_EQ(*store_->Purge(501, 10), 1);
  EXPECT_EQ(store_->Get("s1", "").status().code(), StatusCode::kNotFound);
}

TEST_P(SessionStoreTest, OpenSessionsAreCountedAndLimited) {
  ASSERT_TRUE(store_->Create(MakeSession("s1"), 2).ok());
  ASSERT_TRUE(store_->Create(MakeSession("s2"), 2).ok());
  EXPECT_EQ(store_->Create(MakeSession("s3"), 2).code(), StatusCode::kResourceExhausted);
  EXPECT_TRUE(store_->Create(MakeSession("s4", "bob"), 2).ok());
  EXPECT_EQ(*store_->ReservedBytes("ann"), 5'000);
  ASSERT_TRUE(store_->Change(To("s1", SessionState::kExpired, {SessionState::kActive})).ok());
  EXPECT_EQ(*store_->ReservedBytes("ann"), 2'500);
  EXPECT_TRUE(store_->Create(MakeSession("s3"), 2).ok());
  EXPECT_EQ(store_->List("ann", true, 10)->size(), 2U);
  EXPECT_EQ(store_->List("ann", false, 10)->size(), 3U);
  EXPECT_EQ(store_->List("ann", false, 2)->front().id, "s3") << "newest first";
  const auto counts = store_->Counts();
  EXPECT_EQ(counts->sessions[static_cast<int>(SessionState::kActive)], 3);
  EXPECT_EQ(counts->sessions[static_cast<int>(SessionState::kExpired)], 1);
}

TEST_P(SessionStoreTest, DueAreOverdueOrForgottenInAssembly) {
  ASSERT_TRUE(store_->Create(MakeSession("s1"), 9).ok());
  ASSERT_TRUE(store_->Create(MakeSession("s2"), 9).ok());
  ASSERT_TRUE(store_->Change(To("s2", SessionState::kAssembling, {SessionState::kActive})).ok());
  EXPECT_TRUE(store_->Due(999, 999, 10)->empty());
  EXPECT_EQ(store_->Due(1'000, 499, 10)->size(), 1U);
  EXPECT_EQ(store_->Due(1'000, 500, 10)->size(), 2U);
  EXPECT_EQ(store_->Due(1'000, 500, 1)->size(), 1U);
}

INSTANTIATE_TEST_SUITE_P(Stores, SessionStoreTest, ::testing::Bool(), [](const auto& param) {
  return param.param ? std::string("sqlite") : std::string("memory");
});

}  // namespace
}  // namespace wt::store

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "service/audit/audit_log.h"
#include "service/audit/chain.h"
#include "service/audit/line_sink.h"

namespace wt::audit {
namespace {

/// A chain in memory, without guards.
class ListStore : public AuditStore {
 public:
  Result<Entry> Append(const Event& event, base::UnixMillis time) override {
    if (failing) return Status(StatusCode::kUnavailable, "The database does not answer.");
    const std::string previous = entries.empty() ? kFirstHash : entries.back().hash;
    entries.push_back(
        Seal(event, static_cast<std::int64_t>(entries.size()) + 1, time, "salt", previous));
    return entries.back();
  }
  Result<Page> List(const Filter&) override { return Page{entries, 0}; }
  Result<std::vector<Entry>> Read(std::int64_t after_seq, int limit) override {
    std::vector<Entry> out;
    for (const Entry& entry : entries) {
      if (entry.seq > after_seq && static_cast<int>(out.size()) < limit) out.push_back(entry);
    }
    return out;
  }
  Result<Head> GetHead() override {
    if (entries.empty()) return Head{};
    return Head{entries.back().seq, entries.back().hash, 0, ""};
  }
  Result<std::int64_t> Prune(base::UnixMillis, int) override { return 0; }
  Result<std::int64_t> ErasePersonal(const std::string&) override { return 0; }

  std::vector<Entry> entries;
  bool failing = false;
};

Event MakeEvent(EventType type) {
  Event event;
  event.type = type;
  event.severity = UsualSeverity(type);
  event.action = "POST /jobs";
  event.address = "192.0.2.1";
  return event;
}

TEST(AuditEventTest, NamesGoBothWays) {
  for (int i = 0; i < kEventTypes; ++i) {
    const auto type = static_cast<EventType>(i);
    EXPECT_FALSE(EventTypeName(type).empty());
    EXPECT_EQ(ParseEventType(EventTypeName(type)), type);
  }
  for (const char* slug :
       {"auth_success", "auth_failure", "auth_logout", "password_change", "rate_limit_violation",
        "suspicious_input", "suspicious_header", "file_upload", "file_download", "api_access",
        "admin_action", "data_export", "system_access", "security_violation"}) {
    EXPECT_TRUE(ParseEventType(slug)) << slug;
  }
  for (const char* word : {"low", "medium", "high", "critical"}) {
    EXPECT_EQ(SeverityName(ParseSeverity(word).value()), word);
  }
  EXPECT_FALSE(ParseEventType("other"));
}

TEST(AuditChainTest, OneEventStaysOneLine) {
  Event event = MakeEvent(EventType::kAuthFailure);
  event.username = "a\r\nb\x1b[31m\x7f\u202e\u2028c\xff";
  event.detail = "line\nline";
  const Entry entry = Seal(event, 1, 0, "salt", kFirstHash);
  EXPECT_EQ(entry.event.username, "a\\u000d\\u000ab\\u001b[31m\\u007f\\u202e\\u2028c\xef\xbf\xbd");
  const std::string line = FileLine(entry);
  EXPECT_EQ(line.find('\n'), line.size() - 1);
  EXPECT_EQ(Fault(entry, 1, kFirstHash), "");
}

TEST(AuditChainTest, TextsAreBounded) {
  Event event = MakeEvent(EventType::kApiAccess);
  event.agent = std::string(10'000, 'a');
  event.detail = std::string(10'000, '\n');
  event.username = std::string(kTextBytesMax - 1, 'a') + "\xc3\xa4";
  const Event clean = Sanitised(event);
  EXPECT_EQ(clean.agent.size(), kTextBytesMax);
  EXPECT_LE(clean.detail.size(), kDetailBytesMax);
  EXPECT_LE(clean.username.size(), kTextBytesMax);
  // What was cleaned once stays as it is.
  EXPECT_EQ(Sanitised(clean).detail, clean.detail);
}

TEST(AuditChainTest, TheHashIsThatOfTheDocumentedText) {
  Event event = MakeEvent(EventType::kFileUpload);
  event.user_id = "u";
  const Entry entry = Seal(event, 7, 1'700'000'000'000, "salt", kFirstHash);
  EXPECT_EQ(CanonicalJson(entry),
            R"({"action":"POST /jobs","detail":"","outcome":"success","personal_sha256":")" +
                entry.personal_hash + R"(","previous":")" + kFirstHash +
                R"(","request_id":"","resource":"","seq":7,"severity":"low",)"
                R"("time":"2023-11-14T22:13:20.000Z","type":"file_upload","user_id":"u"})");
}

TEST(AuditChainTest, EveryFieldIsUnderTheHash) {
  const Entry good = Seal(MakeEvent(EventType::kAdminAction), 1, 5, "salt", kFirstHash);
  ASSERT_EQ(Fault(good, 1, kFirstHash), "");
  std::vector<Entry> bad(13, good);
  bad[0].seq = 2;
  bad[1].time = 6;
  bad[2].event.type = EventType::kBackup;
  bad[3].event.severity = Severity::kCritical;
  bad[4].event.outcome = Outcome::kDenied;
  bad[5].event.action = "x";
  bad[6].event.resource = "x";
  bad[7].event.request_id = "x";
  bad[8].event.user_id = "x";
  bad[9].event.detail = "x";
  bad[10].event.address = "x";
  bad[11].personal_salt = "x";
  bad[12].previous_hash = "x";
  for (std::size_t i = 0; i < bad.size(); ++i) EXPECT_NE(Fault(bad[i], 1, kFirstHash), "") << i;
  Entry erased = good;
  erased.event.address = "";
  erased.personal_salt = "";
  EXPECT_EQ(Fault(erased, 1, kFirstHash), "");
  erased.event.address = "198.51.100.1";
  EXPECT_NE(Fault(erased, 1, kFirstHash), "");
}

class AuditLogTest : public ::testing::Test {
 protected:
  base::ManualClock clock_;
  ListStore store_;
  AuditLog log_{&store_, nullptr, &clock_};
};

TEST_F(AuditLogTest, AFloodOfRefusalsIsJoined) {
  const Event event = MakeEvent(EventType::kRateLimitViolation);
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(log_.Record(event).ok());
  EXPECT_EQ(store_.entries.size(), 1u);
  EXPECT_EQ(log_.joined(), 999);
  clock_.Advance(10'000);
  ASSERT_TRUE(log_.Record(event).ok());
  ASSERT_EQ(store_.entries.size(), 2u);
  EXPECT_EQ(store_.entries[1].event.detail, "999 more like the one before");
  Event other = event;
  other.address = "192.0.2.2";
  ASSERT_TRUE(log_.Record(other).ok());
  EXPECT_EQ(store_.entries.size(), 3u);
}

TEST_F(AuditLogTest, WhatPeopleDidIsNeverJoined) {
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(log_.Record(MakeEvent(EventType::kFileDownload)).ok());
  }
  EXPECT_EQ(store_.entries.size(), 10u);
}

TEST_F(AuditLogTest, VerifyReadsMoreThanOneBatch) {
  for (int i = 0; i < 1'201; ++i) {
    ASSERT_TRUE(log_.Record(MakeEvent(EventType::kFileDownload)).ok());
  }
  EXPECT_EQ(log_.Verify()->entries, 1'201);
  EXPECT_TRUE(log_.Verify()->intact);
  store_.entries[1'100].event.action = "x";
  EXPECT_EQ(log_.Verify()->broken_seq, 1'101);
}

TEST_F(AuditLogTest, FailuresAreReportedAndCounted) {
  store_.failing = true;
  EXPECT_EQ(log_.Record(MakeEvent(EventType::kFileDownload)).code(), StatusCode::kUnavailable);
  EXPECT_EQ(log_.failures(), 1);
}

TEST(FileLineSinkTest, AppendsWholeLinesForTheOwnerOnly) {
  std::string folder = std::filesystem::temp_directory_path() / "wt-audit-XXXXXX";
  ASSERT_NE(::mkdtemp(folder.data()), nullptr);
  const std::string path = folder + "/audit.jsonl";
  base::ManualClock clock;
  ListStore store;
  for (int i = 0; i < 2; ++i) {
    const auto sink = FileLineSink::Open(path);
    ASSERT_TRUE(sink.ok());
    AuditLog log(&store, sink->get(), &clock);
    ASSERT_TRUE(log.Record(MakeEvent(EventType::kAdminAction)).ok());
  }
  const std::string text = platform::ReadWholeFile(path, 1 << 20).value();
  EXPECT_EQ(text, FileLine(store.entries[0]) + FileLine(store.entries[1]));
  struct stat info{};
  ASSERT_EQ(::stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  std::filesystem::remove_all(folder);
  EXPECT_FALSE(FileLineSink::Open(path).ok());
}

}  // namespace
}  // namespace wt::audit

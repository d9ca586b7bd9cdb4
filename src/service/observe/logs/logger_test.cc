#include "service/observe/logs/logger.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include <nlohmann/json.hpp>

#include "platform/process.h"
#include "service/observe/logs/line_writer.h"
#include "service/observe/logs/redactor.h"
#include "service/observe/logs/trace_context.h"

namespace wt::observe {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using Json = nlohmann::json;

constexpr int kPatienceMs = 20'000;

class LoggerTest : public ::testing::Test {
 protected:
  LoggerTest() {
    std::string path = std::filesystem::path(::testing::TempDir()) / "observe.XXXXXX";
    directory_ = ::mkdtemp(path.data());
    options_.descriptor = -1;
    options_.directory = directory_;
  }
  ~LoggerTest() override {
    std::error_code error;
    std::filesystem::remove_all(directory_, error);
  }

  std::unique_ptr<Logger> Open() {
    Result<std::unique_ptr<Logger>> logger = Logger::Create(options_, &clock_);
    return logger.ok() ? std::move(*logger) : nullptr;
  }

  std::vector<std::string> Lines(const std::string& name) const {
    std::ifstream file(directory_ + "/" + name);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

  std::string directory_;
  base::ManualClock clock_;
  LoggerOptions options_;
};

TEST_F(LoggerTest, RecordsHaveTheFieldsOfTheSchema) {
  auto logger = Open();
  const ScopedLogContext request(
      {.request_id = "r-1", .job_id = "", .user_id = "u-1", .trace_id = "t", .span_id = "s"});
  const ScopedLogContext job(
      {.request_id = "", .job_id = "j-1", .user_id = "", .trace_id = "", .span_id = ""});
  logger->Log(base::LogLevel::kWarning, "jobs", "slow",
              {{"audio_s", 12.5}, {"count", std::int64_t{3}}, {"late", true}, {"late", false}});
  ASSERT_TRUE(logger->Flush(kPatienceMs));
  const Json record = Json::parse(Lines("service.log").at(0));
  EXPECT_EQ(record["timestamp"], "2023-11-14T22:13:20.000Z");
  EXPECT_EQ(record["level"], "WARNING");
  EXPECT_EQ(record["logger"], "jobs");
  EXPECT_EQ(record["message"], "slow");
  EXPECT_EQ(record["request_id"], "r-1");
  EXPECT_EQ(record["job_id"], "j-1");
  EXPECT_EQ(record["user_id"], "u-1");
  EXPECT_EQ(record["trace_id"], "t");
  EXPECT_EQ(record["span_id"], "s");
  EXPECT_TRUE(record["latency_ms"].is_null());
  EXPECT_EQ(record["module"], "logger_test.cc");
  EXPECT_THAT(record["function"].get<std::string>(), HasSubstr("TestBody"));
  EXPECT_GT(record["line"], 0);
  EXPECT_EQ(record["process_id"], ::getpid());
  EXPECT_GT(record["thread_id"], 0);
  EXPECT_EQ(record["extra"]["audio_s"], 12.5);
  EXPECT_EQ(record["extra"]["late"], true);
}

TEST_F(LoggerTest, ContextEndsWithItsScope) {
  {
    const ScopedLogContext scope(
        {.request_id = "a", .job_id = "", .user_id = "", .trace_id = "", .span_id = ""});
    EXPECT_EQ(ScopedLogContext::Current().request_id, "a");
    std::thread([] { EXPECT_THAT(ScopedLogContext::Current().request_id, IsEmpty()); }).join();
  }
  EXPECT_THAT(ScopedLogContext::Current().request_id, IsEmpty());
}

TEST_F(LoggerTest, HostileTextStaysOneParsableLine) {
  auto logger = Open();
  const std::vector<std::string> hostile = {"a\nb\r\n{\"level\":\"ERROR\"}",
                                            "\"quotes\" and \\ backslashes \\u0000",
                                            std::string("zero\0byte", 9),
                                            "\x1b[31mred\x1b[0m",
                                            "right\u202eto left\u2066",
                                            "line\u2028separator\u2029",
                                            "bad \xff\xfe\xc0\x80 utf-8 \xe2\x82",
                                            "\u009b31m",
                                            "\x7f",
                                            std::string(200'000, '"')};
  for (const std::string& text : hostile) {
    logger->Log(base::LogLevel::kInfo, text, text, {{text, text}});
    logger->Access({.client_ip = text,
                    .method = text,
                    .route = text,
                    .path = text,
                    .query = text,
                    .status_code = 200,
                    .response_time_ms = 1,
                    .agent = text,
                    .length = 1,
                    .context = {}});
  }
  ASSERT_TRUE(logger->Flush(kPatienceMs));
  for (const char* name : {"service.log", "access.log"}) {
    const std::vector<std::string> lines = Lines(name);
    ASSERT_EQ(lines.size(), hostile.size());
    for (const std::string& line : lines) {
      EXPECT_TRUE(Json::accept(line)) << line.substr(0, 200);
      EXPECT_THAT(line, Not(HasSubstr("\x1b")));
      EXPECT_THAT(line, Not(HasSubstr("\u202e")));
      EXPECT_THAT(line, Not(HasSubstr("\u2028")));
      EXPECT_LT(line.size(), 1u << 20);
    }
  }
  EXPECT_EQ(Json::parse(Lines("service.log")[0])["message"], hostile[0]);
  EXPECT_EQ(Json::parse(Lines("service.log")[2])["message"], hostile[2]);
}

TEST_F(LoggerTest, PlainLinesStayOneLineToo) {
  options_.format = LogFormat::kPlain;
  auto logger = Open();
  logger->Log(base::LogLevel::kInfo, "http", "two\nlines \x1b[1m", {{"k", std::string("v\n")}});
  ASSERT_TRUE(logger->Flush(kPatienceMs));
  EXPECT_THAT(Lines("service.log"),
              ElementsAre("2023-11-14T22:13:20.000Z INFO    http: two\\nlines \\u001b[1m "
                          "k=\"v\\n\""));
}

TEST_F(LoggerTest, SecretsNeverAppear) {
  options_.secrets = {"canary-one", "canary-one-longer", "tiny"};
  auto logger = Open();
  const std::string query = "token=canary-two&q=canary-three&canary-four";
  logger->Write(base::LogLevel::kInfo, "key canary-one-longer and canary-one; tiny stays");
  logger->Log(
      base::LogLevel::kInfo, "x", "Authorization: Bearer canary-two",
      {{"url", std::string("redis://user:canary-three@host/0")},
       {"body", std::string("{\"password\": \"canary-four\", \"api_key\":\"canary-five\"}")}});
  logger->LogStatus(base::LogLevel::kError, "db",
                    Status(StatusCode::kUnavailable, "no connection",
                           InternalDetail("password=canary-six host=db")));
  logger->Access({.client_ip = "1.2.3.4",
                  .method = "GET",
                  .route = "/ws",
                  .path = "/ws",
                  .query = query,
                  .status_code = 101,
                  .response_time_ms = 2,
                  .agent = "a",
                  .length = 0,
                  .context = {}});
  ASSERT_TRUE(logger->Flush(kPatienceMs));
  std::string all;
  for (const char* name : {"service.log", "access.log"}) {
    for (const std::string& line : Lines(name)) all += line + "\n";
  }
  EXPECT_THAT(all, Not(HasSubstr("canary-")));
  EXPECT_THAT(all, HasSubstr("tiny stays"));
  EXPECT_THAT(all, HasSubstr("token=[redacted]&q=[redacted]"));
  EXPECT_THAT(all, HasSubstr("host=db"));
  EXPECT_THAT(all, HasSubstr("redis://user:[redacted]@host/0"));
}

TEST_F(LoggerTest, AccessRecordsGoToTheirOwnFile) {
  auto logger = Open();
  logger->Access(
      {.client_ip = "10.0.0.9",
       .method = "POST",
       .route = "/jobs/{job_id}",
       .path = "/jobs/7",
       .query = "",
       .status_code = 404,
       .response_time_ms = 3.5,
       .agent = "curl",
       .length = 120,
       .context = {.request_id = "r", .job_id = "", .user_id = "", .trace_id = "", .span_id = ""}});
  ASSERT_TRUE(logger->Flush(kPatienceMs));
  EXPECT_THAT(Lines("service.log"), IsEmpty());
  const Json record = Json::parse(Lines("access.log").at(0));
  EXPECT_EQ(record["latency_ms"], 3.5);
  EXPECT_EQ(record["request_id"], "r");
  for (const char* field : {"client_ip", "method", "route", "path", "status_code",
                            "response_time_ms", "agent", "length"}) {
    EXPECT_TRUE(record["extra"].contains(field)) << field;
  }
}

TEST_F(LoggerTest, TheTailHoldsTheNewestLinesWithoutSecrets) {
  options_.secrets = {"canary-of-a-secret"};
  options_.format = LogFormat::kPlain;
  auto logger = Open();
  EXPECT_EQ(logger->tail().newest(), 0);
  for (int i = 1; i <= 3; ++i) {
    logger->Write(base::LogLevel::kInfo, "line " + std::to_string(i) + " canary-of-a-secret");
  }
  const std::vector<LogTail::Line> lines = logger->tail().After(1, 10);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].seq, 2);
  // JSON whatever the outputs have.
  const Json record = Json::parse(lines[0].json);
  EXPECT_EQ(record["message"].get<std::string>().substr(0, 6), "line 2");
  EXPECT_EQ(lines[0].json.find("canary"), std::string::npos);
  EXPECT_EQ(logger->tail().After(0, 1).size(), 1u);
  EXPECT_TRUE(logger->tail().After(3, 10).empty());
}

TEST(LogTailTest, OldLinesMakeRoom) {
  LogTail tail;
  for (std::size_t i = 0; i < LogTail::kLinesMax + 5; ++i) tail.Add("{}");
  std::vector<LogTail::Line> lines = tail.After(0, 10'000);
  EXPECT_EQ(lines.size(), LogTail::kLinesMax);
  EXPECT_EQ(lines.front().seq, 6);
  tail.Add(std::string(LogTail::kBytesMax, 'x'));
  EXPECT_EQ(tail.After(0, 10'000).size(), 1u) << "by bytes too";
}

TEST_F(LoggerTest, LessImportantOnesAreLeftOut) {
  options_.level = base::LogLevel::kWarning;
  auto logger = Open();
  logger->Write(base::LogLevel::kInfo, "no");
  logger->Write(base::LogLevel::kError, "yes");
  EXPECT_EQ(logger->errors(), 1);
  ASSERT_TRUE(logger->Flush(kPatienceMs));
  EXPECT_EQ(Lines("service.log").size(), 1u);
}

TEST_F(LoggerTest, FilesAreRotatedAndTheOldestGo) {
  options_.file_bytes_max = 4'096;
  options_.files_kept = 2;
  auto logger = Open();
  for (int i = 0; i < 100; ++i) logger->Write(base::LogLevel::kInfo, std::string(200, 'x'));
  ASSERT_TRUE(logger->Flush(kPatienceMs));
  for (const char* name : {"service.log", "service.log.1", "service.log.2"}) {
    const auto size = std::filesystem::file_size(directory_ + "/" + name);
    EXPECT_GT(size, 0u);
    EXPECT_LE(size, 4'096u);
    for (const std::string& line : Lines(name)) EXPECT_TRUE(Json::accept(line));
  }
  EXPECT_FALSE(std::filesystem::exists(directory_ + "/service.log.3"));
}

TEST_F(LoggerTest, ReopenFollowsAnExternalRotation) {
  auto logger = Open();
  logger->Write(base::LogLevel::kInfo, "first");
  ASSERT_TRUE(logger->Flush(kPatienceMs));
  std::filesystem::rename(directory_ + "/service.log", directory_ + "/moved");
  logger->Reopen();
  logger->Write(base::LogLevel::kInfo, "second");
  ASSERT_TRUE(logger->Flush(kPatienceMs));
  EXPECT_EQ(Lines("moved").size(), 1u);
  EXPECT_EQ(Lines("service.log").size(), 1u);
}

TEST_F(LoggerTest, DirectoryThatCannotBeWrittenIsAnError) {
  options_.directory = "/proc/none";
  EXPECT_FALSE(Logger::Create(options_, &clock_).ok());
}

// Goal: a reader that stands still costs lines, not the service. Method: a full pipe.
TEST_F(LoggerTest, BlockedOutputDropsAndCounts) {
  Result<platform::Pipe> pipe = platform::MakePipe();
  ASSERT_TRUE(pipe.ok());
  options_.descriptor = pipe->write_end.get();
  options_.directory.clear();
  auto logger = Open();
  const std::string text(8'000, 'x');
  // More than the pipe (64 KiB) and the queue (16 MiB) can take.
  for (int i = 0; i < 3'000; ++i) logger->Write(base::LogLevel::kInfo, text);
  EXPECT_GT(logger->dropped(), 0);
  logger.reset();  // Ends although nobody reads.
}

TEST(RedactorTest, OrdinaryTextIsLeftAlone) {
  const Redactor redactor;
  for (const char* text : {"the token was fine", "https://host/path?x=1", "secretary: Anne",
                           "12 tokens per second", "a basic idea", "mail me@host"}) {
    EXPECT_EQ(redactor.Apply(text), text);
  }
}

TEST(TraceContextTest, ParsesAndFormats) {
  const std::string header = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const auto context = ParseTraceparent(header);
  ASSERT_TRUE(context);
  EXPECT_TRUE(context->sampled);
  EXPECT_EQ(FormatTraceparent(*context), header);
  const std::string later = "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00-more";
  EXPECT_FALSE(ParseTraceparent(later)->sampled);
  for (const char* wrong : {"", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
                            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
                            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01",
                            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
                            "00-4bf92f3577b34da6a3ce929d0e0e4736_00f067aa0ba902b7-01",
                            "01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x"}) {
    EXPECT_FALSE(ParseTraceparent(wrong)) << wrong;
  }
}

TEST(TraceContextTest, ChildrenKeepTheTrace) {
  std::array<std::byte, 24> random{};
  const TraceContext root = ChildTrace(std::nullopt, random);
  EXPECT_TRUE(ParseTraceparent(FormatTraceparent(root))) << "zeros are avoided";
  random.fill(std::byte{0xab});
  const TraceContext child = ChildTrace(root, random);
  EXPECT_EQ(child.trace_id, root.trace_id);
  EXPECT_EQ(child.span_id, "abababababababab");
}

}  // namespace
}  // namespace wt::observe

#include "models/net/download.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>
#include <vector>

#include "models/net/fake_http_server.h"
#include "platform/sha256.h"

namespace wt::net {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

class DownloadTest : public testing::Test {
 protected:
  DownloadTest() : directory_(fs::temp_directory_path() / ("wt_download_" + UniqueName())) {
    fs::create_directories(directory_);
    for (int i = 0; i < 100'000; ++i)
      file_ += static_cast<char>('a' + (i & 0xff) * (i & 0xff) % 23);
  }
  ~DownloadTest() override { fs::remove_all(directory_); }

  static std::string UniqueName() {
    return std::to_string(::getpid()) + "_" +
           testing::UnitTest::GetInstance()->current_test_info()->name();
  }
  static std::string Sha(std::string_view text) {
    return platform::Sha256Hex(std::as_bytes(std::span(text)));
  }
  std::string Path(const std::string& name = "file") const { return directory_ / name; }
  static std::string Read(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  }
  void Write(const std::string& path, std::string_view text) const {
    std::ofstream(path, std::ios::binary) << text;
  }
  DownloadRequest Request(const FakeHttpServer& server) const {
    return {.url = server.Url("/file"),
            .path = Path(),
            .sha256 = Sha(file_),
            .bytes = static_cast<std::int64_t>(file_.size()),
            .bytes_max = 1'000'000};
  }

  fs::path directory_;
  std::string file_;
  DownloadOptions options_;
};

TEST_F(DownloadTest, WholeFileArrivesAndLeavesNoPart) {
  FakeHttpServer server([&](const FakeRequest& r) { return RangedAnswer(r, file_, "\"1\""); });
  std::vector<std::int64_t> progress;
  options_.progress = [&](std::int64_t done, std::int64_t) { progress.push_back(done); };
  ASSERT_TRUE(Download(Request(server), options_).ok());
  EXPECT_EQ(Read(Path()), file_);
  EXPECT_FALSE(fs::exists(Path() + ".part"));
  EXPECT_FALSE(fs::exists(Path() + ".part.etag"));
  EXPECT_EQ(progress.back(), static_cast<std::int64_t>(file_.size()));
}

TEST_F(DownloadTest, NothingIsAskedForWhenTheFileIsThere) {
  FakeHttpServer server([](const FakeRequest&) { return HttpAnswer("500 No", ""); });
  Write(Path(), file_);
  EXPECT_TRUE(Download(Request(server), options_).ok());
  EXPECT_TRUE(server.requests().empty());
}

TEST_F(DownloadTest, DroppedConnectionGoesOnWhereItStopped) {
  std::atomic<int> calls = 0;
  FakeHttpServer server([&](const FakeRequest& r) {
    const std::string whole = RangedAnswer(r, file_, "\"1\"");
    return ++calls < 4 ? whole.substr(0, 30'000) : whole;
  });
  ASSERT_TRUE(Download(Request(server), options_).ok());
  EXPECT_EQ(Read(Path()), file_);
  const std::vector<FakeRequest> requests = server.requests();
  ASSERT_EQ(requests.size(), 4u);
  EXPECT_GT(requests[1].RangeStart(), 20'000u);
  EXPECT_GT(requests[2].RangeStart(), requests[1].RangeStart());
  EXPECT_EQ(requests[1].Header("if-range"), "\"1\"");
}

TEST_F(DownloadTest, PartOfAnEarlierRunIsContinued) {
  FakeHttpServer server([&](const FakeRequest& r) { return RangedAnswer(r, file_, ""); });
  Write(Path() + ".part", file_.substr(0, 60'000));
  ASSERT_TRUE(Download(Request(server), options_).ok());
  EXPECT_EQ(Read(Path()), file_);
  ASSERT_EQ(server.requests().size(), 1u);
  EXPECT_EQ(server.requests()[0].RangeStart(), 60'000u);
}

TEST_F(DownloadTest, ServerWithoutRangesStartsOver) {
  FakeHttpServer server([&](const FakeRequest&) { return HttpAnswer("200 OK", file_); });
  Write(Path() + ".part", "not the beginning");
  ASSERT_TRUE(Download(Request(server), options_).ok());
  EXPECT_EQ(Read(Path()), file_);
}

TEST_F(DownloadTest, FileThatChangedOnTheServerStartsOver) {
  FakeHttpServer server([&](const FakeRequest& r) { return RangedAnswer(r, file_, "\"new\""); });
  Write(Path() + ".part", "bytes of the old file");
  Write(Path() + ".part.etag", "\"old\"");
  ASSERT_TRUE(Download(Request(server), options_).ok());
  EXPECT_EQ(Read(Path()), file_);
}

TEST_F(DownloadTest, WrongPartIsThrownAwayAndTheWholeFetched) {
  FakeHttpServer server([&](const FakeRequest& r) { return RangedAnswer(r, file_, ""); });
  Write(Path() + ".part", std::string(50'000, 'x'));
  ASSERT_TRUE(Download(Request(server), options_).ok());
  EXPECT_EQ(Read(Path()), file_);
  EXPECT_EQ(server.requests().size(), 2u);
}

TEST_F(DownloadTest, UnsatisfiableRangeStartsOver) {
  FakeHttpServer server([&](const FakeRequest& r) { return RangedAnswer(r, file_, ""); });
  DownloadRequest request = Request(server);
  request.bytes = -1;  // Size unknown: only the server can tell that the part is too long.
  Write(Path() + ".part", file_ + "and more");
  ASSERT_TRUE(Download(request, options_).ok());
  EXPECT_EQ(Read(Path()), file_);
}

TEST_F(DownloadTest, RangeThatIsNotTheOneAskedForIsNotUsed) {
  FakeHttpServer server([&](const FakeRequest& r) {
    if (r.RangeStart() == 0) return HttpAnswer("200 OK", file_);
    return HttpAnswer("206 Partial Content", file_, "Content-Range: bytes 0-99999/100000\r\n");
  });
  Write(Path() + ".part", file_.substr(0, 10));
  ASSERT_TRUE(Download(Request(server), options_).ok());
  EXPECT_EQ(Read(Path()), file_);
}

TEST_F(DownloadTest, WrongChecksumIsNotInstalled) {
  std::string other = file_;
  other[5'000] ^= 1;
  FakeHttpServer server([&](const FakeRequest& r) { return RangedAnswer(r, other, ""); });
  const Status status = Download(Request(server), options_);
  EXPECT_EQ(status.code(), StatusCode::kDataCorrupt);
  EXPECT_THAT(status.message(), HasSubstr(Sha(file_)));
  EXPECT_FALSE(fs::exists(Path()));
  EXPECT_FALSE(fs::exists(Path() + ".part"));
}

TEST_F(DownloadTest, LongerFileIsRefusedByItsStatedLength) {
  FakeHttpServer server([&](const FakeRequest&) { return HttpAnswer("200 OK", file_ + "x"); });
  EXPECT_EQ(Download(Request(server), options_).code(), StatusCode::kDataCorrupt);
  EXPECT_FALSE(fs::exists(Path()));
}

TEST_F(DownloadTest, EndlessAnswerStopsAtTheLimit) {
  const std::string endless(3'000'000, 'z');
  FakeHttpServer server(
      [&](const FakeRequest&) { return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + endless; });
  DownloadRequest request = Request(server);
  request.bytes = -1;
  EXPECT_EQ(Download(request, options_).code(), StatusCode::kResourceExhausted);
  EXPECT_LE(fs::file_size(Path() + ".part"), 1'000'000u);
}

TEST_F(DownloadTest, AnswerThatEndsEarlyWithoutALengthIsContinued) {
  std::atomic<int> calls = 0;
  FakeHttpServer server([&](const FakeRequest& r) {
    if (++calls > 1) return RangedAnswer(r, file_, "");
    return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + file_.substr(0, 40'000);
  });
  ASSERT_TRUE(Download(Request(server), options_).ok());
  EXPECT_EQ(Read(Path()), file_);
  EXPECT_EQ(server.requests()[1].RangeStart(), 40'000u);
}

TEST_F(DownloadTest, MissingFileIsNotRetried) {
  FakeHttpServer server([](const FakeRequest&) { return HttpAnswer("404 Not Found", "no"); });
  EXPECT_EQ(Download(Request(server), options_).code(), StatusCode::kNotFound);
  EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(DownloadTest, ServerErrorsAreRetriedAndThenReported) {
  FakeHttpServer server([](const FakeRequest&) { return HttpAnswer("503 Busy", ""); });
  std::vector<std::int64_t> waits;
  options_.wait = [&](std::chrono::milliseconds pause) {
    waits.push_back(pause.count());
    return true;
  };
  const Status status = Download(Request(server), options_);
  EXPECT_EQ(status.code(), StatusCode::kUnavailable);
  EXPECT_THAT(status.message(), HasSubstr("503"));
  EXPECT_THAT(waits, testing::ElementsAre(1'000, 2'000));
}

TEST_F(DownloadTest, RedirectsAreFollowedButNotForever) {
  FakeHttpServer server([&](const FakeRequest& r) {
    if (r.path == "/file") return HttpAnswer("302 Found", "", "Location: /other\r\n");
    if (r.path == "/other") return HttpAnswer("200 OK", file_);
    return HttpAnswer("302 Found", "", "Location: " + r.path + "x\r\n");
  });
  ASSERT_TRUE(Download(Request(server), options_).ok());
  DownloadRequest circle = Request(server);
  circle.url = server.Url("/circle");
  circle.path = Path("circle");
  EXPECT_EQ(Download(circle, options_).code(), StatusCode::kInvalidArgument);
}

TEST_F(DownloadTest, CancellingEndsItAndKeepsThePart) {
  base::CancelFlag cancel;
  std::atomic<int> calls = 0;
  FakeHttpServer server([&](const FakeRequest& r) {
    ++calls;
    return RangedAnswer(r, file_, "").substr(0, 30'000);
  });
  options_.http.cancel = &cancel;
  options_.wait = [&](std::chrono::milliseconds) {
    cancel.Request();
    return false;
  };
  EXPECT_EQ(Download(Request(server), options_).code(), StatusCode::kCancelled);
  EXPECT_EQ(calls, 1);
  EXPECT_GT(fs::file_size(Path() + ".part"), 20'000u);
}

TEST_F(DownloadTest, PlainHttpToAnotherMachineIsRefused) {
  DownloadRequest request{.url = "http://192.0.2.1/file",
                          .path = Path(),
                          .sha256 = Sha(file_),
                          .bytes = -1,
                          .bytes_max = 10};
  const Status status = Download(request, options_);
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(status.message(), HasSubstr("plain http"));
  request.url = "file:///etc/passwd";
  EXPECT_EQ(Download(request, options_).code(), StatusCode::kInvalidArgument);
}

TEST_F(DownloadTest, NotEnoughDiskSpaceIsSaidBeforeTheDownload) {
  EXPECT_TRUE(CheckDiskSpace(directory_, 1).ok());
  const Status status = CheckDiskSpace(directory_, 1LL << 60);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(status.message(), HasSubstr("MiB are free"));
}

// A tiny file system, and a server that does not say how much it sends: the check beforehand has
// nothing to check, and the write fails.
TEST_F(DownloadTest, FullDiskIsReportedAndNothingAppears) {
  if (::mount("none", directory_.c_str(), "tmpfs", 0, "size=256k") != 0) {
    GTEST_SKIP() << "needs the right to mount a small file system";
  }
  const std::string large(400'000, 'b');
  FakeHttpServer server(
      [&](const FakeRequest&) { return "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + large; });
  DownloadRequest request = Request(server);
  request.sha256 = Sha(large);
  request.bytes = -1;
  const Status status = Download(request, options_);
  const bool appeared = fs::exists(Path());
  ::umount2(directory_.c_str(), MNT_DETACH);
  EXPECT_EQ(status.code(), StatusCode::kResourceExhausted);
  EXPECT_THAT(status.message(), HasSubstr("the disk is full"));
  EXPECT_FALSE(appeared);
}

TEST(HttpHeaderTest, HeadersAreReadInAnyCase) {
  HttpHead head;
  ParseHeaderLine("CONTENT-length:  12\r\n", &head);
  ParseHeaderLine("content-range: bytes 5-9/10\r\n", &head);
  ParseHeaderLine("ETag: \"abc\"\r\n", &head);
  EXPECT_EQ(head.content_length, 12);
  EXPECT_EQ(head.range_start, 5);
  EXPECT_EQ(head.etag, "\"abc\"");
}

TEST(HttpHeaderTest, WeakTagsAndNonsenseAreIgnored) {
  HttpHead head;
  ParseHeaderLine("ETag: W/\"abc\"\r\n", &head);
  ParseHeaderLine("Content-Length: -5\r\n", &head);
  ParseHeaderLine("Content-Range: bytes */10\r\n", &head);
  ParseHeaderLine("no colon", &head);
  EXPECT_EQ(head.etag, "");
  EXPECT_EQ(head.content_length, -1);
  EXPECT_EQ(head.range_start, -1);
}

}  // namespace
}  // namespace wt::net

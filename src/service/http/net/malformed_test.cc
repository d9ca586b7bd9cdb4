// The table of malformed and odd requests: what the server answers, byte for byte over sockets.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "service/http/net/http_test_util.h"

namespace wt::http {
namespace {

struct Row {
  std::string name;
  std::string bytes;
  /// Statuses of all responses up to the end of the connection.
  std::vector<int> statuses;
};

std::string Get(const std::string& target, const std::string& more = "") {
  return "GET " + target + " HTTP/1.1\r\nHost: a\r\n" + more + "\r\n";
}

std::string Post(const std::string& headers, const std::string& body) {
  return "POST /echo HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n" + body;
}

std::string Chunked(const std::string& body) {
  return Post("Transfer-Encoding: chunked\r\n", body);
}

std::string ManyHeaders(int count) {
  std::string text;
  for (int i = 0; i < count; ++i) text += "X-" + std::to_string(i) + ": 1\r\n";
  return text;
}

const std::string kSmuggled = "GET /hello HTTP/1.1\r\nHost: a\r\n\r\n";

std::vector<Row> StackRows() {
  return {
      {"two pipelined", Get("/hello") + Get("/hello"), {200, 200}},
      {"CL and TE",
       Post("Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n" + kSmuggled),
       {400}},
      {"TE and CL",
       Post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "0\r\n\r\n" + kSmuggled),
       {400}},
      {"two different CL", Post("Content-Length: 3\r\nContent-Length: 4\r\n", "abcd"), {400}},
      {"two equal CL", Post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), {400}},
      {"CL with plus", Post("Content-Length: +3\r\n", "abc"), {400}},
      {"CL negative", Post("Content-Length: -3\r\n", "abc"), {400}},
      {"CL hexadecimal", Post("Content-Length: 0x3\r\n", "abc"), {400}},
      {"CL empty", Post("Content-Length: \r\n", ""), {400}},
      {"CL list", Post("Content-Length: 3,3\r\n", "abc"), {400}},
      {"CL 2^63", Post("Content-Length: 9223372036854775808\r\n", "abc"), {400}},
      {"CL 2^64", Post("Content-Length: 18446744073709551616\r\n", "abc"), {400}},
      {"CL huge", Post("Content-Length: 9223372036854775807\r\n", "abc"), {413}},
      {"TE xchunked", Post("Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), {501}},
      {"TE unknown then chunked", Post("Transfer-Encoding: foo, chunked\r\n", "0\r\n\r\n"), {501}},
      {"TE gzip, chunked", Post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), {501}},
      {"TE chunked, gzip", Post("Transfer-Encoding: chunked, gzip\r\n", "0\r\n\r\n"), {400}},
      {"TE gzip", Post("Transfer-Encoding: gzip\r\n", ""), {400}},
      {"TE chunked twice", Post("Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), {400}},
      {"TE twice",
       Post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"),
       {400}},
      {"TE in capitals", Post("Transfer-Encoding: CHUNKED\r\n", "3\r\nabc\r\n0\r\n\r\n"), {201}},
      {"TE empty", Post("Transfer-Encoding: \r\n", ""), {400}},
      {"TE with 1.0",
       "POST /echo HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
       {400}},
  };
}

std::vector<Row> SyntaxRows() {
  return {
      {"chunk size bad", Chunked("xyz\r\nabc\r\n0\r\n\r\n"), {400}},
      {"chunk size overflows", Chunked("fffffffffffffffff\r\nabc\r\n0\r\n\r\n"), {400}},
      {"chunk size huge", Chunked("fffffffffffffff\r\nabc\r\n0\r\n\r\n"), {413}},
      {"chunk size negative", Chunked("-3\r\nabc\r\n0\r\n\r\n"), {400}},
      {"chunk size with 0x", Chunked("0x3\r\nabc\r\n0\r\n\r\n"), {400}},
      {"chunk size missing", Chunked("\r\nabc\r\n0\r\n\r\n"), {400}},
      {"chunk longer than said", Chunked("2\r\nabc\r\n0\r\n\r\n"), {400}},
      {"chunk with bare LF", Chunked("3\nabc\n0\n\n"), {400}},
      {"chunk data with bare LF", Chunked("3\r\nabc\n0\r\n\r\n"), {400}},
      {"chunked cut short", Chunked("3\r\nab"), {400}},
      {"chunked without end", Chunked("3\r\nabc\r\n"), {400}},
      {"space before colon", Get("/hello", "X : 1\r\n"), {400}},
      {"bare LF", "GET /hello HTTP/1.1\nHost: a\n\n", {400}},
      {"bare LF in one line", "GET /hello HTTP/1.1\r\nHost: a\nX: 1\r\n\r\n", {400}},
      {"bare CR in a value", Get("/hello", "X: a\rb\r\n"), {400}},
      {"obs-fold", Get("/hello", "X: a\r\n b\r\n"), {400}},
      {"obs-fold by tab", Get("/hello", "X: a\r\n\tb\r\n"), {400}},
      {"NUL in a value", Get("/hello", std::string("X: a\0b\r\n", 8)), {400}},
      {"control in a value",
       Get("/hello",
           "X: a\x01"
           "b\r\n"),
       {400}},
      {"no Host", "GET /hello HTTP/1.1\r\n\r\n", {400}},
      {"two Hosts", Get("/hello", "Host: b\r\n"), {400}},
      {"Host with a space", "GET /hello HTTP/1.1\r\nHost: a b\r\n\r\n", {400}},
      {"Host with a path", "GET /hello HTTP/1.1\r\nHost: a/b\r\n\r\n", {400}},
      {"1.0 without Host", "GET /hello HTTP/1.0\r\n\r\n", {200}},
      {"64 KiB header", Get("/hello", "X: " + std::string(65'536, 'a') + "\r\n"), {431}},
      {"1 MiB header", Get("/hello", "X: " + std::string(1 << 20, 'a') + "\r\n"), {431}},
      {"8 KiB header", Get("/hello", "X: " + std::string(8'192, 'a') + "\r\n"), {200}},
      {"chunk extension and trailer",
       Chunked("3;a=b;c=\"d\"\r\nabc\r\n0;x\r\nT: 1\r\n\r\n") + Get("/hello"),
       {201, 200}},
      {"chunk extension endless", Chunked("3;" + std::string(4'000, 'a')), {400}},
      {"trailer endless", Chunked("0\r\nT: " + std::string(20'000, 'a')), {400}},
      {"lower-case method", "get /hello HTTP/1.1\r\nHost: a\r\n\r\n", {405}},
      {"unknown method", "BREW /hello HTTP/1.1\r\nHost: a\r\n\r\n", {405}},
      {"CONNECT", "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", {405}},
      {"TRACE", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n", {405}},
      {"HTTP/2.0", "GET /hello HTTP/2.0\r\nHost: a\r\n\r\n", {505}},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {505}},
      {"HTTP/1.2", "GET /hello HTTP/1.2\r\nHost: a\r\n\r\n", {505}},
      {"HTTP/0.9", "GET /hello\r\n\r\n", {400}},
      {"HTTP/1.1 in lower case", "GET /hello http/1.1\r\nHost: a\r\n\r\n", {400}},
  };
}

std::vector<Row> MoreRows() {
  return {
      {"100 headers", Get("/hello", ManyHeaders(99)), {200}},
      {"101 headers", Get("/hello", ManyHeaders(100)), {431}},
      {"100 k URL", Get("/" + std::string(100'000, 'a')), {414}},
      {"URL at its limit", Get("/" + std::string(8'191, 'a')), {200}},
      {"URL over its limit", Get("/" + std::string(8'192, 'a')), {414}},
      {"CL larger than the body", Post("Content-Length: 10\r\n", "abc"), {400}},
      {"CL smaller than the body", Post("Content-Length: 3\r\n", "abcdef\r\n\r\n"), {201, 400}},
      {"NUL in the path", Get("/a%00b"), {400}},
      {"raw NUL in the path", Get(std::string("/a\0b", 4)), {400}},
      {"dot dot", Get("/a/../b"), {400}},
      {"dot dot encoded", Get("/a/%2e%2E/b"), {400}},
      {"dot dot half encoded", Get("/a/.%2e"), {400}},
      {"dot", Get("/a/./b"), {400}},
      {"three dots", Get("/a/.../b"), {200}},
      {"double encoding stays one name", Get("/a/%252e%252e/b"), {200}},
      {"overlong UTF-8", Get("/a%c0%af"), {400}},
      {"overlong UTF-8 in the query", Get("/a?b=%c0%af"), {400}},
      {"broken escape", Get("/a%2"), {400}},
      {"broken escape in the query", Get("/a?b=%zz"), {400}},
      {"raw bytes in the path", Get("/a\xff"), {400}},
      {"backslash", Get("/a\\b"), {400}},
      {"fragment", Get("/a#b"), {400}},
      {"NUL in the query", Get("/a?b=%00"), {400}},
      {"no slash", Get("hello"), {400}},
      {"star with GET", Get("*"), {400}},
      {"star with OPTIONS", "OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n", {200}},
      {"absolute form", Get("http://b/hello"), {200}},
      {"absolute form without host", Get("http:///hello"), {400}},
      {"absolute form with user", Get("http://u@b/hello"), {400}},
      {"other scheme", Get("ftp://b/hello"), {400}},
      {"pipelined after an error", Get("/a/../b") + Get("/hello"), {400}},
      {"pipelined after a bad chunk", Chunked("xyz\r\n") + Get("/hello"), {400}},
      {"empty lines before", "\r\n\r\n" + Get("/hello"), {200}},
      {"many empty lines before", "\r\n\r\n\r\n\r\n\r\n\r\n" + Get("/hello"), {400}},
      {"space before the method", " GET /hello HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"no space", "GET/hello HTTP/1.1\r\nHost: a\r\n\r\n", {400}},
      {"header without colon", Get("/hello", "X\r\n"), {400}},
      {"header without name", Get("/hello", ": x\r\n"), {400}},
      {"unknown expectation", Post("Expect: tea\r\nContent-Length: 3\r\n", "abc"), {417}},
      {"close", Get("/hello", "Connection: close\r\n") + Get("/hello"), {200}},
      {"close among others", Get("/hello", "Connection: x, Close\r\n") + Get("/hello"), {200}},
      {"upgrade to something else",
       Get("/hello", "Connection: upgrade\r\nUpgrade: h2c\r\n"),
       {200}},
      {"TLS hello", std::string("\x16\x03\x01\x02\x00\x01\x00\r\n", 9), {400}},
      {"only zeros", std::string(100, '\0') + "\r\n", {400}},
      {"nothing", "", {}},
      {"half a head", "GET /hello HT", {}},
  };
}

std::vector<int> StatusesOf(TestClient* client) {
  std::vector<int> statuses;
  while (true) {
    const Reply reply = client->Read();
    if (reply.status == 0) return statuses;
    EXPECT_THAT(reply.head, testing::HasSubstr("\r\nDate: "));
    statuses.push_back(reply.status);
  }
}

class MalformedTest : public testing::Test {
 protected:
  MalformedTest() : port_(server_.Start()) {}

  void Check(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      TestClient client(port_);
      client.Send(row.bytes);
      client.EndSending();
      EXPECT_EQ(StatusesOf(&client), row.statuses) << row.name;
      EXPECT_TRUE(client.AtEnd()) << row.name;
      TestClient healthy(port_);
      ASSERT_EQ(healthy.Get("/hello").status, 200) << "after " << row.name;
    }
  }

  TestServer server_;
  const int port_;
};

TEST_F(MalformedTest, EachProbeOfTheStackTableIsAnsweredAndClosed) {
  Check(StackRows());
  Check(SyntaxRows());
}

TEST_F(MalformedTest, EachHostileRequestIsAnsweredAndClosed) { Check(MoreRows()); }

// The same bytes one at a time: no answer may depend on how the bytes were cut into packets.
TEST_F(MalformedTest, SlicedIntoSingleBytesTheAnswersAreTheSame) {
  std::vector<Row> rows = StackRows();
  const std::vector<Row> more = SyntaxRows();
  rows.insert(rows.end(), more.begin(), more.end());
  for (const Row& row : rows) {
    if (row.bytes.size() > 400) continue;
    TestClient client(port_);
    const int on = 1;
    ::setsockopt(client.fd(), IPPROTO_TCP, 1 /* TCP_NODELAY */, &on, sizeof(on));
    for (const char c : row.bytes) client.Send(std::string_view(&c, 1));
    client.EndSending();
    EXPECT_EQ(StatusesOf(&client), row.statuses) << row.name;
  }
}

TEST_F(MalformedTest, ErrorsCloseTheConnection) {
  TestClient client(port_);
  client.Send(Get("/a/../b"));
  const Reply reply = client.Read();
  EXPECT_EQ(reply.status, 400);
  EXPECT_THAT(reply.head, testing::HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(MalformedTest, AbsoluteFormReplacesTheHost) {
  TestClient client(port_);
  EXPECT_EQ(client.Get("http://other:81/x%41?a=1").body, "/xA\nother:81\na=1");
  EXPECT_EQ(client.Get("http://other?a=1").body, "/\nother\na=1");
}

}  // namespace
}  // namespace wt::http

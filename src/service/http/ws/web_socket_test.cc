// RFC 6455 frame by frame, from a client that can also misbehave.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "service/http/net/http_test_util.h"

namespace wt::http {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;

constexpr std::string_view kHandshake =
    "GET /ws HTTP/1.1\r\nHost: a\r\nConnection: keep-alive, Upgrade\r\nUpgrade: WebSocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: one, two\r\n";

enum class Fin { kNo, kYes };

/// A masked frame. `length` overrides what the head says.
std::string Frame(int opcode, std::string_view payload, Fin fin = Fin::kYes, int reserved = 0,
                  std::uint64_t length = UINT64_MAX) {
  if (length == UINT64_MAX) length = payload.size();
  std::string frame;
  frame += static_cast<char>((fin == Fin::kYes ? 0x80 : 0) | reserved | opcode);
  if (length < 126) {
    frame += static_cast<char>(0x80 | length);
  } else if (length < 65'536) {
    frame += static_cast<char>(0xFE);
    frame += static_cast<char>(length >> 8);
    frame += static_cast<char>(length);
  } else {
    frame += static_cast<char>(0xFF);
    for (int shift = 56; shift >= 0; shift -= 8) frame += static_cast<char>(length >> shift);
  }
  const char mask[] = {1, 2, 3, 4};
  frame.append(mask, 4);
  for (std::size_t i = 0; i < payload.size(); ++i) {
    frame += static_cast<char>(payload[i] ^ mask[i % 4]);
  }
  return frame;
}

std::string CloseFrame(int code, std::string_view reason = "") {
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code)};
  return Frame(8, payload + std::string(reason));
}

struct ReceivedFrame {
  int opcode = -1;
  bool fin = false;
  std::string payload;

  int CloseCode() const {
    if (opcode != 8 || payload.size() < 2) return -1;
    return static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]);
  }
};

ReceivedFrame ReadFrame(TestClient* client) {
  ReceivedFrame frame;
  const std::string head = client->Take(2);
  if (head.size() < 2) return frame;
  frame.opcode = head[0] & 15;
  frame.fin = (head[0] & 0x80) != 0;
  EXPECT_EQ(head[1] & 0x80, 0) << "a server must not mask";
  std::uint64_t length = head[1] & 127;
  const std::size_t more = length == 126 ? 2 : length == 127 ? 8 : 0;
  if (more > 0) {
    length = 0;
    for (const char c : client->Take(more)) length = length * 256 + static_cast<unsigned char>(c);
  }
  frame.payload = client->Take(length);
  return frame;
}

/// Sends back what comes and keeps what happened.
class Echo final : public WebSocketHandler {
 public:
  void OnOpen(std::shared_ptr<WebSocketSession> session) override {
    session_ = std::move(session);
    opened.Set();
  }
  void OnText(std::string_view text) override {
    if (text == "throw") throw std::runtime_error("secret");
    session_->SendText(text);
  }
  void OnBinary(std::string_view bytes) override { session_->SendBinary(bytes); }
  void OnClose(int code) override {
    ++closes;
    close_code = code;
    closed.Set();
  }
  WebSocketSession& session() { return *session_; }

  Event opened;
  Event closed;
  std::atomic<int> closes{0};
  std::atomic<int> close_code{0};

 private:
  std::shared_ptr<WebSocketSession> session_;
};

class WebSocketTest : public testing::Test {
 protected:
  WebSocketTest() {
    upgrade_.message_bytes_max = 70'000;
    server_.handler.On("/ws", [this](Request&) {
      Response response;
      WebSocketUpgrade upgrade = upgrade_;
      upgrade.handler = echo_;
      response.headers.Set("X-Extra", "1");
      response.body = std::move(upgrade);
      return response;
    });
  }
  std::unique_ptr<TestClient> Connect(int receive_buffer = 0) {
    if (port_ == 0) port_ = server_.Start();
    auto client = std::make_unique<TestClient>(port_, receive_buffer);
    client->Send(std::string(kHandshake) + "\r\n");
    const Reply reply = client->Read(TestClient::Body::kNone);
    EXPECT_EQ(reply.status, 101);
    head_ = reply.head;
    return client;
  }
  /// Sends `bytes` on a fresh connection and expects to be closed with `code`.
  void ExpectClosed(std::string_view what, const std::string& bytes, int code) {
    echo_ = std::make_shared<Echo>();
    auto client = Connect();
    client->Send(bytes);
    ReceivedFrame frame = ReadFrame(client.get());
    while (frame.opcode > 0 && frame.opcode < 8) frame = ReadFrame(client.get());
    EXPECT_EQ(frame.CloseCode(), code) << what;
    EXPECT_TRUE(client->AtEnd()) << what;
    EXPECT_TRUE(echo_->closed.Wait()) << what;
    EXPECT_EQ(echo_->close_code, code) << what;
    EXPECT_EQ(echo_->closes, 1) << what;
  }

  TestServer server_;
  WebSocketUpgrade upgrade_;
  std::shared_ptr<Echo> echo_ = std::make_shared<Echo>();
  int port_ = 0;
  std::string head_;
};

TEST_F(WebSocketTest, TheHandshakeIsThatOfTheRfc) {
  upgrade_.subprotocol = "two";
  const auto client = Connect();
  // The accept value is the example of RFC 6455, section 1.3.
  EXPECT_THAT(head_, HasSubstr("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"));
  EXPECT_THAT(head_, HasSubstr("Sec-WebSocket-Protocol: two\r\n"));
  EXPECT_THAT(head_, HasSubstr("X-Extra: 1\r\n"));
  EXPECT_EQ(server_.server->stats().web_sockets, 1);
}

TEST_F(WebSocketTest, WrongHandshakesAreRefused) {
  const int port = server_.Start();
  const auto status = [&](const std::string& headers) {
    TestClient client(port);
    return client.Get("/ws", headers);
  };
  const std::string base = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  EXPECT_EQ(status("").status, 426);
  EXPECT_EQ(status(base + key).status, 426);
  const Reply old = status(base + key + "Sec-WebSocket-Version: 8\r\n");
  EXPECT_EQ(old.status, 426);
  EXPECT_THAT(old.head, HasSubstr("Sec-WebSocket-Version: 13\r\n"));
  EXPECT_EQ(status(base + "Sec-WebSocket-Version: 13\r\n").status, 400);
  EXPECT_EQ(status(base + key + key + "Sec-WebSocket-Version: 13\r\n").status, 400);
  EXPECT_EQ(status(base + "Sec-WebSocket-Key: short\r\nSec-WebSocket-Version: 13\r\n").status, 400);
  EXPECT_EQ(
      status("Connection: close\r\nUpgrade: websocket\r\n" + key + "Sec-WebSocket-Version: 13\r\n")
          .status,
      426);
}

TEST_F(WebSocketTest, MessagesOfAllSizesComeBack) {
  const auto client = Connect();
  for (const std::size_t size : {0, 1, 125, 126, 65'535, 65'536, 70'000}) {
    const std::string text(size, 'm');
    client->Send(Frame(1, text));
    const ReceivedFrame frame = ReadFrame(client.get());
    EXPECT_EQ(frame.opcode, 1);
    EXPECT_TRUE(frame.fin);
    EXPECT_TRUE(frame.payload == text);
  }
  client->Send(Frame(2, std::string("\0\xff", 2)));
  const ReceivedFrame binary = ReadFrame(client.get());
  EXPECT_EQ(binary.opcode, 2);
  EXPECT_EQ(binary.payload, std::string("\0\xff", 2));
}

TEST_F(WebSocketTest, FramesSentWithTheHandshakeAreNotLost) {
  TestClient client(port_ = server_.Start());
  client.Send(std::string(kHandshake) + "\r\n" + Frame(1, "early"));
  EXPECT_EQ(client.Read(TestClient::Body::kNone).status, 101);
  EXPECT_EQ(ReadFrame(&client).payload, "early");
}

TEST_F(WebSocketTest, FragmentsBecomeOneMessageAndControlFramesMayComeBetween) {
  const auto client = Connect();
  // The letter e with acute is cut in the middle: only the whole must be UTF-8.
  client->Send(Frame(1, "caf\xc3", Fin::kNo) + Frame(9, "p") + Frame(0, "", Fin::kNo) +
               Frame(0, "\xa9"));
  const ReceivedFrame pong = ReadFrame(client.get());
  EXPECT_EQ(pong.opcode, 10);
  EXPECT_EQ(pong.payload, "p");
  EXPECT_EQ(ReadFrame(client.get()).payload, "caf\xc3\xa9");
}

TEST_F(WebSocketTest, ByteByByteIsTheSame) {
  const auto client = Connect();
  for (const char c : Frame(1, "slow", Fin::kNo) + Frame(0, "ly")) {
    client->Send(std::string_view(&c, 1));
  }
  EXPECT_EQ(ReadFrame(client.get()).payload, "slowly");
}

TEST_F(WebSocketTest, ProtocolErrorsCloseWith1002) {
  ExpectClosed("reserved bit", Frame(1, "x", Fin::kYes, 0x40), 1002);
  ExpectClosed("reserved opcode", Frame(3, "x"), 1002);
  ExpectClosed("reserved control opcode", Frame(11, "x"), 1002);
  ExpectClosed("fragmented ping", Frame(9, "x", Fin::kNo), 1002);
  ExpectClosed("large ping", Frame(9, std::string(126, 'x')), 1002);
  ExpectClosed("continuation of nothing", Frame(0, "x"), 1002);
  ExpectClosed("text within a message", Frame(1, "x", Fin::kNo) + Frame(1, "y"), 1002);
  ExpectClosed("no mask", std::string("\x81\x01x", 3), 1002);
  ExpectClosed("length not minimal", std::string("\x81\xfe\x00\x01\x00\x00\x00\x00x", 9), 1002);
  ExpectClosed("close of one byte", Frame(8, "x"), 1002);
  ExpectClosed("close with a reserved code", CloseFrame(1005), 1002);
  ExpectClosed("close with a small code", CloseFrame(999), 1002);
}

TEST_F(WebSocketTest, TextThatIsNoUtf8ClosesWith1007) {
  ExpectClosed("overlong", Frame(1, "\xc0\xaf"), 1007);
  ExpectClosed("surrogate", Frame(1, "\xed\xa0\x80"), 1007);
  ExpectClosed("cut at the end", Frame(1, "ok\xc3"), 1007);
  ExpectClosed("cut, then an empty fragment",
               Frame(1, "ok\xc3", Fin::kNo) + Frame(0, "") + CloseFrame(1007), 1007);
  ExpectClosed("in a fragment", Frame(1, "ok", Fin::kNo) + Frame(0, "\xff"), 1007);
}

TEST_F(WebSocketTest, MessagesBeyondTheLimitCloseWith1009) {
  ExpectClosed("one frame", Frame(1, std::string(70'001, 'x')), 1009);
  ExpectClosed("in fragments",
               Frame(1, std::string(60'000, 'x'), Fin::kNo) + Frame(0, std::string(10'001, 'x')),
               1009);
  ExpectClosed("length of 64 bits with the sign",
               std::string("\x82\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x02\x03\x04", 14), 1009);
  ExpectClosed("only announced", Frame(2, "", Fin::kYes, 0, std::uint64_t{1} << 40), 1009);
}

TEST_F(WebSocketTest, TheClientsGoodbyeIsAnswered) {
  ExpectClosed("normal", CloseFrame(1000, "bye"), 1000);
  ExpectClosed("own code", CloseFrame(4'321), 4'321);
  ExpectClosed("going away", CloseFrame(1001), 1001);
}

TEST_F(WebSocketTest, AHandlerIsSparedCodesThatNobodyMayUse) {
  auto client = Connect();
  client->Send(CloseFrame(0xdde8));
  EXPECT_TRUE(echo_->closed.Wait());
  EXPECT_EQ(echo_->close_code, 1002);
  // Also when the server has said goodbye first.
  echo_ = std::make_shared<Echo>();
  client = Connect();
  client->Send(Frame(1, "ok\xc3", Fin::kNo) + Frame(0, "") + CloseFrame(0xdde8));
  EXPECT_TRUE(echo_->closed.Wait());
  EXPECT_EQ(echo_->close_code, 1002);
}

TEST_F(WebSocketTest, TheServersGoodbyeComesAfterItsMessages) {
  const auto client = Connect();
  ASSERT_TRUE(echo_->opened.Wait());
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(echo_->session().SendText("m"));
  echo_->session().Close(4'401, "sign in");
  EXPECT_FALSE(echo_->session().SendText("late"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ReadFrame(client.get()).payload, "m");
  const ReceivedFrame close = ReadFrame(client.get());
  EXPECT_EQ(close.CloseCode(), 4'401);
  EXPECT_EQ(close.payload.substr(2), "sign in");
  client->Send(CloseFrame(4'401));
  EXPECT_TRUE(client->AtEnd());
  EXPECT_TRUE(echo_->closed.Wait());
  EXPECT_EQ(echo_->close_code, 4'401);
}

TEST_F(WebSocketTest, ABrokenConnectionIs1006Once) {
  auto client = Connect();
  ASSERT_TRUE(echo_->opened.Wait());
  client->Reset();
  EXPECT_TRUE(echo_->closed.Wait());
  EXPECT_EQ(echo_->close_code, 1006);
  EXPECT_TRUE(Eventually([&] { return server_.server->stats().web_sockets == 0; }));
  EXPECT_EQ(server_.server->stats().connections, 0);
  EXPECT_EQ(echo_->closes, 1);
}

TEST_F(WebSocketTest, AClientThatTakesTooLittleIsClosedWith1013) {
  upgrade_.pending_max = 300'000;
  const auto client = Connect(4'096);
  ASSERT_TRUE(echo_->opened.Wait());
  const std::string piece(10'000, 'x');
  bool open = true;
  for (int i = 0; i < 100'000 && open; ++i) open = echo_->session().SendText(piece);
  EXPECT_FALSE(open);
  EXPECT_TRUE(echo_->session().closed());
  // Whoever wakes up in time reads what was under way, then the reason.
  ReceivedFrame frame = ReadFrame(client.get());
  while (frame.opcode == 1) frame = ReadFrame(client.get());
  EXPECT_EQ(frame.CloseCode(), 1013);
}

TEST_F(WebSocketTest, TwoPingsWithoutAnAnswerEndTheSession) {
  upgrade_.ping_interval = milliseconds(20);
  server_.options.limits.idle_timeout = milliseconds(40);  // Ticks every 10 ms.
  const auto client = Connect();
  EXPECT_EQ(ReadFrame(client.get()).opcode, 9);
  EXPECT_EQ(ReadFrame(client.get()).opcode, 9);
  EXPECT_TRUE(client->AtEnd());
  EXPECT_TRUE(echo_->closed.Wait());
  EXPECT_EQ(echo_->close_code, 1006);
}

TEST_F(WebSocketTest, AnAnsweredPingKeepsTheSession) {
  upgrade_.ping_interval = milliseconds(20);
  server_.options.limits.idle_timeout = milliseconds(40);
  const auto client = Connect();
  for (int i = 0; i < 6; ++i) {
    const ReceivedFrame ping = ReadFrame(client.get());
    ASSERT_EQ(ping.opcode, 9);
    client->Send(Frame(10, ping.payload));
  }
  EXPECT_EQ(echo_->closes, 0);
}

TEST_F(WebSocketTest, AFloodOfPingsIsAnsweredAtTheClientsPace) {
  const auto client = Connect();
  std::string flood;
  for (int i = 0; i < 1'000; ++i) flood += Frame(9, "p");
  client->Send(flood + Frame(1, "end"));
  int pongs = 0;
  ReceivedFrame frame = ReadFrame(client.get());
  for (; frame.opcode == 10; frame = ReadFrame(client.get())) ++pongs;
  EXPECT_EQ(frame.payload, "end");
  EXPECT_GE(pongs, 1);
}

TEST_F(WebSocketTest, AHandlerThatThrowsClosesWith1011) {
  ExpectClosed("throw", Frame(1, "throw") + CloseFrame(1011), 1011);
}

TEST_F(WebSocketTest, StopClosesWith1001) {
  const auto client = Connect();
  ASSERT_TRUE(echo_->opened.Wait());
  std::thread stopper([&] { server_.server->Stop(milliseconds(kPatienceMillis)); });
  EXPECT_EQ(ReadFrame(client.get()).CloseCode(), 1001);
  client->Send(CloseFrame(1001));
  EXPECT_TRUE(client->AtEnd());
  stopper.join();
  EXPECT_EQ(echo_->closes, 1);
  EXPECT_FALSE(echo_->session().SendText("after the end of the server"));
}

TEST_F(WebSocketTest, StopWithoutGraceStillTellsTheHandler) {
  const auto client = Connect();
  ASSERT_TRUE(echo_->opened.Wait());
  server_.server->Stop(milliseconds(0));
  EXPECT_EQ(echo_->closes, 1);
}

}  // namespace
}  // namespace wt::http

#include "apps/transcriber/remote/event_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace wt::transcriber {
namespace {

using ::testing::ElementsAre;

TEST(EventReaderTest, EventsAreTheSameHoweverTheBytesCome) {
  const std::string stream =
      ": keep-alive\n\n"
      "id: 1\nevent: status\ndata: {\"a\":1}\n\n"
      "data:first\r\ndata: second\r\n\r\n"
      "id: 3\revent: end\rdata\r\r"
      "event: no data\n\n"
      "data: unfinished\n";
  for (std::size_t step = 1; step <= stream.size(); ++step) {
    std::vector<std::string> seen;
    EventReader reader([&](const ServerEvent& event) {
      seen.push_back(event.id + "|" + event.type + "|" + event.data);
    });
    for (std::size_t at = 0; at < stream.size(); at += step) {
      ASSERT_TRUE(reader.Feed(std::string_view(stream).substr(at, step)));
    }
    EXPECT_THAT(seen, ElementsAre("1|status|{\"a\":1}", "||first\nsecond", "3|end|"));
    EXPECT_EQ(reader.last_id(), "3");
  }
}

TEST(EventReaderTest, WhatWasCutOffIsDroppedAndTheLastIdStays) {
  std::vector<std::string> seen;
  EventReader reader([&](const ServerEvent& event) { seen.push_back(event.data); });
  ASSERT_TRUE(reader.Feed("id: 7\ndata: a\n\nid: 8\ndata: hal"));
  reader.Restart();
  EXPECT_EQ(reader.last_id(), "7");
  ASSERT_TRUE(reader.Feed("data: b\n\n"));
  EXPECT_THAT(seen, ElementsAre("a", "b"));
}

TEST(EventReaderTest, AnEndlessEventIsNotKept) {
  EventReader reader([](const ServerEvent&) {});
  const std::string piece(64 << 10, 'x');
  bool taken = reader.Feed("data: ");
  std::size_t bytes = 0;
  for (; taken && bytes < 4 * kEventBytesMax; bytes += piece.size()) {
    taken = reader.Feed(bytes % (128 << 10) == 0 ? piece : piece + "\ndata: ");
  }
  EXPECT_FALSE(taken);
  EXPECT_LE(bytes, kEventBytesMax + piece.size());
}

}  // namespace
}  // namespace wt::transcriber

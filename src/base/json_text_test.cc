#include "base/json_text.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wt::base {
namespace {

using nlohmann::json;
using nlohmann::ordered_json;

TEST(JsonTextTest, ValuesComeBackAsTheyWere) {
  const std::string text = R"({"b":[1,2.5,null,true],"a":"\u00fc \\ \""})";
  EXPECT_EQ(JsonFromText(text), json::parse(text));
  EXPECT_EQ(OrderedJsonFromText(text), ordered_json::parse(text));
  EXPECT_EQ(JsonToText(OrderedJsonFromText(text)),
            "{\"b\":[1,2.5,null,true],\"a\":\"ü \\\\ \\\"\"}");
  EXPECT_EQ(JsonToText(json{{"b", 1}, {"a", {2}}}), R"({"a":[2],"b":1})");
  EXPECT_EQ(JsonToText(ordered_json{{"b", 1}}, 2), "{\n  \"b\": 1\n}");
}

TEST(JsonTextTest, DamagedTextIsDiscardedAndDamagedBytesAreReplaced) {
  for (const char* text : {"", "{", "[1,]", "nul", "{\"a\":1} x", "\"\xff\""}) {
    EXPECT_TRUE(JsonFromText(text).is_discarded()) << text;
    EXPECT_TRUE(OrderedJsonFromText(text).is_discarded()) << text;
  }
  EXPECT_EQ(JsonToText(json("a\xff")), "\"a\xef\xbf\xbd\"");
  EXPECT_EQ(JsonToText(ordered_json("a\xff")), "\"a\xef\xbf\xbd\"");
}

TEST(JsonTextTest, WhatLiesTooDeepIsDropped) {
  EXPECT_EQ(ShallowJsonFromText(R"({"a":{"b":[1]},"c":2})", 1), json::parse(R"({"a":{},"c":2})"));
  EXPECT_EQ(ShallowJsonFromText(R"({"a":{"b":[1]},"c":2})", 3),
            json::parse(R"({"a":{"b":[1]},"c":2})"));
  EXPECT_TRUE(ShallowJsonFromText("{", 3).is_discarded());
}

}  // namespace
}  // namespace wt::base

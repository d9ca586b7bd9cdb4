#include "service/api/json_writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

namespace wt::api {
namespace {

using nlohmann::ordered_json;

TEST(JsonWriterTest, WritesWhatATreeOfValuesWouldSay) {
  JsonWriter json;
  json.BeginObject();
  json.Text("text", "a\"b\\c\n\t\x01\x7f/\xC3\xA4");
  json.TextOrNull("none", "");
  json.Number("int", std::int64_t{-9'223'372'036'854'775'807});
  json.Number("real", 754.2);
  json.Number("whole", 100.0);
  json.Number("nan", std::nan(""));
  json.NumberOrNull("no number", std::optional<double>());
  json.Bool("yes", true);
  json.BeginArray("list");
  for (int i = 0; i < 2; ++i) {
    json.BeginObject();
    json.Number("i", i);
    json.EndObject();
  }
  json.EndArray();
  json.BeginArray("tags");
  json.Element("a\"b");
  json.Element("c");
  json.EndArray();
  json.BeginObject("empty");
  json.EndObject();
  json.Bool("no", false);
  json.EndObject();
  ordered_json tree;
  tree["text"] = "a\"b\\c\n\t\x01\x7f/\xC3\xA4";
  tree["none"] = nullptr;
  tree["int"] = std::int64_t{-9'223'372'036'854'775'807};
  tree["real"] = 754.2;
  tree["whole"] = 100.0;
  tree["nan"] = nullptr;
  tree["no number"] = nullptr;
  tree["yes"] = true;
  tree["list"] = {{{"i", 0}}, {{"i", 1}}};
  tree["tags"] = {"a\"b", "c"};
  tree["empty"] = ordered_json::object();
  tree["no"] = false;
  EXPECT_EQ(json.Take(), tree.dump());
}

// Every byte, alone and between others, gives valid JSON that reads as the text (or its repair).
TEST(JsonWriterTest, EveryByteIsWrittenValidly) {
  for (int byte = 0; byte < 256; ++byte) {
    const std::string text = std::string("x") + static_cast<char>(byte) + "y";
    JsonWriter json;
    json.BeginObject();
    json.Text("t", text);
    json.EndObject();
    const auto read = ordered_json::parse(json.Take(), nullptr, false);
    ASSERT_TRUE(read.is_object()) << byte;
    if (byte < 0x80) EXPECT_EQ(read["t"], text) << byte;
    if (byte >= 0x80) EXPECT_EQ(read["t"], "x\xEF\xBF\xBDy") << byte;
  }
}

TEST(JsonWriterTest, NumbersReadBackExactly) {
  for (const double value :
       {0.1, -0.0, 1e300, 5e-324, 12345678901234567.0, 99.9, std::numeric_limits<double>::max()}) {
    JsonWriter json;
    json.BeginObject();
    json.Number("v", value);
    json.EndObject();
    EXPECT_EQ(ordered_json::parse(json.Take())["v"].get<double>(), value);
  }
}

}  // namespace
}  // namespace wt::api

#include "service/api/schema.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace wt::api {
namespace {

using nlohmann::json;

std::string Fields(const std::vector<FieldError>& errors) {
  std::string text;
  for (const FieldError& error : errors) text += error.field + ";";
  return text;
}

TEST(ParseJsonTest, RefusesWhatIsMalformedOrAmbiguous) {
  for (const char* bad : {"", "{", "[1,]", "{\"a\":1,\"a\":2}", "1e400", "-1e400", "\"\\ud800\"",
                          "nul", "{} {}", "\xff", "{\"a\":NaN}", "01"}) {
    const Result<json> parsed = ParseJson(bad, {});
    ASSERT_FALSE(parsed.ok()) << bad;
    EXPECT_EQ(parsed.status().code(), StatusCode::kInvalidArgument) << bad;
  }
}

TEST(ParseJsonTest, StopsAtItsLimits) {
  const std::string deep = std::string(100'000, '[');
  EXPECT_EQ(ParseJson(deep, {}).status().code(), StatusCode::kResourceExhausted);
  JsonLimits limits;
  limits.nodes_max = 3;
  EXPECT_TRUE(ParseJson("[1,2]", limits).ok());
  EXPECT_EQ(ParseJson("[1,2,3]", limits).status().code(), StatusCode::kResourceExhausted);
  limits.bytes_max = 4;
  EXPECT_EQ(ParseJson("[1,2]", limits).status().code(), StatusCode::kResourceExhausted);
}

TEST(ParseJsonTest, BuildsTheSameValueAsTheLibrary) {
  const std::string text =
      R"({"a":[1,-2,3.5,{"b":null,"c":[[],{}]}],"d":true,"e":"\u00e4\ud83d\ude00","f":1e3})";
  const Result<json> parsed = ParseJson(text, {});
  ASSERT_TRUE(parsed.ok()) << parsed.status().message();
  EXPECT_EQ(*parsed, json::parse(text));
}

TEST(SchemasTest, RefusesAKeywordThatItDoesNotCheck) {
  Schemas schemas;
  EXPECT_FALSE(schemas.Add("A", R"({"type":"string","pattern":"^a$"})").ok());
  EXPECT_FALSE(schemas.Add("B", R"({"properties":{"x":{"oneOf":[]}}})").ok());
  EXPECT_TRUE(schemas.Add("C", R"({"type":"string"})").ok());
  EXPECT_EQ(schemas.Add("C", "{}").code(), StatusCode::kAlreadyExists);
}

TEST(SchemasTest, FindsReferencesThatLeadNowhere) {
  Schemas schemas;
  ASSERT_TRUE(schemas.Add("A", R"({"items":{"$ref":"#/components/schemas/B"}})").ok());
  EXPECT_FALSE(schemas.CheckReferences().ok());
  ASSERT_TRUE(schemas.Add("B", "{}").ok());
  EXPECT_TRUE(schemas.CheckReferences().ok());
}

struct Case {
  const char* schema;
  const char* value;
  const char* wrong;
};

TEST(SchemasTest, NamesEachFieldThatIsWrong) {
  const Case cases[] = {
      {R"({"type":"integer"})", "1.0", ""},
      {R"({"type":"integer"})", "1.5", "body;"},
      {R"({"type":["string","null"]})", "null", ""},
      {R"({"type":["string","null"]})", "1", "body;"},
      {R"({"minimum":0,"maximum":1})", "1", ""},
      {R"({"minimum":0,"maximum":1})", "-0.1", "body;"},
      {R"({"minLength":2,"maxLength":2})", R"("äö")", ""},
      {R"({"maxLength":1})", R"("äö")", "body;"},
      {R"({"enum":["a","b"]})", R"("c")", "body;"},
      {R"({"const":3})", "4", "body;"},
      {R"({"format":"uuid"})", R"("x")", "body;"},
      {R"({"format":"date-time"})", R"("2026-01-31T09:30:00Z")", ""},
      {R"({"format":"date-time"})", R"("yesterday")", "body;"},
      {R"({"minItems":1})", "[]", "body;"},
      {R"({"maxItems":1,"items":{"type":"string"}})", "[1,2]", "body;"},
      {R"({"items":{"type":"string"}})", R"(["a",1,2])", "body[1];body[2];"},
      {R"({"required":["a","b"]})", R"({"a":1})", "body.b;"},
      {R"({"properties":{"a":{"type":"object","properties":{"b":{"type":"string"}}}}})",
       R"({"a":{"b":1}})", "body.a.b;"},
      {R"({"properties":{"a":{}},"additionalProperties":false})", R"({"a":1,"z":2})", "body.z;"},
  };
  for (const Case& c : cases) {
    Schemas schemas;
    ASSERT_TRUE(schemas.Add("S", c.schema).ok()) << c.schema;
    EXPECT_EQ(Fields(schemas.Check("S", json::parse(c.value), "body")), c.wrong)
        << c.schema << " " << c.value;
  }
}

TEST(SchemasTest, StopsAfterTwentyErrors) {
  Schemas schemas;
  ASSERT_TRUE(schemas.Add("S", R"({"items":{"type":"string"}})").ok());
  EXPECT_EQ(schemas.Check("S", json(std::vector<int>(1'000, 1)), "body").size(), 20U);
}

}  // namespace
}  // namespace wt::api
